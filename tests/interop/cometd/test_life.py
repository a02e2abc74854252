"""The life of an agent with the real CometD clients of desktops in Node; once the bridge is killed in it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.agent import Agent
from tests.interop.cometd.client import BACKOFF, LIBRARIES, CometD, basic, cometd
from tests.interop.test_two_processes import addresses, is_ready
from tests.loop import run
from tests.needs import Node
from tests.processes import bridge, simulator
from tests.sites import demo_site

pytestmark = pytest.mark.parametrize("library", LIBRARIES)


class Desktop:
    """A desktop: its CometD client, and its operations."""

    def __init__(self, client: CometD, agent: Agent) -> None:
        self._client = client
        self._agent = agent

    async def posts(self, path: str, operation: str, **parameters: Any) -> None:
        answer = await self._agent.post(path, operation, **parameters)
        assert answer.json == {"statusCode": 0}, answer.json

    async def subscribes(self) -> None:
        for channel in ("/v2/me/calls", "/v2/me/devices"):
            assert (await self._client.subscribes(channel))["successful"]

    async def reconnects(self) -> None:
        """Wait until the client has found a new bridge by itself, and has subscribed again."""
        while not (await self._client.receives("/meta/handshake"))["successful"]:
            pass  # it tried while nobody listened
        for _ in range(2):
            assert (await self._client.receives("/meta/subscribe"))["successful"]

    async def starts_session(self) -> None:
        await self.posts("/me", "StartContactCenterSession", channels=["voice"])

    async def is_in(self, state: str) -> None:
        """Wait until the telephone says so."""
        seen = ""
        while seen != state:
            message = await self._client.event()
            seen = message["data"].get("devices", [{}])[0].get("userState", {}).get("state", "")

    async def call(self, state: str, notification_type: str = "StatusChange") -> dict[str, Any]:
        """Take the next that is told of a call."""
        while "call" not in (data := (await self._client.event())["data"]):
            pass  # about the telephone
        call: dict[str, Any] = data["call"]
        assert (data["notificationType"], call["state"]) == (notification_type, state), data
        return call

    async def disconnects(self) -> None:
        assert (await self._client.disconnects())["successful"]


class RunningSite:
    """A simulated switch, and a bridge in front of it that can be killed."""

    def __init__(self, site: Path, switches: tuple[str, ...], control: httpx.AsyncClient) -> None:
        self._site = site
        self._switches = switches
        self._control = control
        self._port = "0"
        self._stack = AsyncExitStack()
        self.url = ""

    async def opens(self) -> None:
        """Start the bridge, from the second time on at the same port."""
        serving = bridge(self._site, *self._switches, "--port", self._port)
        self._process, self.url = await self._stack.enter_async_context(serving)
        self._port = self.url.rpartition(":")[2]
        await is_ready(self.url)

    async def is_killed(self) -> None:
        self._process.kill()
        await self._process.ends()

    async def closes(self) -> None:
        await self._stack.aclose()

    async def incoming_call(self, number: str) -> None:
        call = {"switch": "Switch_A", "from": number, "to": "15000"}
        assert (await self._control.post("calls", json=call)).json()["outcome"] == "Ok"


@asynccontextmanager
async def logged_in_desktop(
    node: Node, library: str, folder: Path
) -> AsyncIterator[tuple[RunningSite, Desktop]]:
    site = demo_site(folder)
    async with (
        simulator(site) as (sim, control_api),
        httpx.AsyncClient(base_url=control_api) as control,
        httpx.AsyncClient(auth=("agent15000", "demo"), timeout=30) as http,
    ):
        running_site = RunningSite(site, await addresses(sim), control)
        await running_site.opens()
        address = f"{running_site.url}/api/v2/notifications"
        async with cometd(node, address, basic("agent15000", "demo"), library=library, **BACKOFF) as client:
            await client.handshakes()
            desktop = Desktop(client, Agent(http, f"{running_site.url}/api/v2"))
            await desktop.subscribes()
            yield running_site, desktop
        await running_site.closes()


def test_a_day_from_logging_in_to_logging_out(node: Node, library: str, tmp_path: Path) -> None:
    async def life() -> None:
        async with logged_in_desktop(node, library, tmp_path) as (running_site, desktop):
            await desktop.starts_session()
            await desktop.is_in("NotReady")
            await desktop.posts("/me/channels/voice", "Ready")
            await desktop.is_in("Ready")

            await running_site.incoming_call("9165550104")
            ringing = await desktop.call("Ringing")
            assert ringing["participants"][0]["formattedPhoneNumber"] == "(916) 555-0104"
            call = f"/me{ringing['path']}"
            await desktop.posts(call, "Answer")
            await desktop.call("Established")
            await desktop.posts(call, "AttachUserData", userData={"Case": {"Id": 4711}})
            assert (await desktop.call("Established", "AttachedDataChanged"))["userData"] == {
                "Case": {"Id": 4711}
            }
            await desktop.posts(call, "SingleStepTransfer", destination={"phoneNumber": "15002"})
            assert (await desktop.call("Released"))["capabilities"] == []

            await desktop.posts("/me", "EndContactCenterSession")
            await desktop.is_in("LoggedOut")
            await desktop.disconnects()

    run(life())


def test_a_day_in_which_the_bridge_is_killed_during_a_call(node: Node, library: str, tmp_path: Path) -> None:
    async def life() -> None:
        async with logged_in_desktop(node, library, tmp_path) as (running_site, desktop):
            await desktop.starts_session()
            await desktop.is_in("NotReady")
            await desktop.posts("/me/channels/voice", "Ready")
            await desktop.is_in("Ready")
            await running_site.incoming_call("9165550104")
            call = f"/me{(await desktop.call('Ringing'))['path']}"
            await desktop.posts(call, "Answer")
            await desktop.call("Established")

            await running_site.is_killed()
            await running_site.opens()
            await desktop.reconnects()
            await desktop.starts_session()
            assert f"/me{(await desktop.call('Established'))['path']}" == call

            await desktop.posts(call, "AttachUserData", userData={"Note": "after the fall"})
            await desktop.call("Established", "AttachedDataChanged")
            await desktop.posts(call, "SingleStepTransfer", destination={"phoneNumber": "15002"})
            await desktop.call("Released")
            await desktop.posts("/me", "EndContactCenterSession")
            await desktop.is_in("LoggedOut")
            await desktop.disconnects()

    run(life())
