"""The rules of opening, connecting and closing, one by one, against the core alone."""

import pytest

from bridge.bayeux import Context, Options
from bridge.bayeux.core.messages import decode
from bridge.bayeux.core.policy import Verdict
from tests.bayeux.core_driver import (
    CONNECTED,
    HANDSHAKE,
    LOST,
    RETRY,
    STOP,
    Message,
    World,
    connect,
    disconnect,
    publish,
    reply,
    subscribe,
    unsubscribe,
)

# Handshake


def test_a_handshake_opens_a_session() -> None:
    assert World().request("ann", HANDSHAKE | {"id": "1", "ext": {"x": True}}) == [
        {
            "channel": "/meta/handshake",
            "successful": True,
            "id": "1",
            "clientId": "s1",
            "version": "1.0",
            "minimumVersion": "1.0",
            "supportedConnectionTypes": ["long-polling", "callback-polling"],
            "advice": RETRY,
        }
    ]


def test_a_handshake_is_answered_alone_and_the_rest_is_not_obeyed() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    answers = world.request("ann", disconnect(session), HANDSHAKE, HANDSHAKE, subscribe(session, "/b"))
    assert [one["clientId"] for one in answers] == ["s2"]
    assert len(world.server) == 2
    assert world.deliver("ann", "/a", 1) == 1
    assert world.deliver("ann", "/b", 1) == 0


@pytest.mark.parametrize("types", [["websocket"], [], None])
def test_a_handshake_without_a_common_connection_type_fails(types: list[str] | None) -> None:
    world = World()
    message = {"channel": "/meta/handshake"} | ({} if types is None else {"supportedConnectionTypes": types})
    assert world.request("ann", message) == [
        reply(
            "/meta/handshake",
            error="301::connection_types_unsupported",
            supportedConnectionTypes=["long-polling", "callback-polling"],
            advice=STOP,
        )
    ]
    assert len(world.server) == 0


@pytest.mark.parametrize(
    ("verdict", "error"), [(False, "403::handshake_denied"), ("no agent", "403:no agent:handshake_denied")]
)
def test_a_handshake_the_policy_refuses(verdict: Verdict, error: str) -> None:
    world = World(refused={"eve": verdict})
    assert world.request("eve", HANDSHAKE) == [reply("/meta/handshake", error=error, advice=STOP)]
    assert len(world.server) == 0


def test_a_user_may_have_so_many_sessions() -> None:
    world = World(Options(max_sessions_per_user=2))
    first = world.open_session("ann")
    world.open_session("ann")
    assert world.request("ann", HANDSHAKE) == [
        reply("/meta/handshake", error="403:too_many_sessions:handshake_denied", advice=STOP)
    ]
    world.open_session("bob")
    world.request("ann", disconnect(first))
    world.open_session("ann")


# Connect


def test_the_first_connect_is_answered_at_once_and_the_next_is_held() -> None:
    world = World()
    world.request("ann", HANDSHAKE)
    assert world.request("ann", connect("s1", id="2")) == [CONNECTED | {"id": "2"}]
    world.now = 5.0
    assert world.request_held("ann", connect("s1", id="3")).until == 35.0


@pytest.mark.parametrize(
    ("advice", "until"),
    [
        (None, 30.0),
        ({}, 30.0),
        ({"timeout": 60_000}, 30.0),
        ({"timeout": 2_500}, 2.5),
        ({"interval": 9}, 30.0),
    ],
)
def test_a_client_may_ask_for_a_shorter_hold(advice: Message | None, until: float) -> None:
    world = World()
    assert world.request_held("ann", connect(world.open_session("ann"), advice=advice)).until == until


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_client_may_ask_for_none(timeout: int) -> None:
    world = World()
    assert world.request("ann", connect(world.open_session("ann"), advice={"timeout": timeout})) == [
        CONNECTED
    ]


def test_a_held_connect_ends_with_nothing_when_its_time_is_up() -> None:
    world = World()
    held_connect = world.request_held("ann", connect(world.open_session("ann"), id="9"))
    world.now = held_connect.until
    held_connect.release()
    assert world.finish(held_connect) == [CONNECTED | {"id": "9"}]


def test_events_release_a_held_connect_once_and_share_its_answer_in_order() -> None:
    world = World()
    held_connect = world.request_held("ann", connect(world.open_session("ann", "/a")))
    woken: list[str] = []
    held_connect.wake = lambda: woken.append("now")
    for number in (1, 2, 3):
        assert world.deliver("ann", "/a", number) == 1
    assert woken == ["now"]
    assert world.finish(held_connect) == [
        *({"channel": "/a", "data": number} for number in (1, 2, 3)),
        CONNECTED,
    ]


