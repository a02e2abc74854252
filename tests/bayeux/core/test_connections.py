"""Sockets, as far as the rules go: what is written on a line, and how sessions change from one to another."""

import pytest

from bridge.bayeux import Options, Transport
from tests.bayeux.core_driver import (
    CONNECTED,
    HANDSHAKE,
    LOST,
    STOP,
    Message,
    Wire,
    World,
    connect,
    disconnect,
    publish,
    reply,
    subscribe,
)

ALL = Options(transports=tuple(Transport))


def event(number: int) -> Message:
    return {"channel": "/a", "data": number}


def test_a_handshake_over_a_socket_offers_all_transports_in_order() -> None:
    (answer,) = Wire(World(ALL)).says(HANDSHAKE | {"supportedConnectionTypes": ["websocket"]})
    assert answer["supportedConnectionTypes"] == ["websocket", "long-polling", "callback-polling"]


def test_events_are_written_at_once_and_the_connect_goes_on_being_held() -> None:
    world = World(ALL)
    wire = Wire(world)
    hold = wire.holds(connect(wire.joins("/a"), id="7"))
    for number in (1, 2):
        world.deliver("ann", "/a", number)
    assert wire.reads() == [event(1), event(2)]
    assert not hold.released
    hold.release()
    assert wire.reads() == [CONNECTED | {"id": "7"}]


def test_a_line_wakes_its_socket_once_until_it_has_written() -> None:
    world = World(ALL)
    wire = Wire(world)
    hold = wire.holds(connect(wire.joins("/a")))
    woken = wire.woken
    for number in (1, 2, 3):
        world.deliver("ann", "/a", number)
    hold.release()
    assert wire.woken == woken + 1
    wire.reads()
    world.deliver("ann", "/a", 4)
    assert wire.woken == woken + 2


def test_events_come_before_a_connect_even_if_it_was_first() -> None:
    world = World(ALL)
    wire = Wire(world)
    hold = wire.holds(connect(wire.joins("/a")))
    hold.release()
    world.deliver("ann", "/a", 1)
    assert wire.reads() == [event(1), CONNECTED]


def test_a_connect_is_held_beside_other_messages() -> None:
    world = World(ALL)
    wire = Wire(world)
    session = wire.joins()
    (hold,) = wire.sends(connect(session), subscribe(session, "/a"))
    assert wire.reads() == [reply("/meta/subscribe", subscription="/a")]
    assert not hold.released


def test_a_handshake_is_answered_alone() -> None:
    wire = Wire(World(ALL))
    session = wire.joins()
    assert [one["channel"] for one in wire.says(connect(session), HANDSHAKE)] == ["/meta/handshake"]


def test_a_disconnect_answers_the_held_connect_too() -> None:
    wire = Wire(World(ALL))
    session = wire.joins()
    wire.holds(connect(session, id="7"))
    assert wire.says(disconnect(session)) == [
        reply("/meta/disconnect"),
        reply("/meta/connect", id="7", advice=STOP),
    ]


def test_an_older_connect_is_not_answered_at_all() -> None:
    wire = Wire(World(ALL))
    session = wire.joins()
    wire.holds(connect(session, id="7"))
    wire.holds(connect(session, id="8")).release()
    assert wire.reads() == [CONNECTED | {"id": "8"}]


def test_events_may_be_bound_to_connects_over_sockets_alone() -> None:
    options = Options.from_mapping({"websocket.metaConnectDeliverOnly": True}, ALL)
    world = World(options)
    wire = Wire(world)
    session = wire.joins("/a")
    wire.holds(connect(session))
    assert wire.says(publish(session, "/a", 1)) == [reply("/a"), event(1), CONNECTED]
    polled = world.joins("ann", "/b")
    assert world.says("ann", publish(polled, "/b", 1))[0] == {"channel": "/b", "data": 1}


# From one way to another


def test_a_session_lives_on_when_its_socket_closes_and_finds_its_events_on_the_next() -> None:
    world = World(ALL)
    wire = Wire(world)
    session = wire.joins("/a")
    hold = wire.holds(connect(session))
    assert wire.closes() == [hold]
    world.deliver("ann", "/a", 1)
    assert wire.reads() == []
    assert [world.server.sweep(9.9), len(world.server)] == [0, 1]
    other = Wire(world)
    (hold,) = other.sends(connect(session))
    assert other.reads() == [event(1)]
    assert not hold.released


def test_a_session_whose_socket_closed_and_who_does_not_come_back_expires() -> None:
    world = World(ALL)
    wire = Wire(world)
    wire.holds(connect(wire.joins()))
    world.now = 50.0
    wire.closes()
    assert [world.server.sweep(59.9), world.server.sweep(60.0)] == [0, 1]


