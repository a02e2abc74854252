"""The two halves apart: `tserver-sim` and `tserver-bridge` as two real processes over TCP."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.agent import Agent
from tests.loop import run
from tests.playbook import DEVICE_15000
from tests.processes import Process, bridge, program, simulator
from tests.sites import ROOT, demo_site

SAMPLES = ROOT / "tests" / "samples"
PUBLISHED = "http://127.0.0.1:8080"


@asynccontextmanager
async def agent_client(url: str, name: str = "agent15000") -> AsyncIterator[Agent]:
    """Seat an agent who is in session and listens."""
    async with httpx.AsyncClient(auth=(name, "demo"), timeout=30) as http:
        agent = Agent(http, f"{url}/api/v2")
        await agent.listen()
        yield agent


async def starts_session(agent: Agent) -> None:
    """Start the session; the device becomes active, and the agent is logged in."""
    assert (await agent.post("/me", "StartContactCenterSession", channels=["voice"])).status == 200
    state = ""
    while state != "NotReady":
        (device,) = (await agent.next_notification())["data"]["devices"]
        assert device["deviceState"] == "Active"
        state = device["userState"]["state"]


async def is_ready(url: str) -> None:
    """Wait until the bridge has its links; each question waits for the one before."""
    async with httpx.AsyncClient() as http:
        while (await http.get(f"{url}/health/ready")).status_code != httpx.codes.OK:
            pass


async def are_joined(control: httpx.AsyncClient) -> None:
    """Wait until every switch has found the others; each question waits for the one before."""
    while not all(switch["sites"] for switch in (await control.get("switches")).json()):
        pass


async def call_state(agent: Agent, state: str) -> dict[str, Any]:
    message = await agent.next_notification()
    call: dict[str, Any] = message["data"]["call"]
    assert call["state"] == state, message
    return call


async def dials(agent: Agent) -> str:
    answer = await agent.post(
        f"/me/devices/{DEVICE_15000}/calls", "Dial", destination={"phoneNumber": "15001"}
    )
    assert answer.status == 200
    call_id: str = (await call_state(agent, "Dialing"))["id"]
    return call_id


@asynccontextmanager
async def both(folder: Path, *flags: str) -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    """Start both programs on a held clock; gives the bridge's address and a client of the control API."""
    site = demo_site(folder)
    async with (
        simulator(site, "--clock", "held", *flags) as (sim, control_api),
        bridge(site, *await addresses(sim), "--external-url", PUBLISHED, *flags) as (_, url),
        httpx.AsyncClient(base_url=control_api) as control,
    ):
        await is_ready(url)
        yield url, control


async def advance(control: httpx.AsyncClient, seconds: int) -> None:
    """Move the switch's clock; what falls due has happened when this returns."""
    assert (await control.post("clock/advance", json={"seconds": seconds})).status_code == 200


async def addresses(sim: Process) -> tuple[str, ...]:
    """Say where the simulator's T-Servers are, as flags of the bridge."""
    of_a = (await sim.prints(r"Switch_A: (tcp://\S+)"))[1]
    of_b = (await sim.prints(r"Switch_B: (tcp://\S+)"))[1]
    return ("--switch", of_a, "--switch", f"Switch_B={of_b}")


@pytest.mark.parametrize(
    ("number", "calls_before", "seconds", "wire"),
    [(1, 12, 20, "msgpack"), (2, 15, 40, "msgpack"), (1, 12, 20, "json")],
)
def test_the_published_sample(
    tmp_path: Path, number: int, calls_before: int, seconds: int, wire: str
) -> None:
    sample = json.loads((SAMPLES / f"SingleStepTransfer-{number}.json").read_text())

    async def scene() -> None:
        async with both(tmp_path, "--wire", wire) as (url, control), agent_client(url) as agent:
            await starts_session(agent)
            for _ in range(calls_before):
                await agent.post(f"/me/calls/{await dials(agent)}", "Hangup")
                await call_state(agent, "Released")

            await dials(agent)
            await advance(control, 1)
            await call_state(agent, "Established")
            await advance(control, seconds - 1)

            path = sample["request"]["path"].removeprefix("/api/v2")
            answer = await agent.post_raw(path, json.dumps(sample["request"]["body"]).encode())
            assert answer.json == sample["response"]
            assert await agent.next_notification() == sample["notification"]

    run(scene())


WRONG_LOCATIONS = {
    "Nowhere": 1000,
    "TServer_X@Switch_A": 1000,
    "@Switch_A": 1012,
    "a@b@c": 1012,
    "Switch_B": 1021,
}
"""Locations that the switch cannot use, and the error of each."""


