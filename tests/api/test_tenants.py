"""Contact centers are kept apart: on every route, in every notification."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from bridge.tlib import messages as t
from tests.agent import Agent
from tests.interop.cometd.client import basic
from tests.loop import run
from tests.playbook import API, CALL_ID, DEVICE_15000, Playbook, playing
from tests.processes import bridge as process
from tests.sites import demo_site

FEATURES = (
    "features: [api-voice, api-voice-recording, api-supervisor-monitoring, api-supervisor-agent-control, "
    "api-provisioning-read, api-provisioning-write]"
)
OTHER_CENTER = {
    "features: []": FEATURES,
    'email: victor.vance@example.com, devices: ["15010"]': "email: victor.vance@example.com, "
    'roles: [agent, supervisor, admin], devices: ["15010"]',
}
"""Lets the other contact center of the demo site have everything, and its one user be everything."""

SHARED = {"feature_id", "environment_id", "service_id", "channel"}
"""What is no contact center's own: T-Servers and the names of features and channels."""

BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v2/me/calls/{call_id}": {"operationName": "Hangup"},
    "POST /api/v2/me/devices/{device_id}": {"operationName": "DoNotDisturbOn"},
    "POST /api/v2/me/devices/{device_id}/calls": {
        "operationName": "Dial",
        "destination": {"phoneNumber": "15001"},
    },
    "POST /api/v2/users/{user_id}/channels/{channel}": {"operationName": "NotReady"},
    "PUT /api/v2/users/{user_id}": {"firstName": "Changed"},
    "POST /api/v2/users/{user_id}/devices": {"uri": f"{API}/devices/{{own}}"},
    "PUT /api/v2/devices/{device_id}": {"description": "Changed"},
    "POST /api/v2/ops/contact-centers/{center_id}/features": {"uris": [f"{API}/features/api-voice"]},
}
"""A good body for each route that takes one; a route that is new here needs one, too."""


@pytest.fixture(scope="module")
def two_centers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_site(tmp_path_factory.mktemp("site"), changes=OTHER_CENTER)


class Foreign:
    """What an outsider might try: everything that has an id in the contact center Demo."""

    def __init__(self, book: Playbook, contact_ids: list[str]) -> None:
        users = [user for user in book.directory.users if user.contact_center.name == "Demo"]
        (center,) = {user.contact_center.id for user in users}
        self.ids = {
            "user_id": [user.id for user in users][:3],
            "device_id": [DEVICE_15000, users[1].devices[0].id],
            "call_id": [CALL_ID],
            "contact_id": contact_ids[:2],
            "center_id": [center],
        }
        self.marks = {center, CALL_ID, *contact_ids, *(user.id for user in users)}
        self.marks |= {mark for user in users for mark in (user.name, user.last_name, user.email)}
        self.marks |= {device.id for user in users for device in user.devices}
        self.marks.discard("")

    def paths(self, template: str) -> Iterator[str]:
        """Fill in a path in every way; what is shared gets a name that exists."""
        paths = [template]
        for name in re.findall(r"\{(\w+)\}", template):
            values = ["voice" if name == "channel" else "api-voice"] if name in SHARED else self.ids[name]
            paths = [path.replace(f"{{{name}}}", value) for path in paths for value in values]
        yield from paths

    def is_named_by(self, template: str) -> bool:
        """Tell whether a path has the id of something foreign."""
        return bool(set(re.findall(r"\{(\w+)\}", template)) - SHARED)


async def routes(http: httpx.AsyncClient) -> list[tuple[str, str]]:
    """List all that the document says is there."""
    document = (await http.get("http://127.0.0.1:8080/openapi.json")).json()
    return [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith(("/api/", "/internal-api/"))
    ]


async def contacts(agent: Agent) -> list[str]:
    answer = await agent.get("/contacts?fields=*")
    return [contact["id"] for contact in answer.json["contacts"]]


def test_no_route_knows_anything_of_another_contact_center(two_centers: Path) -> None:
    async def scene() -> None:
        async with playing(site=two_centers) as book:
            insider = await book.talking()
            foreign = Foreign(book, await contacts(insider))
            outsider = book.agent("novoice")
            assert (await outsider.get("/me")).json["user"]["roles"] == [
                "ROLE_AGENT",
                "ROLE_SUPERVISOR",
                "ROLE_ADMIN",
            ]
            before = book.directory.content
            asked = 0
            for method, template in await routes(outsider.http):
                if not foreign.is_named_by(template):
                    continue
                for path in foreign.paths(template):
                    body = BODIES[f"{method} {template}"] if method in ("POST", "PUT") else None
                    answer = await outsider.http.request(method, f"http://127.0.0.1:8080{path}", json=body)
                    told = answer.json()
                    assert (answer.status_code, told["statusCode"]) == (404, 6), (method, path, told)
                    asked += 1
            assert asked > 20
            assert book.directory.content == before
            assert book.tserver.gets() == []

    run(scene())


def test_no_collection_holds_anything_of_another_contact_center(two_centers: Path) -> None:
    async def scene() -> None:
        async with playing(site=two_centers) as book:
            insider = await book.talking()
            foreign = Foreign(book, await contacts(insider))
            outsider = book.agent("novoice")
            seen_by_insider: set[str] = set()
            for method, template in await routes(outsider.http):
                if method != "GET" or foreign.is_named_by(template):
                    continue
                for path in foreign.paths(template):
                    for query in ("", "?fields=*", "?subresources=*"):
                        url = f"http://127.0.0.1:8080{path}{query}"
                        text = (await outsider.http.get(url)).text
                        assert [mark for mark in foreign.marks if mark in text] == [], url
                        text = (await insider.http.get(url)).text
                        seen_by_insider |= {mark for mark in foreign.marks if mark in text}
            assert {CALL_ID, DEVICE_15000, "agent15000", *foreign.ids["contact_id"]} <= seen_by_insider

    run(scene())


