"""The gate alone, before a small application, with a held clock."""

import functools
import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import argon2
import httpx
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from bridge.api.security.gate import SESSION_SCOPE_KEY, Gate
from bridge.api.security.http_sessions import HttpSession, HttpSessions, MemoryHttpSessionStore
from bridge.api.security.lockout import Lockout
from bridge.api.security.middleware import GateMiddleware
from bridge.api.security.passwords import BasicAuthenticator
from bridge.api.security.policy import AccessPolicy
from bridge.directory.changes import Change, Edit
from bridge.directory.model import ContactCenter, User, UserRole
from bridge.runtime.clock import HeldClock

SERVER = "http://gws.example:8080"
DENIED = {"statusCode": 20, "statusMessage": "Access denied"}
CENTER = ContactCenter("c", "Center", frozenset({"api-voice"}))


@functools.cache
def hashed(password: str) -> str:
    """Hash with the least work."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


def user(name: str, **different: Any) -> User:
    usual = User(
        id=f"id of {name}",
        name=name,
        first_name="",
        last_name="",
        email="",
        roles=(UserRole.AGENT,),
        contact_center=CENTER,
        devices=(),
        password_hash=hashed("demo"),
    )
    return replace(usual, **different)


class GateHarness:
    """Users, and the gate before an application that records whom it served."""

    def __init__(self, access: AccessPolicy | None = None, *, url: str = SERVER) -> None:
        access = access or AccessPolicy()
        self.clock = HeldClock(1000.0)
        self.url = url
        self.users = {name: user(name) for name in ("ann", "bob")}
        self.served: list[str] = []
        self.ended: list[str] = []
        self.authenticator = BasicAuthenticator(
            lambda name: self.users.get(name.casefold()),
            Lockout(
                self.clock,
                after=access.lockout_after,
                seconds=access.lockout_seconds,
                per_minute=access.attempts_per_address,
            ),
            b"key",
        )
        ids = (f"id-{number}" for number in itertools.count())
        self.session_store = MemoryHttpSessionStore()
        self.sessions = HttpSessions(
            self.clock,
            functools.partial(next, ids),
            access.session_idle,
            access.session_max,
            self.session_store,
        )
        self.gate = Gate(
            access, f"{url}/api/v2", self.authenticator, self.sessions, self.clock, self.ended.append
        )
        self.app = GateMiddleware(self.gate, self._handle_request)

    async def _handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("/boom"):
            raise RuntimeError("boom")
        if scope["type"] == "websocket":
            await self._handle_websocket(scope, receive, send)
            return
        self.served.append(f"{scope['method']} {scope['path']} by {_name(scope)}")
        await JSONResponse({"statusCode": 0, "user": _name(scope)})(scope, receive, send)

    async def _handle_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": _name(scope)})

    def changes(self, before: User, **different: Any) -> None:
        """Change a user in the directory."""
        after = replace(before, **different)
        self.users[after.name] = after
        self.gate.on_directory_change(Change(users=(Edit(before, after),)))

    def add_user(self, after: User) -> None:
        """Add a user to the directory."""
        self.users[after.name] = after
        self.gate.on_directory_change(Change(users=(Edit(None, after),)))

    def remove_user(self, before: User) -> None:
        """Remove a user from the directory."""
        del self.users[before.name]
        self.gate.on_directory_change(Change(users=(Edit(before, None),)))

    def client(
        self, name: str | None = "ann", password: str = "demo", *, address: str = "192.0.2.1"
    ) -> httpx.AsyncClient:
        """Return a client that keeps cookies; without a name it sends no credentials."""
        transport = httpx.ASGITransport(self.app, client=(address, 1), raise_app_exceptions=False)
        auth = None if name is None else (name, password)
        return httpx.AsyncClient(transport=transport, auth=auth, base_url=f"{self.url}/api/v2")

    def socket(self, headers: Mapping[str, str]) -> "WebSocketDriver":
        """Return a web socket that is not open yet."""
        return WebSocketDriver(self, headers)


class WebSocketDriver:
    """A web socket as the gate sees it: what the client sends, and what it gets."""

    def __init__(self, harness: GateHarness, headers: Mapping[str, str]) -> None:
        self._harness = harness
        self.path = "/api/v2/notifications"
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def send_texts(self, *texts: str) -> list[Message]:
        """Open the socket, send texts and close it; return all that came back."""
        incoming: list[Message] = [{"type": "websocket.connect"}]
        incoming += [{"type": "websocket.receive", "text": text} for text in texts]
        incoming.append({"type": "websocket.disconnect", "code": 1000})
        sent: list[Message] = []

        async def receive() -> Message:
            message = incoming.pop(0)
            if message.get("text", "").startswith("later "):
                self._harness.clock.advance(float(message["text"].removeprefix("later ")))
            return message

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {
            "type": "websocket",
            "path": self.path,
            "headers": [(b"host", b"gws.example:8080"), *self._headers],
            "client": ("192.0.2.1", 1),
        }
        await self._harness.app(scope, receive, send)
        return sent


def _name(scope: Scope) -> str:
    session: HttpSession | None = scope.get(SESSION_SCOPE_KEY)
    return "nobody" if session is None else session.user.name


def cookie_of(answer: httpx.Response) -> str:
    """Return the cookie that a browser sends back."""
    return answer.headers["set-cookie"].partition(";")[0]


def forget_password(*clients: httpx.AsyncClient) -> None:
    """Continue with cookies alone."""
    for client in clients:
        client.auth = httpx.Auth()
