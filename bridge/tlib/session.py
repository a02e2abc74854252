"""The rules of a connection, for both sides, without I/O.

Both sessions work alike: bytes go into `receive`, which yields messages to act on; bytes to write
come from `data_to_send`; `tick` is to be called at `deadline`. When the peer breaks the rules,
`ProtocolViolationError` is raised: write what `data_to_send` still holds, then close the connection.

Source of the opening sequence: T-Library Events and Models, EventLinkConnected and registration;
the credentials and the private frames are this project's (README.md beside this file).
"""

import enum
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bridge.tlib.codec import (
    MAX_FRAME_BYTES,
    MAX_OPENING_BYTES,
    BadMessageError,
    Codec,
    Framing,
    MalformedFrameError,
)
from bridge.tlib.errors import TEXTS, ErrorCode
from bridge.tlib.keepalive import KeepAlive, PeerSilentError, keep_alive_extensions, remote_interval
from bridge.tlib.messages import (
    PROTOCOL_VERSION,
    Event,
    EventError,
    EventLinkConnected,
    EventLinkDisconnected,
    EventServerInfo,
    KeepAlivePoll,
    KeepAliveReply,
    Message,
    Request,
    RequestRegisterClient,
)

OPENING_SECONDS = 5.0
"""How long a client may take to register itself."""

MASK_BYTES = 64
"""How long the mask of EventServerInfo and RequestSetInputMask is at least: the public messages need that."""

MAX_MASK_BYTES = 8_192
"""The longest mask of RequestSetInputMask that is accepted: message numbers up to 65,535."""


class ProtocolViolationError(Exception):
    """The peer broke the rules, or does not answer polls; close the connection."""


_Received: TypeAlias = Message | BadMessageError | ProtocolViolationError


class _Channel:
    """Messages over a stream of bytes, with keep-alive underneath."""

    def __init__(self, codec: Codec, framing: Framing, limit: int, interval: float, now: float) -> None:
        self.outgoing: list[bytes] = []
        """What `data_to_send` will return, in pieces."""
        self.reader = framing.reader(limit)
        self.keep_alive = KeepAlive(interval, now)
        self._encode = codec.encode
        self._decode = codec.decode
        self._frame = framing.frame

    def encode(self, message: Message) -> bytes:
        return self._frame(self._encode(message))

    def send(self, message: Message) -> None:
        self.outgoing.append(self.encode(message))

    def data_to_send(self) -> bytes:
        data = b"".join(self.outgoing)
        self.outgoing.clear()
        return data

    def receive(self, data: bytes, now: float, most: int | None = None) -> list[_Received]:
        """Return what has arrived, in order, but for keep-alive. An error that ends it all comes last."""
        self.keep_alive.last_received, self.keep_alive.polled = now, None
        received: list[_Received] = []
        for payload in self.reader.feed(data, most):
            try:
                message = self._decode(payload)
            except BadMessageError as error:
                received.append(error)
                continue
            except MalformedFrameError as error:
                received.append(ProtocolViolationError(f"malformed frame: {error}"))
                return received
            if type(message) is KeepAlivePoll:
                self.send(KeepAliveReply(token=message.token))
            elif type(message) is not KeepAliveReply:
                received.append(message)
        if self.reader.fault is not None:
            received.append(ProtocolViolationError(f"malformed frame: {self.reader.fault}"))
        return received

    def tick(self, now: float) -> None:
        try:
            if self.keep_alive.tick(now):
                self.send(KeepAlivePoll(token=int(now) & 0xFFFF_FFFF))
        except PeerSilentError as error:
            raise ProtocolViolationError(str(error)) from error


# --- the client's side ---------------------------------------------------------------------------


class LinkState(enum.Enum):
    """What a client knows of the link."""

    IDENTIFYING = "waiting for EventServerInfo"
    IDENTIFIED = "waiting for the state of the switch"
    UP = "up"
    SWITCH_DOWN = "the T-Server has lost its switch"


