"""Connections between the T-Servers of a site: one struct a frame, in both directions.

A frame is a 32-bit big-endian length and that many bytes of MessagePack. The first frame of either side is
a `Hello`; an empty frame is a sign of life and is sent whenever nothing else was. What is said after the
`Hello` is the business of a `Channel`: the pair has one, links between sites may have others.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import msgspec
import structlog
from twisted.internet.interfaces import IConsumer, IPushProducer, ITCPTransport
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from bridge.runtime.clock import Clock, Timer
from bridge.tlib.framing import FrameReader, FrameTooLongError, frame
from tserver_sim.server.peers.peer_protocol import Channel

SILENCE_SECONDS = 3.0
"""After how long a silence a peer counts as lost; also how long it may take to say its `Hello`."""

BEAT_SECONDS = 1.0
"""How often a sign of life is due."""

MAX_HELLO_BYTES = 1024
MAX_FRAME_BYTES = 64 << 20
MAX_UNSENT_BYTES = 64 << 20
"""How far a peer may lag behind before it is dropped."""


class Hello(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a T-Server is, and what it wants to talk about."""

    kind: str
    """The kind of the channel, such as `pair`."""
    who: str
    """`application@switch`."""
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this T-Server says it is, and what both sides have to know."""

    who: str
    secret: str | None = None

    def hello(self, kind: str) -> Hello:
        """Make the first frame."""
        return Hello(kind, self.who, self.secret)

    def admits(self, hello: Hello) -> bool:
        """Say whether the other side knows what it has to know."""
        return compare_digest((hello.secret or "").encode(), (self.secret or "").encode())


class _Transport(ITCPTransport, IConsumer):
    """What a TCP connection of Twisted can do."""


@implementer(IPushProducer)
class PeerProtocol(TwistedProtocol):
    """One connection, from either end; it is the `Peer` of its `Talk`.

    Args:
        identity: who is at this end.
        clock: real time.
        choose: finds the channel of the kind that the other side says; None when there is none.
        opens: the kind that this side says first; None when it waits for the other's.
        gone: told at the end, whatever was talked about.

    """

    transport: _Transport

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        choose: Callable[[str], Channel[Any] | None],
        opens: str | None,
        gone: Callable[["PeerProtocol"], None],
    ) -> None:
        self.who = "?"
        self._identity = identity
        self._clock = clock
        self._choose = choose
        self._opens = opens
        self._gone = gone
        self._encode = msgspec.msgpack.Encoder().encode
        self._reader = FrameReader(MAX_HELLO_BYTES)
        self._channel: Channel[Any] | None = None
        self._closed = False
        self._heard = self._said = clock.now()
        self._timer: Timer | None = None
        self._paused = False
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._log = structlog.get_logger().bind(tserver=identity.who)

    # --- what Twisted calls ----------------------------------------------------------------------

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Say who is here, if it is this side's turn."""
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)  # noqa: FBT003 (Twisted's signature)
        if self._opens is not None:
            self.send(self._identity.hello(self._opens))
        self._arm()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take in what the other side says; whatever it is, nothing is raised."""
        if self._closed:
            return
        self._heard = self._clock.now()
        try:
            for payload in self._reader.feed(data):
                if payload:
                    self._take_in(payload)
                if self._closed:
                    return
            if self._channel is not None:
                self._channel.talk.taken_in(self)
        except (msgspec.DecodeError, FrameTooLongError, UnicodeDecodeError, RecursionError) as error:
            self.drop(f"malformed frame: {error}")
        except Exception:  # noqa: BLE001 (the last resort: this connection goes, everything else goes on)
            self._log.exception("message of another T-Server failed", peer=self.who)
            self.drop("its message could not be carried out")

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """Take note of the end."""
        self._end(reason.getErrorMessage().rstrip("."))
        self._gone(self)

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Keep what is to be written: the other side does not read fast enough."""
        self._paused = True

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Write what was kept."""
        self._paused = False
        while self._waiting and not self._paused:
            data = self._waiting.popleft()
            self._waiting_bytes -= len(data)
            self.transport.write(data)

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Nothing more can be written; `connectionLost` follows."""

    # --- what the talk calls ---------------------------------------------------------------------

    def send(self, message: msgspec.Struct) -> None:
        """Write a message."""
        self._write(frame(self._encode(message)))

    def drop(self, reason: str) -> None:
        """End the connection at once."""
        self._end(reason)
        self.transport.abortConnection()

    def stop(self) -> None:
        """End the connection because this T-Server stops; that is worth no warning."""
        self._end("this T-Server stops", warns=False)
        self.transport.abortConnection()

    # --- inside ----------------------------------------------------------------------------------

    def _take_in(self, payload: memoryview) -> None:
        if self._channel is not None:
            self._channel.talk.received(self, self._channel.decode(payload))
            return
        hello = msgspec.msgpack.decode(payload, type=Hello)
        self.who = hello.who
        channel = self._choose(hello.kind)
        if channel is None or not self._identity.admits(hello):
            self.drop("it is not one of this site" if channel else f"nobody here talks about {hello.kind}")
            return
        if self._opens is None:
            self.send(self._identity.hello(channel.kind))
        self._reader.limit = MAX_FRAME_BYTES
        self._channel = channel
        channel.talk.connected(self)

    def _write(self, data: bytes) -> None:
        if self._closed:
            return
        self._said = self._clock.now()
        if not self._paused:
            self.transport.write(data)
            return
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > MAX_UNSENT_BYTES:
            self.drop(f"it does not read, {self._waiting_bytes} bytes wait for it")

    def _end(self, reason: str, *, warns: bool = True) -> None:
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        if warns:
            self._log.warning("connection to another T-Server ended", peer=self.who, reason=reason)
        if self._channel is not None:
            self._channel.talk.lost(self, reason)

    def _arm(self) -> None:
        self._timer = self._clock.call_at(self._clock.now() + BEAT_SECONDS, self._tick)

    def _tick(self) -> None:
        now = self._clock.now()
        if now - self._heard >= SILENCE_SECONDS:
            self.drop(f"nothing heard for {now - self._heard:.1f} s")
            return
        if self._channel is not None and now - self._said >= BEAT_SECONDS / 2:
            self._write(frame(b""))
        self._arm()
