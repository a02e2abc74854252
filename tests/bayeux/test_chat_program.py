"""`python -m bridge.bayeux`, the program: flags, environment, sockets, and its end."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from tests.bayeux.polling_client import Message, PollingClient
from tests.loop import run
from tests.processes import Process, program


@asynccontextmanager
async def chat(
    *flags: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Process, str]]:
    given = ("-m", "bridge.bayeux", *flags)
    clean = {"OPTIONS": "", "PORT": "0"} | dict(environment or {})
    async with program("python", *given, environment=clean) as process:
        yield process, (await process.prints(r"CometD chat: (http://\S+)"))[1]


def visitor(url: str) -> PollingClient:
    return PollingClient(httpx.AsyncClient(base_url=url, trust_env=False))


def test_two_chat_over_real_sockets_and_the_server_publishes_too() -> None:
    async def scene() -> None:
        async with chat("--port", "0") as (process, url), visitor(url) as ann, visitor(url) as bob:
            page = await ann.http.get("/")
            assert page.status_code == 200
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert "://" not in page.text  # nothing comes from outside
            for who, name in ((ann, "ann"), (bob, "bob")):
                hello = await who.open_session("/chat/demo", "/members/demo")
                assert hello["supportedConnectionTypes"] == ["websocket", "long-polling", "callback-polling"]
                await who.publishes("/service/members", {"user": name, "room": "/chat/demo"})
            assert (await bob.fetch_events())[-1] == ("/members/demo", ["ann", "bob"])

            poll = asyncio.create_task(bob.connects())
            answer = await ann.http.post(
                "/inject", json={"channels": ["/chat/demo"], "data": {"chat": "hi"}, "count": 3}
            )
            assert answer.json() == {"delivered": 6}
            await poll
            assert bob.events == [("/chat/demo", {"chat": "hi"})] * 3

            await ann.disconnect()
            assert ("/members/demo", ["bob"]) in await bob.fetch_events()

            poll = asyncio.create_task(bob.connects())
            for _ in range(2):  # the poll is sent while the first is under way, and held by the second
                await ann.http.get("/")
            process.terminate()
            assert (await poll)["advice"]["reconnect"] == "handshake"
            assert await process.ends() == 0
            assert await process.errors() == ""

    run(scene())


def test_a_socket_gets_events_and_is_closed_at_the_end() -> None:
    async def scene() -> None:
        async with (
            chat() as (process, url),
            httpx.AsyncClient(base_url=url, trust_env=False) as http,
            connect(f"ws{url.removeprefix('http')}/cometd", origin=Origin(url)) as websocket,
        ):

            async def request(**message: object) -> Message:
                await websocket.send(json.dumps([message]))
                (reply,) = json.loads(await websocket.recv())
                assert reply["successful"], reply
                return dict(reply)

            hello = await request(channel="/meta/handshake", supportedConnectionTypes=["websocket"])
            who = {"clientId": hello["clientId"]}
            first = {"connectionType": "websocket", "advice": {"timeout": 0}, **who}
            await request(channel="/meta/connect", **first)
            await request(channel="/meta/subscribe", subscription="/news", **who)
            await http.post("/inject", json={"channels": ["/news"], "data": "hi", "count": 2})
            events: list[Message] = []
            while len(events) < 2:
                events += json.loads(await websocket.recv())
            assert events == [{"channel": "/news", "data": "hi"}] * 2

            process.terminate()
            with pytest.raises(ConnectionClosed):
                await websocket.recv()
            assert await process.ends() == 0
            assert await process.errors() == ""

    run(scene())


def test_pages_of_any_origin_may_connect_and_none_may_inject() -> None:
    async def scene() -> None:
        asks = {"Origin": "https://desk.example", "Access-Control-Request-Method": "POST"}
        async with chat() as (_, url), httpx.AsyncClient(base_url=url, trust_env=False) as http:
            preflight = await http.options("/cometd/connect", headers=asks)
            assert preflight.status_code == 200
            assert preflight.headers["access-control-allow-origin"] == "https://desk.example"
            assert preflight.headers["access-control-allow-credentials"] == "true"
            assert (await http.options("/inject", headers=asks)).status_code == 405

    run(scene())


def test_options_come_from_the_environment_and_flags_go_before_them() -> None:
    environment = {"OPTIONS": json.dumps({"timeout": 5_000, "interval": 7, "transports": ["long-polling"]})}

    async def scene() -> None:
        flags = ("--option", "timeout=6000", "--option", "long-polling.metaConnectDeliverOnly=true")
        async with chat(*flags, environment=environment) as (process, url), visitor(url) as ann:
            hello = await ann.open_session()
            assert hello["advice"] == {"reconnect": "retry", "interval": 7, "timeout": 6_000}
            assert hello["supportedConnectionTypes"] == ["long-polling"]
            process.interrupt()
            assert await process.ends() == 0

    run(scene())


def test_the_port_comes_from_the_environment_too() -> None:
    async def scene() -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        async with chat(environment={"PORT": str(port)}) as (_, url):
            assert url == f"http://127.0.0.1:{port}"

    run(scene())


@pytest.mark.parametrize(
    ("flags", "environment", "words"),
    [
        (["--option", "timeOut=5"], {}, "timeOut"),
        (["--option", "timeout=soon"], {}, "timeout must be a whole number, not 'soon'"),
        (["--option", "timeout"], {}, "expected NAME=VALUE, not 'timeout'"),
        (["--option", "sweepPeriod=0"], {}, "sweepPeriod must be at least 1, not 0"),
        (["--option", "transports=smoke"], {}, "smoke"),
        (["--port", "70000"], {}, "a port is a number from 0 to 65535, not '70000'"),
        (["--port", "http"], {}, "a port is a number from 0 to 65535, not 'http'"),
        ([], {"PORT": "-1"}, "a port is a number from 0 to 65535, not '-1'"),
        ([], {"OPTIONS": "timeout=5"}, "OPTIONS in the environment must be a JSON object, not 'timeout=5'"),
        ([], {"OPTIONS": "[]"}, "OPTIONS in the environment must be a JSON object, not '[]'"),
        ([], {"OPTIONS": '{"timeout": []}'}, "timeout must be a whole number, not []"),
        (["--colour"], {}, "unrecognized arguments: --colour"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_2(
    flags: list[str], environment: dict[str, str], words: str
) -> None:
    async def scene() -> None:
        clean = {"OPTIONS": "", "PORT": "0"} | environment
        async with program("python", "-m", "bridge.bayeux", *flags, environment=clean) as process:
            errors = await process.errors()
            assert await process.ends() == 2
        assert errors.startswith("python -m bridge.bayeux: ")
        assert errors.count("\n") == 1
        assert words in errors

    run(scene())


def test_a_port_in_use_is_one_line_and_exit_code_1() -> None:
    async def scene() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            async with program("python", "-m", "bridge.bayeux", "--port", port) as process:
                errors = await process.errors()
                assert await process.ends() == 1
        assert (
            errors == f"python -m bridge.bayeux: cannot listen on 127.0.0.1:{port}: Address already in use\n"
        )

    run(scene())


def test_a_host_that_is_none_is_one_line_and_exit_code_1() -> None:
    async def scene() -> None:
        flags = ("--host", "no host at all", "--port", "0")
        async with program("python", "-m", "bridge.bayeux", *flags) as process:
            errors = await process.errors()
            assert await process.ends() == 1
        assert errors.startswith("python -m bridge.bayeux: cannot listen on no host at all:0: ")
        assert errors.count("\n") == 1

    run(scene())
