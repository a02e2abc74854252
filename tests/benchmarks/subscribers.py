"""CometD clients that only listen, over long-polling or a websocket, and what they are told."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from tests.benchmarks.connection import post
from tests.benchmarks.wire import BadAnswerError, Http, WebSocket, Wires, masked

Transport = Literal["long-polling", "websocket"]

PATH = "/cometd"
AT_ONCE = 64
"""Sessions that are being opened at the same time."""

_PADDING = "x" * 100
_MARK = b'"padding":'
"""Stands once in each event, and nowhere else; not even in an id, which faye makes of all letters."""

_CONNECT = b"/meta/connect"
_CLIENT_ID = re.compile(rb'"clientId": ?"([^"]+)"')
_COOKIE = re.compile(rb"(?i)\r\nset-cookie: ([^;\r]+)")
_SUCCESSFUL = re.compile(rb'"successful": ?true')


class Contender(msgspec.Struct, frozen=True):
    """A CometD server under load, with one of its transports."""

    server: str
    transport: Transport
    is_peer: bool
    pid: int
    port: int


Told = Callable[["Session", int], None]
"""Is called with the number of events that a session has got at once."""


class Session:
    """One session on a connection of its own, with a channel that nobody else listens to."""

    __slots__ = (
        "_ask",
        "_connect",
        "_connecting",
        "_framed",
        "_opened",
        "_transport",
        "channel",
        "due",
        "told",
    )

    def __init__(self, wires: Wires, port: int, transport: Transport, number: int) -> None:
        self.channel = f"/own/{number}"
        self.told: Told = _nobody_listens
        self.due: list[float] = []
        self._transport = transport
        self._framed: Callable[[bytes], bytes] = masked if transport == "websocket" else _posted("")
        line = WebSocket(wires, port, PATH) if transport == "websocket" else Http(wires, port)
        self._ask = line.ask
        self._connecting: dict[str, object] = {}
        self._connect = b""
        self._opened: Callable[[], None] = _nothing_follows

    def open(self, opened: Callable[[], None]) -> None:
        """Shake hands, subscribe and listen; `opened` is called when it does."""
        self._opened = opened
        shake = {
            "channel": "/meta/handshake",
            "version": "1.0",
            "supportedConnectionTypes": [self._transport],
        }
        self._ask(self._message(shake), self._shaken)

    def _shaken(self, answer: bytes) -> None:
        client_id = _CLIENT_ID.search(_successful(answer))
        if client_id is None:
            raise BadAnswerError(answer.decode())
        cookie = _COOKIE.search(answer)
        if cookie is not None and self._transport == "long-polling":
            self._framed = _posted(f"Cookie: {cookie[1].decode()}")
        client = {"clientId": client_id[1].decode()}
        self._connecting = {"channel": "/meta/connect", "connectionType": self._transport, **client}
        self._connect = self._message(self._connecting)
        subscribe = {"channel": "/meta/subscribe", "subscription": self.channel, **client}
        self._ask(self._message(subscribe), self._subscribed)

    def _subscribed(self, answer: bytes) -> None:
        _successful(answer)
        first = {**self._connecting, "advice": {"timeout": 0}}  # as CometD's clients do: answered at once
        self._ask(self._message(first), self._first_connect_is_answered)

    def _first_connect_is_answered(self, answer: bytes) -> None:
        _successful(answer)
        self._ask(self._connect, self._poll if self._transport == "long-polling" else self._listen)
        self._opened()

    def _poll(self, answer: bytes) -> None:
        self._ask(self._connect, self._poll)
        count = answer.count(_MARK)
        if count:
            self.told(self, count)

    def _listen(self, answer: bytes) -> None:
        if _CONNECT in answer:
            self._ask(self._connect, self._listen)
        count = answer.count(_MARK)
        if count:
            self.told(self, count)

    def _message(self, message: Mapping[str, object]) -> bytes:
        return self._framed(json.dumps([message]).encode())


def _nobody_listens(_session: Session, _count: int) -> None:
    pass


def _nothing_follows() -> None:
    pass


def _posted(cookie: str) -> Callable[[bytes], bytes]:
    headers = (cookie,) if cookie else ()
    return lambda body: post(PATH, body, *headers)


def _successful(answer: bytes) -> bytes:
    if not _SUCCESSFUL.search(answer):
        raise BadAnswerError(answer.decode())
    return answer


def open_all(wires: Wires, sessions: Sequence[Session]) -> None:
    """Open sessions, some of them at a time, and wait until all listen."""
    waiting = iter(sessions)
    left = len(sessions)

    def next_one() -> None:
        if session := next(waiting, None):
            session.open(opened)

    def opened() -> None:
        nonlocal left
        left -= 1
        next_one()

    for _ in range(AT_ONCE):
        next_one()
    wires.run(until=lambda: left == 0)


def injection(channels: Sequence[str]) -> bytes:
    """Make the request that has the server publish one event on each of these channels."""
    body = {"channels": channels, "data": {"padding": _PADDING}, "count": 1}
    return post("/inject", json.dumps(body).encode())
