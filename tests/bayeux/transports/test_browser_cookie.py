"""The cookie that distinguishes browsers where there are no users."""

import json

import pytest

from bridge.bayeux import Options
from tests.bayeux.core_driver import CONNECTED, HANDSHAKE, LOST, connect
from tests.bayeux.endpoint_driver import EndpointDriver, on_a_loop

BODY = json.dumps(HANDSHAKE).encode()


@on_a_loop
async def test_a_handshake_gives_a_browser_its_cookie_which_is_the_proof_from_then_on() -> None:
    site = EndpointDriver()
    answer = await site.raw(BODY, user=None).answer()
    assert answer.headers[b"set-cookie"] == b"BAYEUX_BROWSER=s1; Path=/; HttpOnly"
    session = answer.json[0]["clientId"]
    body = json.dumps(connect(session)).encode()
    for cookie, expected in [
        ("BAYEUX_BROWSER=s1", CONNECTED),
        ("a=b; BAYEUX_BROWSER=s1; c=d", CONNECTED),
        ('BAYEUX_BROWSER="s1"', CONNECTED),
        ("BAYEUX_BROWSER=s2", LOST),
        ("XBAYEUX_BROWSER=s1", LOST),
        ("BAYEUX_BROWSER=", LOST),
        ("", LOST),
    ]:
        site.clock.advance(0.001)
        answer = await site.raw(
            body[:-1] + b', "advice": {"timeout": 0}}', user=None, headers={"cookie": cookie}
        ).answer()
        assert answer.json == [expected], cookie
        assert b"set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "user", "is_given"),
    [
        ({"cookie": "BAYEUX_BROWSER=mine"}, None, False),
        ({"cookie": "BAYEUX_BROWSER=no good"}, None, False),
        ({"cookie": "BAYEUX_BROWSER=\x7f"}, None, True),
        ({"cookie": f"BAYEUX_BROWSER={'x' * 129}"}, None, True),
        ({}, "ann", False),
    ],
)
@on_a_loop
async def test_who_has_one_or_needs_none_gets_none(
    headers: dict[str, str],
    user: str | None,
    is_given: bool,  # noqa: FBT001 (a parameter of a test)
) -> None:
    answer = await EndpointDriver().raw(BODY, user=user, headers=headers).answer()
    assert (b"set-cookie" in answer.headers) == is_given


@pytest.mark.parametrize(
    ("given", "attributes"),
    [
        ({"browserCookieName": "B"}, "B=s1; Path=/; HttpOnly"),
        (
            {
                "browserCookieDomain": "desk.example",
                "browserCookiePath": "/cometd",
                "browserCookieMaxAge": 60,
                "browserCookieSecure": True,
                "browserCookieHttpOnly": False,
                "browserCookieSameSite": "none",
                "browserCookiePartitioned": True,
            },
            (
                "BAYEUX_BROWSER=s1; Path=/cometd; Domain=desk.example; Max-Age=60; Secure; SameSite=None;"
                " Partitioned"
            ),
        ),
    ],
)
@on_a_loop
async def test_its_attributes_are_options(given: dict[str, object], attributes: str) -> None:
    answer = await EndpointDriver(Options.from_mapping(given)).raw(BODY, user=None).answer()
    assert answer.headers[b"set-cookie"].decode() == attributes


@on_a_loop
async def test_a_browser_may_have_one_poll_over_http_1_and_any_number_over_http_2() -> None:
    site = EndpointDriver()
    headers = {"cookie": "BAYEUX_BROWSER=mine"}
    sessions = []
    for _ in range(3):
        answer = await site.raw(BODY, user=None, headers=headers).answer()
        sessions.append(answer.json[0]["clientId"])
        body = json.dumps(connect(sessions[-1])).encode()
        await site.raw(body, user=None, headers=headers).answer()
    bodies = [json.dumps(connect(session)).encode() for session in sessions]
    first = await site.raw(bodies[0], user=None, headers=headers, http_version="1.1").held()
    refused = await site.raw(bodies[1], user=None, headers=headers, http_version="1.1").answer()
    assert refused.json[0]["advice"]["multiple-clients"]
    second = await site.raw(bodies[2], user=None, headers=headers, http_version="2").held()
    await first.abort()
    await second.abort()
