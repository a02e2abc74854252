"""A Bayeux (CometD) server: a core without I/O, and thin ASGI transports."""

from bridge.bayeux.core import Server
from bridge.bayeux.longpolling import LongPolling
from bridge.bayeux.options import Options
from bridge.bayeux.policy import Policy

__all__ = ["LongPolling", "Options", "Policy", "Server"]
