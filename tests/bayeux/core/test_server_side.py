"""The calls of the server's own side: listen, deliver, end sessions; and which sessions are notified."""

import pytest

from bridge.bayeux import ClientMessage, Context, HandshakeRefusal, NullListener, Options, Server, Session
from tests.bayeux.core_driver import (
    HANDSHAKE,
    LOST,
    STOP,
    RecordingListener,
    World,
    connect,
    disconnect,
    publish,
    reply,
    subscribe,
)


def test_a_listener_is_notified_of_new_and_ended_sessions() -> None:
    listener = RecordingListener()
    world = World(listener=listener)
    ann, bob = world.open_session("ann"), world.open_session("bob")
    world.request("ann", disconnect(ann))
    world.server.sweep(10.0)
    assert listener.recorded == [
        ("came", ann, "/meta/handshake", "ann"),
        ("came", bob, "/meta/handshake", "bob"),
        ("left", ann),
        ("timed out", bob),
    ]


def test_each_end_is_notified_once() -> None:
    listener = RecordingListener()
    world = World(listener=listener)
    session = world.open_session("ann")
    assert world.server.disconnect(session)
    assert not world.server.disconnect(session)
    world.server.close()
    assert listener.recorded[1:] == [("left", session)]


def test_a_service_message_goes_to_the_listener_and_not_to_subscribers() -> None:
    listener = RecordingListener()
    world = World(listener=listener)
    ann = world.open_session("ann", "/**")
    assert world.request("ann", publish(ann, "/service/echo/", {"x": 1})) == [reply("/service/echo/")]
    assert listener.recorded[1:] == [("service", ann, "/service/echo", {"x": 1}, "ann")]
    assert world.fetch_events("ann", ann) == []


class Echo(NullListener):
    """A listener that answers."""

    server: Server

    def service(
        self, session: Session, channel: str, data: bytes, message: ClientMessage, context: Context
    ) -> None:
        assert (context.user, message.channel) == (session.user, channel)
        assert self.server.deliver_to(session.id, channel, data)


def test_its_answer_travels_with_the_reply() -> None:
    echo = Echo()
    world = World(listener=echo)
    echo.server = world.server
    ann = world.open_session("ann")
    assert world.request("ann", publish(ann, "/service/echo", 5)) == [
        {"channel": "/service/echo", "data": 5},
        reply("/service/echo"),
    ]


class WelcomingListener(NullListener):
    """A listener that welcomes some and sends others away at once."""

    server: Server

    def session_added(self, session: Session, message: ClientMessage, context: Context) -> None:
        assert message.channel == "/meta/handshake"
        self.server.deliver_to(session.id, "/welcome", b'"hello"')
        if context.user == "eve":
            self.server.disconnect(session.id)


def test_what_a_listener_delivers_at_once_waits_for_the_first_connect() -> None:
    listener = WelcomingListener()
    world = World(listener=listener)
    listener.server = world.server
    (answer,) = world.request("ann", HANDSHAKE)
    assert "x-messages" not in answer
    assert world.fetch_events("ann", answer["clientId"]) == [{"channel": "/welcome", "data": "hello"}]
    (answer,) = world.request("eve", HANDSHAKE)
    assert world.request("eve", connect(answer["clientId"])) == [LOST]


@pytest.mark.parametrize(
    ("ext", "ext_of_reply"), [({}, None), ({"ack": True}, {"ack": {"enabled": True, "batch": 1, "size": 1}})]
)
def test_or_it_comes_with_the_handshake_if_that_is_allowed(ext: object, ext_of_reply: object) -> None:
    listener = WelcomingListener()
    world = World(Options(allow_message_delivery_during_handshake=True), listener=listener)
    listener.server = world.server
    answer, event = world.request("ann", HANDSHAKE | {"ext": ext})
    assert (answer["x-messages"], answer.get("ext")) == (1, ext_of_reply)
    assert event == {"channel": "/welcome", "data": "hello"}
    (answer,) = world.request("ann", connect(answer["clientId"], ext={"ack": 1}))
    assert answer["channel"] == "/meta/connect"


def test_a_delivery_to_a_session_needs_no_subscription() -> None:
    world = World()
    ann, other = world.open_session("ann"), world.open_session("ann")
    assert world.server.deliver_to(ann, "/any/thing", b"1")
    assert not world.server.deliver_to("s9", "/any/thing", b"1")
    assert world.fetch_events("ann", ann) == [{"channel": "/any/thing", "data": 1}]
    assert world.fetch_events("ann", other) == []


def test_a_session_that_the_server_ends_gets_its_events_and_the_advice_not_to_reconnect() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    held_connect = world.request_held("ann", connect(session, id="3"))
    world.deliver("ann", "/a", 1)
    assert world.server.disconnect(session)
    assert world.finish(held_connect) == [
        {"channel": "/a", "data": 1},
        reply("/meta/disconnect"),
        reply("/meta/connect", id="3", advice=STOP),
    ]
    assert world.request("ann", connect(session)) == [LOST]


def test_the_end_of_a_user_sends_all_his_sessions_to_the_handshake() -> None:
    world = World()
    request_held = [world.request_held("ann", connect(world.open_session("ann"))) for _ in range(2)]
    bob = world.request_held("bob", connect(world.open_session("bob")))
    world.server.end_user("ann")
    world.server.end_user("nobody")
    assert [world.finish(held_connect) for held_connect in request_held] == [[LOST], [LOST]]
    assert not bob.is_released


