"""Agents at a bridge who cost the load program next to nothing: requests are made beforehand."""

import base64
import json
import re
from collections.abc import Callable

from tests.benchmarks import site
from tests.benchmarks.connection import get, post
from tests.benchmarks.wire import BadAnswerError, Http, Wires

API = "/api/v2"

_COOKIE = re.compile(rb"(?i)\r\nset-cookie: (JSESSIONID=[^;\r]+)")
_CLIENT_ID = re.compile(rb'"clientId":"([^"]+)"')
_DEVICE_ID = re.compile(rb"/devices/([0-9a-f-]{36})")
_DONE = b'"statusCode":0'
_SUCCESSFUL = b'"successful":true'
_FAILED = b'"notificationType":"Error"'

RINGING = b'"state":"Ringing"'
ESTABLISHED = b'"state":"Established"'
HELD = b'"state":"Held"'
RELEASED = b'"state":"Released"'
OTHERS = b'"notificationType":"ParticipantsUpdated"'

Then = Callable[[bytes], None]
"""Is given the HTTP answer that brought what was waited for."""


class Agent:
    """One desktop: a connection for operations, and one for the poll that is always open."""

    def __init__(self, wires: Wires, port: int, number: int) -> None:
        self.dn = site.agent(number)
        self._wires = wires
        self._posts, self._polls = Http(wires, port), Http(wires, port)
        self._connect = b""
        self._credentials = ""
        self._awaited: dict[bytes, Then] = {}
        self._requests: dict[str, bytes] = {}
        self._then: Then = _nothing

    def log_in(self) -> None:
        """Listen, and begin to work; done when all that this brings has been heard."""
        basic = base64.b64encode(f"agent{self.dn}:{site.PASSWORD}".encode()).decode()
        self._credentials = f"Authorization: Basic {basic}"
        shaken = self._ask_now(
            {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        )
        cookie, client_id = _COOKIE.search(shaken), _CLIENT_ID.search(shaken)
        if cookie is None or client_id is None:
            raise BadAnswerError(shaken.decode())
        self._credentials = f"Cookie: {cookie[1].decode()}"
        client = {"clientId": client_id[1].decode()}
        self._ask_now({"channel": "/meta/subscribe", "subscription": "/v2/me/*", **client})
        self._connect = self._bayeux({"channel": "/meta/connect", "connectionType": "long-polling", **client})
        self._polls.ask(self._connect, self._on_poll_answer)
        self._prepare("session", f"{API}/me", "StartContactCenterSession", channels=["voice"])
        self.do("session", _nothing)

    def dial(self, other: "Agent", then: Then) -> None:
        """Call another agent; `then` is called when that is answered."""
        found: list[bytes] = []
        self._posts.ask(get(f"{API}/me/devices", self._credentials), found.append)
        self._wires.run(until=lambda: bool(found))
        device = _DEVICE_ID.search(found[0])
        if device is None:
            raise BadAnswerError(found[0].decode())
        to = {"phoneNumber": other.dn}
        self._prepare("dial", f"{API}/me/devices/{device[1].decode()}/calls", "Dial", destination=to)
        self.do("dial", then)

    def take_part(self, call_id: str, other: "Agent") -> None:
        """Make the requests about a call beforehand; `other` is whom it is transferred to."""
        call = f"{API}/me/calls/{call_id}"
        for operation in ("Answer", "Hold", "Retrieve"):
            self._prepare(operation, call, operation)
        self._prepare("transfer", call, "SingleStepTransfer", destination={"phoneNumber": other.dn})

    def do(self, request: str, then: Then) -> None:
        """Send a request that was made beforehand; `then` is called when it is answered."""
        self._then = then
        self._posts.ask(self._requests[request], self._answered)

    def on(self, mark: bytes, then: Then) -> None:
        """Call `then` once, when a notification with this text comes."""
        self._awaited[mark] = then

    def _answered(self, answer: bytes) -> None:
        if _DONE not in answer:
            raise BadAnswerError(answer.decode())
        self._then(answer)

    def _on_poll_answer(self, answer: bytes) -> None:
        self._polls.ask(self._connect, self._on_poll_answer)
        if _SUCCESSFUL not in answer or _FAILED in answer:
            raise BadAnswerError(answer.decode())
        for mark in [mark for mark in self._awaited if mark in answer]:
            self._awaited.pop(mark)(answer)

    def _prepare(self, name: str, path: str, operation: str, **parameters: object) -> None:
        body = json.dumps({"operationName": operation, **parameters}).encode()
        self._requests[name] = post(path, body, self._credentials)

    def _bayeux(self, message: dict[str, object]) -> bytes:
        return post(f"{API}/notifications", json.dumps([message]).encode(), self._credentials)

    def _ask_now(self, message: dict[str, object]) -> bytes:
        found: list[bytes] = []
        self._polls.ask(self._bayeux(message), found.append)
        self._wires.run(until=lambda: bool(found))
        if _SUCCESSFUL not in found[0]:
            raise BadAnswerError(found[0].decode())
        return found[0]


def _nothing(_: bytes) -> None:
    pass
