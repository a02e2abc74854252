"""The settings of access, and the reports of wrong ones."""

import pytest

from bridge.api.security.policy import AccessPolicy
from bridge.commands import BridgeSettings
from bridge.runtime.settings_loader import WrongFlagError
from tests.settings import settings


def access(*flags: str) -> AccessPolicy:
    """Read the settings of a bridge, and return those of them that are the gate's."""
    found = settings(BridgeSettings, *flags)
    return AccessPolicy(**{name: getattr(found, name) for name in AccessPolicy.model_fields})


def test_without_settings_the_policy_is_the_usual_one() -> None:
    assert access() == AccessPolicy()


def test_all_of_them_reach_the_policy() -> None:
    flags = (
        "--external-url https://gws.example/prefix --session-idle 60 --session-max 600 --same-site None "
        "--csrf --csrf-cometd --allowed-origin http://Desk.example:80 --allowed-origin * --lockout-after 3 "
        "--lockout-seconds 10 --attempts-per-address 0"
    )
    assert access(*flags.split()) == AccessPolicy(
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


def test_origins_come_from_the_environment_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TSERVER_BRIDGE_ALLOWED_ORIGIN", "http://a.example, https://b.example:8443,")
    assert access().allowed_origins == ("http://a.example", "https://b.example:8443")


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        AccessPolicy().csrf = True  # type: ignore[misc]


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (
            "--allowed-origin http://a/",
            "--allowed-origin: 'http://a/' is no origin: expected http://HOST[:PORT] without a path, or *",
        ),
        ("--csrf-cometd", "--csrf-cometd: has no use without csrf, which gives the token"),
        (
            "--same-site none --external-url http://gws.example",
            "--same-site: browsers take a cookie with none only from https: give an external_url that is",
        ),
        ("--same-site some", "--same-site: expected lax, strict or none, got 'some'"),
        (
            "--external-url gws.example",
            "--external-url: expected http://HOST[:PORT] or https://HOST[:PORT], got 'gws.example'",
        ),
        ("--session-idle 0", "--session-idle: expected an integer from 1 to 2592000, got '0'"),
        ("--lockout-seconds 901", "--lockout-seconds: expected an integer from 1 to 900, got '901'"),
    ],
)
def test_a_wrong_one_is_named_with_what_was_expected(flags: str, text: str) -> None:
    with pytest.raises(WrongFlagError) as refused:
        access(*flags.split())
    assert text in str(refused.value).splitlines()
