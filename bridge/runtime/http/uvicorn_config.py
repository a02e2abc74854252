"""The settings of uvicorn, for the programs and for a CometD server alone."""

from typing import Any, Final

import uvicorn

from bridge.runtime.http.short import ShortHandler
from bridge.runtime.http.uvicorn_support import MAX_HEAD_BYTES, http_protocol

KEEP_ALIVE_SECONDS: Final = 75
"""How long an idle connection stays open: longer than a client waits between two polls, or each opens one."""

BACKLOG: Final = 2048
"""How many connections may wait to be accepted."""

GRACEFUL_SECONDS: Final = 5
"""How long a stopping server waits for answers under way."""


def uvicorn_config(
    app: Any,  # noqa: ANN401 (uvicorn has no public name for an ASGI application)
    short: ShortHandler | None,
    graceful_seconds: int = GRACEFUL_SECONDS,
) -> uvicorn.Config:
    """Return uvicorn's settings for an ASGI application.

    Args:
        app: the application.
        short: is asked about each plain POST before the application, if uvicorn allows it.
        graceful_seconds: how long a stopping server waits for answers under way.

    """
    return uvicorn.Config(
        app,
        interface="asgi3",  # what uvicorn would find out by looking, but not of a plain function
        http=http_protocol(short),
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,  # in case that http_protocol returns h11
        ws="websockets-sansio",  # the fastest of uvicorn's
        ws_per_message_deflate=False,  # costs more memory for each socket than small frames save
        ws_ping_interval=None,  # Bayeux's connect is the sign of life; its sweeper closes a silent socket
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # lock-outs go by the address of the real peer
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=graceful_seconds,
    )
