"""The opening, the keep-alive and the refusals, both sides face to face without a socket."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tlib import messages as t
from bridge.tlib.codec import BadMessageError
from bridge.tlib.enums import ServerRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.message_pack import MessagePackCodec, frame
from bridge.tlib.session import (
    MASK_BYTES,
    MAX_MASK_BYTES,
    ClientSession,
    Credentials,
    LinkState,
    ProtocolViolationError,
    Refusal,
    ServerSession,
    capability_mask,
    mask_allows,
)
from bridge.tlib.wire import MESSAGE_PACK

CODEC = MessagePackCodec()
STAMP: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0}
INFO = t.EventServerInfo(
    **STAMP,
    server_version="1",
    server_role=ServerRole.Primary,
    server_capability_mask=b"",
    server_start_time=1,
    application_name="TServer_A",
)


def wire(*messages: t.Message) -> bytes:
    return b"".join(MESSAGE_PACK.encode(message) for message in messages)


def client(**intervals: Any) -> ClientSession:
    return MESSAGE_PACK.client_session(Credentials("desktop", **intervals), now=0.0)


def up() -> ClientSession:
    session = client()
    session.data_to_send()
    list(session.receive(wire(INFO, t.EventLinkConnected(**STAMP)), 0.0))
    return session


def server(password: str | None = None) -> ServerSession:
    return MESSAGE_PACK.server_session(password, now=0.0)


def admitted(**intervals: Any) -> ServerSession:
    session = server()
    list(session.receive(client(**intervals).data_to_send(), 0.0))
    return session


# --- opening ---------------------------------------------------------------------------------------


def test_the_opening_step_by_step() -> None:
    client_session, tserver = client(), server()

    (hello,) = tserver.receive(client_session.data_to_send(), 0.0)
    assert hello == t.RequestRegisterClient(application_name="desktop", protocol_version="1")
    assert tserver.application_name == "desktop"

    tserver.send(INFO)
    assert list(client_session.receive(tserver.data_to_send(), 0.0)) == [INFO]
    assert client_session.state is LinkState.IDENTIFIED

    tserver.send(t.EventLinkConnected(**STAMP))
    list(client_session.receive(tserver.data_to_send(), 0.0))
    assert client_session.state is LinkState.UP

    request = t.RequestRegisterAddress(this_dn="15000", reference_id=1)
    (register,) = tserver.receive(client_session.encode_request(request), 0.0)
    assert isinstance(register, t.RequestRegisterAddress)


def test_the_switch_may_be_down_at_the_opening_and_go_down_later() -> None:
    client_session = client()
    list(client_session.receive(wire(INFO, t.EventLinkDisconnected(**STAMP)), 0.0))
    assert client_session.state is LinkState.SWITCH_DOWN
    list(client_session.receive(wire(t.EventLinkConnected(**STAMP)), 0.0))
    assert client_session.state is LinkState.UP
    list(client_session.receive(wire(t.EventLinkDisconnected(**STAMP)), 0.0))
    assert client_session.state is LinkState.SWITCH_DOWN


def test_nothing_is_sent_while_the_link_is_not_up() -> None:
    client_session = client()
    with pytest.raises(
        ValueError, match="RequestRegisterAddress cannot be sent: waiting for EventServerInfo"
    ):
        client_session.encode_request(t.RequestRegisterAddress(this_dn="15000"))


def test_a_client_that_is_refused_raises_the_reason() -> None:
    error = t.EventError(**STAMP, error_code=ErrorCode.BadPassword, error_message="Bad password")
    with pytest.raises(ProtocolViolationError, match="refused this client: Bad password"):
        list(client().receive(wire(error), 0.0))


@pytest.mark.parametrize(
    "early", [t.EventLinkConnected(**STAMP), t.EventRegistered(**STAMP, this_dn="15000")]
)
def test_an_event_before_event_server_info_breaks_the_rules(early: t.Event) -> None:
    with pytest.raises(ProtocolViolationError, match="while waiting for EventServerInfo"):
        list(client().receive(wire(early), 0.0))


def test_a_request_from_the_server_breaks_the_rules() -> None:
    with pytest.raises(ProtocolViolationError, match="RequestAnswerCall is not an event"):
        list(up().receive(wire(t.RequestAnswerCall(this_dn="1", conn_id=1)), 0.0))


@pytest.mark.parametrize(
    ("first", "code", "text"),
    [
        (
            t.RequestRegisterAddress(this_dn="15000", reference_id=3),
            ErrorCode.DNNotRegistered,
            "RequestRegisterAddress before RequestRegisterClient",
        ),
        (
            t.RequestRegisterClient(application_name="x", protocol_version="9", reference_id=3),
            ErrorCode.ProtocolVersionMismatch,
            "ProtocolVersion: expected '1', got '9'",
        ),
        (
            t.RequestRegisterClient(
                application_name="x", protocol_version="1", application_password="wrong", reference_id=3
            ),
            ErrorCode.BadPassword,
            "Bad password",
        ),
    ],
)
def test_a_client_is_refused_with_the_reason(first: t.Request, code: ErrorCode, text: str) -> None:
    session = server(password="secret")
    inputs = session.receive(wire(first), 0.0)
    assert next(inputs) == Refusal(code, text, 3)
    with pytest.raises(ProtocolViolationError, match="not admitted"):
        next(inputs)


def test_the_right_password_admits() -> None:
    session = server(password="secret")
    client_session = MESSAGE_PACK.client_session(Credentials("desktop", "secret"), now=0.0)
    assert len(list(session.receive(client_session.data_to_send(), 0.0))) == 1


def test_a_client_has_five_seconds_to_register() -> None:
    session = server()
    assert session.deadline == 5.0
    session.tick(4.9)
    with pytest.raises(ProtocolViolationError, match="within 5 s"):
        session.tick(5.0)


def test_frames_are_short_until_the_client_has_registered() -> None:
    long = t.RequestMakeCall(this_dn="15000", other_dn="x" * 5000)
    with pytest.raises(ProtocolViolationError, match="at most 4096"):
        list(server().receive(wire(long), 0.0))
    assert list(admitted().receive(wire(long), 0.0)) == [long]


# --- what is not understood -------------------------------------------------------------------------


def test_the_server_refuses_what_it_does_not_understand_and_goes_on() -> None:
    good = t.RequestAnswerCall(this_dn="1", conn_id=1, reference_id=2)
    bad = frame(b"\x82\xa7Message\xcc\x99\xabReferenceID\x01")
    assert list(admitted().receive(bad + wire(good), 0.0)) == [
        Refusal(ErrorCode.OperationNotSupported, "message 153 is not supported", 1),
        good,
    ]


def test_the_server_refuses_events_and_a_second_registration() -> None:
    event = t.EventRegistered(**STAMP, this_dn="1", reference_id=4)
    again = t.RequestRegisterClient(application_name="x", protocol_version="1", reference_id=5)
    codes = [
        (r.code, r.reference_id)
        for r in admitted().receive(wire(event, again), 0.0)
        if isinstance(r, Refusal)
    ]
    assert codes == [(ErrorCode.OperationNotSupported, 4), (ErrorCode.OperationNotSupported, 5)]


def test_the_client_ignores_what_it_does_not_understand() -> None:
    known = t.EventRegistered(**STAMP, this_dn="15000")
    strange, event = up().receive(frame(b"\x81\xa7Message\x42") + wire(known), 0.0)
    assert isinstance(strange, BadMessageError)
    assert event == known


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", frame(b"\xc1"), frame(b"")])
def test_garbage_ends_the_connection(garbage: bytes) -> None:
    with pytest.raises(ProtocolViolationError, match="malformed"):
        list(server().receive(garbage, 0.0))
    with pytest.raises(ProtocolViolationError, match="malformed"):
        list(up().receive(garbage, 0.0))


# --- keep-alive -------------------------------------------------------------------------------------


def test_silence_is_polled_and_an_answer_is_a_sign_of_life() -> None:
    client_session, tserver = client(poll_after=10), admitted()
    client_session.data_to_send()
    assert client_session.deadline == 10.0

    client_session.tick(10.0)
    list(tserver.receive(client_session.data_to_send(), 10.0))
    list(client_session.receive(tserver.data_to_send(), 11.0))

    assert client_session.deadline == 21.0


def test_anything_that_arrives_is_a_sign_of_life() -> None:
    client_session = client(poll_after=10)
    client_session.data_to_send()
    list(client_session.receive(wire(INFO), 9.0))
    client_session.tick(10.0)
    assert (client_session.data_to_send(), client_session.deadline) == (b"", 19.0)


def test_a_peer_that_does_not_answer_a_poll_is_lost() -> None:
    client_session = client(poll_after=10)
    client_session.tick(10.0)
    with pytest.raises(ProtocolViolationError, match=r"nothing heard for 20\.0 s"):
        client_session.tick(20.0)


def test_the_server_polls_at_the_interval_of_the_client() -> None:
    tserver = admitted(ask_peer_to_poll_after=7)
    assert tserver.deadline == 7.0
    tserver.tick(7.0)
    client_session = up()
    assert list(client_session.receive(tserver.data_to_send(), 7.0)) == []
    assert client_session.data_to_send() == wire(t.KeepAliveReply(token=7))


def test_without_intervals_neither_side_polls() -> None:
    assert client().deadline is None
    assert admitted().deadline is None


def test_the_capability_mask_has_a_bit_for_each_message() -> None:
    mask = capability_mask([m.number for m in (t.RequestRegisterClient, t.RequestMakeCall, t.EventReleased)])
    assert (len(mask), mask[0], mask[1], mask[8], sum(mask)) == (64, 0x01, 0x40, 0x02, 0x43)


def test_a_mask_allows_the_messages_it_was_written_for_and_no_others() -> None:
    wanted = {m.number for m in (t.RequestRegisterClient, t.EventReleased, t.EventHeld, t.EventResourceInfo)}
    mask = capability_mask(wanted)
    assert {n for n in range(8 * MASK_BYTES) if mask_allows(mask, n)} == wanted
    assert not mask_allows(mask[:8], t.EventReleased.number)
    assert not mask_allows(b"", 0)


@given(st.sets(st.integers(0, 8 * MAX_MASK_BYTES - 1)))
def test_a_mask_holds_any_message_number(numbers: set[int]) -> None:
    mask = capability_mask(numbers)
    assert len(mask) >= MASK_BYTES
    assert {n for n in range(8 * len(mask)) if mask_allows(mask, n)} == numbers