def test_events_that_wait_are_the_answer_to_the_next_connect() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    world.deliver("ann", "/a", {"x": 1})
    assert world.request("ann", connect(session)) == [{"channel": "/a", "data": {"x": 1}}, CONNECTED]
    world.request_held("ann", connect(session))


def test_a_connect_that_came_with_other_messages_is_not_held() -> None:
    world = World()
    session = world.open_session("ann")
    assert world.request("ann", subscribe(session, "/a"), connect(session)) == [
        reply("/meta/subscribe", subscription="/a"),
        CONNECTED,
    ]


def test_in_a_batch_the_events_come_before_all_replies() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    assert world.request("ann", publish(session, "/a", 1), connect(session)) == [
        {"channel": "/a", "data": 1},
        reply("/a"),
        CONNECTED,
    ]


def test_of_two_connects_the_newer_wins_and_gets_the_events() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    older = world.request_held("ann", connect(session))
    newer = world.request_held("ann", connect(session))
    assert older.is_released
    world.deliver("ann", "/a", 1)
    assert world.finish(older) is None
    assert world.finish(newer) == [{"channel": "/a", "data": 1}, CONNECTED]


def test_a_newer_connect_takes_the_events_that_had_just_released_the_older() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    older = world.request_held("ann", connect(session))
    world.deliver("ann", "/a", 1)
    assert world.request("ann", connect(session)) == [{"channel": "/a", "data": 1}, CONNECTED]
    assert world.finish(older) is None


def test_a_connect_whose_client_disconnected_leaves_the_events_to_the_next_one() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    held_connect = world.request_held("ann", connect(session))
    world.server.cancel(held_connect, world.now)
    world.deliver("ann", "/a", 1)
    assert not held_connect.is_released
    assert world.fetch_events("ann", session) == [{"channel": "/a", "data": 1}]


def test_giving_up_a_superseded_connect_does_not_touch_the_newer_one() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    older = world.request_held("ann", connect(session))
    newer = world.request_held("ann", connect(session))
    world.server.cancel(older, world.now)
    world.deliver("ann", "/a", 1)
    assert newer.is_released


@pytest.mark.parametrize("message", [connect("s9"), connect("s1"), {"channel": "/meta/connect"}])
def test_a_connect_of_an_unknown_session_gets_the_advice_to_handshake(message: Message) -> None:
    world = World()
    assert world.open_session("ann") == "s1"
    assert world.request("bob", message) == [LOST]  # s1 is another user's: to bob it is unknown


@pytest.mark.parametrize(
    "message", [subscribe("s9", "/a"), unsubscribe("s9", "/a"), disconnect("s9"), publish("s9", "/a", 1)]
)
def test_any_other_message_of_an_unknown_session_fails_without_advice(message: Message) -> None:
    (answer,) = World().request("ann", message)
    assert answer["error"] == "402::session_unknown"
    assert "advice" not in answer


# Disconnect


def test_a_disconnect_ends_the_session_and_stops_the_held_connect() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    held_connect = world.request_held("ann", connect(session, id="5"))
    assert world.request("ann", disconnect(session)) == [reply("/meta/disconnect")]
    assert held_connect.is_released
    assert world.finish(held_connect) == [reply("/meta/connect", id="5", advice=STOP)]
    assert world.request("ann", connect(session)) == [LOST]
    assert len(world.server) == world.deliver("ann", "/a", 1) == world.server.publish("/a", b"1") == 0


def test_messages_after_a_disconnect_in_the_same_batch_find_no_session() -> None:
    world = World()
    session = world.open_session("ann")
    assert world.request("ann", disconnect(session), connect(session)) == [reply("/meta/disconnect"), LOST]


# Messages


@pytest.mark.parametrize("request_id", ['"a7"', "7", "7.50", '"\\u00e9"'])
def test_an_id_is_echoed_untouched(request_id: str) -> None:
    body = '[{"channel":"/meta/connect","clientId":"s9","id":%s}]' % request_id  # noqa: UP031 - braces
    answer = World().server.receive(Context(user="ann"), decode(body.encode()), 0.0)
    assert isinstance(answer, bytes)
    assert f'"id":{request_id},' in answer.decode()


def test_one_message_that_fails_disturbs_no_other_of_its_batch() -> None:
    world = World()
    session = world.open_session("ann")
    answers = world.request("ann", {}, publish("s9", "/a", 1), subscribe(session, "/a"), {"channel": '/é"'})
    assert [one.get("error") for one in answers] == [
        "400::channel_missing",
        "402::session_unknown",
        None,
        "402::session_unknown",
    ]
    assert answers[3]["channel"] == '/é"'
