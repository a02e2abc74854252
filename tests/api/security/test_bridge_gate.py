"""The gate of the whole bridge: the answers to a page of another origin, and to a user who was changed."""

from typing import Any

import httpx
import pytest

from bridge.api.security.policy import AccessPolicy
from tests.agent import Agent
from tests.loop import run
from tests.playbook import API, playing

DESK = "http://desk.example"
ACCESS = AccessPolicy(allowed_origins=(DESK,), csrf=True, csrf_cometd=True)
HANDSHAKE = [{"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}]


async def login(agent: Agent) -> httpx.Response:
    """Log in as a page of another origin does, and keep the token."""
    agent.http.headers["origin"] = DESK
    answer = await agent.http.get(f"{API}/me")
    agent.http.headers[answer.headers["x-csrf-header"]] = answer.headers["x-csrf-token"]
    agent.forget_password()
    return answer


def is_readable(answer: httpx.Response) -> bool:
    allowed = ("access-control-allow-origin", DESK), ("access-control-allow-credentials", "true")
    return set(allowed) <= set(answer.headers.items())


def test_a_page_of_another_origin_works_with_token_and_cookie_alone() -> None:
    async def scene() -> None:
        async with playing(access=ACCESS) as book:
            agent = book.agent()
            assert is_readable(await login(agent))
            shaken = await agent.http.post(f"{API}/notifications/handshake", json=HANDSHAKE)
            assert is_readable(shaken)
            assert shaken.json()[0]["successful"]
            await agent.listen()
            assert (await agent.post("/me", "StartContactCenterSession", channels=["voice"])).status == 200

            del agent.http.headers["x-csrf-token"]
            for path in ("/me", "/notifications/handshake"):
                refused = await agent.http.post(f"{API}{path}", json=HANDSHAKE)
                assert (refused.status_code, refused.json()["statusCode"]) == (403, 3)
                assert is_readable(refused)

    run(scene())


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/nowhere", b"", 404),
        ("GET", "/me/calls/none", b"", 404),
        ("DELETE", "/me", b"", 405),
        ("POST", "/me", b"no JSON", 400),
        ("POST", "/me", b"x" * 300_000, 413),
        ("POST", "/notifications", b"no JSON", 400),
        ("GET", "/diagnostics/version", b"", 200),
    ],
)
def test_a_page_can_read_every_answer(method: str, path: str, content: bytes, status: int) -> None:
    async def scene() -> None:
        async with playing(access=ACCESS) as book:
            agent = book.agent()
            await login(agent)
            answer = await agent.http.request(method, f"{API}{path}", content=content)
            assert (answer.status_code, is_readable(answer)) == (status, True)

    run(scene())


@pytest.mark.parametrize("operation", ["a read", "an operation"])
def test_a_page_can_read_that_the_fault_is_ours(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    async def scene() -> None:
        async with playing(access=ACCESS) as book:
            agent = book.agent()
            await login(agent)
            monkeypatch.setattr("bridge.voice.service.VoiceService.devices", fail)
            monkeypatch.setattr("bridge.voice.model.devices.Devices.call", fail)
            if operation == "a read":
                answer = await agent.http.get(f"{API}/me/devices")
            else:
                answer = await agent.http.post(f"{API}/me/calls/1", json={"operationName": "Hangup"})
            assert (answer.status_code, is_readable(answer)) == (500, True)
            assert answer.json()["statusCode"] == 4

    run(scene())


def test_a_user_whose_password_changes_loses_sessions_and_polls() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            await agent.listen()
            admin, user = book.agent("admin"), book.directory.user("agent15000")
            assert user is not None
            changed = await admin.http.put(f"{API}/users/{user.id}", json={"password": "another"})
            assert changed.status_code == 200, changed.text
            assert (await agent.get("/me")).json == {"statusCode": 20, "statusMessage": "Access denied"}

            agent.http.auth = ("agent15000", "another")
            reply = (await agent.bayeux("/meta/connect", connectionType="long-polling"))[0]
            assert (reply["successful"], reply["advice"]["reconnect"]) == (False, "handshake")

    run(scene())


def test_a_user_who_is_disabled_is_out_and_others_are_not() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, other, admin = book.agent(), book.agent("agent15001"), book.agent("admin")
            for each in (agent, other):
                await each.get("/me")
            user = book.directory.user("agent15000")
            assert user is not None
            await admin.http.put(f"{API}/users/{user.id}", json={"enabled": False})
            assert (await agent.get("/me")).status == 403
            assert (await other.get("/me")).status == 200

    run(scene())


def test_what_is_for_administrators_is_for_nobody_else() -> None:
    async def scene() -> None:
        async with playing() as book:
            for name in ("agent15000", "supervisor15009"):
                refused = await book.agent(name).get("/ops/contact-centers")
                assert refused.refusal == (
                    403,
                    5,
                    "/api/v2/ops/contact-centers is for administrators only",
                )
            assert (await book.agent("admin").get("/ops/contact-centers")).status == 200

    run(scene())
