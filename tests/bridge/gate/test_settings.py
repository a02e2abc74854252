"""The settings of the door, and what is said of wrong ones."""

from typing import Any

import pytest

from bridge.api.security.policy import AccessPolicy
from bridge.api.security.settings import AccessSettings
from bridge.runtime.loop import CannotStartError
from bridge.runtime.settings import load


def test_without_settings_the_door_is_as_usual() -> None:
    assert load(AccessSettings, {}, None).access == AccessPolicy()


def test_all_of_them_reach_the_door() -> None:
    given = {
        "external_url": "https://gws.example/prefix",
        "session_idle": 60,
        "session_max": 600,
        "same_site": "None",
        "csrf": True,
        "csrf_cometd": True,
        "allowed_origin": ["http://Desk.example:80", "*"],
        "lockout_after": 3,
        "lockout_seconds": 10,
        "attempts_per_address": 0,
    }
    assert load(AccessSettings, given, None).access == AccessPolicy(
        session_idle=60,
        session_max=600,
        same_site="none",
        csrf=True,
        csrf_cometd=True,
        allowed_origins=("http://desk.example", "*"),
        lockout_after=3,
        lockout_seconds=10,
        attempts_per_address=0,
    )


def test_origins_come_from_the_environment_with_commas_between() -> None:
    given = {"allowed_origin": "http://a.example, https://b.example:8443,"}
    assert load(AccessSettings, given, None).access.allowed_origins == (
        "http://a.example",
        "https://b.example:8443",
    )


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"allowed_origin": ["http://a/"]},
            "allowed_origin: 'http://a/' is no origin: expected http://HOST[:PORT] without a path, or *",
        ),
        ({"csrf_cometd": True}, "csrf_cometd: has no use without csrf, which gives the token"),
        (
            {"same_site": "none", "external_url": "http://gws.example"},
            "same_site: browsers take a cookie with none only from https: give an external_url that is",
        ),
        ({"same_site": "some"}, "same_site: Input should be 'lax', 'strict' or 'none'"),
        (
            {"external_url": "gws.example"},
            "external_url: expected http://HOST[:PORT] or https://HOST[:PORT]",
        ),
        ({"session_idle": 0}, "session_idle: Input should be greater than or equal to 1"),
        ({"lockout_seconds": 901}, "lockout_seconds: Input should be less than or equal to 900"),
    ],
)
def test_a_wrong_one_is_named_with_what_was_expected(given: dict[str, Any], text: str) -> None:
    with pytest.raises(CannotStartError) as refused:
        load(AccessSettings, given, None)
    assert str(refused.value) == f"settings: {text}"
