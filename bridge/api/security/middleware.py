"""The gate as an ASGI layer around everything, so that REST, CometD and web sockets are guarded alike."""

from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.api.http.responses import Header, error_response
from bridge.api.security.gate import (
    DECISION_SCOPE_KEY,
    SESSION_SCOPE_KEY,
    Admitted,
    Decision,
    Gate,
    PasswordCheck,
    Preflight,
)
from bridge.api.security.http_sessions import HttpSession

_SESSION_ENDED_CODE: Final = 1008
"""The code a web socket is closed with when its session has ended (RFC 6455: policy violation)."""

_START_MESSAGE_TYPES: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.http.response.start"}
)


class GateMiddleware:
    """Passes on what the gate admits, with the session in the scope, and answers everything else.

    Args:
        gate: decides.
        app: serves what is admitted.

    """

    def __init__(self, gate: Gate, app: ASGIApp) -> None:
        self._gate = gate
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a web socket, or answer it as the gate decides."""
        if scope["type"] not in ("http", "websocket"):  # the life of the application
            await self._app(scope, receive, send)
            return
        decision: Decision = scope.pop(DECISION_SCOPE_KEY, None) or self._gate.decide(scope)
        if isinstance(decision, PasswordCheck):
            decision = await self._gate.check_password(decision)
        if isinstance(decision, Admitted):
            if decision.session is not None:
                scope[SESSION_SCOPE_KEY] = decision.session
                if scope["type"] == "websocket":
                    receive = self._receive_while_session_lives(decision.session, receive, send)
            await self._app(scope, receive, _with_headers(send, decision.headers))
        elif isinstance(decision, Preflight):
            headers = [*decision.headers, (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it is open: servers answer with 403
        else:
            send = _with_headers(send, decision.headers)
            await error_response(decision.error)(scope, receive, send)

    def _receive_while_session_lives(self, session: HttpSession, receive: Receive, send: Send) -> Receive:
        """Return a `receive` that closes the web socket when its HTTP session is over."""

        async def receive_and_touch() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not self._gate.is_alive(session):
                await send({"type": "websocket.close", "code": _SESSION_ENDED_CODE})
                return {"type": "websocket.disconnect", "code": _SESSION_ENDED_CODE}
            return message

        return receive_and_touch


def _with_headers(send: Send, headers: Sequence[Header]) -> Send:
    """Return a `send` that adds headers to the answer."""
    if not headers:
        return send

    async def send_with_headers(message: Message) -> None:
        if message["type"] in _START_MESSAGE_TYPES:
            message = {**message, "headers": [*message.get("headers", ()), *headers]}
        await send(message)

    return send_with_headers
