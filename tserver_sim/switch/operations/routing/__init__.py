"""Route points: requests of routers, and the built-in router."""
