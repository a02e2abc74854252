"""The token that foreign pages cannot read."""

import httpx
import pytest

from bridge.api.security.policy import AccessPolicy
from tests.api.security.harness import GateHarness, forget_password
from tests.loop import run

ON = AccessPolicy(csrf=True)
ON_COMETD = AccessPolicy(csrf=True, csrf_cometd=True)
REFUSED = {"statusCode": 3, "statusMessage": "Missing or invalid Csrf token"}


def token(answer: httpx.Response) -> dict[str, str]:
    """Take the header that the server names, with what it gives."""
    return {answer.headers["x-csrf-header"]: answer.headers[answer.headers["x-csrf-header"]]}


def test_it_is_off_unless_switched_on() -> None:
    async def scene() -> None:
        async with GateHarness().client() as ann:
            assert "x-csrf-header" not in (await ann.get("/me")).headers
            assert (await ann.post("/me")).status_code == 200

    run(scene())


def test_every_get_gives_the_token_and_what_changes_something_needs_it() -> None:
    async def scene() -> None:
        async with GateHarness(ON).client() as ann:
            first = await ann.get("/me")
            assert first.headers["x-csrf-header"] == "X-CSRF-TOKEN"
            forget_password(ann)
            again = await ann.get("/me/calls")
            assert token(again) == token(first)

            for method in ("POST", "PUT", "DELETE", "PATCH"):
                refused = await ann.request(method, "/me")
                assert (refused.status_code, refused.json()) == (403, REFUSED)
                wrong = await ann.request(method, "/me", headers={"X-CSRF-TOKEN": "guessed"})
                assert (wrong.status_code, wrong.json()) == (403, REFUSED)
                right = await ann.request(method, "/me", headers=token(first))
                assert (right.status_code, "x-csrf-token" in right.headers) == (200, False)

    run(scene())


def test_the_token_of_another_session_is_none() -> None:
    async def scene() -> None:
        harness = GateHarness(ON)
        async with harness.client() as ann, harness.client("bob") as bob:
            given = token(await ann.get("/me"))
            await bob.get("/me")
            assert (await bob.post("/me", headers=given)).json() == REFUSED
            ann.auth = ("bob", "demo")  # who logs in as another has another session, and another token
            assert (await ann.post("/me", headers=given)).json() == REFUSED

    run(scene())


def test_without_a_cookie_store_nothing_can_be_changed() -> None:
    async def scene() -> None:
        harness = GateHarness(ON)
        async with harness.client() as ann:
            refused = await ann.post("/me")
            assert (refused.status_code, refused.json()) == (403, REFUSED)
            assert len(harness.sessions) == 0
            given = token(await ann.get("/me"))
            ann.cookies.clear()
            assert (await ann.post("/me", headers=given)).json() == REFUSED

    run(scene())


def test_the_password_comes_before_the_token() -> None:
    async def scene() -> None:
        async with GateHarness(ON).client("ann", "wrong") as ann:
            assert (await ann.post("/me")).json()["statusCode"] == 20

    run(scene())


@pytest.mark.parametrize("path", ["/notifications", "/notifications/", "/notifications/connect"])
def test_cometd_needs_the_token_by_a_setting_of_its_own(path: str) -> None:
    async def scene() -> None:
        async with GateHarness(ON).client() as ann:
            assert (await ann.post(path)).status_code == 200

        async with GateHarness(ON_COMETD).client() as ann:
            given = token(await ann.get("/me"))
            assert (await ann.post(path)).json() == REFUSED
            assert (await ann.get(path)).json() == REFUSED  # callback-polling: a script of any page can
            assert (await ann.post(path, headers=given)).status_code == 200

    run(scene())


def test_what_only_begins_like_cometd_is_none() -> None:
    async def scene() -> None:
        async with GateHarness(ON).client() as ann:
            await ann.get("/me")
            assert (await ann.post("/notificationsandmore")).json() == REFUSED

    run(scene())
