"""Web sockets: the same gate, and none opens before it admits the request."""

import base64
from typing import Any

import pytest

from bridge.api.security.policy import AccessPolicy
from tests.api.security.harness import GateHarness, cookie_of
from tests.loop import run

BASIC = {"authorization": "Basic " + base64.b64encode(b"ann:demo").decode()}
REFUSED = [{"type": "websocket.close"}]


async def logged_in(harness: GateHarness) -> dict[str, str]:
    async with harness.client() as ann:
        return {"cookie": cookie_of(await ann.get("/me"))}


def test_a_socket_opens_with_a_cookie_or_a_password() -> None:
    async def scene() -> None:
        harness = GateHarness()
        accepted, said = await harness.socket(await logged_in(harness)).send_texts("hello")
        assert accepted["type"] == "websocket.accept"
        assert accepted.get("headers", []) == []
        assert said == {"type": "websocket.send", "text": "ann"}

        accepted, _ = await harness.socket(BASIC).send_texts("hello")
        ((name, value),) = accepted["headers"]
        assert (name, value.partition(b"=")[0]) == (b"set-cookie", b"JSESSIONID")

    run(scene())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": "JSESSIONID=nobody's"},
        {"authorization": "Basic " + base64.b64encode(b"ann:wrong").decode()},
        {"authorization": "x" * 9000},
        BASIC | {"origin": "http://evil.example"},
        BASIC | {"origin": "null"},
        BASIC | {"origin": "http://gws.example"},
    ],
)
def test_a_socket_is_refused_before_it_opens(headers: dict[str, str]) -> None:
    async def scene() -> None:
        for access in (AccessPolicy(), AccessPolicy(allowed_origins=("*",))):
            harness = GateHarness(access)
            assert await harness.socket(headers).send_texts("hello") == REFUSED

    run(scene())


@pytest.mark.parametrize(
    "asking", ["http://gws.example:8080", "http://desk.example", "https://public.example"]
)
def test_pages_of_the_same_host_and_of_allowed_origins_open_sockets(asking: str) -> None:
    async def scene() -> None:
        harness = GateHarness(
            AccessPolicy(allowed_origins=("http://desk.example",)), url="https://public.example"
        )
        accepted, _ = await harness.socket(BASIC | {"origin": asking}).send_texts("hello")
        assert accepted["type"] == "websocket.accept"

    run(scene())


def test_what_comes_through_a_socket_keeps_its_session_alive_until_that_is_over() -> None:
    async def scene() -> None:
        harness = GateHarness(AccessPolicy(session_idle=100, session_max=250))
        cookie = await logged_in(harness)
        sent = await harness.socket(cookie).send_texts("later 90", "later 90", "later 70", "later 1")
        assert [message["type"] for message in sent] == [
            "websocket.accept",
            "websocket.send",
            "websocket.send",
            "websocket.send",
            "websocket.close",
        ]
        assert sent[-1]["code"] == 1008

    run(scene())


def test_who_loses_the_right_to_be_here_loses_the_socket() -> None:
    async def scene() -> None:
        harness = GateHarness()
        cookie = await logged_in(harness)
        socket = harness.socket(cookie)

        def change(_seconds: float) -> None:
            harness.changes(harness.users["ann"], enabled=False)

        harness.clock.call_at(harness.clock.now() + 1, lambda: change(1))
        sent = await socket.send_texts("hello", "later 1")
        kinds: list[Any] = [message["type"] for message in sent]
        assert kinds == ["websocket.accept", "websocket.send", "websocket.close"]

    run(scene())


def test_a_socket_on_another_path_is_admitted_without_credentials() -> None:
    async def scene() -> None:
        socket = GateHarness().socket({})
        socket.path = "/elsewhere"
        assert (await socket.send_texts("hello"))[1] == {"type": "websocket.send", "text": "nobody"}

    run(scene())
