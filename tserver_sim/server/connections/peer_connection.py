"""Connections between T-Servers: members of a pair, and T-Servers of different sites.

A frame is a 32-bit big-endian length and that many bytes of MessagePack: one struct. The first frame of
either side is a `Hello`. It names the `PeerChannel` that handles all later frames: there is one for pairs and
one for sites. An empty frame is a heartbeat, sent when nothing else was.
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
from bridge.tlib.message_pack import FrameReader, frame
from tserver_sim.server.peers.peer_protocol import PeerChannel

PEER_TIMEOUT_SECONDS = 3.0
"""After how long without a frame a peer is lost; also the time limit for its `Hello`."""

HEARTBEAT_SECONDS = 1.0
"""How often a heartbeat is due."""

MAX_HELLO_BYTES = 1024
MAX_FRAME_BYTES = 64 << 20
MAX_UNSENT_BYTES = 64 << 20
"""How many bytes may wait for a peer that does not read before it is disconnected."""


class Hello(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first frame of either side: who it is, and which channel it opens."""

    kind: str
    """The kind of the channel: `pair` or `site`."""
    who: str
    """`application@switch`."""
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class PeerCredentials:
    """The name of this T-Server, and the secret that both sides must have."""

    who: str
    secret: str | None = None

    def hello(self, kind: str) -> Hello:
        """Return the first frame, for a kind of channel."""
        return Hello(kind, self.who, self.secret)

    def accepts(self, hello: Hello) -> bool:
        """Return whether the other side has sent the right secret."""
        return compare_digest((hello.secret or "").encode(), (self.secret or "").encode())


class _PeerTransport(ITCPTransport, IConsumer):
    """The interfaces of a Twisted TCP transport that are used here."""


@implementer(IPushProducer)
class PeerProtocol(TwistedProtocol):
    """One end of a connection; the `Peer` of its `PeerHandler`.

    Args:
        credentials: name and secret of this end.
        clock: real time.
        find_channel: returns the channel for the kind in the other side's `Hello`; None if there is none.
        opening_kind: the kind of the `Hello` that this side sends first; None to wait for the other's.
        on_closed: called at the end of the connection, on whichever channel it was.

    """

    transport: _PeerTransport

    def __init__(
        self,
        credentials: PeerCredentials,
        clock: Clock,
        find_channel: Callable[[str], PeerChannel[Any] | None],
        opening_kind: str | None,
        on_closed: Callable[["PeerProtocol"], None],
    ) -> None:
        self.who = "?"
        self._credentials = credentials
        self._clock = clock
        self._find_channel = find_channel
        self._opening_kind = opening_kind
        self._on_closed = on_closed
        self._encode = msgspec.msgpack.Encoder().encode
        self._reader = FrameReader(MAX_HELLO_BYTES)
        self._channel: PeerChannel[Any] | None = None
        self._closed = False
        self._last_received = self._last_sent = clock.now()
        self._timer: Timer | None = None
        self._paused = False
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._log = structlog.get_logger().bind(tserver=credentials.who)

    # --- called by Twisted -----------------------------------------------------------------------

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Send the `Hello` if this side opens, and start the timer."""
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)  # noqa: FBT003 (Twisted's signature)
        if self._opening_kind is not None:
            self.send(self._credentials.hello(self._opening_kind))
        self._start_timer()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Handle the frames in received bytes. Raises nothing, whatever the bytes are."""
        if self._closed:
            return
        self._last_received = self._clock.now()
        try:
            self._handle_data(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.disconnect(f"malformed frame: {error}")
        except Exception:  # noqa: BLE001 (last resort: drop this connection and go on)
            self._log.exception("message of another T-Server failed", peer=self.who)
            self.disconnect("its message could not be carried out")

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """Handle the end of the connection."""
        self._close(reason.getErrorMessage().rstrip("."))
        self._on_closed(self)

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Keep frames from now on: the transport's buffer is full."""
        self._paused = True

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Write the kept frames: the transport's buffer is empty."""
        self._paused = False
        while self._unsent and not self._paused:
            data = self._unsent.popleft()
            self._unsent_bytes -= len(data)
            self.transport.write(data)

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: the transport is closing, and `connectionLost` follows."""

    # --- called by the handler -------------------------------------------------------------------

    def send(self, message: msgspec.Struct) -> None:
        """Write a message."""
        self._write(frame(self._encode(message)))

    def disconnect(self, reason: str) -> None:
        """Close the connection at once and log the reason."""
        self._close(reason)
        self.transport.abortConnection()

    def stop(self) -> None:
        """Close the connection because this T-Server stops, without a warning in the log."""
        self._close("this T-Server stops", is_logged=False)
        self.transport.abortConnection()

    # --- inside ----------------------------------------------------------------------------------

    def _handle_data(self, data: bytes) -> None:
        """Handle the payloads that are complete; the first one decides how long the others may be."""
        is_opening = True
        while is_opening:
            is_opening = self._channel is None
            payloads = self._reader.feed(data, most=1 if is_opening else None)
            for payload in payloads:
                if payload:
                    self._handle_payload(payload)
                if self._closed:
                    return
            data, is_opening = b"", is_opening and bool(payloads)
        if self._reader.fault is not None:
            self.disconnect(f"malformed frame: {self._reader.fault}")
        elif self._channel is not None:
            self._channel.handler.batch_received(self)

    def _handle_payload(self, payload: memoryview) -> None:
        if self._channel is not None:
            self._channel.handler.received(self, self._channel.decode(payload))
            return
        hello = msgspec.msgpack.decode(payload, type=Hello)
        self.who = hello.who
        channel = self._find_channel(hello.kind)
        if channel is None or not self._credentials.accepts(hello):
            self.disconnect(
                "it is not one of this site" if channel else f"nobody here talks about {hello.kind}"
            )
            return
        if self._opening_kind is None:
            self.send(self._credentials.hello(channel.kind))
        self._reader.limit = MAX_FRAME_BYTES
        self._channel = channel
        channel.handler.connected(self)

    def _write(self, data: bytes) -> None:
        if self._closed:
            return
        self._last_sent = self._clock.now()
        if not self._paused:
            self.transport.write(data)
            return
        self._unsent.append(data)
        self._unsent_bytes += len(data)
        if self._unsent_bytes > MAX_UNSENT_BYTES:
            self.disconnect(f"it does not read, {self._unsent_bytes} bytes wait for it")

    def _close(self, reason: str, *, is_logged: bool = True) -> None:
        if self._closed:
            return
        self._closed = True
        self._unsent.clear()
        if self._timer is not None:
            self._timer.cancel()
        if is_logged:
            self._log.warning("connection to another T-Server ended", peer=self.who, reason=reason)
        if self._channel is not None:
            self._channel.handler.lost(self, reason)

    def _start_timer(self) -> None:
        self._timer = self._clock.call_at(self._clock.now() + HEARTBEAT_SECONDS, self._tick)

    def _tick(self) -> None:
        now = self._clock.now()
        if now - self._last_received >= PEER_TIMEOUT_SECONDS:
            self.disconnect(f"nothing heard for {now - self._last_received:.1f} s")
            return
        if self._channel is not None and now - self._last_sent >= HEARTBEAT_SECONDS / 2:
            self._write(frame(b""))
        self._start_timer()
