import json

import pytest
from msgspec import UNSET, Raw

from bridge.bayeux.core.delivery import encode_event
from bridge.bayeux.core.messages import (
    ClientMessage,
    MalformedRequestError,
    decode,
    decode_parameters,
    join,
)
from bridge.bayeux.extensions.ext_field import TimeSyncRequest, decode_ext


def test_an_array_and_a_lone_object_are_read_alike() -> None:
    one = b'{"channel": "/a", "clientId": "s1"}'
    assert decode(one) == decode(b"[" + one + b"]")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "not an array of Bayeux messages"),
        (b"[", "not an array of Bayeux messages"),
        (b"nonsense", "not an array of Bayeux messages"),
        (b"5", "not an array of Bayeux messages"),
        (b'"text"', "not an array of Bayeux messages"),
        (b"null", "not an array of Bayeux messages"),
        (b"[1]", "not an array of Bayeux messages"),
        (b"[{}, []]", r"got `array` - at `\$\[1\]`"),
        (b"[{}] more", "not an array of Bayeux messages"),
        (b"[]", "holds no message"),
        (b'{"channel": 5}', "got `int` - at `\\$.channel`"),
        (b'{"data": 01}', "not an array of Bayeux messages"),
        (b'{"data": "\xff"}', "not UTF-8"),
        (b'{"data": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "nested too deeply"),
    ],
)
def test_what_is_not_made_of_messages_is_refused(body: bytes, complaint: str) -> None:
    with pytest.raises(MalformedRequestError, match=complaint):
        decode(body)


def test_unknown_fields_are_ignored() -> None:
    (request,) = decode(b'[{"channel": "/a", "timestamp": 5, "x": null}]')
    assert request == ClientMessage("/a")


@pytest.mark.parametrize(
    ("ext", "ack", "timesync"),
    [
        ('{"ack": true}', True, None),
        ('{"ack": 7, "other": [1]}', 7, None),
        ('{"ack": "yes"}', None, None),
        ('{"timesync": {"tc": 12, "l": 3, "o": -4}}', None, TimeSyncRequest(12, 3, -4)),
        ('{"timesync": {"tc": 12.5}, "ack": 1}', 1, TimeSyncRequest(12.5, 0, 0)),
        ('{"timesync": {"l": 3}}', None, None),
        ('{"timesync": 3, "ack": null}', None, None),
        ("{}", None, None),
        ("7", None, None),
        ("null", None, None),
        ("[[]]", None, None),
    ],
)
def test_extensions_read_what_they_know_and_ignore_the_rest(
    ext: str, ack: int | None, timesync: TimeSyncRequest | None
) -> None:
    (request,) = decode('{"channel": "/a", "ext": %s}' % ext)  # noqa: UP031 - braces
    assert request.ext is not UNSET
    assert decode_ext(request.ext) == (ack, timesync)


@pytest.mark.parametrize(
    ("form", "channels"),
    [
        ("message=%5B%7B%22channel%22%3A%22/a%22%7D%5D", ["/a"]),
        ('message={"channel":"/a"}&x=1&message=[{"channel":"/b"},{"channel":"/c"}]', ["/a", "/b", "/c"]),
    ],
)
def test_a_form_holds_messages_in_one_or_several_parameters(form: str, channels: list[str]) -> None:
    assert [request.channel for request in decode_parameters(form, "message")] == channels


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ("", "no parameter 'message'"),
        ("messages=[]", "no parameter 'message'"),
        ("message=", "not an array of Bayeux messages"),
        ("message=%5B%7B%7D", "not an array of Bayeux messages"),
        ("message=%ff", "not UTF-8"),
        ("&".join(["a=1"] * 101), "more than 100 parameters"),
    ],
)
def test_a_form_without_messages_is_refused(form: str, complaint: str) -> None:
    with pytest.raises(MalformedRequestError, match=complaint):
        decode_parameters(form, "message")


def test_text_may_be_in_any_charset_that_is_known() -> None:
    body = '{"channel": "/a", "data": "\u20ac"}'
    for charset in ("ISO-8859-15", "utf-16", "UTF-8"):
        (request,) = decode(body.encode(charset), charset)
        assert json.loads(bytes(request.data or b"")) == "\u20ac"


@pytest.mark.parametrize(
    ("charset", "complaint"),
    [("klingon", "'klingon' is not known"), ("hex", "'hex' is not known"), ("us-ascii", "not US-ASCII")],
)
def test_text_in_another_charset_is_refused(charset: str, complaint: str) -> None:
    with pytest.raises(MalformedRequestError, match=complaint):
        decode('{"channel": "/\u20ac"}'.encode(), charset)


def test_an_event_has_a_channel_and_data_and_nothing_else() -> None:
    event = encode_event("/v2/me/calls", Raw(b'{"x": "\xc3\xa4"}'))
    assert event == '{"channel":"/v2/me/calls","data":{"x": "ä"}}'.encode()
    assert json.loads(join([event, event])) == [json.loads(event)] * 2
