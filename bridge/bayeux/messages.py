"""The messages of the protocol (Bayeux 1.0, message fields): typed coming in, encoded once going out."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType


class MalformedRequestError(ValueError):
    """The body of a request is not made of Bayeux messages; the text says what is wrong with it."""


class Wish(msgspec.Struct, frozen=True, gc=False):
    """The advice a client sends: how many milliseconds it wants this connect to be held."""

    timeout: float | None = None


class Request(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A message from a client; fields that are not listed here (`ext` among them) are passed over.

    What is only echoed or passed on stays in the client's own JSON: `id`, `subscription`, `data`.
    """

    channel: str = ""
    id: Raw | UnsetType = UNSET
    client_id: str | None = None
    supported_connection_types: tuple[str, ...] = ()
    advice: Wish | None = None
    subscription: Raw | UnsetType = UNSET
    data: Raw | UnsetType = UNSET


class Advice(msgspec.Struct, frozen=True, gc=False):
    """What a client shall do next.

    Always whole: a client puts it in the place of the advice it had (CometD's JavaScript client).
    """

    reconnect: Literal["retry", "handshake", "none"]
    interval: int
    timeout: int


class Reply(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """The answer to one message."""

    channel: str
    successful: bool
    id: Raw | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    minimum_version: str | UnsetType = UNSET
    supported_connection_types: tuple[str, ...] | UnsetType = UNSET
    subscription: Raw | UnsetType = UNSET
    error: str | UnsetType = UNSET
    advice: Advice | UnsetType = UNSET


_request_decoder = msgspec.json.Decoder(list[Request] | Request)
_names_decoder = msgspec.json.Decoder(str | list[str])
_encode = msgspec.json.Encoder().encode


def decode(body: bytes) -> list[Request]:
    """Read the body of a request: an array of messages, or one message alone.

    Raises:
        MalformedRequestError: it is anything else, or empty.

    """
    try:
        # Not left to the decoder: it skips over what stays in the client's own JSON, and a broken
        # character in there would make the answers to other clients unreadable.
        requests = _request_decoder.decode(body.decode())
    except UnicodeDecodeError:
        raise MalformedRequestError("the body is not UTF-8") from None
    except RecursionError:
        raise MalformedRequestError("the body is nested too deeply") from None
    except msgspec.DecodeError as error:
        raise MalformedRequestError(f"the body is not an array of Bayeux messages: {error}") from None
    if not requests:
        raise MalformedRequestError("the body holds no message")
    return [requests] if isinstance(requests, Request) else requests


def decode_names(subscription: Raw) -> list[str]:
    """Read the `subscription` field: one channel or an array of them; what is neither gives no names."""
    try:
        names = _names_decoder.decode(subscription)
    except (msgspec.DecodeError, RecursionError):
        return []
    return [names] if isinstance(names, str) else names


def encode_reply(reply: Reply) -> bytes:
    """Return the reply as JSON."""
    return _encode(reply)


def encode_event(channel: str, data: bytes | Raw) -> bytes:
    """Return the event that brings `data`, which is JSON already, to subscribers.

    It names neither a publisher nor an id: the first would let every receiver speak in the publisher's name,
    the second could be taken for the answer to a request of the receiver's own (CometD server source).
    """
    return b"".join((b'{"channel":', _encode(channel), b',"data":', data, b"}"))


def join(messages: Iterable[bytes]) -> bytes:
    """Put encoded messages into the array that goes over the wire."""
    return b"[%b]" % b",".join(messages)
