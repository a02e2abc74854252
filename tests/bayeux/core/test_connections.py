"""Sockets in the core: what is written on a connection, and how sessions move from one to another."""

import pytest

from bridge.bayeux import Options, Transport
from bridge.bayeux.core.states import SocketState
from tests.bayeux.core_driver import (
    CONNECTED,
    HANDSHAKE,
    LOST,
    STOP,
    Message,
    SocketClient,
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
    (answer,) = SocketClient(World(ALL)).request(HANDSHAKE | {"supportedConnectionTypes": ["websocket"]})
    assert answer["supportedConnectionTypes"] == ["websocket", "long-polling", "callback-polling"]


def test_events_are_written_at_once_and_the_connect_goes_on_being_held() -> None:
    world = World(ALL)
    socket = SocketClient(world)
    held_connect = socket.request_held(connect(socket.open_session("/a"), id="7"))
    for number in (1, 2):
        world.deliver("ann", "/a", number)
    assert socket.read_messages() == [event(1), event(2)]
    assert not held_connect.is_released
    held_connect.release()
    assert socket.read_messages() == [CONNECTED | {"id": "7"}]


def test_a_connection_wakes_its_socket_once_until_it_has_written() -> None:
    world = World(ALL)
    socket = SocketClient(world)
    held_connect = socket.request_held(connect(socket.open_session("/a")))
    woken = socket.woken
    for number in (1, 2, 3):
        world.deliver("ann", "/a", number)
    held_connect.release()
    assert socket.woken == woken + 1
    socket.read_messages()
    world.deliver("ann", "/a", 4)
    assert socket.woken == woken + 2


def test_events_come_before_a_connect_even_if_it_was_first() -> None:
    world = World(ALL)
    socket = SocketClient(world)
    held_connect = socket.request_held(connect(socket.open_session("/a")))
    held_connect.release()
    world.deliver("ann", "/a", 1)
    assert socket.read_messages() == [event(1), CONNECTED]


def test_a_connect_is_held_beside_other_messages() -> None:
    world = World(ALL)
    socket = SocketClient(world)
    session = socket.open_session()
    (held_connect,) = socket.sends(connect(session), subscribe(session, "/a"))
    assert socket.read_messages() == [reply("/meta/subscribe", subscription="/a")]
    assert not held_connect.is_released


def test_a_handshake_is_answered_alone() -> None:
    socket = SocketClient(World(ALL))
    session = socket.open_session()
    assert [one["channel"] for one in socket.request(connect(session), HANDSHAKE)] == ["/meta/handshake"]


def test_a_disconnect_answers_the_held_connect_too() -> None:
    socket = SocketClient(World(ALL))
    session = socket.open_session()
    socket.request_held(connect(session, id="7"))
    assert socket.request(disconnect(session)) == [
        reply("/meta/disconnect"),
        reply("/meta/connect", id="7", advice=STOP),
    ]


def test_an_older_connect_is_not_answered_at_all() -> None:
    socket = SocketClient(World(ALL))
    session = socket.open_session()
    socket.request_held(connect(session, id="7"))
    socket.request_held(connect(session, id="8")).release()
    assert socket.read_messages() == [CONNECTED | {"id": "8"}]


def test_events_may_be_bound_to_connects_over_sockets_alone() -> None:
    options = Options.from_mapping({"websocket.metaConnectDeliverOnly": True}, ALL)
    world = World(options)
    socket = SocketClient(world)
    session = socket.open_session("/a")
    socket.request_held(connect(session))
    assert socket.request(publish(session, "/a", 1)) == [reply("/a"), event(1), CONNECTED]
    polled = world.open_session("ann", "/b")
    assert world.request("ann", publish(polled, "/b", 1))[0] == {"channel": "/b", "data": 1}


# From one way to another


def test_a_session_lives_on_when_its_socket_closes_and_finds_its_events_on_the_next() -> None:
    world = World(ALL)
    socket = SocketClient(world)
    session = socket.open_session("/a")
    held_connect = socket.request_held(connect(session))
    assert socket.closes() == [held_connect]
    world.deliver("ann", "/a", 1)
    assert socket.read_messages() == []
    assert [world.server.sweep(9.9), len(world.server)] == [0, 1]
    other = SocketClient(world)
    (held_connect,) = other.sends(connect(session))
    assert other.read_messages() == [event(1)]
    assert not held_connect.is_released


def test_a_session_whose_socket_closed_and_who_does_not_come_back_expires() -> None:
    world = World(ALL)
    socket = SocketClient(world)
    socket.request_held(connect(socket.open_session()))
    world.now = 50.0
    socket.closes()
    assert [world.server.sweep(59.9), world.server.sweep(60.0)] == [0, 1]


def test_a_session_may_move_to_another_socket_while_the_old_one_seems_alive() -> None:
    world = World(ALL)
    old, new = SocketClient(world), SocketClient(world)
    session = old.open_session("/a")
    old.request_held(connect(session))
    new.request_held(connect(session))
    world.deliver("ann", "/a", 1)
    assert (old.read_messages(), new.read_messages()) == ([], [event(1)])
    assert old.closes() == []
    world.deliver("ann", "/a", 2)
    assert new.read_messages() == [event(2)]


def test_what_the_old_socket_has_not_written_goes_out_on_the_new_one() -> None:
    world = World(ALL)
    old, new = SocketClient(world), SocketClient(world)
    session = old.open_session("/a")
    world.deliver("ann", "/a", 1)
    new.sends(connect(session))
    assert (old.read_messages(), new.read_messages()) == ([], [event(1)])


def test_a_connect_whose_socket_closes_before_its_answer_is_written_is_given_up() -> None:
    world = World(ALL)
    socket = SocketClient(world)
    session = socket.open_session()
    held_connect = socket.request_held(connect(session))
    world.server.disconnect(session)
    assert socket.closes() == [held_connect]


def test_a_session_that_was_opened_by_polling_may_go_on_over_a_socket_and_back() -> None:
    world = World(ALL)
    session = world.open_session("ann", "/a")
    poll = world.request_held("ann", connect(session))
    socket = SocketClient(world)
    socket.request_held(connect(session))
    assert poll.is_released
    assert world.finish(poll) is None
    world.deliver("ann", "/a", 1)
    assert socket.read_messages() == [event(1)]
    poll = world.request_held("ann", connect(session))
    world.deliver("ann", "/a", 2)
    assert (socket.read_messages(), world.finish(poll)) == ([], [event(2), CONNECTED])


def test_unless_each_socket_has_to_have_its_own_handshake() -> None:
    world = World(Options(transports=tuple(Transport), require_handshake_per_connection=True))
    polled, old, new = world.open_session("ann"), SocketClient(world), SocketClient(world)
    session = old.open_session()
    for one in (session, polled):
        assert new.request(connect(one)) == [LOST]
    old.request_held(connect(session))


def test_a_session_does_not_move_to_another_users_socket() -> None:
    world = World(ALL)
    session = world.open_session("ann")
    assert SocketClient(world, "bob").request(connect(session)) == [LOST]
    assert SocketClient(world, None).request(connect(session)) == [LOST]


def test_over_a_socket_a_session_without_a_user_needs_no_cookie() -> None:
    world = World(ALL)
    session = SocketClient(world, None).open_session()
    SocketClient(world, None).request_held(connect(session))


def test_an_unknown_session_gets_the_advice_to_handshake() -> None:
    socket = SocketClient(World(ALL))
    assert socket.request(connect("s9"), subscribe("s9", "/a")) == [
        LOST,
        reply("/meta/subscribe", subscription="/a", error="402::session_unknown"),
    ]


# Too much


def test_a_burst_is_written_when_the_queue_is_full() -> None:
    world = World(Options(transports=tuple(Transport), max_queue=3))
    socket = SocketClient(world)
    socket.open_session("/a")
    for number in range(10):
        world.deliver("ann", "/a", number)
    assert socket.read_messages() == [event(number) for number in range(10)]


def test_a_client_that_does_not_read_loses_its_session_and_its_socket() -> None:
    world = World(Options(transports=tuple(Transport), max_queue=3))
    socket, other = SocketClient(world), SocketClient(world)
    for one in (socket, other):
        one.open_session("/a")
    socket.is_writable = False
    for number in range(4):
        world.deliver("ann", "/a", number)
    assert (socket.connection.state, other.connection.state) == (
        SocketState.CLOSING,
        SocketState.OPEN,
    )
    assert len(world.server) == 1
    assert len(other.read_messages()) == 4


def test_so_does_one_whose_events_may_not_be_written_without_a_connect() -> None:
    world = World(Options(transports=tuple(Transport), max_queue=3))
    socket = SocketClient(world)
    socket.open_session("/a", ext={"ack": True})
    for number in range(4):
        world.deliver("ann", "/a", number)
    assert (socket.connection.state, len(world.server)) == (SocketState.CLOSING, 0)


@pytest.mark.parametrize("is_held", [True, False])
def test_a_server_that_ends_a_session_disconnects_it_after_the_last_event(*, is_held: bool) -> None:
    world = World(ALL)
    socket = SocketClient(world)
    session = socket.open_session("/a")
    if is_held:
        socket.request_held(connect(session))
    world.deliver("ann", "/a", 1)
    assert world.server.disconnect(session)
    last = [reply("/meta/connect", advice=STOP)] if is_held else []
    assert socket.read_messages() == [event(1), reply("/meta/disconnect"), *last]


def test_the_end_of_a_user_ends_the_sockets_too() -> None:
    world = World(ALL)
    ann, bob = SocketClient(world), SocketClient(world, "bob")
    ann.request_held(connect(ann.open_session()))
    bob.open_session()
    world.server.end_user("ann")
    assert ann.read_messages() == [LOST]
    assert (ann.connection.state, bob.connection.state) == (SocketState.CLOSING, SocketState.OPEN)
    assert len(world.server) == 1
