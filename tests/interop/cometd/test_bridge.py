"""The real CometD client of desktops, old and new, against the real bridge process."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.agent import Agent
from tests.interop.cometd.client import BACKOFF, LIBRARIES, basic, cometd
from tests.loop import run
from tests.needs import Node
from tests.playbook import DEVICE_15000
from tests.processes import bridge
from tests.sites import demo_site

pytestmark = pytest.mark.parametrize("library", LIBRARIES)


def channel_state(message: dict[str, Any]) -> str | None:
    """Read the state of the voice channel, if the message is about that."""
    states = [each["userState"]["state"] for each in message["data"].get("channels", ())]
    return states[0] if states else None


def test_a_desktop_follows_its_call_from_dialling_to_the_transfer(
    node: Node, library: str, tmp_path: Path
) -> None:
    async def ladder() -> None:
        async with (
            bridge(demo_site(tmp_path)) as (_, url),
            httpx.AsyncClient(auth=("agent15000", "demo")) as http,
            cometd(
                node, f"{url}/api/v2/notifications", basic("agent15000", "demo"), library=library
            ) as desktop,
            cometd(
                node, f"{url}/api/v2/notifications", basic("agent15002", "demo"), library=library
            ) as other,
        ):
            agent = Agent(http, f"{url}/api/v2")
            for client in (desktop, other):
                await client.handshakes()
                assert (await client.subscribes("/**"))["successful"]

            await agent.post("/me", "StartContactCenterSession", channels=["voice"])
            device = await desktop.event()
            assert device["channel"] == "/v2/me/devices"
            assert device["data"]["devices"][0]["deviceState"] == "Active"
            states = [channel_state(await desktop.event()) for _ in range(4)]
            assert states == ["LoggedIn", None, None, "NotReady"]

            to_15001 = {"phoneNumber": "15001"}
            await agent.post(f"/me/devices/{DEVICE_15000}/calls", "Dial", destination=to_15001)
            dialing, established = [await desktop.event() for _ in range(2)]
            assert (dialing["data"]["call"]["state"], dialing["data"]["call"]["duration"]) == ("Dialing", "0")
            call = established["data"]["call"]
            assert call["state"] == "Established"
            assert {"Hangup", "SingleStepTransfer"} <= set(call["capabilities"])

            to_15002 = {"phoneNumber": "15002"}
            await agent.post(f"/me/calls/{call['id']}", "SingleStepTransfer", destination=to_15002)
            released = await desktop.event()
            assert released["channel"] == "/v2/me/calls"
            assert (released["data"]["call"]["state"], released["data"]["call"]["capabilities"]) == (
                "Released",
                [],
            )

            for client in (desktop, other):
                assert (await client.disconnects())["successful"]
                assert await client.ends() == []  # nobody was told what concerns another user

    run(ladder())


def test_a_desktop_comes_back_by_itself_after_the_bridge_was_restarted(
    node: Node, library: str, tmp_path: Path
) -> None:
    async def ladder() -> None:
        site = demo_site(tmp_path)
        async with bridge(site) as (gws, url):
            port = url.rpartition(":")[2]
            headers = basic("agent15000", "demo")
            async with cometd(
                node, f"{url}/api/v2/notifications", headers, library=library, **BACKOFF
            ) as desktop:
                await desktop.handshakes()
                assert (await desktop.subscribes("/v2/me/*"))["successful"]
                gws.kill()
                await gws.ends()

                async with (
                    bridge(site, "--port", port),
                    httpx.AsyncClient(auth=("agent15000", "demo")) as http,
                ):
                    while not (await desktop.receives("/meta/handshake"))["successful"]:
                        pass  # it tried while nobody listened
                    assert (await desktop.receives("/meta/subscribe"))["successful"]
                    agent = Agent(http, f"{url}/api/v2")
                    await agent.post("/me", "StartContactCenterSession", channels=["voice"])
                    assert (await desktop.event())["data"]["devices"][0]["phoneNumber"] == "15000"

    run(ladder())