def test_a_location_that_the_switch_cannot_use(tmp_path: Path) -> None:
    async def scene() -> None:
        async with both(tmp_path) as (url, control), agent_client(url) as agent:
            await are_joined(control)
            await starts_session(agent)
            call_id = await dials(agent)
            await advance(control, 1)
            await call_state(agent, "Established")

            transfer: dict[str, Any] = {"destination": {"phoneNumber": "15002"}}
            for location, code in WRONG_LOCATIONS.items():
                answer = await agent.post(
                    f"/me/calls/{call_id}", "SingleStepTransfer", **transfer, location=location
                )
                assert answer.json == {"statusCode": 0}
                error = (await agent.next_notification())["data"]
                assert (error["messageType"], error["errorCode"]) == ("ErrorMessage", code), location
                assert error["call"]["state"] == "Established"

            transfer["location"] = "TServer_A@Switch_A"  # its own name means here
            await agent.post(f"/me/calls/{call_id}", "SingleStepTransfer", **transfer)
            await call_state(agent, "Released")

    run(scene())


# --- killed in the middle of a call -------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_the_switch_is_killed_in_mid_call_and_comes_back(tmp_path: Path) -> None:
    async def scene() -> None:
        site = demo_site(
            tmp_path, changes={"port: 7010": f"port: {free_port()}", "port: 7020": f"port: {free_port()}"}
        )
        ports = ("--control-port", "0")
        async with program("tserver-sim", "serve", "--site", site, *ports) as sim:
            flags = await addresses(sim)
            async with bridge(site, *flags) as (_, url), agent_client(url) as agent:
                await is_ready(url)
                await starts_session(agent)
                call_id = await dials(agent)

                # the switch dies: the device is out of reach, operations are refused in the words of the link
                sim.kill()
                message = await agent.next_notification()
                assert message["data"]["devices"][0]["deviceState"] == "Inactive"
                refusal = (await agent.post(f"/me/calls/{call_id}", "Hangup")).refusal
                assert refusal[:2] == (503, 4)
                assert refusal[2].startswith(f"The link to Switch_A at {flags[1]} is down: ")

                # another one takes its place: it knows nothing of the call, so the call is over
                async with program("tserver-sim", "serve", "--site", site, *ports) as successor:
                    await addresses(successor)
                    assert (await agent.next_notification())["data"]["devices"][0]["deviceState"] == "Active"
                    assert (await call_state(agent, "Released"))["id"] == call_id
                    await dials(agent)

    run(scene())


def test_the_bridge_is_killed_in_mid_call_and_its_successor_serves(tmp_path: Path) -> None:
    async def scene() -> None:
        site = demo_site(tmp_path)
        async with (
            simulator(site, "--clock", "held") as (sim, control_api),
            httpx.AsyncClient(base_url=control_api) as control,
        ):
            flags = await addresses(sim)
            async with bridge(site, *flags) as (gws, url), agent_client(url) as agent:
                await is_ready(url)
                await starts_session(agent)
                await dials(agent)
                gws.kill()
                await gws.ends()

            # the switch goes on; a new bridge asks what calls there are
            async with bridge(site, *flags) as (_, url), agent_client(url) as agent:
                await is_ready(url)
                await starts_session(agent)
                await call_state(agent, "Dialing")
                await advance(control, 1)
                call = await call_state(agent, "Established")
                assert (await agent.post(f"/me/calls/{call['id']}", "Hangup")).status == 200
                await call_state(agent, "Released")

    run(scene())


async def held_poll(agent: Agent) -> "asyncio.Task[httpx.Response]":
    """Have a poll held, for certain: of two polls the server lets go the older and holds the newer."""
    polls = {asyncio.create_task(agent.post_poll()) for _ in range(2)}
    let_go, held = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
    assert [poll.result().status_code for poll in let_go] == [httpx.codes.INTERNAL_SERVER_ERROR]
    return held.pop()


def test_both_stop_cleanly_when_asked(tmp_path: Path) -> None:
    async def scene() -> None:
        site = demo_site(tmp_path)
        async with simulator(site) as (sim, _):
            async with bridge(site, *await addresses(sim)) as (gws, url), agent_client(url) as agent:
                await is_ready(url)
                held = await held_poll(agent)
                gws.interrupt()  # Ctrl-C
                (reply,) = (await held).json()
                assert reply["advice"]["reconnect"] == "handshake"
                assert await gws.ends() == 0
                assert await gws.errors() == ""
            sim.terminate()
            assert await sim.ends() == 0
            assert await sim.errors() == ""

    run(scene())
