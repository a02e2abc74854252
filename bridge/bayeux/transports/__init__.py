"""How messages travel: long-polling, callback-polling and WebSocket over ASGI."""
