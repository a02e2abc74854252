import json

import pytest
from msgspec import Raw

from bridge.bayeux.messages import MalformedRequestError, decode, encode_event, join


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


def test_unknown_fields_and_ext_of_any_form_are_passed_over() -> None:
    (request,) = decode(b'[{"channel": "/a", "ext": {"ack": true}, "timestamp": 5, "x": null}]')
    (other,) = decode(b'[{"channel": "/a", "ext": 7}]')
    assert request == other


def test_an_event_has_a_channel_and_data_and_nothing_else() -> None:
    event = encode_event("/v2/me/calls", Raw(b'{"x": "\xc3\xa4"}'))
    assert event == '{"channel":"/v2/me/calls","data":{"x": "ä"}}'.encode()
    assert json.loads(join([event, event])) == [json.loads(event)] * 2
