"""HTTP sessions: their cookie, their end by time, and their end by what happens to their user."""

from typing import Any

import pytest

from bridge.api.security.http_sessions import MAX_PER_USER
from bridge.api.security.policy import AccessPolicy
from bridge.directory.model import UserRole
from tests.api.security.harness import DENIED, GateHarness, cookie_of, forget_password, hashed, user
from tests.loop import run

ACCESS = AccessPolicy(session_idle=100, session_max=250)


@pytest.mark.parametrize(
    ("url", "same_site", "flags"),
    [
        ("http://gws.example", "lax", "Path=/; HttpOnly; SameSite=Lax"),
        ("http://gws.example", "strict", "Path=/; HttpOnly; SameSite=Strict"),
        ("https://gws.example", "lax", "Path=/; HttpOnly; SameSite=Lax; Secure"),
        ("https://gws.example", "none", "Path=/; HttpOnly; SameSite=None; Secure"),
    ],
)
def test_the_cookie_is_for_http_only_and_secure_where_the_address_is(
    url: str, same_site: Any, flags: str
) -> None:
    async def scene() -> None:
        harness = GateHarness(AccessPolicy(same_site=same_site), url=url)
        async with harness.client() as ann:
            answer = await ann.get("/me")
        assert answer.headers["set-cookie"] == f"JSESSIONID=id-0; {flags}"

    run(scene())


def test_a_session_ends_when_it_is_idle_and_in_the_end_however_it_is_used() -> None:
    async def scene() -> None:
        harness = GateHarness(ACCESS)
        async with harness.client() as ann:
            cookie = cookie_of(await ann.get("/me"))
        async with harness.client(None) as browser:
            browser.headers["cookie"] = cookie
            for seconds in (100, 100, 50):
                harness.clock.advance(seconds)
                assert (await browser.get("/me")).status_code == 200
            harness.clock.advance(1)
            assert (await browser.get("/me")).json() == DENIED

        async with harness.client() as ann:
            cookie = cookie_of(await ann.get("/me"))
        async with harness.client(None) as browser:
            browser.headers["cookie"] = cookie
            harness.clock.advance(101)
            assert (await browser.get("/me")).json() == DENIED

    run(scene())


def test_sessions_that_nobody_asks_for_again_are_swept() -> None:
    async def scene() -> None:
        harness = GateHarness(ACCESS)
        for seconds in (0, 60):
            harness.clock.advance(seconds)
            async with harness.client() as ann, harness.client("bob") as bob:
                await ann.get("/me")
                await bob.get("/me")
        assert len(harness.sessions) == 4
        harness.clock.advance(42)
        assert len(harness.sessions) == 2
        harness.clock.advance(60)
        assert len(harness.sessions) == 0

    run(scene())


def test_a_script_without_cookies_keeps_no_more_than_its_share() -> None:
    async def scene() -> None:
        harness = GateHarness()
        for _ in range(MAX_PER_USER + 5):
            async with harness.client() as script:
                await script.get("/me")
        assert len(harness.sessions) == MAX_PER_USER

    run(scene())


def test_a_script_without_cookies_does_not_end_the_session_of_a_desktop() -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client() as desktop:
            await desktop.get("/me")
            forget_password(desktop)
            assert (await desktop.get("/me")).status_code == 200
            for _ in range(2 * MAX_PER_USER):
                harness.clock.advance(1)
                async with harness.client() as script:
                    await script.get("/me")
            assert (await desktop.get("/me")).status_code == 200

    run(scene())


@pytest.mark.parametrize(
    "different",
    [
        {"password_hash": hashed("another")},
        {"roles": (UserRole.AGENT, UserRole.SUPERVISOR)},
        {"enabled": False},
    ],
)
def test_who_is_changed_in_a_way_that_matters_has_to_log_in_again(different: dict[str, Any]) -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client() as ann, harness.client("bob") as bob:
            await ann.get("/me")
            await bob.get("/me")
            forget_password(ann, bob)
            harness.changes(harness.users["ann"], **different)
            assert (await ann.get("/me")).json() == DENIED
            assert harness.ended == ["id of ann"]  # CometD sessions end, too
            assert (await bob.get("/me")).status_code == 200

    run(scene())


def test_who_is_changed_otherwise_goes_on_as_what_the_directory_says_now() -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client() as ann:
            await ann.get("/me")
            forget_password(ann)
            harness.changes(harness.users["ann"], first_name="Anna", enabled=True)
            assert (await ann.get("/me")).status_code == 200
        (session,) = harness.session_store.of_user("id of ann")
        assert (session.user.first_name, harness.ended) == ("Anna", [])

    run(scene())


def test_a_user_who_is_new_can_log_in_at_once() -> None:
    async def scene() -> None:
        harness = GateHarness()
        harness.add_user(user("carl"))
        async with harness.client("carl") as carl:
            assert (await carl.get("/me")).json()["user"] == "carl"
        assert harness.ended == []

    run(scene())


def test_a_user_who_is_removed_is_out() -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client() as ann:
            await ann.get("/me")
            harness.remove_user(harness.users["ann"])
            assert (await ann.get("/me")).json() == DENIED
        assert len(harness.sessions) == 0

    run(scene())


def test_an_old_password_is_forgotten_and_a_disabled_user_stays_out() -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client() as ann:
            assert (await ann.get("/me")).status_code == 200
            harness.changes(harness.users["ann"], password_hash=hashed("another"))
            assert (await ann.get("/me")).json() == DENIED
        async with harness.client("ann", "another") as ann:
            assert (await ann.get("/me")).status_code == 200
            harness.changes(harness.users["ann"], enabled=False)
            assert (await ann.get("/me")).json() == DENIED
        async with harness.client("ann", "another") as elsewhere:
            assert (await elsewhere.get("/me")).json() == DENIED

    run(scene())


def test_a_cookie_that_says_nothing_does_not_matter_beside_a_password() -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client() as ann:
            ann.headers["cookie"] = "JSESSIONID=of-another-server"
            assert (await ann.get("/me")).status_code == 200
            ann.headers["cookie"] = "JSESSIONID=of-another-server; a=b; JSESSIONID=id-0; JSESSIONID"
            forget_password(ann)
            assert (await ann.get("/me")).status_code == 200

    run(scene())
