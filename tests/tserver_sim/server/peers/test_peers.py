"""Connections between T-Servers on real sockets: `Hello`, invalid frames, losses and limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
import structlog
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IListeningPort

from bridge.runtime.clock import HeldClock
from bridge.tlib.message_pack import frame
from tests.loop import reactor, run
from tserver_sim.server.connections.peer_connection import (
    HEARTBEAT_SECONDS,
    MAX_UNSENT_BYTES,
    PEER_TIMEOUT_SECONDS,
    Hello,
    PeerCredentials,
)
from tserver_sim.server.connections.peer_endpoints import PeerConnector, PeerListener, endpoint
from tserver_sim.server.peers.peer_protocol import Peer, PeerChannel


class Word(msgspec.Struct):
    """The message of this test."""

    text: str


class RecordingHandler:
    """A `PeerHandler` that records its calls."""

    def __init__(self) -> None:
        self.received_texts: asyncio.Queue[str] = asyncio.Queue()
        self.peer: Peer[Word] | None = None

    def connected(self, peer: Peer[Word]) -> None:
        self.peer = peer
        self.received_texts.put_nowait(f"connected {peer.who}")

    def received(self, peer: Peer[Word], message: Word) -> None:
        assert peer is self.peer
        if message.text == "fail":
            raise ZeroDivisionError
        self.received_texts.put_nowait(message.text)

    def batch_received(self, peer: Peer[Word]) -> None:
        assert peer is self.peer

    def lost(self, peer: Peer[Word], reason: str) -> None:
        assert peer is self.peer
        self.received_texts.put_nowait(f"lost: {reason}")

    def channel(self, kind: str = "word") -> PeerChannel[Word]:
        return PeerChannel(kind, msgspec.msgpack.Decoder(Word).decode, self)


class ListeningTServer:
    """A T-Server that listens for other T-Servers."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.recorder = RecordingHandler()
        self.factory = PeerListener(PeerCredentials("B@S", "secret"), [self.recorder.channel()], self.clock)
        self.port: IListeningPort = reactor().listenTCP(0, self.factory, interface="127.0.0.1")
        self.number: int = self.port.getHost().port

    def client(
        self, recorder: RecordingHandler, secret: str | None = "secret", kind: str = "word"
    ) -> PeerConnector:
        there = endpoint(reactor(), "127.0.0.1", self.number)
        credentials = PeerCredentials("A@S", secret)
        return PeerConnector(credentials, recorder.channel(kind), self.clock, there, lambda: None)

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        await maybeDeferred(self.port.stopListening).asFuture(loop)
        await self.factory.close().asFuture(loop)


@asynccontextmanager
async def listening() -> AsyncIterator[ListeningTServer]:
    server = ListeningTServer()
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def raw_connection(
    server: ListeningTServer, hello: Hello | None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.number)
    try:
        if hello is not None:
            writer.write(frame(msgspec.msgpack.encode(hello)))
        yield reader, writer
    finally:
        writer.transport.abort()


def test_two_t_servers_talk_until_one_stops() -> None:
    async def play() -> None:
        async with listening() as server:
            recorder = RecordingHandler()
            client = server.client(recorder)
            client.start()
            assert await server.recorder.received_texts.get() == "connected A@S"
            assert await recorder.received_texts.get() == "connected B@S"
            assert recorder.peer is not None
            assert server.recorder.peer is not None
            recorder.peer.send(Word("hello"))
            server.recorder.peer.send(Word("x" * 3_000_000))
            assert await server.recorder.received_texts.get() == "hello"
            assert len(await recorder.received_texts.get()) == 3_000_000
            await client.stop().asFuture(asyncio.get_running_loop())
            assert (await recorder.received_texts.get()) == "lost: this T-Server stops"
            assert (await server.recorder.received_texts.get()).startswith("lost: ")

    run(play())


def test_an_absent_t_server_is_told_once() -> None:
    async def play() -> None:
        async with listening() as server:
            pass
        absent = asyncio.Event()
        there = endpoint(reactor(), "127.0.0.1", server.number)
        client = PeerConnector(
            PeerCredentials("A@S"), RecordingHandler().channel(), HeldClock(), there, absent.set
        )
        client.start()
        await absent.wait()
        await client.stop().asFuture(asyncio.get_running_loop())

    run(play())


