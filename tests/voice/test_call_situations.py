"""Every operation on calls, in every situation: what is listed the switch does, what is not is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from bridge.tlib.errors import ErrorCode
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.operations import CALL_REQUESTS, ROW_OF, Resource
from tests.voice.call_harness import A, B, C, CallHarness, call_harness, conferencing, consulting

TO_C = {"destination": {"phoneNumber": C}}
TO_D = {"destination": {"phoneNumber": "15003"}}


def ringing(harness: CallHarness) -> tuple[str, str]:
    return B, harness.dial(A, B)


def dialing(harness: CallHarness) -> tuple[str, str]:
    return A, harness.dial(A, B)


def established(harness: CallHarness) -> tuple[str, str]:
    return A, harness.connected_call()


def muted(harness: CallHarness) -> tuple[str, str]:
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "MuteCall")
    return A, call


def recording(harness: CallHarness) -> tuple[str, str]:
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "StartCallRecording")
    return A, call


def paused(harness: CallHarness) -> tuple[str, str]:
    _, call = recording(harness)
    harness.execute_call_operation(A, call, "PauseCallRecording")
    return A, call


def held(harness: CallHarness) -> tuple[str, str]:
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "Hold")
    return A, call


def held_for_a_consultation(harness: CallHarness) -> tuple[str, str]:
    return A, consulting(harness)[0]


def consultation_dialing(harness: CallHarness) -> tuple[str, str]:
    main = harness.connected_call()
    harness.execute_call_operation(A, main, "InitiateConference", **TO_C)
    return A, list(harness.devices[A].calls.values())[-1].id


def consultation_established(harness: CallHarness) -> tuple[str, str]:
    return A, consulting(harness)[1]


def swapped(harness: CallHarness) -> tuple[str, str]:
    main, consultation = consulting(harness)
    harness.execute_call_operation(A, main, "SwapCalls", otherCallUri=consultation)
    return A, main


def in_conference(harness: CallHarness) -> tuple[str, str]:
    return A, conferencing(harness)


SITUATIONS = [
    *(ringing, dialing, established, muted, recording, paused, held, held_for_a_consultation),
    *(consultation_dialing, consultation_established, swapped, in_conference),
]

PARAMETERS: dict[str, dict[str, Any]] = {
    "InitiateTransfer": TO_D,
    "InitiateConference": TO_D,
    "SingleStepTransfer": TO_D,
    "SingleStepConference": TO_D,
    "SendDtmf": {"digits": "1"},
    "RemoveParticipantFromConference": {"participant": C},
    "AttachUserData": {"userData": {"k": "v"}},
    "UpdateUserData": {"userData": {"k": "v"}},
    "DeleteUserDataPair": {"key": "k"},
}

REFUSED_BY_THE_SWITCH = {
    ("ringing", "ClearCall"): ErrorCode.CallInWrongState,
    ("dialing", "SendDtmf"): ErrorCode.NoActiveCall,
    ("consultation_dialing", "SendDtmf"): ErrorCode.NoActiveCall,
    ("held_for_a_consultation", "Retrieve"): ErrorCode.OriginBusy,
    **{
        (situation, operation): code
        for situation in ("held", "held_for_a_consultation")
        for operation, code in (
            ("InitiateTransfer", ErrorCode.NoActiveCall),
            ("InitiateConference", ErrorCode.NoActiveCall),
            ("SingleStepTransfer", ErrorCode.CallInWrongState),
            ("SingleStepConference", ErrorCode.CallInWrongState),
        )
    },
}
"""What servers list although this switch refuses it: it is told as an error, and the call is as before."""


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_what_is_possible_the_switch_does(situation: Callable[[CallHarness], tuple[str, str]]) -> None:
    first = call_harness()
    dn, call = situation(first)
    for operation in sorted(first.capabilities(dn, call)):
        harness = call_harness()
        dn, call = situation(harness)
        harness.clear()
        parameters = PARAMETERS.get(operation, {})
        if operation == "SwapCalls":
            parameters = {
                "otherCallUri": next(c.id for c in harness.devices[dn].calls.values() if c.id != call)
            }
        harness.execute_call_operation(dn, call, operation, **parameters)
        notifications = harness.notifications(dn)
        errors = [m["errorCode"] for m in notifications if m["messageType"] == "ErrorMessage"]
        expected = REFUSED_BY_THE_SWITCH.get((situation.__name__, operation))
        assert errors == ([] if expected is None else [expected]), (operation, notifications)
        if expected is None and operation != "SingleStepConference":  # that is told when the phone answers
            assert notifications, operation


def test_what_is_not_possible_is_refused_at_once() -> None:
    for situation in SITUATIONS:
        harness = call_harness()
        dn, call = situation(harness)
        asked = len(harness.requests)
        for body in CALL_REQUESTS:
            name = body.__name__
            if name in harness.capabilities(dn, call):
                continue
            parameters = PARAMETERS.get(name, {"otherCallUri": "x"})
            with pytest.raises(ApiError, match=f"{name} is not possible while the call is") as refused:
                harness.execute_call_operation(dn, call, name, **parameters)
            assert refused.value.code is StatusCode.INVALID
        assert len(harness.requests) == asked


def test_every_operation_on_calls_is_possible_in_some_of_these_situations() -> None:
    seen: set[str] = set()
    for situation in SITUATIONS:
        harness = call_harness()
        seen |= harness.capabilities(*situation(harness))
    assert seen == {
        body.__name__ for body in CALL_REQUESTS if not ROW_OF[Resource.CALL, body].for_supervisors
    }