def test_a_server_that_closes_spreads_its_clients_over_time() -> None:
    world = World()
    request_held = [world.request_held("ann", connect(world.open_session("ann"))) for _ in range(3)]
    pauses = iter((10, 4_000, 700))
    world.server.close(lambda: next(pauses))
    advice = [(world.finish(held_connect) or [{}])[0]["advice"] for held_connect in request_held]
    assert [one["interval"] for one in advice] == [10, 4_000, 700]
    assert {one["reconnect"] for one in advice} == {"handshake"}


def test_a_policy_may_ask_for_another_handshake() -> None:
    refusal = HandshakeRefusal("step two", "handshake")
    world = World(refused={"ann": refusal, "bob": HandshakeRefusal()})
    advice = {**STOP, "reconnect": "handshake"}
    assert world.request("ann", HANDSHAKE) == [
        reply("/meta/handshake", error="403:step two:handshake_denied", advice=advice)
    ]
    assert world.request("bob", HANDSHAKE) == [
        reply("/meta/handshake", error="403::handshake_denied", advice=STOP)
    ]


def test_publishers_may_be_kept_from_their_own_events() -> None:
    world = World(Options(broadcast_to_publisher=False))
    ann, bob = world.open_session("ann", "/a"), world.open_session("bob", "/a")
    assert world.request("ann", publish(ann, "/a", 1)) == [reply("/a")]
    assert world.fetch_events("ann", ann) == []
    assert world.fetch_events("bob", bob) == [{"channel": "/a", "data": 1}]


# Events on any answer


def test_events_ride_on_any_answer_but_never_past_others_that_are_under_way() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    poll = world.request_held("ann", connect(session))
    assert world.request("ann", publish(session, "/a", 1)) == [{"channel": "/a", "data": 1}, reply("/a")]
    assert not poll.is_released
    assert world.request("ann", publish(session, "/a", 2)) == [reply("/a")]  # 1 may still be under way
    assert world.finish(poll) == [
        {"channel": "/a", "data": 2},
        reply("/meta/connect", advice={**STOP, "reconnect": "retry"}),
    ]
    assert world.request("ann", publish(session, "/a", 3)) == [reply("/a")]  # and so may 2
    assert world.fetch_events("ann", session) == [{"channel": "/a", "data": 3}]


def test_they_ride_again_when_the_client_has_shown_that_it_got_what_was_under_way() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    poll = world.request_held("ann", connect(session))
    world.deliver("ann", "/a", 1)
    assert (world.finish(poll) or [])[0] == {"channel": "/a", "data": 1}
    assert world.request("ann", publish(session, "/a", 2)) == [reply("/a")]
    assert world.fetch_events("ann", session) == [{"channel": "/a", "data": 2}]
    for number in (3, 4):
        world.request_held("ann", connect(session))
        riding = {"channel": "/a", "data": number}
        assert world.request("ann", publish(session, "/a", number)) == [riding, reply("/a")]


def test_events_that_are_about_to_leave_with_the_connect_do_so() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    poll = world.request_held("ann", connect(session))
    world.deliver("ann", "/a", 1)
    assert world.request("ann", subscribe(session, "/b")) == [reply("/meta/subscribe", subscription="/b")]
    assert (world.finish(poll) or [])[0] == {"channel": "/a", "data": 1}


def test_events_may_be_bound_to_connects() -> None:
    world = World(Options(meta_connect_deliver_only=True))
    session = world.open_session("ann", "/a")
    poll = world.request_held("ann", connect(session))
    assert world.request("ann", publish(session, "/a", 1)) == [reply("/a")]
    assert (world.finish(poll) or [])[0] == {"channel": "/a", "data": 1}


# Advice of clients


def test_a_client_may_ask_in_its_handshake_how_long_its_connects_are_held() -> None:
    world = World()
    session = world.open_session("ann", advice={"timeout": 4_000})
    assert world.request_held("ann", connect(session)).until == 4.0
    assert world.request_held("ann", connect(session, advice={"timeout": 9_000})).until == 9.0


def test_a_client_that_announces_its_absence_is_waited_for() -> None:
    world = World()
    away, other = world.open_session("ann"), world.open_session("ann")
    world.request("ann", connect(away, advice={"timeout": 0, "interval": 5_000}))
    assert [world.server.sweep(now) for now in (10.0, 14.9)] == [1, 0]
    world.now = 14.9
    world.request("ann", connect(away, advice={"timeout": 0}))
    assert [world.server.sweep(now) for now in (24.8, 24.9)] == [0, 1]
    assert world.request("ann", connect(other)) == [LOST]


def test_it_may_not_stay_away_for_ever() -> None:
    world = World()
    session = world.open_session("ann")
    world.request("ann", connect(session, advice={"timeout": 0, "interval": 1e12}))
    assert [world.server.sweep(now) for now in (39.9, 40.0)] == [0, 1]


def test_the_absence_announced_in_a_held_connect_counts_from_its_answer() -> None:
    world = World()
    held_connect = world.request_held("ann", connect(world.open_session("ann"), advice={"interval": 5_000}))
    world.now = 20.0
    held_connect.release()
    world.finish(held_connect)
    assert [world.server.sweep(now) for now in (34.9, 35.0)] == [0, 1]