_OPENING: dict[tuple[LinkState, type[Message]], LinkState] = {
    (LinkState.IDENTIFYING, EventServerInfo): LinkState.IDENTIFIED,
    (LinkState.IDENTIFIED, EventLinkConnected): LinkState.UP,
    (LinkState.IDENTIFIED, EventLinkDisconnected): LinkState.SWITCH_DOWN,
    (LinkState.UP, EventLinkConnected): LinkState.UP,
    (LinkState.UP, EventLinkDisconnected): LinkState.SWITCH_DOWN,
    (LinkState.SWITCH_DOWN, EventLinkConnected): LinkState.UP,
    (LinkState.SWITCH_DOWN, EventLinkDisconnected): LinkState.SWITCH_DOWN,
}
"""How events change the client's view of the link; other events are legal only once identified."""

_LINK_EVENTS = frozenset({EventLinkConnected, EventLinkDisconnected})
"""The events that change it once the link is up."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client registers itself with. Keep-alive intervals are in seconds, 0 is off."""

    application_name: str
    application_password: str | None = None
    poll_after: int = 0
    ask_peer_to_poll_after: int = 0


class ClientSession:
    """The client's side of a link."""

    def __init__(self, codec: Codec, framing: Framing, credentials: Credentials, now: float) -> None:
        self._channel = _Channel(codec, framing, MAX_FRAME_BYTES, credentials.poll_after, now)
        self.state = LinkState.IDENTIFYING
        self._channel.send(
            RequestRegisterClient(
                application_name=credentials.application_name,
                application_password=credentials.application_password,
                protocol_version=PROTOCOL_VERSION,
                extensions=keep_alive_extensions(credentials.poll_after, credentials.ask_peer_to_poll_after),
            )
        )
        self.outgoing = self._channel.outgoing
        """What `data_to_send` will return, in pieces."""
        self.data_to_send = self._channel.data_to_send
        self.tick = self._channel.tick

    @property
    def deadline(self) -> float | None:
        """When to call `tick` next, by the clock that `now` comes from."""
        return self._channel.keep_alive.deadline

    def encode_request(self, request: Request) -> bytes:
        """Return the bytes of a request, which may go before or after those of `data_to_send`.

        Raises:
            ValueError: the link is not up, so the request would be lost.

        """
        if self.state is not LinkState.UP:
            raise ValueError(f"{request.name} cannot be sent: {self.state.value}")
        return self._channel.encode(request)

    def receive(self, data: bytes, now: float) -> Iterator[Event | BadMessageError]:
        """Accept bytes; yield the events, and the errors of payloads that are none.

        `state` is as it is after the event that was yielded last.

        Raises:
            ProtocolViolationError: the server refused this client, or broke the rules.

        """
        for message in self._channel.receive(data, now):
            if isinstance(message, Event):
                if self.state is not LinkState.UP or type(message) in _LINK_EVENTS:
                    self._apply_event(message)
                yield message
            elif isinstance(message, BadMessageError):
                yield message
            elif isinstance(message, ProtocolViolationError):
                raise message
            else:
                raise ProtocolViolationError(f"{message.name} is not an event")

    def _apply_event(self, event: Event) -> None:
        next_state = _OPENING.get((self.state, type(event)))
        if next_state is not None:
            self.state = next_state
        elif self.state is LinkState.IDENTIFYING and isinstance(event, EventError):
            reason = event.error_message or event.error_code.name
            raise ProtocolViolationError(f"the T-Server refused this client: {reason}")
        elif self.state in (LinkState.IDENTIFYING, LinkState.IDENTIFIED):
            raise ProtocolViolationError(f"{event.name} while {self.state.value}")


# --- the server's side ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that is answered with an EventError instead of being carried out."""

    code: ErrorCode
    text: str
    reference_id: int | None