def test_a_session_may_move_to_another_socket_while_the_old_one_seems_alive() -> None:
    world = World(ALL)
    old, new = Wire(world), Wire(world)
    session = old.joins("/a")
    old.holds(connect(session))
    new.holds(connect(session))
    world.deliver("ann", "/a", 1)
    assert (old.reads(), new.reads()) == ([], [event(1)])
    assert old.closes() == []
    world.deliver("ann", "/a", 2)
    assert new.reads() == [event(2)]


def test_what_the_old_socket_has_not_written_goes_out_on_the_new_one() -> None:
    world = World(ALL)
    old, new = Wire(world), Wire(world)
    session = old.joins("/a")
    world.deliver("ann", "/a", 1)
    new.sends(connect(session))
    assert (old.reads(), new.reads()) == ([], [event(1)])


def test_a_connect_whose_socket_closes_before_its_answer_is_written_is_given_up() -> None:
    world = World(ALL)
    wire = Wire(world)
    session = wire.joins()
    hold = wire.holds(connect(session))
    world.server.disconnect(session)
    assert wire.closes() == [hold]


def test_a_session_that_was_opened_by_polling_may_go_on_over_a_socket_and_back() -> None:
    world = World(ALL)
    session = world.joins("ann", "/a")
    poll = world.holds("ann", connect(session))
    wire = Wire(world)
    wire.holds(connect(session))
    assert poll.released
    assert world.finish(poll) is None
    world.deliver("ann", "/a", 1)
    assert wire.reads() == [event(1)]
    poll = world.holds("ann", connect(session))
    world.deliver("ann", "/a", 2)
    assert (wire.reads(), world.finish(poll)) == ([], [event(2), CONNECTED])


def test_unless_each_socket_has_to_have_its_own_handshake() -> None:
    world = World(Options(transports=tuple(Transport), require_handshake_per_connection=True))
    polled, old, new = world.joins("ann"), Wire(world), Wire(world)
    session = old.joins()
    for one in (session, polled):
        assert new.says(connect(one)) == [LOST]
    old.holds(connect(session))


def test_a_session_does_not_move_to_another_users_socket() -> None:
    world = World(ALL)
    session = world.joins("ann")
    assert Wire(world, "bob").says(connect(session)) == [LOST]
    assert Wire(world, None).says(connect(session)) == [LOST]


def test_over_a_socket_a_session_without_a_user_needs_no_cookie() -> None:
    world = World(ALL)
    session = Wire(world, None).joins()
    Wire(world, None).holds(connect(session))


def test_an_unknown_session_is_told_to_handshake() -> None:
    wire = Wire(World(ALL))
    assert wire.says(connect("s9"), subscribe("s9", "/a")) == [
        LOST,
        reply("/meta/subscribe", subscription="/a", error="402::session_unknown"),
    ]


# Too much


def test_a_burst_is_written_when_the_queue_is_full() -> None:
    world = World(Options(transports=tuple(Transport), max_queue=3))
    wire = Wire(world)
    wire.joins("/a")
    for number in range(10):
        world.deliver("ann", "/a", number)
    assert wire.reads() == [event(number) for number in range(10)]


def test_a_client_that_does_not_read_loses_its_session_and_its_socket() -> None:
    world = World(Options(transports=tuple(Transport), max_queue=3))
    wire, other = Wire(world), Wire(world)
    for one in (wire, other):
        one.joins("/a")
    wire.is_writable = False
    for number in range(4):
        world.deliver("ann", "/a", number)
    assert (wire.line.doomed, other.line.doomed) == (True, False)
    assert len(world.server) == 1
    assert len(other.reads()) == 4


def test_so_does_one_whose_events_may_not_be_written_without_a_connect() -> None:
    world = World(Options(transports=tuple(Transport), max_queue=3))
    wire = Wire(world)
    wire.joins("/a", ext={"ack": True})
    for number in range(4):
        world.deliver("ann", "/a", number)
    assert (wire.line.doomed, len(world.server)) == (True, 0)


@pytest.mark.parametrize("is_held", [True, False])
def test_a_server_that_ends_a_session_says_so_after_the_last_event(*, is_held: bool) -> None:
    world = World(ALL)
    wire = Wire(world)
    session = wire.joins("/a")
    if is_held:
        wire.holds(connect(session))
    world.deliver("ann", "/a", 1)
    assert world.server.disconnect(session)
    last = [reply("/meta/connect", advice=STOP)] if is_held else []
    assert wire.reads() == [event(1), reply("/meta/disconnect"), *last]


def test_the_end_of_a_user_ends_the_sockets_too() -> None:
    world = World(ALL)
    ann, bob = Wire(world), Wire(world, "bob")
    ann.holds(connect(ann.joins()))
    bob.joins()
    world.server.end_user("ann")
    assert ann.reads() == [LOST]
    assert (ann.line.doomed, bob.line.doomed, len(world.server)) == (True, False, 1)
