"""Client connections on real sockets: the opening, invalid bytes, and clients that are disconnected."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest
import structlog
from twisted.internet.testing import StringTransport

from bridge.runtime.clock import HeldClock, Timer
from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from bridge.tlib.message_pack import frame
from bridge.tlib.wire import MESSAGE_PACK
from tests.loop import run
from tests.tserver_sim.in_memory_server import InMemoryServer
from tests.tserver_sim.wire import WireClient, connected, listening
from tserver_sim.server.connections import client_protocol as protocol
from tserver_sim.server.connections.client_protocol import MAX_UNSENT_BYTES, TServerFactory


def with_client(
    play: Callable[[WireClient, HeldClock], Awaitable[None]], password: str | None = None
) -> None:
    """Run `play` with a client that has just connected, then check that another one is served."""

    async def scene() -> None:
        clock = HeldClock()
        async with listening(InMemoryServer(), clock, password) as (port, factory):
            async with connected(port) as client:
                await play(client, clock)
            factory.password = None
            async with connected(port) as another:
                await another.opens()
                await another.registers("15000")

    run(scene())


def pack(**attributes: object) -> bytes:
    return frame(msgspec.msgpack.encode(attributes))


def test_the_opening_and_a_call() -> None:
    async def play(client: WireClient, _: HeldClock) -> None:
        await client.opens()
        await client.registers("15000", "15001")
        await client.send(m.RequestMakeCall(this_dn="15000", other_dn="15001", reference_id=3))
        dialing, ringing = await client.receive(), await client.receive()
        assert isinstance(dialing, m.EventDialing)
        assert isinstance(ringing, m.EventRinging)
        assert (dialing.reference_id, ringing.reference_id) == (3, None)

    with_client(play)


def opening(version: str = "1", password: str | None = None) -> m.RequestRegisterClient:
    return m.RequestRegisterClient(
        application_name="desk", protocol_version=version, application_password=password
    )


NOT_ADMITTED: dict[str, tuple[m.Message, int]] = {
    "wrong password": (opening(password="guess"), 119),
    "no password": (opening(), 119),
    "wrong version": (opening(version="2"), 55),
    "another request first": (m.RequestRegisterAddress(this_dn="15000", reference_id=1), 41),
}


@pytest.mark.parametrize("case", NOT_ADMITTED)
def test_a_client_that_is_not_admitted_is_told_why(case: str) -> None:
    async def play(client: WireClient, _: HeldClock) -> None:
        error = await client.ask(NOT_ADMITTED[case][0])
        assert isinstance(error, m.EventError)
        assert error.error_code == NOT_ADMITTED[case][1]
        assert await client.is_closed()

    with structlog.testing.capture_logs() as logs:
        with_client(play, password="secret")
    assert [entry["event"] for entry in logs] == ["client sent away"]
    assert "guess" not in str(logs)
    assert "secret" not in str(logs)


GARBAGE = {
    "text before the opening": b"GET / HTTP/1.1\r\nHost: tserver\r\n\r\n",
    "a length of 4 GiB": b"\xff\xff\xff\xff",
    "more than 4 KiB before the opening": (5000).to_bytes(4) + bytes(16),
    "no MessagePack": frame(b"\xc1\xc1\xc1"),
    "no map": frame(msgspec.msgpack.encode([1, 2])),
    "no message number": frame(msgspec.msgpack.encode({"ThisDN": "15000"})),
    "an empty frame": frame(b""),
}


@pytest.mark.parametrize("case", GARBAGE)
def test_garbage_ends_the_connection(case: str) -> None:
    async def play(client: WireClient, _: HeldClock) -> None:
        await client.send(GARBAGE[case])
        assert await client.is_closed()

    with structlog.testing.capture_logs() as logs:
        with_client(play)
    assert [entry["event"] for entry in logs] == ["client sent away"]


@pytest.mark.parametrize("case", ["a length of 4 GiB", "no MessagePack", "no map", "no message number"])
def test_garbage_after_the_opening_ends_the_connection(case: str) -> None:
    async def play(client: WireClient, _: HeldClock) -> None:
        await client.opens()
        await client.send(GARBAGE[case])
        assert await client.is_closed()

    with_client(play)


def test_what_came_before_the_garbage_is_carried_out() -> None:
    async def play(client: WireClient, _: HeldClock) -> None:
        await client.opens()
        request = pack(Message=3, ThisDN="15000", ReferenceID=5)
        await client.send(request + GARBAGE["no MessagePack"])
        assert isinstance(await client.receive(), m.EventRegistered)
        assert await client.is_closed()

    with_client(play)


def test_a_truncated_frame() -> None:
    async def play(client: WireClient, _: HeldClock) -> None:
        await client.opens()
        await client.send(pack(Message=3, ThisDN="15000")[:-3])
        client.half_close()
        assert await client.is_closed()

    with_client(play)


ODD_REQUESTS: dict[str, tuple[dict[str, object], int | None]] = {
    "unknown message number": ({"Message": 400, "ReferenceID": 6}, 51),
    "known but not supported": ({"Message": 40, "ThisDN": "15000", "ReferenceID": 6}, 51),
    "an event": ({"Message": 95, "TimeinSecs": 1, "TimeinuSecs": 0, "ReferenceID": 6}, 51),
    "registering as a client twice": (
        {"Message": 0, "ApplicationName": "x", "ProtocolVersion": "1", "ReferenceID": 6},
        51,
    ),
    "wrong type": ({"Message": 3, "ThisDN": 15000, "ReferenceID": 6}, 53),
    "missing attribute": ({"Message": 14, "ThisDN": "15000", "ReferenceID": 6}, 53),
    "unknown attribute": ({"Message": 3, "ThisDN": "15000", "ReferenceID": 6, "Colour": "red"}, None),
}


@pytest.mark.parametrize("case", ODD_REQUESTS)
def test_an_odd_request_is_answered_with_its_reference(case: str) -> None:
    attributes, code = ODD_REQUESTS[case]

    async def play(client: WireClient, _: HeldClock) -> None:
        await client.opens()
        await client.send(pack(**attributes))
        answer = await client.receive()
        assert isinstance(answer, m.EventError | m.EventRegistered)
        assert answer.reference_id == 6
        assert getattr(answer, "error_code", None) == code
        await client.registers("15001")

    with_client(play)


class WatchedClock(HeldClock):
    """Reports that a timer was set: the server has accepted the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = asyncio.Event()

    def call_at(self, when: float, function: Callable[[], object]) -> Timer:
        self.is_asked.set()
        return super().call_at(when, function)


