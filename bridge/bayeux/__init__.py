"""A Bayeux (CometD) server: a core without I/O, thin ASGI transports, and an application for anybody."""

from bridge.bayeux.application import AllowAll, Application
from bridge.bayeux.core.context import Context, Transport
from bridge.bayeux.core.messages import Request
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Listener, Nobody, Policy, Refusal, Verdict
from bridge.bayeux.core.server import Server
from bridge.bayeux.core.session import Session
from bridge.bayeux.remote_session import RemoteSession
from bridge.bayeux.serving import serve
from bridge.bayeux.transports.endpoint import Endpoint

__all__ = [
    "AllowAll",
    "Application",
    "Context",
    "Endpoint",
    "Listener",
    "Nobody",
    "Options",
    "Policy",
    "Refusal",
    "RemoteSession",
    "Request",
    "Server",
    "Session",
    "Transport",
    "Verdict",
    "serve",
]
