"""Every operation on calls, in every situation: what is listed the switch does, what is not is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from bridge.tlib.errors import ErrorCode
from bridge.voice.model.errors import RefusedError, StatusCode
from bridge.voice.operations import BY_BODY, CALL_REQUESTS
from tests.voice.call_harness import A, B, C, House, conferencing, consulting, house

TO_C = {"destination": {"phoneNumber": C}}
TO_D = {"destination": {"phoneNumber": "15003"}}


def ringing(at: House) -> tuple[str, str]:
    return B, at.dials(A, B)


def dialing(at: House) -> tuple[str, str]:
    return A, at.dials(A, B)


def established(at: House) -> tuple[str, str]:
    return A, at.talking()


def muted(at: House) -> tuple[str, str]:
    call = at.talking()
    at.does(A, call, "MuteCall")
    return A, call


def recording(at: House) -> tuple[str, str]:
    call = at.talking()
    at.does(A, call, "StartCallRecording")
    return A, call


def paused(at: House) -> tuple[str, str]:
    _, call = recording(at)
    at.does(A, call, "PauseCallRecording")
    return A, call


def held(at: House) -> tuple[str, str]:
    call = at.talking()
    at.does(A, call, "Hold")
    return A, call


def held_for_a_consultation(at: House) -> tuple[str, str]:
    return A, consulting(at)[0]


def consultation_dialing(at: House) -> tuple[str, str]:
    main = at.talking()
    at.does(A, main, "InitiateConference", **TO_C)
    return A, list(at.devices[A].calls.values())[-1].id


def consultation_established(at: House) -> tuple[str, str]:
    return A, consulting(at)[1]


def swapped(at: House) -> tuple[str, str]:
    main, consultation = consulting(at)
    at.does(A, main, "SwapCalls", otherCallUri=consultation)
    return A, main


def in_conference(at: House) -> tuple[str, str]:
    return A, conferencing(at)


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
def test_what_is_possible_the_switch_does(situation: Callable[[House], tuple[str, str]]) -> None:
    first = house()
    dn, call = situation(first)
    for operation in sorted(first.capabilities(dn, call)):
        at = house()
        dn, call = situation(at)
        at.forget()
        parameters = PARAMETERS.get(operation, {})
        if operation == "SwapCalls":
            parameters = {"otherCallUri": next(c.id for c in at.devices[dn].calls.values() if c.id != call)}
        at.does(dn, call, operation, **parameters)
        told = at.told(dn)
        errors = [m["errorCode"] for m in told if m["messageType"] == "ErrorMessage"]
        expected = REFUSED_BY_THE_SWITCH.get((situation.__name__, operation))
        assert errors == ([] if expected is None else [expected]), (operation, told)
        if expected is None and operation != "SingleStepConference":  # that is told when the phone answers
            assert told, operation


def test_what_is_not_possible_is_refused_at_once() -> None:
    for situation in SITUATIONS:
        at = house()
        dn, call = situation(at)
        asked = len(at.requests)
        for body in CALL_REQUESTS:
            name = body.__name__
            if name in at.capabilities(dn, call):
                continue
            parameters = PARAMETERS.get(name, {"otherCallUri": "x"})
            with pytest.raises(RefusedError, match=f"{name} is not possible while the call is") as refused:
                at.does(dn, call, name, **parameters)
            assert refused.value.code is StatusCode.INVALID
        assert len(at.requests) == asked


def test_every_operation_on_calls_is_possible_in_some_of_these_situations() -> None:
    seen: set[str] = set()
    for situation in SITUATIONS:
        at = house()
        seen |= at.capabilities(*situation(at))
    assert seen == {body.__name__ for body in CALL_REQUESTS if not BY_BODY[body].for_supervisors}