def test_a_name_or_device_that_is_taken_elsewhere_says_no_more_than_that(two_centers: Path) -> None:
    async def scene() -> None:
        async with playing(site=two_centers) as book:
            outsider = book.agent("novoice")
            body = {
                "userName": "agent15000",
                "password": "another",
                "firstName": "A",
                "lastName": "B",
            }
            answer = await outsider.http.post(f"{API}/users", json=body)
            assert answer.status_code in (400, 409), answer.text
            assert "Demo" not in answer.text
            assert "Archer" not in answer.text
            assert book.directory.user("agent15000").first_name == "Alice"  # type: ignore[union-attr]

    run(scene())


def of_others(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what everybody is told: how the T-Servers are."""
    return [message for message in messages if message["channel"] != "/notifications/services"]


@pytest.mark.parametrize("subscription", ["/**", "/v2/me/*", "/v2/**", "/v2/me/calls"])
def test_nobody_is_told_of_the_calls_of_another(two_centers: Path, subscription: str) -> None:
    async def scene() -> None:
        async with playing(site=two_centers) as book:
            outsider, colleague, admin = book.agent("novoice"), book.agent("agent15002"), book.agent("admin")
            for listener in (outsider, colleague, admin):
                await listener.listen(subscription)

            agent = await book.in_session()
            book.tserver.sends_call_event(t.EventDialing)
            book.tserver.sends_call_event(t.EventEstablished)
            book.tserver.sends_call_event(t.EventReleased)
            states = [message["data"]["call"]["state"] for message in await agent.notifications()]
            assert states == ["Dialing", "Established", "Released"]

            for listener in (outsider, colleague, admin):
                assert of_others(await listener.notifications()) == []

    run(scene())


def test_a_cometd_session_is_of_no_use_to_another_user(two_centers: Path) -> None:
    async def scene() -> None:
        async with playing(site=two_centers) as book:
            agent = await book.in_session()
            outsider = book.agent("novoice")
            stolen = {"clientId": agent._client_id, "connectionType": "long-polling"}
            (reply,) = await outsider.bayeux("/meta/connect", **stolen)
            assert (reply["successful"], reply["error"][:3]) == (False, "402")

            book.tserver.sends_call_event(t.EventDialing)
            (reply,) = await outsider.bayeux("/meta/subscribe", subscription="/**", **stolen)
            assert (reply["successful"], reply["error"][:3]) == (False, "402")
            assert CALL_ID in json.dumps(await agent.notifications())

    run(scene())


def test_nobody_can_speak_in_the_name_of_the_bridge(two_centers: Path) -> None:
    async def scene() -> None:
        async with playing(site=two_centers) as book:
            agent = await book.in_session()
            for name in ("novoice", "agent15002", "agent15000"):
                speaker = book.agent(name)
                await speaker.listen("/**")
                (reply,) = await speaker.bayeux(
                    "/v2/me/calls", data={"messageType": "CallStateChangeMessage"}
                )
                assert (reply["successful"], reply["error"][:3]) == (False, "403")
            assert await agent.notifications() == []

    run(scene())


class WebSocketClient:
    """A client on a web socket that subscribed to everything."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._client_id = ""

    async def subscribe(self) -> None:
        (reply,) = await self.send_and_receive(
            "/meta/handshake", version="1.0", supportedConnectionTypes=["websocket"]
        )
        self._client_id = reply["clientId"]
        (reply,) = await self.send_and_receive("/meta/subscribe", subscription="/**")
        assert reply["successful"]
        await self.send_and_receive("/meta/connect", connectionType="websocket")

    async def send_and_receive(self, channel: str, **fields: Any) -> list[dict[str, Any]]:
        """Send a message; gives what comes, up to the reply. Events are pushed, in the order they happen."""
        message = {"channel": channel, "clientId": self._client_id, **fields}
        await self._socket.send(json.dumps([message]))
        received: list[dict[str, Any]] = []
        while not received or received[-1]["channel"] != channel:
            received += json.loads(await self._socket.recv())
        return received


@asynccontextmanager
async def connected_client(url: str, name: str) -> AsyncIterator[WebSocketClient]:
    address = url.replace("http:", "ws:") + "/api/v2/notifications"
    async with connect(address, additional_headers=basic(name, "demo"), proxy=None) as socket:
        listener = WebSocketClient(socket)
        await listener.subscribe()
        yield listener


def test_web_sockets_of_others_hear_nothing_either(two_centers: Path) -> None:
    async def scene() -> None:
        async with (
            process(two_centers, "--websocket") as (_, url),
            connected_client(url, "novoice") as outsider,
            connected_client(url, "agent15002") as colleague,
            connected_client(url, "agent15000") as own,
            httpx.AsyncClient(auth=("agent15000", "demo")) as http,
        ):
            agent = Agent(http, f"{url}/api/v2")
            assert (await agent.post("/me", "StartContactCenterSession", channels=["voice"])).status == 200
            to_nobody = {"phoneNumber": "15003"}
            path = f"/me/devices/{DEVICE_15000}/calls"
            while (await agent.post(path, "Dial", destination=to_nobody)).status != httpx.codes.OK:
                pass  # the telephone is not registered yet

            async def receives_call_notification() -> bool:
                received = await own.send_and_receive("/meta/subscribe", subscription="/v2/me/calls")
                return any(message["channel"] == "/v2/me/calls" for message in received)

            while not await receives_call_notification():
                pass
            for listener in (outsider, colleague):
                (reply,) = of_others(
                    await listener.send_and_receive("/meta/subscribe", subscription="/v2/me/*")
                )
                assert reply["successful"]

    run(scene())
