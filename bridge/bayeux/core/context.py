"""Where a message came from: the transport, the user, and the HTTP request that carried it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Transport(StrEnum):
    """The ways to the server, by their names on the wire, in the server's order of preference."""

    WEBSOCKET = "websocket"
    LONG_POLLING = "long-polling"
    CALLBACK_POLLING = "callback-polling"


class Context(msgspec.Struct, frozen=True, gc=False):
    """What is known of a request besides its messages.

    Attributes:
        transport: the transport of the request.
        scope: the ASGI scope of the HTTP request; over a socket, of the request that opened it. It has the
            headers, the peer, and what outer layers added.
        user: the user that an outer layer authenticated; None: there is no such layer.
        browser: the value of the browser cookie; read only if there is no user.
        shares_connection: many requests go over one connection (HTTP/2), so a browser may hold any number.

    """

    transport: Transport = Transport.LONG_POLLING
    scope: Mapping[str, Any] = {}
    user: str | None = None
    browser: str | None = None
    shares_connection: bool = False
