"""What serves HTTP when the installed uvicorn lacks something that this project's protocols need."""

import asyncio
import inspect
import sys
from collections.abc import Iterator

import httpx
import pytest
import structlog
from starlette.responses import PlainTextResponse
from structlog.testing import LogCapture
from uvicorn.protocols.http import httptools_impl

from bridge.runtime.http import uvicorn_support
from bridge.runtime.http.bounded_protocol import BoundedHttpProtocol
from bridge.runtime.http.short import Exchange
from bridge.runtime.http.uvicorn_support import MAX_HEAD_BYTES, http_protocol
from bridge.runtime.loop import bind, serve_http
from tests.loop import run

asgi_app = PlainTextResponse("by ASGI")


def short_handler(exchange: Exchange) -> bool:
    exchange.answer(200, b"content-type: text/plain\r\n", b"the short way")
    return True


@pytest.fixture
def logs() -> Iterator[LogCapture]:
    """Look at the installed uvicorn anew, and keep what is logged of it."""
    uvicorn_support._missing.cache_clear()
    capture = LogCapture()
    processors = structlog.get_config()["processors"]
    structlog.configure(processors=[capture])
    yield capture
    structlog.configure(processors=processors)
    uvicorn_support._missing.cache_clear()


async def post() -> str:
    """Serve one request with what `http_protocol` chooses."""
    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    async with serve_http(asgi_app, listener, short=short_handler), httpx.AsyncClient() as http:
        return (await http.post(url, content=b"x")).text


def test_the_installed_uvicorn_has_everything(logs: LogCapture) -> None:
    async def ladder() -> None:
        assert await post() == "the short way"
        assert http_protocol(None) is BoundedHttpProtocol
        assert logs.entries == []

    run(ladder())


@pytest.mark.parametrize(
    ("owner", "name", "missing"),
    [
        (
            httptools_impl.HttpToolsProtocol,
            "timeout_keep_alive_handler",
            "HttpToolsProtocol.timeout_keep_alive_handler",
        ),
        (httptools_impl.RequestResponseCycle, "run_asgi", "RequestResponseCycle.run_asgi"),
    ],
)
def test_without_what_the_short_way_needs_everything_goes_by_asgi(
    owner: type, name: str, missing: str, logs: LogCapture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(owner, name)
    assert http_protocol(short_handler) is BoundedHttpProtocol
    assert http_protocol(short_handler) is BoundedHttpProtocol
    (entry,) = logs.entries  # logged once
    assert entry["log_level"] == "warning"
    assert (entry["missing"], entry["http"]) == ((missing,), "httptools")


def test_a_new_parameter_of_a_method_is_noticed(logs: LogCapture, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = httptools_impl.RequestResponseCycle
    parameters = inspect.signature(cycle.__init__).parameters.values()
    limiter = inspect.Parameter("limiter", inspect.Parameter.KEYWORD_ONLY)
    monkeypatch.setattr(
        cycle.__init__, "__signature__", inspect.Signature([*parameters, limiter]), raising=False
    )
    assert http_protocol(short_handler) is BoundedHttpProtocol
    assert logs.entries[0]["missing"] == ("RequestResponseCycle.__init__",)


def test_without_its_httptools_protocol_uvicorn_serves_with_h11(
    logs: LogCapture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn.protocols.http.httptools_impl", None)

    async def ladder() -> None:
        assert await post() == "by ASGI"
        assert [entry["http"] for entry in logs.entries] == ["h11"]
        listener = bind("127.0.0.1", 0)
        async with serve_http(asgi_app, listener, short=short_handler):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"POST / HTTP/1.1\r\nX: " + b"x" * 2 * MAX_HEAD_BYTES)
            assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
            writer.close()

    run(ladder())
