"""HTTP on uvicorn: its configuration, a bound for heads, and the short way past ASGI."""
