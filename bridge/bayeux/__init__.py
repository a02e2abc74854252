"""A Bayeux (CometD) server: a core without I/O, thin ASGI transports, and an application for anybody."""

from bridge.bayeux.application import AllowAll, Application
from bridge.bayeux.context import Context, Transport
from bridge.bayeux.core import Server
from bridge.bayeux.endpoint import Endpoint
from bridge.bayeux.messages import Request
from bridge.bayeux.options import Options
from bridge.bayeux.policy import Listener, Nobody, Policy, Refusal, Verdict
from bridge.bayeux.remote import RemoteSession
from bridge.bayeux.serving import serve
from bridge.bayeux.session import Session

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
