"""CometD at the bridge: its addresses, whose messages one gets, and what a client may not do."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from tests.loop import run
from tests.playbook import API, playing


@pytest.mark.parametrize(
    "address",
    ["", "/", "/handshake", "/connect", "/any/thing", "?x=1"],
    ids=lambda address: address or "bare",
)
def test_every_address_that_clients_make_up_is_served(address: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            handshake = {
                "channel": "/meta/handshake",
                "version": "1.0",
                "supportedConnectionTypes": ["long-polling"],
                "id": "1",
            }
            response = await agent.http.post(f"{API}/notifications{address}", json=handshake)
            (reply,) = response.json()
            assert (response.status_code, reply["successful"], reply["id"]) == (200, True, "1")
            assert reply["advice"] == {"reconnect": "retry", "interval": 0, "timeout": 30000}

    run(scene())


@pytest.mark.parametrize("subscription", ["/**", "/v2/**", "/v2/me/*", "/v2/me/calls"])
def test_a_user_gets_the_messages_of_that_user_only(subscription: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session("agent15000")
            other = book.agent("agent15001")
            await other.listen(subscription)
            book.tserver.sends_call_event(t.EventDialing)
            book.tserver.sends_call_event(t.EventRinging, this_dn="15001")  # nobody's: not in session
            assert [message["data"]["phoneNumber"] for message in await agent.notifications()] == ["15000"]
            assert await other.notifications() == []

    run(scene())


def test_every_browser_of_a_user_gets_the_messages() -> None:
    async def scene() -> None:
        async with playing() as book:
            browsers = [await book.in_session(), book.agent()]
            await browsers[1].listen("/v2/me/calls", "/v2/me/*", "/**")
            book.tserver.sends_call_event(t.EventDialing)
            first, second = [await browser.notification() for browser in browsers]
            assert first == second
            assert first["call"]["state"] == "Dialing"

    run(scene())


@pytest.mark.parametrize(
    ("channel", "error"),
    [("/v2/me/calls", "403::publish_denied"), ("/anything", "403::publish_denied")],
)
def test_clients_may_not_publish(channel: str, error: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, other = book.agent(), book.agent("agent15001")
            for one in (agent, other):
                await one.listen("/**")
            (reply,) = await agent.bayeux(channel, data={"call": {}})
            assert (reply["successful"], reply["error"]) == (False, error)
            assert await other.notifications() == []

    run(scene())


def refused_poll(reply: dict[str, Any]) -> tuple[bool, str, dict[str, Any]]:
    return reply["successful"], reply["error"], reply["advice"]


HANDSHAKE_AGAIN = (
    False,
    "402::session_unknown",
    {"reconnect": "handshake", "interval": 0, "timeout": 30000},
)


def test_an_unknown_session_is_sent_to_handshake() -> None:
    async def scene() -> None:
        async with playing() as book:
            (reply,) = await book.agent().bayeux(
                "/meta/connect", connectionType="long-polling", clientId="nobody"
            )
            assert refused_poll(reply) == HANDSHAKE_AGAIN

    run(scene())


def test_somebody_elses_session_is_unknown() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            (handshake,) = await agent.bayeux(
                "/meta/handshake", version="1.0", supportedConnectionTypes=["long-polling"]
            )
            (reply,) = await book.agent("agent15001").bayeux(
                "/meta/connect", connectionType="long-polling", clientId=handshake["clientId"]
            )
            assert refused_poll(reply) == HANDSHAKE_AGAIN

    run(scene())
