"""The gate on the short way, before a handler that serves some requests and leaves the others to ASGI."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from bridge.api.security.gate import SESSION_SCOPE_KEY
from bridge.runtime.http.short import Exchange
from tests.api.security.harness import GateHarness
from tests.loop import run

BASIC = (b"authorization", httpx.BasicAuth("ann", "demo")._auth_header.encode())


@dataclass
class RecordedExchange:
    """A request on the short way, and the answers that it got."""

    scope: dict[str, Any]
    body: bytes = b""
    extra_headers: bytes = b""
    on_disconnect: Any = None
    is_disconnected: bool = False
    answers: list[int] = field(default_factory=list)

    def answer(self, status: int, headers: bytes, body: bytes) -> None:  # noqa: ARG002 (the interface)
        self.answers.append(status)


def request(path: str, *headers: tuple[bytes, bytes]) -> RecordedExchange:
    return RecordedExchange(
        {
            "type": "http",
            "method": "POST",
            "path": f"/api/v2{path}",
            "query_string": b"",
            "headers": [(b"host", b"gws.example:8080"), *headers],
            "client": ("192.0.2.1", 1),
        }
    )


def serve_calls(exchange: Exchange) -> bool:
    """Serve `/me/calls` alone."""
    if not exchange.scope["path"].endswith("/me/calls"):
        return False
    assert exchange.scope[SESSION_SCOPE_KEY].user.name == "ann"
    exchange.answer(200, b"", b"")
    return True


async def asgi_statuses(harness: GateHarness, exchange: RecordedExchange) -> list[int]:
    """Pass a request on to ASGI, as the server does, and return the status of each answer."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await harness.app(exchange.scope, receive, send)
    return statuses


def test_what_is_decided_once_is_not_decided_again_by_asgi() -> None:
    async def ladder() -> None:
        harness = GateHarness()
        guarded = harness.gate.guard_exchanges(serve_calls)

        first = request("/me/calls", BASIC)  # the check of the password takes a thread
        assert (guarded(first), first.answers, len(harness.sessions)) == (False, [], 0)
        assert (await asgi_statuses(harness, first), len(harness.sessions)) == ([200], 1)

        second = request("/me/calls", BASIC)  # now the credentials are known
        assert (guarded(second), second.answers, len(harness.sessions)) == (True, [200], 2)
        assert second.extra_headers.startswith(b"set-cookie: JSESSIONID=")

        left = request("/me/devices", BASIC)
        assert (guarded(left), left.answers, len(harness.sessions)) == (False, [], 3)
        assert (await asgi_statuses(harness, left), len(harness.sessions)) == ([200], 3)

        refused = request("/me/devices")
        assert (guarded(refused), refused.answers, len(harness.sessions)) == (True, [403], 3)

    run(ladder())
