"""The life of an agent in a page of another origin, with token and cookie, in a real browser.

With the real CometD clients of desktops: 3.1 (what those of GWS ship), 5 and the newest.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from bridge.runtime.loop import bind, serve_http
from tests.agent import Agent
from tests.browser.chromium import Page, page
from tests.interop.test_two_processes import addresses, is_ready
from tests.loop import run
from tests.needs import Node
from tests.processes import bridge, simulator
from tests.sites import demo_site

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("node")]

LIBRARIES = ["cometd-3", "cometd-5", "cometd"]
POLLING = "long-polling"
HERE = Path(__file__).parent


class Desktop:
    """An agent's desktop, which is a page."""

    def __init__(self, browser: Page) -> None:
        self.browser = browser

    async def posts(self, path: str, operation: str, **parameters: Any) -> None:
        body = {"operationName": operation, **parameters}
        assert await self.browser.does("post", path, body) == {"status": 200, "statusCode": 0}

    async def gets(self, path: str) -> Any:
        answer = await self.browser.does("get", path)
        assert (answer["status"], answer["statusCode"]) == (200, 0), answer
        return answer

    async def logs_in(self) -> None:
        answer = await self.browser.does("logIn", "agent15000", "demo")
        assert answer["user"]["userName"] == "agent15000", answer

    async def connects(self) -> None:
        await self.browser.does("connect")
        assert (await self.browser.receives("/meta/handshake"))["successful"]
        assert (await self.browser.receives("/meta/connect"))["successful"]

    async def is_in(self, state: str) -> None:
        """Wait until the telephone says so."""
        seen = ""
        while seen != state:
            (device,) = (await self.browser.receives("/v2/me/devices"))["data"]["devices"]
            seen = device.get("userState", {}).get("state", "")

    async def call(self, state: str, notification_type: str = "StatusChange") -> dict[str, Any]:
        """Take the next that is told of calls."""
        data = (await self.browser.receives("/v2/me/calls"))["data"]
        call: dict[str, Any] = data["call"]
        assert (data.get("notificationType"), call["state"]) == (notification_type, state), data
        return call

    async def starts_session(self) -> None:
        await self.posts("/me", "StartContactCenterSession", channels=["voice"])
        await self.is_in("NotReady")


