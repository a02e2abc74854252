"""A Bayeux (CometD) server: a core without I/O, thin ASGI transports, and an `Application`."""

from bridge.bayeux.application import AllowAll, Application
from bridge.bayeux.core.context import Context, Transport
from bridge.bayeux.core.messages import ClientMessage
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import HandshakeRefusal, Listener, NullListener, Policy, Verdict
from bridge.bayeux.core.server import Server
from bridge.bayeux.core.session import Session
from bridge.bayeux.remote_session import RemoteSession
from bridge.bayeux.serving import serve
from bridge.bayeux.transports.endpoint import CometdEndpoint

__all__ = [
    "AllowAll",
    "Application",
    "ClientMessage",
    "CometdEndpoint",
    "Context",
    "HandshakeRefusal",
    "Listener",
    "NullListener",
    "Options",
    "Policy",
    "RemoteSession",
    "Server",
    "Session",
    "Transport",
    "Verdict",
    "serve",
]
