"""The day on a stage: two real processes, a held clock, and the notifications that each step brings."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.agent import Agent
from tests.interop.day.script import STEPS, Day, accepted
from tests.processes import bridge, simulator
from tests.sites import demo_site

GOLDEN = Path(__file__).parent / "day.json"
ADDRESS = "http://127.0.0.1:8080"
"""What stands in every `uri`, wherever the bridge listens."""

Notifications = dict[str, list[dict[str, Any]]]
"""What the agent is told after each step."""


def golden() -> Notifications:
    notifications: Notifications = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return notifications


@asynccontextmanager
async def running_day(folder: Path) -> AsyncIterator[Day]:
    """Start both programs and seat everybody; the colleague and the supervisor are in session."""
    site = demo_site(folder)
    async with AsyncExitStack() as stack:
        sim, control_api = await stack.enter_async_context(simulator(site, "--clock", "held"))
        tserver = (await sim.prints(r"Switch_A: (tcp://\S+)"))[1]
        other = (await sim.prints(r"Switch_B: (tcp://\S+)"))[1]
        flags = ("--switch", tserver, "--switch", f"Switch_B={other}", "--external-url", ADDRESS)
        _, url = await stack.enter_async_context(bridge(site, *flags))
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=control_api))
        people = []
        for name in ("agent15000", "agent15002", "supervisor15009"):
            http = await stack.enter_async_context(httpx.AsyncClient(auth=(name, "demo"), timeout=30))
            people.append(Agent(http, f"{url}/api/v2"))
        while (await control.get(f"{url}/health/ready")).status_code != httpx.codes.OK:
            pass  # each question waits for the one before
        me, colleague, supervisor = people
        day = Day(me, colleague, supervisor, control)
        await me.listen("/**")
        for agent in (colleague, supervisor):
            await accepted(agent, "/me", "StartContactCenterSession", channels=["voice"])
            day.device_ids.append((await agent.get("/me/devices?fields=id")).json["devices"][0]["id"])
        yield day


async def play_day(day: Day, expected: Notifications) -> Notifications:
    """Play the day; after each step as many notifications are awaited as are expected."""
    notifications: Notifications = {}
    for name, step in STEPS.items():
        await step(day)
        notifications[name] = []
        for _ in expected[name]:
            message = await day.me.next_notification()
            day.on_notification(message)
            notifications[name].append(message)
    notifications["nothing more"] = await day.me.notifications()
    return notifications