def test_a_client_that_says_nothing_is_dropped() -> None:
    async def scene() -> None:
        clock = WatchedClock()
        async with listening(InMemoryServer(), clock) as (port, factory), connected(port) as client:
            await clock.is_asked.wait()
            clock.advance(4.9)
            assert len(factory.connections) == 1
            clock.advance(0.1)
            assert await client.is_closed()

    run(scene())


def test_a_silent_client_is_polled_then_dropped() -> None:
    async def play(client: WireClient, clock: HeldClock) -> None:
        await client.opens(extensions=KVList.of(**{"addp-remote-timeout": 2}))
        clock.advance(2)
        poll = await client.receive()
        assert isinstance(poll, m.KeepAlivePoll)
        await client.send(m.KeepAliveReply(token=poll.token))
        await client.registers("15000")
        clock.advance(2)
        assert isinstance(await client.receive(), m.KeepAlivePoll)
        clock.advance(2)
        assert await client.is_closed()

    with_client(play)


def test_a_polling_client_is_answered() -> None:
    async def play(client: WireClient, clock: HeldClock) -> None:
        await client.opens()
        assert await client.ask(m.KeepAlivePoll(token=77)) == m.KeepAliveReply(token=77)
        clock.advance(1000)
        await client.registers("15000")

    with_client(play)


def test_a_client_that_does_not_read_is_dropped_and_the_others_go_on() -> None:
    async def scene() -> None:
        async with (
            listening(InMemoryServer(), HeldClock()) as (port, factory),
            connected(port) as slow,
            connected(port) as quick,
        ):
            await slow.opens("slow")
            await slow.registers("15000")
            await quick.opens("quick")
            await quick.registers("15000")
            data = KVList.of(Text="x" * 15_000)
            sent = 0
            while len(factory.connections) == 2:
                await quick.send(m.RequestMakeCall(this_dn="15000", other_dn="4711", user_data=data))
                dialing = await quick.receive()
                assert isinstance(dialing, m.EventDialing)
                assert isinstance(await quick.receive(), m.EventDestinationBusy)
                await quick.send(m.RequestReleaseCall(this_dn="15000", conn_id=dialing.conn_id))
                assert isinstance(await quick.receive(), m.EventReleased)
                sent += 3 * 15_000
            assert MAX_UNSENT_BYTES < sent < 8 * MAX_UNSENT_BYTES
            await quick.registers("15001")

    with structlog.testing.capture_logs() as logs:
        run(scene())
    assert [(entry["event"], entry["client"]) for entry in logs] == [("client dropped", "slow")]


