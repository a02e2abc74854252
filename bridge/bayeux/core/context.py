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
        transport: how it came.
        scope: the ASGI scope of the HTTP request, over a socket of the one that opened it: headers, peer,
            and whatever outer layers left there.
        user: who the outer layers found the client to be; None: nobody asked.
        browser: the value of the browser cookie; asked for only where there is no user.
        shares_connection: many requests go over one connection (HTTP/2), so a browser may hold any number.

    """

    transport: Transport = Transport.LONG_POLLING
    scope: Mapping[str, Any] = {}
    user: str | None = None
    browser: str | None = None
    shares_connection: bool = False
