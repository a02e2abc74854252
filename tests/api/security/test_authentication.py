"""Who may ask: Basic credentials, the cookie they open, and nobody else."""

import base64

import pytest
import structlog

from bridge.api.security.http_sessions import MAX_PER_USER
from bridge.api.security.policy import AccessPolicy
from tests.agent import Answer
from tests.loop import run
from tests.playbook import API, playing

MAX_IDLE_SECONDS = AccessPolicy().session_idle
DENIED = {"statusCode": 20, "statusMessage": "Access denied"}


@pytest.mark.parametrize("path", ["/me", "/me/calls", "/notifications", "/nowhere"])
def test_without_credentials_access_is_denied(path: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            nobody = book.agent(password=None)
            for answer in (await nobody.get(path), await nobody.post_raw(path, b"{}")):
                assert (answer.status, answer.json) == (403, DENIED)
                assert "set-cookie" not in answer.headers

    run(scene())


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic " + base64.b64encode(b"agent15000:wrong").decode(),
        "Basic " + base64.b64encode(b"nobody:demo").decode(),
        "Basic " + base64.b64encode(b"agent15000").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic not base64",
        "Bearer token",
        "Basic",
    ],
)
def test_wrong_credentials_are_denied(authorization: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            nobody = book.agent(password=None)
            answer = Answer(await nobody.http.get(f"{API}/me", headers={"authorization": authorization}))
            assert (answer.status, answer.json) == (403, DENIED)

    run(scene())


def test_the_version_and_the_health_are_open() -> None:
    async def scene() -> None:
        async with playing() as book:
            nobody = book.agent(password=None)
            version = await nobody.get("/diagnostics/version")
            assert version.status == 200
            assert set(version.json) == {"statusCode", "version"}
            live = await nobody.http.get("http://127.0.0.1:8080/health/live")
            assert live.json() == {"status": "live"}

    run(scene())


def test_ready_means_that_every_link_is_up() -> None:
    async def scene() -> None:
        async with playing(link=False) as book:
            http = book.agent(password=None).http
            waiting = await http.get("http://127.0.0.1:8080/health/ready")
            assert (waiting.status_code, waiting.json()["reason"]) == (
                503,
                "The link to Switch_A at tcp://switch-a:7010 is down: not connected yet",
            )

        async with playing() as book:
            ready = await book.agent(password=None).http.get("http://127.0.0.1:8080/health/ready")
            assert (ready.status_code, ready.json()) == (200, {"status": "ready"})

    run(scene())


def test_basic_opens_a_session_and_its_cookie_is_enough_from_then_on() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            first = await agent.get("/me")
            assert first.json["user"]["userName"] == "agent15000"
            cookie = first.headers["set-cookie"]
            assert cookie.startswith("JSESSIONID=")
            assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")

            agent.forget_password()
            again = await agent.get("/me")
            assert (again.status, "set-cookie" in again.headers) == (200, False)

    run(scene())


def test_the_credentials_win_over_the_cookie_of_another_user() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent("agent15000")
            await agent.get("/me")
            agent.http.auth = ("agent15001", "demo")
            answer = await agent.get("/me")
            assert answer.json["user"]["userName"] == "agent15001"
            assert "set-cookie" in answer.headers

    run(scene())


def test_a_session_ends_when_it_is_not_used() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            await agent.get("/me")
            agent.forget_password()
            book.clock.advance(MAX_IDLE_SECONDS)
            assert (await agent.get("/me")).status == 200
            book.clock.advance(MAX_IDLE_SECONDS + 1)
            assert (await agent.get("/me")).json == DENIED

    run(scene())


def test_a_script_without_cookies_does_not_end_the_session_of_a_browser() -> None:
    async def scene() -> None:
        async with playing() as book:
            browser = book.agent()
            await browser.get("/me")
            browser.forget_password()
            for _ in range(MAX_PER_USER + 1):
                book.clock.advance(1)
                script = book.agent()
                assert (await script.get("/me")).status == 200
                assert (await browser.get("/me")).status == 200

    run(scene())


def test_the_end_of_the_contact_center_session_ends_the_http_session() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            agent.forget_password()
            assert (await agent.post("/me", "EndContactCenterSession")).json == {"statusCode": 0}
            assert (await agent.get("/me")).json == DENIED

    run(scene())


def test_a_wrong_password_is_logged_by_its_user_and_not_by_itself() -> None:
    async def scene() -> None:
        async with playing() as book:
            with structlog.testing.capture_logs() as logged:
                await book.agent("agent15000", "s3cret").get("/me")
            (line,) = logged
            assert (line["event"], line["user"], line["log_level"]) == (
                "access denied",
                "agent15000",
                "warning",
            )
            assert "s3cret" not in str(logged)

    run(scene())