@asynccontextmanager
async def pages(node: Node) -> AsyncIterator[str]:
    """Serve the desktop's files from an address of their own; gives their origin."""
    modules = StaticFiles(directory=node.folder / "node_modules")
    files = StaticFiles(directory=HERE)
    listener = bind("127.0.0.1", 0)
    async with serve_http(Starlette(routes=[Mount("/node_modules", modules), Mount("/", files)]), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def desktop(
    chromium: Path, folder: Path, origin: str, url: str, library: str, transport: str = POLLING
) -> AsyncIterator[Desktop]:
    query = urlencode({"api": f"{url}/api/v2", "library": library, "transport": transport})
    async with page(chromium, folder / "browser", f"{origin}/desk.html?{query}") as browser:
        yield Desktop(browser)


@asynccontextmanager
async def caller(url: str, name: str) -> AsyncIterator[Agent]:
    """Seat another agent, who does what the test says."""
    async with httpx.AsyncClient(auth=(name, "demo")) as http:
        agent = Agent(http, f"{url}/api/v2")
        first = await agent.get("/me")
        http.headers[first.headers["x-csrf-header"]] = first.headers["x-csrf-token"]
        await agent.listen()
        assert (await agent.post("/me", "StartContactCenterSession", channels=["voice"])).status == 200
        yield agent


async def dials(agent: Agent, number: str) -> None:
    (device,) = (await agent.get("/me/devices?fields=*")).json["devices"]
    path = f"/me/devices/{device['id']}/calls"
    while (await agent.post(path, "Dial", destination={"phoneNumber": number})).status != 200:
        await agent.next_notification()  # its telephone is not registered yet


def flags(origin: str) -> tuple[str, ...]:
    return ("--csrf", "--csrf-cometd", "--allowed-origin", origin)


@pytest.mark.parametrize(
    ("library", "transport"),
    [*((library, POLLING) for library in LIBRARIES), ("cometd-3", "websocket"), ("cometd", "websocket")],
)
def test_the_life_of_an_agent(
    chromium: Path, node: Node, tmp_path: Path, library: str, transport: str
) -> None:
    async def ladder() -> None:
        async with (
            pages(node) as origin,
            bridge(demo_site(tmp_path), *flags(origin), "--websocket") as (_, url),
            desktop(chromium, tmp_path, origin, url, library, transport) as agent,
            caller(url, "agent15003") as customer,
            caller(url, "agent15005") as another,
        ):
            await agent.logs_in()
            assert await agent.browser.does("cookies") == ""  # no script of the page can read it
            await agent.connects()
            await agent.starts_session()
            await agent.posts("/me", "Ready")
            await agent.is_in("Ready")

            await dials(customer, "15000")
            call = await agent.call("Ringing")
            assert "Answer" in call["capabilities"]
            await agent.posts(f"/me/calls/{call['id']}", "Answer")
            await agent.call("Established")
            data = {"Kunde": "Jörg Müller", "Nested": {"a": "1"}}
            await agent.posts(f"/me/calls/{call['id']}", "AttachUserData", userData=data)
            attached = await agent.call("Established", "AttachedDataChanged")
            assert attached["userData"] == data
            await agent.posts(
                f"/me/calls/{call['id']}", "SingleStepTransfer", destination={"phoneNumber": "15004"}
            )
            await agent.call("Released")

            await dials(another, "15000")
            call = await agent.call("Ringing")
            await agent.posts(f"/me/calls/{call['id']}", "Answer")
            await agent.call("Established")
            await agent.posts(f"/me/calls/{call['id']}", "Hangup")
            await agent.call("Released")

            assert await agent.browser.does("disconnect")
            await agent.posts("/me", "EndContactCenterSession")
            answer = await agent.browser.does("get", "/me")
            assert (answer["status"], answer["statusCode"]) == (403, 20)

    run(ladder())


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_life_of_an_agent_whose_server_is_killed_in_mid_call(
    chromium: Path, node: Node, tmp_path: Path, library: str
) -> None:
    async def ladder() -> None:
        site = demo_site(tmp_path)
        async with pages(node) as origin, simulator(site) as (sim, _):
            there = (*await addresses(sim), *flags(origin))
            async with bridge(site, *there) as (first, url):
                port = url.rpartition(":")[2]
                async with (
                    desktop(chromium, tmp_path, origin, url, library) as agent,
                    caller(url, "agent15003") as customer,
                ):
                    await is_ready(url)
                    await agent.logs_in()
                    await agent.connects()
                    await agent.starts_session()
                    await dials(customer, "15000")
                    call = await agent.call("Ringing")
                    await agent.posts(f"/me/calls/{call['id']}", "Answer")
                    await agent.call("Established")

                    first.kill()
                    await first.ends()
                    assert not (await agent.browser.receives("/meta/connect"))["successful"]
                    async with bridge(site, *there, "--port", port):
                        assert (await agent.browser.receives("login"))["status"] == 200
                        while not (await agent.browser.receives("/meta/handshake"))["successful"]:
                            pass  # with the token of the server that is gone
                        assert (await agent.browser.receives("/meta/connect"))["successful"]
                        await is_ready(url)
                        await agent.starts_session()

                        (stored,) = (await agent.gets("/me/calls?fields=*"))["calls"]
                        assert (stored["id"], stored["state"]) == (call["id"], "Established")
                        data = {"Back": "yes"}
                        await agent.posts(f"/me/calls/{call['id']}", "AttachUserData", userData=data)
                        while (await received(agent)).get("userData") != data:
                            pass  # that the call is there was told as well
                        await agent.posts(f"/me/calls/{call['id']}", "Hangup")
                        await agent.call("Released")
                        await agent.posts("/me", "EndContactCenterSession")

    async def received(agent: Desktop) -> dict[str, Any]:
        call: dict[str, Any] = (await agent.browser.receives("/v2/me/calls"))["data"]["call"]
        return call

    run(ladder())


def test_a_page_of_an_origin_that_is_not_allowed_gets_nothing(
    chromium: Path, node: Node, tmp_path: Path
) -> None:
    async def ladder() -> None:
        async with (
            pages(node) as origin,
            bridge(demo_site(tmp_path), *flags("http://desk.example")) as (_, url),
            desktop(chromium, tmp_path, origin, url, "cometd") as agent,
        ):
            with pytest.raises(AssertionError, match="Failed to fetch"):
                await agent.browser.does("logIn", "agent15000", "demo")

    run(ladder())
