"""Which HTTP protocol the installed uvicorn can run.

Two classes of this project extend uvicorn's httptools protocol, whose insides are not public and may change
with any version: `BoundedHttpProtocol` (a bound for the head of a request) and `ShortHttpProtocol` (besides,
the short way past ASGI). What they need is checked here, once. If something of it is missing, a simpler
protocol serves:

| Present | Serves | Short way | Bound for heads |
|---|---|---|---|
| everything | `ShortHttpProtocol` | yes | yes: 431 |
| what the bound needs | `BoundedHttpProtocol` | no | yes: 431 |
| neither | uvicorn's own h11 protocol | no | yes: 400, by the setting `h11_max_incomplete_event_size` |
"""

import asyncio
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType
from typing import Any, Final, Literal, cast

import structlog
import uvicorn
from uvicorn.server import ServerState

from bridge.runtime.http.short import ShortHandler

MAX_HEAD_BYTES: Final = 64 * 1024
"""How much of a request may be something else than its body. The buffer of one read may come on top."""

log = structlog.get_logger(__name__)

_IMPLEMENTATION: Final = "uvicorn.protocols.http.httptools_impl"


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a protocol class needs of uvicorn's.

    Attributes:
        parameters: the parameters of methods, by name as `Class.method`.
        attributes: what an instance has when a request has begun.
        names: what the module has besides.

    """

    parameters: dict[str, tuple[str, ...]]
    attributes: frozenset[str]
    names: frozenset[str]


_BOUND: Final = _Needs(
    parameters={
        "HttpToolsProtocol.__init__": ("self", "config", "server_state", "app_state", "_loop"),
        "HttpToolsProtocol.data_received": ("self", "data"),
        "HttpToolsProtocol.on_message_begin": ("self",),
        "HttpToolsProtocol.on_header": ("self", "name", "value"),
        "HttpToolsProtocol.on_headers_complete": ("self",),
        "HttpToolsProtocol.send_400_response": ("self", "msg"),
        "HttpToolsProtocol.on_body": ("self", "body"),
    },
    attributes=frozenset({"cycle", "transport"}),
    names=frozenset({"RequestResponseCycle", "STATUS_LINE"}),
)
_SHORT: Final = _Needs(
    parameters={
        "HttpToolsProtocol.on_message_complete": ("self",),
        "HttpToolsProtocol.on_response_complete": ("self",),
        "HttpToolsProtocol.connection_lost": ("self", "exc"),
        "HttpToolsProtocol.timeout_keep_alive_handler": ("self",),
        "RequestResponseCycle.__init__": (
            *("self", "scope", "transport", "flow", "logger", "access_logger", "access_log"),
            *("default_headers", "message_event", "expect_100_continue", "keep_alive", "on_response"),
        ),
        "RequestResponseCycle.run_asgi": ("self", "app"),
    },
    attributes=frozenset(
        {
            *{"access_log", "access_logger", "app", "expect_100_continue", "flow", "logger", "loop"},
            *{"parser", "pipeline", "root_path", "scope", "server_state", "tasks", "timeout_keep_alive"},
            "url",
        }
    ),
    names=frozenset(),
)

HttpProtocol = type[asyncio.Protocol] | Literal["h11"]


def http_protocol(short: ShortHandler | None) -> HttpProtocol:
    """Return the protocol class to serve HTTP with, as uvicorn's setting `http` takes it.

    Args:
        short: the handler of the short way; None if there is none.

    """
    short_missing, bound_missing = _missing()
    if bound_missing:
        return "h11"
    if short_missing or short is None:
        # Imported here because not every uvicorn has what these modules import.
        from bridge.runtime.http.bounded_protocol import BoundedHttpProtocol  # noqa: PLC0415

        return BoundedHttpProtocol
    from bridge.runtime.http.short_protocol import ShortHttpProtocol  # noqa: PLC0415

    return cast("type[asyncio.Protocol]", partial(ShortHttpProtocol, short=short))


@cache
def _missing() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the short way and what the bound lack; log it, once."""
    bound: tuple[str, ...]
    short: tuple[str, ...]
    try:
        implementation = importlib.import_module(_IMPLEMENTATION)
    except ImportError:
        bound = short = (_IMPLEMENTATION,)
    else:
        bound = tuple(_find_missing(implementation, _BOUND))
        short = bound + tuple(_find_missing(implementation, _SHORT))
    if short:
        log.warning(
            "this uvicorn is not known: every request goes by ASGI",
            uvicorn=uvicorn.__version__,
            missing=short,
            http="h11" if bound else "httptools",
        )
    return short, bound


def _find_missing(implementation: ModuleType, needs: _Needs) -> Iterator[str]:
    """Yield the name of each thing that a module of uvicorn's lacks."""
    for name in needs.names:
        if not hasattr(implementation, name):
            yield name
    for path, expected in needs.parameters.items():
        class_name, _, method = path.partition(".")
        function = getattr(getattr(implementation, class_name, None), method, None)
        if function is None or tuple(inspect.signature(function).parameters) != expected:
            yield path
    for name in needs.attributes - _instance_attributes(implementation):
        yield f"HttpToolsProtocol().{name}"


def _instance_attributes(implementation: ModuleType) -> set[str]:
    """Return the names of what an instance has when a request has begun; empty if none can be made."""
    try:
        config = uvicorn.Config(_no_application, interface="asgi3", ws="none", log_config=None)
        no_loop = cast("asyncio.AbstractEventLoop", object())  # only kept
        instance: Any = implementation.HttpToolsProtocol(config, ServerState(), {}, no_loop)
        instance.on_message_begin()
    except (AttributeError, TypeError):  # the signatures that are checked say more
        return set()
    return set(vars(instance))


async def _no_application(_scope: object, _receive: object, _send: object) -> None:
    """Stand for an application; it is never called."""