class ServerSession:
    """The T-Server's side of one client's connection."""

    def __init__(self, codec: Codec, framing: Framing, password: str | None, now: float) -> None:
        self._channel = _Channel(codec, framing, MAX_OPENING_BYTES, 0, now)
        self._password = password
        self._opening_ends = now + OPENING_SECONDS
        self.application_name: str | None = None
        """The client's name, once it has registered."""
        self.data_to_send = self._channel.data_to_send
        self.send = self._channel.send

    @property
    def deadline(self) -> float | None:
        """When to call `tick` next, by the clock that `now` comes from."""
        return self._opening_ends if self.application_name is None else self._channel.keep_alive.deadline

    def tick(self, now: float) -> None:
        """Poll a silent client.

        Raises:
            ProtocolViolationError: the client did not register in time, or does not answer polls.

        """
        if self.application_name is not None:
            self._channel.tick(now)
        elif now >= self._opening_ends:
            raise ProtocolViolationError(f"no RequestRegisterClient within {OPENING_SECONDS:.0f} s")

    def receive(self, data: bytes, now: float) -> Iterator[Request | Refusal]:
        """Accept bytes; yield the requests, and the refusals of payloads that are none.

        The first request is the RequestRegisterClient, already checked.

        Raises:
            ProtocolViolationError: the bytes cannot be read. A `Refusal` that was yielded before is to be
                sent to the client.

        """
        if self.application_name is None:
            while self.application_name is None:  # one at a time: what follows may be longer
                received = self._channel.receive(data, now, most=1)
                if not received:
                    return
                data = b""
                yield from self._open(received[0], now)
        for message in self._channel.receive(data, now):
            if isinstance(message, Request) and not isinstance(message, RequestRegisterClient):
                yield message
            elif isinstance(message, BadMessageError):
                yield _refusal(message)
            elif isinstance(message, ProtocolViolationError):
                raise message
            else:
                text = f"{message.name} is not a request of a registered client"
                reference = message.reference_id if isinstance(message, Request | Event) else None
                yield Refusal(ErrorCode.OperationNotSupported, text, reference)

    def _open(self, message: _Received, now: float) -> Iterator[Request | Refusal]:
        if isinstance(message, ProtocolViolationError):
            raise message
        refusal = self._check_registration(message)
        if refusal is not None:
            yield refusal
            raise ProtocolViolationError(f"client not admitted: {refusal.text}")
        assert isinstance(message, RequestRegisterClient)  # noqa: S101 (what _check_registration accepts)
        self.application_name = message.application_name
        self._channel.reader.limit = MAX_FRAME_BYTES
        self._channel.keep_alive = KeepAlive(remote_interval(message.extensions), now)
        yield message

    def _check_registration(self, message: Message | BadMessageError) -> Refusal | None:
        if isinstance(message, BadMessageError):
            return _refusal(message)
        if not isinstance(message, RequestRegisterClient):
            reference = message.reference_id if isinstance(message, Request) else None
            text = f"{message.name} before RequestRegisterClient"
            return Refusal(ErrorCode.DNNotRegistered, text, reference)
        if message.protocol_version != PROTOCOL_VERSION:
            text = f"ProtocolVersion: expected {PROTOCOL_VERSION!r}, got {message.protocol_version!r}"
            return Refusal(ErrorCode.ProtocolVersionMismatch, text, message.reference_id)
        if self._password is not None and message.application_password != self._password:
            code = ErrorCode.BadPassword
            return Refusal(code, TEXTS[code], message.reference_id)
        return None


def _refusal(error: BadMessageError) -> Refusal:
    return Refusal(error.code, str(error), error.reference_id)


def capability_mask(numbers: Collection[int]) -> bytes:
    """Return the mask of some message numbers: bit m%8 of byte m//8 for number m.

    It has 64 bytes, which the public messages need; a number above 511 makes it longer.
    Source: T-Library, the mask of TSetInputMask and EventServerInfo.
    """
    mask = bytearray(max(MASK_BYTES, max(numbers, default=0) // 8 + 1))
    for number in numbers:
        mask[number >> 3] |= 1 << (number & 7)
    return bytes(mask)


def mask_allows(mask: bytes, number: int) -> bool:
    """Return whether a mask made as by `capability_mask` has the bit of a message; one too short has not."""
    return number >> 3 < len(mask) and bool(mask[number >> 3] >> (number & 7) & 1)
