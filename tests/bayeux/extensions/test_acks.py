"""Acknowledged delivery: the steps one by one, and then any life of a client at all."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.bayeux import Options
from bridge.bayeux.core.session import HeldConnect
from tests.bayeux.core_driver import (
    CONNECTED,
    HANDSHAKE,
    Message,
    SocketClient,
    World,
    connect,
    reply,
    subscribe,
)

ACK = {"ext": {"ack": True}}


def connected(batch: int) -> Message:
    return CONNECTED | {"ext": {"ack": batch}}


def acking(session: str, batch: int, **more: object) -> Message:
    return connect(session, ext={"ack": batch}, **more)


def event(number: int) -> Message:
    return {"channel": "/a", "data": number}


def asleep(world: World) -> str:
    """A session with acknowledgements that has subscribed and connected once."""
    session: str = world.request("ann", HANDSHAKE | ACK)[0]["clientId"]
    world.request("ann", subscribe(session, "/a"))
    assert world.request("ann", acking(session, 0)) == [connected(0)]
    return session


def test_the_reply_to_a_client_that_asks_for_acknowledgements_enables_them() -> None:
    world = World()
    assert world.request("ann", HANDSHAKE | ACK)[0]["ext"] == {"ack": True}
    others: list[Any] = [{"ack": False}, {"ack": 1}, {}, None, []]
    for ext in others:
        assert "ext" not in world.request("ann", HANDSHAKE | {"ext": ext})[0]


def test_what_is_acknowledged_is_forgotten_and_what_is_not_comes_again_before_what_is_new() -> None:
    world = World()
    session = asleep(world)
    world.deliver("ann", "/a", 1)
    assert world.request("ann", acking(session, 0)) == [event(1), connected(1)]
    world.deliver("ann", "/a", 2)
    assert world.request("ann", acking(session, 0)) == [event(1), event(2), connected(2)]
    world.deliver("ann", "/a", 3)
    assert world.request("ann", acking(session, 1)) == [event(2), event(3), connected(3)]
    held_connect = world.request_held("ann", acking(session, 3))
    world.deliver("ann", "/a", 4)
    assert world.finish(held_connect) == [event(4), connected(4)]


def test_a_connect_is_answered_at_once_while_something_is_not_acknowledged() -> None:
    world = World()
    session = asleep(world)
    world.deliver("ann", "/a", 1)
    for batch in (1, 2, 3):
        assert world.request("ann", acking(session, 0)) == [event(1), connected(batch)]
    world.request_held("ann", acking(session, 3))


def test_the_same_acknowledgement_again_changes_nothing() -> None:
    world = World()
    session = asleep(world)
    world.deliver("ann", "/a", 1)
    assert world.request("ann", acking(session, 0)) == [event(1), connected(1)]
    world.request_held("ann", acking(session, 1))
    held_connect = world.request_held("ann", acking(session, 1))
    assert world.deliver("ann", "/a", 2) == 1
    assert world.finish(held_connect) == [event(2), connected(2)]


def test_the_events_of_a_lost_answer_are_sent_again() -> None:
    world = World()
    session = asleep(world)
    held_connect = world.request_held("ann", acking(session, 0))
    world.deliver("ann", "/a", 1)
    world.finish(held_connect)  # the client has disconnected meanwhile
    assert world.request("ann", acking(session, 0)) == [event(1), connected(2)]


def test_events_of_such_a_session_travel_with_connects_only() -> None:
    world = World()
    session = asleep(world)
    message = {"channel": "/a", "clientId": session, "data": 1}
    assert world.request("ann", message) == [reply("/a")]
    assert world.request("ann", acking(session, 0)) == [event(1), connected(1)]


def test_over_a_socket_too() -> None:
    world = World(Options(transports=tuple_of_all()))
    socket = SocketClient(world)
    session = socket.open_session("/a", **ACK)
    held_connect = socket.request_held(acking(session, 0))
    world.deliver("ann", "/a", 1)
    assert socket.read_messages() == [event(1), connected(1)]
    assert held_connect.is_released
    assert socket.request(acking(session, 0)) == [event(1), connected(2)]
    socket.request_held(acking(session, 2))


def test_what_waits_for_its_acknowledgement_counts_as_waiting() -> None:
    world = World(Options(max_queue=2))
    session = asleep(world)
    for number in (1, 2):
        world.deliver("ann", "/a", number)
        world.request("ann", acking(session, 0))
    assert len(world.server) == 1
    world.deliver("ann", "/a", 3)
    assert len(world.server) == 0


def test_bytes_that_are_acknowledged_count_no_more() -> None:
    world = World(Options(max_queue_bytes=60))
    session = asleep(world)
    for number in range(1, 10):
        world.deliver("ann", "/a", number)  # 24 bytes each
        assert world.request("ann", acking(session, number - 1)) == [event(number), connected(number)]


def test_a_client_that_acknowledges_nothing_gets_everything_again_with_what_is_new() -> None:
    world = World()
    session = asleep(world)
    world.deliver("ann", "/a", 1)
    assert world.request("ann", acking(session, 0)) == [event(1), connected(1)]
    assert world.request("ann", connect(session)) == [event(1), connected(2)]
    assert world.request("ann", connect(session, ext={"ack": "one"})) == [event(1), connected(3)]


def tuple_of_all() -> Any:
    return Options.from_mapping({"transports": "websocket,long-polling"}).transports


class Model:
    """A client as the CometD libraries are: one connect at a time, the last batch it saw in each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.batch = 0
        self.seen: list[int] = []
        self.held_connect: HeldConnect | None = None
        self.session = asleep(world)

    def connects(self, *, is_cut: bool) -> None:
        """Send a connect; if the connection is cut, the answer of the server may be lost."""
        if self.held_connect is not None:
            return
        answer = self.world.send("ann", acking(self.session, self.batch))
        if isinstance(answer, HeldConnect):
            self.held_connect = answer
        else:
            self.read_messages(answer, is_cut=is_cut)

    def hangs_up(self) -> None:
        """The connection of a held connect is cut, and the server notices."""
        if self.held_connect is not None and not self.held_connect.is_released:
            self.world.server.cancel(self.held_connect, self.world.now)
            self.held_connect = None

    def is_forgotten(self) -> None:
        """The connection of a held connect is cut, and the server does not notice."""
        self.held_connect = None

    def fetches(self, *, is_cut: bool) -> None:
        """The answer of a held connect is written."""
        if self.held_connect is not None and self.held_connect.is_released:
            held_connect, self.held_connect = self.held_connect, None
            self.read_messages(self.world.finish(held_connect), is_cut=is_cut)

    def read_messages(self, answer: list[Message] | None, *, is_cut: bool) -> None:
        if answer is None or is_cut:
            return
        *events, last = answer
        assert last["successful"]
        self.batch = last["ext"]["ack"]
        self.seen += [one["data"] for one in events]


STEPS = st.lists(
    st.sampled_from(["event", "connect", "connect cut", "fetch", "fetch cut", "hang up", "forget"]),
    max_size=60,
)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost_and_nothing_doubled_wherever_the_connection_is_cut(steps: list[str]) -> None:
    world = World()
    client = Model(world)
    sent = 0
    for step in steps:
        match step:
            case "event":
                sent += 1
                world.deliver("ann", "/a", sent)
            case "connect" | "connect cut":
                client.connects(is_cut=step.endswith("cut"))
            case "fetch" | "fetch cut":
                client.fetches(is_cut=step.endswith("cut"))
            case "hang up":
                client.hangs_up()
            case _:
                client.is_forgotten()
        assert client.seen == list(range(1, len(client.seen) + 1))
    client.fetches(is_cut=False)
    client.hangs_up()
    client.connects(is_cut=False)
    assert client.seen == list(range(1, sent + 1))