NOT_ADMITTED = {
    "wrong secret": (Hello("word", "A@S", "guess"), "it is not one of this site"),
    "no secret": (Hello("word", "A@S"), "it is not one of this site"),
    "unknown kind": (Hello("deed", "A@S", "secret"), "nobody here talks about deed"),
}


@pytest.mark.parametrize("case", NOT_ADMITTED)
def test_who_is_not_admitted(case: str) -> None:
    hello, reason = NOT_ADMITTED[case]

    async def play() -> None:
        async with listening() as server, raw_connection(server, hello) as (reader, _):
            assert await ended(reader)
            assert server.recorder.received_texts.empty()

    with structlog.testing.capture_logs() as logs:
        run(play())
    assert [entry["reason"] for entry in logs] == [reason]
    assert "guess" not in str(logs)


async def ended(reader: asyncio.StreamReader) -> bool:
    """Read to the end of the connection, whatever comes before it."""
    try:
        while await reader.read(65536):
            pass
    except ConnectionError:
        pass
    return True


GARBAGE = {
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "4 GiB": b"\xff\xff\xff\xff",
    "no MessagePack": frame(b"\xc1\xc1"),
    "no Hello": frame(msgspec.msgpack.encode({"kind": 5})),
}


@pytest.mark.parametrize("case", GARBAGE)
@pytest.mark.parametrize("admitted", [False, True])
def test_garbage_ends_the_connection(case: str, *, admitted: bool) -> None:
    async def play() -> None:
        hello = Hello("word", "A@S", "secret") if admitted else None
        async with listening() as server, raw_connection(server, hello) as (reader, writer):
            writer.write(GARBAGE[case])
            assert await ended(reader)
            if admitted:
                assert await server.recorder.received_texts.get() == "connected A@S"
                assert (await server.recorder.received_texts.get()).startswith("lost: malformed frame")

    run(play())


def test_a_fault_of_ours_ends_only_that_connection() -> None:
    async def play() -> None:
        async with listening() as server:
            async with raw_connection(server, Hello("word", "A@S", "secret")) as (reader, writer):
                writer.write(frame(msgspec.msgpack.encode(Word("fail"))))
                assert await ended(reader)
            async with raw_connection(server, Hello("word", "C@S", "secret")) as (_, writer):
                writer.write(frame(msgspec.msgpack.encode(Word("again"))))
                received_texts = [await server.recorder.received_texts.get() for _ in range(4)]
        assert received_texts == [
            "connected A@S",
            "lost: its message could not be carried out",
            "connected C@S",
            "again",
        ]

    with structlog.testing.capture_logs():
        run(play())


def test_a_silent_peer_is_lost_and_a_sign_of_life_keeps_it() -> None:
    async def play() -> None:
        async with (
            listening() as server,
            raw_connection(server, Hello("word", "A@S", "secret")) as (reader, writer),
        ):
            assert await server.recorder.received_texts.get() == "connected A@S"
            await reader.readexactly(int.from_bytes(await reader.readexactly(4)))
            for _ in range(5):
                server.clock.advance(HEARTBEAT_SECONDS)
                assert await reader.readexactly(4) == frame(b"")
                writer.write(frame(b"") + frame(msgspec.msgpack.encode(Word("here"))))
                assert await server.recorder.received_texts.get() == "here"
            server.clock.advance(PEER_TIMEOUT_SECONDS)
            assert await server.recorder.received_texts.get() == "lost: nothing heard for 3.0 s"
            assert await ended(reader)

    run(play())


def test_a_peer_that_does_not_read_is_dropped() -> None:
    async def play() -> None:
        async with listening() as server, raw_connection(server, Hello("word", "A@S", "secret")):
            assert await server.recorder.received_texts.get() == "connected A@S"
            assert server.recorder.peer is not None
            word, sent = Word("x" * (1 << 20)), 0
            while server.recorder.received_texts.empty():
                server.recorder.peer.send(word)
                sent += 1 << 20
                await asyncio.sleep(0)
                assert sent < 2 * MAX_UNSENT_BYTES
            assert (await server.recorder.received_texts.get()).startswith("lost: it does not read")

    run(play())
