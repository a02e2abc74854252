"""The state machines: their tables, and inputs that come in one turn of the loop."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from bridge import bayeux
from bridge.bayeux import Context, Options, Session, Transport, Verdict
from bridge.bayeux.core import states
from bridge.bayeux.core.session import BayeuxConnection, HeldConnect
from bridge.bayeux.core.states import (
    BayeuxSessionState,
    ConnectInput,
    ConnectState,
    SocketInput,
    SocketState,
)
from tests.bayeux.core_driver import (
    CONNECTED,
    LOST,
    STOP,
    RefusingPolicy,
    SocketClient,
    World,
    connect,
    disconnect,
    reply,
    subscribe,
)


@pytest.mark.parametrize(
    ("transitions", "inputs"),
    [
        (states.SESSION_TRANSITIONS, states.BayeuxSessionInput),
        (states.CONNECT_TRANSITIONS, states.ConnectInput),
        (states.SOCKET_TRANSITIONS, states.SocketInput),
    ],
)
def test_the_readme_draws_the_tables(
    transitions: Mapping[Any, Mapping[Any, Any]], inputs: type[StrEnum]
) -> None:
    readme = (Path(bayeux.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert states.table_markdown(transitions, inputs) in readme


@pytest.mark.parametrize(
    ("transitions", "all_states"),
    [
        (states.SESSION_TRANSITIONS, states.BayeuxSessionState),
        (states.CONNECT_TRANSITIONS, states.ConnectState),
        (states.SOCKET_TRANSITIONS, states.SocketState),
    ],
)
def test_every_state_has_a_row_and_can_be_reached(
    transitions: Mapping[Any, Mapping[Any, Any]], all_states: type[StrEnum]
) -> None:
    assert list(transitions) == list(all_states)
    reached = {next(iter(all_states))}
    for _ in all_states:
        reached |= {to for state in reached for to in transitions[state].values()}
    assert reached == set(all_states)


def held() -> HeldConnect:
    return HeldConnect(Session("s1", "ann", None, Transport.LONG_POLLING), UNSET, 30.0)


@pytest.mark.parametrize("first", ConnectInput)
def test_a_transport_is_woken_once_whatever_ends_the_wait(first: ConnectInput) -> None:
    held_connect = held()
    woken: list[ConnectState] = []
    held_connect.wake = lambda: woken.append(held_connect.state)
    held_connect.release(first)
    held_connect.release(ConnectInput.ANSWER)
    assert woken == [held_connect.state]


def test_a_connect_whose_session_has_dropped_it_takes_no_other_end() -> None:
    held_connect = held()
    held_connect.release(ConnectInput.SUPERSEDE)
    with pytest.raises(KeyError):
        held_connect.release(ConnectInput.LOSE)


@pytest.mark.parametrize("later", SocketInput)
def test_a_closed_socket_stays_closed(later: SocketInput) -> None:
    connection = BayeuxConnection(lambda: None, lambda: True)
    connection.mark_closed()
    {SocketInput.REQUEST_CLOSE: connection.request_close, SocketInput.CLOSE: connection.mark_closed}[later]()
    assert connection.state is SocketState.CLOSED


# What a time-out changes that comes in the same turn of the loop as the end of the wait: nothing


def test_a_time_out_after_a_newer_connect_leaves_the_newer_one_held() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    older, newer = (world.request_held("ann", connect(session)) for _ in range(2))
    older.release()
    assert world.finish(older) is None
    assert world.server.sweep(1_000.0) == 0
    world.deliver("ann", "/a", 1)
    assert newer.is_released
    assert world.finish(newer) == [{"channel": "/a", "data": 1}, CONNECTED]


def test_the_same_over_a_socket() -> None:
    world = World(Options(transports=tuple(Transport)))
    socket = SocketClient(world)
    session = socket.open_session("/a")
    (older,) = socket.sends(connect(session))
    (newer,) = socket.sends(connect(session, id="2"))
    older.release()
    assert socket.read_messages() == []
    newer.release()
    assert socket.read_messages() == [CONNECTED | {"id": "2"}]


def test_a_time_out_after_the_end_of_the_session_does_not_revive_it() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    held_connect = world.request_held("ann", connect(session))
    world.server.end_user("ann")
    held_connect.release()
    assert world.finish(held_connect) == [LOST]
    assert world.server.sweep(1_000.0) == 0


def test_a_time_out_after_a_disconnect_does_not_hide_it() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    held_connect = world.request_held("ann", connect(session))
    world.request("ann", disconnect(session))
    held_connect.release()
    assert world.finish(held_connect) == [reply("/meta/connect", advice=STOP)]
    assert world.server.sweep(1_000.0) == 0


def test_an_end_after_the_time_out_takes_its_place() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    held_connect = world.request_held("ann", connect(session))
    held_connect.release()
    world.server.end_user("ann")
    assert world.finish(held_connect) == [LOST]


# A session that ends while one of its own messages is handled


class _EndingPolicy(RefusingPolicy):
    """A policy that ends the session that it is asked about, and allows what it asks."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def can_subscribe(self, context: Context, session: Session, channel: str) -> Verdict:
        assert self.world.server.disconnect(session.id)
        assert session.state is BayeuxSessionState.ENDED
        return super().can_subscribe(context, session, channel)


def test_a_session_that_its_policy_ends_subscribes_to_nothing() -> None:
    world = World()
    world.server = bayeux.Server(_EndingPolicy(world), lambda: "s1")
    session = world.open_session("ann")
    error = "402::session_unknown"
    assert world.request("ann", subscribe(session, "/a")) == [
        reply("/meta/subscribe", subscription="/a", error=error)
    ]
    assert world.server.publish("/a", b"1") == 0
