"""Both published samples of SingleStepTransfer, for real: HTTP, CometD and the T-Server link on free ports.

Agent 15000 dials 15001, whose phone answers; 20 (40) seconds after the dialling, by the switch's clock, the
agent transfers the call to 15002. The notification must be the published one, whole. The switch's clock is
held, so the demonstration does not last those seconds. `--wire json` plays it on JSON lines.
"""

import argparse
import difflib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from bridge.app import RunningBridge, serving
from bridge.options import ServeOptions
from bridge.runtime import logs
from bridge.runtime.clock import HeldClock
from bridge.runtime.loop import Runtime, run
from bridge.tlib.wire import WIRES, Wire
from tests.agent import Agent
from tests.demo.ladder import Ladder, watching
from tests.sites import DEMO, ROOT

SAMPLES = ROOT / "tests" / "samples"
PUBLISHED_ADDRESS = "http://127.0.0.1:8080"
START = 1_444_901_376  # 2015-10-15T09:29:36Z, when the generator of the published ids was started
PHONE_ANSWERS_AFTER = 1
DNS = ("15000", "15001", "15002")


@dataclass
class Stage:
    """Two agents, the switch's clock and the ladder."""

    clock: HeldClock
    agent: Agent
    other: Agent
    ladder: Ladder
    device: str
    calls: int = 0

    async def dial(self) -> str:
        """Have 15000 dial 15001; gives the id of the call."""
        await accepted(
            self.agent, f"/me/devices/{self.device}/calls", "Dial", destination={"phoneNumber": "15001"}
        )
        self.calls += 1
        call = await changed(self.agent, "Dialing")
        await changed(self.other, "Ringing")
        call_id: str = call["id"]
        return call_id

    async def calls_until(self, number: int) -> None:
        """Let ordinary calls pass, so that the next one has this number."""
        while self.calls + 1 < number:
            call_id = await self.dial()
            await accepted(self.agent, f"/me/calls/{call_id}", "Hangup")
            await changed(self.agent, "Released")
            await changed(self.other, "Released")


async def accepted(agent: Agent, path: str, operation: str, **parameters: Any) -> Any:
    """Post an operation; gives the HTTP answer."""
    answer = await agent.post(path, operation, **parameters)
    if answer.status != httpx.codes.OK:
        raise SystemExit(f"{operation} was refused: {answer.json}")
    return answer.json


async def changed(agent: Agent, state: str) -> dict[str, Any]:
    """Wait for the notification that a call has this state."""
    message = await agent.next_notification()
    call: dict[str, Any] = message["data"].get("call", {})
    if call.get("state") != state:
        raise SystemExit(f"expected a call that is {state}, got {json.dumps(message)}")
    return call


async def play(stage: Stage, number: int, seconds: int) -> bool:
    """Play one sample; tells whether everything is as published."""
    sample = json.loads((SAMPLES / f"SingleStepTransfer-{number}.json").read_text(encoding="utf-8"))
    published = sample["notification"]
    print(f"\n== Sample {number} " + "=" * 85)
    await stage.calls_until(int(published["data"]["call"]["id"][-6:], 32))
    stage.ladder.begin()

    await stage.dial()
    stage.clock.advance(PHONE_ANSWERS_AFTER)
    await changed(stage.agent, "Established")
    await changed(stage.other, "Established")
    stage.clock.advance(seconds - PHONE_ANSWERS_AFTER)

    request = sample["request"]
    body = dict(request["body"])
    answer = await accepted(
        stage.agent, request["path"].removeprefix("/api/v2"), body.pop("operationName"), **body
    )
    notification = await stage.agent.next_notification()

    show(f"{request['method']} {request['path']}", request["body"])
    show("HTTP answer", answer)
    show("CometD notification to agent15000", notification)
    print("\nWhat the T-Server told of the three DNs:")
    print(await stage.ladder.draw(events=7))
    await end_call(stage)
    return compare("HTTP answer", sample["response"], answer) and compare(
        "notification", published, notification
    )


async def end_call(stage: Stage) -> None:
    """Let 15001, who now waits for 15002, hang up."""
    changed_party = await changed(stage.other, "Established")
    await accepted(stage.other, f"/me/calls/{changed_party['id']}", "Hangup")
    await changed(stage.other, "Released")


def show(title: str, value: object) -> None:
    """Print a title and JSON."""
    print(f"\n{title}\n{json.dumps(value, indent=2, ensure_ascii=False)}")


def compare(what: str, published: object, real: object) -> bool:
    """Compare whole; where something differs, print what."""
    if published == real:
        print(f"\nThe {what} is the published one.")
        return True
    print(f"\nThe {what} is NOT the published one:")
    before, after = (json.dumps(v, indent=2, sort_keys=True).splitlines() for v in (published, real))
    print("\n".join(difflib.unified_diff(before, after, "published", "real", lineterm="")))
    return False


async def logged_in(agent: Agent) -> None:
    """Wait until the switch says in which state the agent begins."""
    state = ""
    while state != "NotReady":
        message = await agent.next_notification()
        state = message["data"]["devices"][0]["userState"]["state"]


@asynccontextmanager
async def running_stage(running: RunningBridge, clock: HeldClock, wire: Wire) -> AsyncIterator[Stage]:
    """Log in both agents, and connect the ladder's client on the wire of the switch."""
    host, port = running.tservers["Switch_A"]
    api = f"{running.url}/api/v2"
    async with (
        httpx.AsyncClient(auth=("agent15000", "demo"), timeout=60) as http,
        httpx.AsyncClient(auth=("agent15001", "demo"), timeout=60) as other_http,
        watching(host, port, DNS, wire) as ladder,
    ):
        agent, other = Agent(http, api), Agent(other_http, api)
        for one in (agent, other):
            await one.listen()
            await accepted(one, "/me", "StartContactCenterSession", channels=["voice"])
            await logged_in(one)
        devices = (await agent.get("/me/devices?fields=id")).json["devices"]
        yield Stage(clock, agent, other, ladder, devices[0]["id"])


async def main(runtime: Runtime, wire: str) -> None:
    """Play both samples, and exit with 0 only if both are as published."""
    clock = HeldClock(START)
    options = ServeOptions(site=DEMO, port=0, external_url=PUBLISHED_ADDRESS, wire=wire)
    async with (
        serving(options, runtime, clock) as running,
        running_stage(running, clock, WIRES[wire]) as stage,
    ):
        as_published = [await play(stage, 1, seconds=20), await play(stage, 2, seconds=40)]
    if not all(as_published):
        raise SystemExit(1)
    print("\nBoth samples are as published.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--wire", choices=WIRES, default="msgpack", help="how the messages are written")
    arguments = parser.parse_args()
    logs.configure("error")
    run(partial(main, wire=arguments.wire))
    sys.exit(0)