def test_more_clients_than_the_t_server_can_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 2)

    async def scene() -> None:
        async with (
            listening(InMemoryServer(), HeldClock()) as (port, _),
            connected(port) as first,
            connected(port) as second,
        ):
            await first.opens()
            await second.opens()
            async with connected(port) as third:
                assert await third.is_closed()
            await first.registers("15000")
            await second.registers("15000")

    with structlog.testing.capture_logs() as logs:
        run(scene())
    assert [(entry["event"], entry["reason"]) for entry in logs] == [
        ("client dropped", "too many connections")
    ]


def test_a_mask_spares_a_client_that_does_not_read() -> None:
    async def scene() -> None:
        async with (
            listening(InMemoryServer(), HeldClock()) as (port, factory),
            connected(port) as slow,
            connected(port) as quick,
        ):
            await slow.opens("slow")
            await slow.registers("15000")
            await slow.ask(m.RequestSetInputMask(input_mask=bytes(64)))
            await quick.opens("quick")
            await quick.registers("15000")
            data = KVList.of(Text="x" * 15_000)
            sent = 0
            while sent < 2 * MAX_UNSENT_BYTES:
                await quick.send(m.RequestMakeCall(this_dn="15000", other_dn="4711", user_data=data))
                dialing = await quick.receive()
                assert isinstance(dialing, m.EventDialing)
                await quick.receive()
                await quick.send(m.RequestReleaseCall(this_dn="15000", conn_id=dialing.conn_id))
                await quick.receive()
                sent += 3 * 15_000
            assert len(factory.connections) == 2
            await slow.registers("15001")

    run(scene())


def test_a_slow_client_that_reads_at_last_gets_everything() -> None:
    async def scene() -> None:
        async with (
            listening(InMemoryServer(), HeldClock()) as (port, _),
            connected(port) as slow,
            connected(port) as quick,
        ):
            await slow.opens("slow")
            await slow.registers("15000")
            await quick.opens("quick")
            await quick.registers("15000")
            data = KVList.of(Text="x" * 15_000)
            delivered: list[m.Message] = []
            for _number in range(150):
                await quick.send(m.RequestMakeCall(this_dn="15000", other_dn="4711", user_data=data))
                dialing = await quick.receive()
                assert isinstance(dialing, m.EventDialing)
                await quick.send(m.RequestReleaseCall(this_dn="15000", conn_id=dialing.conn_id))
                delivered += [dialing, await quick.receive(), await quick.receive()]
            assert [await slow.receive() for _ in delivered] == delivered

    run(scene())


def test_only_what_is_unsent_counts_against_a_client() -> None:
    server = InMemoryServer()
    factory = TServerFactory(server.tserver.dispatcher, MESSAGE_PACK, None, HeldClock(), "TServer_A")
    protocol, transport = factory.buildProtocol(None), StringTransport()
    transport.setTcpNoDelay = lambda _: None  # type: ignore[attr-defined] # it has none
    protocol.makeConnection(transport)
    for _ in range(4):
        protocol.pauseProducing()
        protocol.deliver(bytes(MAX_UNSENT_BYTES))
        protocol.resumeProducing()
    assert not transport.disconnecting
    assert len(transport.value()) == 4 * MAX_UNSENT_BYTES


def test_a_fault_of_our_own_costs_only_the_client_that_found_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = InMemoryServer()

    def fail(*_: object) -> None:
        raise RuntimeError("a fault in the switch")

    async def scene() -> None:
        async with (
            listening(server, HeldClock()) as (port, _),
            connected(port) as unlucky,
            connected(port) as other,
        ):
            await unlucky.opens()
            await unlucky.registers("15000")
            await other.opens()
            with monkeypatch.context() as broken:
                broken.setattr(server.tserver.switch, "execute_request", fail)
                await unlucky.send(m.RequestMakeCall(this_dn="15000", other_dn="15001"))
                assert await unlucky.is_closed()
            await other.registers("15000")

    with structlog.testing.capture_logs() as logs:
        run(scene())
    assert [entry["event"] for entry in logs] == ["request failed"]
