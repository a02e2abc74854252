"""The loop that both programs run on."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bridge.runtime.loop import CannotStartError, bind, serve_http
from bridge.runtime.loopclock import LoopClock
from tests.loop import loop, run

ROOT = Path(__file__).parents[2]


def test_a_timer_never_comes_early() -> None:
    async def scene() -> None:
        clock = LoopClock(loop())
        for delay in (0.0, 0.0004, 0.0016):
            due, done = clock.now() + delay, asyncio.Event()
            clock.call_at(due, done.set)
            assert not done.is_set()
            await done.wait()
            assert clock.now() >= due

    run(scene())


def test_a_cancelled_timer_never_comes() -> None:
    async def scene() -> None:
        clock = LoopClock(loop())
        came: list[str] = []
        done = asyncio.Event()
        due = clock.now() + 0.001
        first = clock.call_at(due, lambda: came.append("first"))
        clock.call_at(due + 0.002, done.set)
        first.cancel()
        await done.wait()
        first.cancel()
        assert came == []

    run(scene())


def test_http_is_served_on_a_free_port_until_the_end() -> None:
    async def scene() -> None:
        listener = bind("127.0.0.1", 0)
        port = listener.getsockname()[1]
        async with serve_http(FastAPI(), listener), httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/openapi.json")
            assert answer.status_code == 200
            with pytest.raises(
                CannotStartError, match=f"^cannot listen on 127.0.0.1:{port}: the port is in use"
            ):
                bind("127.0.0.1", port)
        bind("127.0.0.1", port).close()

    run(scene())


def test_an_application_that_cannot_start() -> None:
    async def app(_scope: object, receive: object, send: object) -> None:
        await receive()  # type: ignore[operator]
        await send({"type": "lifespan.startup.failed", "message": "no"})  # type: ignore[operator]

    async def scene() -> None:
        with pytest.raises(CannotStartError, match="could not start"):
            async with serve_http(app, bind("127.0.0.1", 0)):
                raise AssertionError

    run(scene())


@pytest.mark.parametrize(
    ("host", "reason"), [("192.0.2.1", os.strerror(99)), ("no such host", "Name or service not known")]
)
def test_an_address_that_is_not_this_machines(host: str, reason: str) -> None:
    with pytest.raises(CannotStartError, match=f"^cannot listen on {host}:0: {reason}"):
        bind(host, 0)


PROGRAM = """
import asyncio
from bridge.runtime.loop import run
from bridge.runtime import logs

async def main(runtime):
    from twisted.internet import reactor
    assert reactor is runtime.reactor and reactor.running
    logs.configure("info")
    {body}

run(main)
print("the end")
"""


def program(body: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(body=body)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_program_is_asked_to_stop(number: signal.Signals) -> None:
    with program("print('ready', flush=True); await runtime.stop.wait()") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.communicate() == ("the end\n", "")
        assert process.returncode == 0


def test_a_second_signal_does_not_wait() -> None:
    body = (
        "print('ready', flush=True); await runtime.stop.wait(); "
        "print('on', flush=True); await asyncio.Event().wait()"
    )
    with program(body) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "on\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("the end\n", "")


def test_what_a_program_raises_gets_out() -> None:
    with program("raise ValueError('no such thing')") as process:
        output, errors = process.communicate()
        assert (process.returncode, output) == (1, "")
        assert errors.endswith("ValueError: no such thing\n")


def test_logs_are_json_and_keep_secrets() -> None:
    body = (
        "import logging, structlog; from twisted.logger import Logger; "
        "structlog.get_logger().info('hello', password='geheim', user='a'); "
        "logging.getLogger('uvicorn.error').warning('from %s', 'uvicorn'); "
        "logging.getLogger('uvicorn.error').debug('not written'); "
        "Logger('here').error('from twisted')"
    )
    with program(body) as process:
        output, errors = process.communicate()
    assert (process.returncode, output) == (0, "the end\n")
    lines = [json.loads(line) for line in errors.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("hello", "info"),
        ("from uvicorn", "warning"),
        ("from twisted", "error"),
    ]
    assert lines[0]["password"] == "(hidden)"
