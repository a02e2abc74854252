"""The messages of the protocol (Bayeux 1.0, message fields): typed coming in, encoded once going out."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Raw, UnsetType

from bridge.bayeux.core.context import Transport

_MAX_PARAMETERS = 100  # of a form or a query


class MalformedRequestError(ValueError):
    """The body of a request is not made of Bayeux messages; the text names the fault."""


class ClientAdvice(msgspec.Struct, frozen=True, gc=False):
    """The advice a client sends, in milliseconds: how long to hold, and how long it is away after that."""

    timeout: float | None = None
    interval: float | None = None


class ClientMessage(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A message from a client; fields that are not listed here are ignored.

    Fields that are echoed or passed on stay in the client's own JSON: `id`, `subscription`, `data`, `ext`.
    """

    channel: str = ""
    id: Raw | UnsetType = UNSET
    client_id: str | None = None
    supported_connection_types: tuple[str, ...] = ()
    advice: ClientAdvice | None = None
    subscription: Raw | UnsetType = UNSET
    data: Raw | UnsetType = UNSET
    ext: Raw | UnsetType = UNSET


class Advice(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The advice of the server: what the client shall do next.

    Always whole: a client puts it in the place of the advice it had (CometD's JavaScript client).
    """

    reconnect: Literal["retry", "handshake", "none"]
    interval: int
    timeout: int
    multiple_clients: bool = msgspec.field(name="multiple-clients", default=False)


class Reply(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """The answer to one message."""

    channel: str
    successful: bool
    id: Raw | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    minimum_version: str | UnsetType = UNSET
    supported_connection_types: tuple[Transport, ...] | UnsetType = UNSET
    subscription: Raw | UnsetType = UNSET
    error: str | UnsetType = UNSET
    advice: Advice | UnsetType = UNSET
    ext: dict[str, object] | UnsetType = UNSET
    messages: int | UnsetType = msgspec.field(name="x-messages", default=UNSET)
    timestamp: str | UnsetType = UNSET


_request_decoder = msgspec.json.Decoder(list[ClientMessage] | ClientMessage)
_names_decoder = msgspec.json.Decoder(str | list[str])
_encode = msgspec.json.Encoder().encode


def decode(body: bytes | str, charset: str = "utf-8") -> list[ClientMessage]:
    """Read the body of a request: an array of messages, or one message alone.

    Raises:
        MalformedRequestError: it is anything else, or empty.

    """
    try:
        # Not left to the decoder: it skips over what stays in the client's own JSON, and a broken
        # character in there would make the answers to other clients unreadable.
        requests = _request_decoder.decode(body if isinstance(body, str) else decode_text(body, charset))
    except RecursionError:
        raise MalformedRequestError("the body is nested too deeply") from None
    except UnicodeEncodeError:
        raise MalformedRequestError("the body is not Unicode text") from None
    except msgspec.DecodeError as error:
        raise MalformedRequestError(f"the body is not an array of Bayeux messages: {error}") from None
    if not requests:
        raise MalformedRequestError("the body holds no message")
    return [requests] if isinstance(requests, ClientMessage) else requests


def decode_text(body: bytes, charset: str) -> str:
    """Read text in a charset that a client named.

    Raises:
        MalformedRequestError: there is no such charset, or the text is not in it.

    """
    try:
        return body.decode(charset)
    except LookupError:
        raise MalformedRequestError(f"the charset {charset!r} is not known") from None
    except UnicodeError:
        raise MalformedRequestError(f"the body is not {charset.upper()}") from None


def decode_parameters(form: str, name: str) -> list[ClientMessage]:
    """Read the messages of a form or a query: one or several parameters, each an object or an array.

    Raises:
        MalformedRequestError: there is none, or one is made of anything else.

    """
    texts = [value for key, value in parameters(form) if key == name]
    if not texts:
        raise MalformedRequestError(f"the body holds no message: there is no parameter {name!r}")
    return [request for text in texts for request in decode(text)]


def parameters(form: str) -> list[tuple[str, str]]:
    """Read a form or a query.

    Raises:
        MalformedRequestError: there is too much of it, or it is not text.

    """
    try:
        return parse_qsl(form, keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise MalformedRequestError("a parameter is not UTF-8") from None
    except ValueError:
        raise MalformedRequestError(f"there are more than {_MAX_PARAMETERS} parameters") from None


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


def format_timestamp(now: float) -> str:
    """Return seconds since 1970 as the `timestamp` field has it: GMT, to the hundredth of a second."""
    moment = datetime.fromtimestamp(now, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 10_000:02}"


def join(messages: Iterable[bytes]) -> bytes:
    """Put encoded messages into the array that goes over the wire."""
    return b"[%b]" % b",".join(messages)
