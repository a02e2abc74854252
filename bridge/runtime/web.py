"""How uvicorn is set, for the service and for whoever serves CometD alone."""

import asyncio
from functools import partial
from typing import Any, Final, cast

import uvicorn

from bridge.runtime.short import ShortHandler, ShortHttpProtocol

KEEP_ALIVE_SECONDS: Final = 75
"""How long an idle connection stays open: longer than a client waits between two polls, or each opens one."""

BACKLOG: Final = 2048
"""How many connections may wait until they are taken."""

GRACEFUL_SECONDS: Final = 5
"""How long answers under way are waited for at the end."""


def uvicorn_config(
    app: Any,  # noqa: ANN401 (uvicorn has no public name for an ASGI application)
    short: ShortHandler | None,
    graceful_seconds: int = GRACEFUL_SECONDS,
) -> uvicorn.Config:
    """Return the settings for an ASGI application; what `short` takes of plain POSTs does not come to it."""
    return uvicorn.Config(
        app,
        interface="asgi3",  # what uvicorn would find out by looking, which a plain function escapes
        http=cast("type[asyncio.Protocol]", partial(ShortHttpProtocol, short=short)),
        ws="websockets-sansio",  # the fastest there is
        ws_per_message_deflate=False,  # costs more memory for each socket than small frames save
        ws_ping_interval=None,  # the connect of Bayeux is the sign of life; its sweeper closes what has none
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # whom a request comes from is decided by the real peer
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=graceful_seconds,
    )
