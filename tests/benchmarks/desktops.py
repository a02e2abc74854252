"""The desktops: what sends the POSTs and, at a bridge, what is notified."""

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from time import perf_counter
from typing import Final, NamedTuple

from tests.benchmarks import site
from tests.benchmarks.connection import Answer, BadAnswerError, Connection, connect, get, post

API = "/api/v2"
ORIGIN: Final = "https://desk.example"
"""The origin of the page in a browser; its bridge allows it."""

_COOKIE = re.compile(rb"(?i)\r\nset-cookie: (JSESSIONID=[^;\r]+)")
_CSRF_TOKEN = re.compile(rb"(?i)\r\nx-csrf-token: ([^\r]+)")
_RELEASED = b'"state":"Released"'
_ESTABLISHED = b'"state":"Established"'
_ACTIVE = b'"deviceState":"Active"'
_SUCCESSFUL = b'"successful":true'
_FAILED = b'"notificationType":"Error"'


class ClientKind(StrEnum):
    """What the requests of a desktop bring, besides the cookie."""

    PROGRAM = "program"  # nothing
    BROWSER = "browser"  # the headers that Chromium sends for a page of another origin, which is allowed
    BASIC = "basic"  # the user's name and password
    CSRF = "csrf"  # the CSRF token of the session


_BROWSER_HEADERS: Final = (
    f"Origin: {ORIGIN}",
    f"Referer: {ORIGIN}/",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
    "Accept: application/json",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-US,en;q=0.9",
    "Sec-Fetch-Dest: empty",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Site: cross-site",
)


class Taken(NamedTuple):
    """When a POST was sent, answered and, at a bridge, notified; of one steady clock."""

    sent: float
    answered: float
    notified: float | None


def _transfer(call_id: str, number: int, *headers: str) -> bytes:
    body = {
        "operationName": "SingleStepTransfer",
        "destination": {"phoneNumber": site.target(number)},
        "location": site.SWITCH,
        "userData": {"TransferReason": "Escalation", "TransferAgent": "WillardC"},
    }
    return post(f"{API}/me/calls/{call_id}", json.dumps(body).encode(), *headers)


class Poster:
    """Sends the same POST as a desktop, to a server that notifies nobody."""

    def __init__(self, number: int, connection: Connection) -> None:
        self._connection = connection
        self._request = _transfer(
            "01RCC3N118B1V0SL807GK2LAES00000G", number, f"Cookie: JSESSIONID={'0' * 40}"
        )

    async def transfer(self) -> Taken:
        """Send the POST."""
        sent = perf_counter()
        answer = await self._connection.ask(self._request)
        return Taken(sent, answer.at, None)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Desktop:
    """An agent at a bridge: one connection for operations, one for the poll that is always open."""

    def __init__(self, number: int, kind: ClientKind, operations: Connection, polls: Connection) -> None:
        self._number = number
        self._kind = kind
        self._operations = operations
        self._polls = polls
        self._headers: tuple[str, ...] = ()
        self._request = b""
        self._awaited = b""
        self._told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._polling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Log in as GWS wants it (Basic once, then the cookie), listen, and start to work."""
        credentials = f"agent{site.agent(self._number)}:{site.PASSWORD}"
        basic = f"Authorization: Basic {base64.b64encode(credentials.encode()).decode()}"
        self._headers = self._request_headers(await self._operations.ask(get(f"{API}/me", basic)), basic)
        shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        answer = await self._polls.ask(self._bayeux(shake))
        client = {"clientId": json.loads(answer.body)[0]["clientId"]}
        subscribe = {"channel": "/meta/subscribe", "subscription": "/v2/me/*", **client}
        await self._polls.ask(self._bayeux(subscribe))
        connecting = {"channel": "/meta/connect", "connectionType": "long-polling", **client}
        self._polling = asyncio.create_task(self._poll(self._bayeux(connecting)))

        told = self._next(_ACTIVE)
        body = json.dumps({"operationName": "StartContactCenterSession", "channels": ["voice"]}).encode()
        await self._operations.ask(post(f"{API}/me", body, *self._headers))
        await told

    def _request_headers(self, first_answer: Answer, basic: str) -> tuple[str, ...]:
        cookie = _COOKIE.search(first_answer.head)
        assert cookie, first_answer.head
        headers = [f"Cookie: {cookie[1].decode()}"]
        if self._kind is ClientKind.BROWSER:
            headers += _BROWSER_HEADERS
        elif self._kind is ClientKind.BASIC:
            headers.append(basic)
        elif self._kind is ClientKind.CSRF:
            token = _CSRF_TOKEN.search(first_answer.head)
            assert token, first_answer.head
            headers.append(f"X-CSRF-TOKEN: {token[1].decode()}")
        return tuple(headers)

    def expect_call(self) -> asyncio.Task[None]:
        """Wait for the next call to be established, and get ready to transfer it."""
        return asyncio.create_task(self._prepare(self._next(_ESTABLISHED)))

    async def _prepare(self, told: asyncio.Future[Answer]) -> None:
        for message in json.loads((await told).body):
            call = message.get("data", {}).get("call", {})
            if call.get("state") == "Established":
                self._request = _transfer(call["id"], self._number, *self._headers)

    async def settle(self) -> None:
        """Have the server answer something else, so that it has the poll renewed after the call's events."""
        await self._operations.ask(get("/health/live"))

    async def transfer(self) -> Taken:
        """Transfer the call; over when both the answer and the notification are here."""
        told = self._next(_RELEASED)
        sent = perf_counter()
        answer = await self._operations.ask(self._request)
        notification = await told
        return Taken(sent, answer.at, notification.at)

    def close(self) -> None:
        """Hang up."""
        if self._polling is not None:
            self._polling.cancel()
        self._operations.close()
        self._polls.close()

    def _next(self, mark: bytes) -> asyncio.Future[Answer]:
        """Wait for a poll to bring something with this text in it."""
        self._awaited = mark
        self._told = asyncio.get_running_loop().create_future()
        return self._told

    def _bayeux(self, message: Mapping[str, object]) -> bytes:
        return post(f"{API}/notifications", json.dumps([message]).encode(), *self._headers)

    async def _poll(self, connect_message: bytes) -> None:
        """Keep a connect open, as every CometD client does."""
        try:
            while True:
                self._on_answer(await self._polls.ask(connect_message))
        except BadAnswerError as error:
            if not self._told.done():
                self._told.set_exception(error)

    def _on_answer(self, answer: Answer) -> None:
        if _SUCCESSFUL not in answer.body or _FAILED in answer.body:
            raise BadAnswerError(answer.body.decode())
        if not self._told.done() and self._awaited in answer.body:
            self._told.set_result(answer)


async def open_poster(number: int, host: str, port: int) -> Poster:
    """Connect to a yardstick."""
    return Poster(number, await connect(host, port))


async def open_desktop(number: int, kind: ClientKind, host: str, port: int) -> Desktop:
    """Connect to a bridge and begin to work."""
    desktop = Desktop(number, kind, await connect(host, port), await connect(host, port))
    await desktop.open()
    return desktop


async def until_ready(host: str, port: int) -> None:
    """Wait until a bridge has its link."""
    probe = await connect(host, port)
    while True:
        try:
            await probe.ask(get("/health/ready"))
        except BadAnswerError:
            await asyncio.sleep(0.02)
        else:
            break
    probe.close()
