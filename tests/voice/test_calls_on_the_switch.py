"""Every operation on a call, against the simulated switch: what is asked, what is told, and what fits.

A ladder has for each agent what that agent is told, in short.
"""

from collections.abc import Callable

import pytest

from bridge.tlib import messages as t
from bridge.voice.model.errors import RefusedError, StatusCode
from tests.voice.call_harness import API, A, B, C, House, conferencing, consulting, house

NOT_A_PAIR = "SwapCalls needs one call that is Established and one that is Held; {0} is Held, {0} is Held"
TO_C = {"destination": {"phoneNumber": C}}

# --- one call ---------------------------------------------------------------------------------------


def test_dial_answer_hang_up() -> None:
    at = house()
    call = at.dials(A, B, userData={"Reason": "Test"})
    assert at.ladder(A) == [f"StatusChange Internal Dialing with {B}"]
    assert at.ladder(B) == [f"StatusChange Internal Ringing with {A}"]
    at.does(B, call, "Answer")
    assert at.ladder(A) == [f"StatusChange Internal Established with {B}"]
    assert at.ladder(B) == [f"StatusChange Internal Established with {A}"]
    at.waits(7)
    at.does(A, call, "Hangup")
    (released,) = at.told(A)
    assert (released["call"]["state"], released["call"]["duration"]) == ("Released", "7")
    assert (released["call"]["capabilities"], released["call"]["userData"]) == ([], {"Reason": "Test"})
    assert at.ladder(B) == [f"StatusChange Internal Released with {A}"]


def test_an_outbound_caller_id_rides_in_the_extensions() -> None:
    at = house()
    at.dials(A, B, outboundCallerId="8005550100")
    (request,) = at.requests
    assert isinstance(request, t.RequestMakeCall)
    assert dict(request.extensions or ()) == {"CPNDigits": "8005550100"}


def test_hold_and_retrieve() -> None:
    at = house()
    call = at.talking()
    at.does(A, call, "Hold")
    at.does(A, call, "Retrieve")
    assert at.ladder(A) == [
        f"StatusChange Internal Held with {B}",
        f"StatusChange Internal Established with {B}",
    ]
    assert at.ladder(B) == []


def test_tones() -> None:
    at = house()
    call = at.talking()
    at.does(A, call, "SendDtmf", digits="12#")
    (sent,) = at.told(A)
    assert (sent["notificationType"], sent["call"]["state"]) == ("DtmfSent", "Established")
    assert sent["extensions"] == {"BusinessCall": 0}
    assert at.requests[-1] == t.RequestSendDTMF(this_dn=A, conn_id=call_of(at, A), dtmf_digits="12#")


def call_of(at: House, dn: str) -> int:
    (conn_id,) = at.devices[dn].calls
    return conn_id


def test_mute_and_unmute() -> None:
    at = house()
    call = at.talking()
    at.does(A, call, "MuteCall")
    (muted,) = at.told(A)
    assert (muted["notificationType"], muted["call"]["mute"]) == ("StatusChange", "On")
    assert "UnmuteCall" in muted["call"]["capabilities"]
    assert "MuteCall" not in muted["call"]["capabilities"]
    at.does(A, call, "UnmuteCall")
    (heard,) = at.told(A)
    assert (heard["call"]["mute"], "MuteCall" in heard["call"]["capabilities"]) == ("Off", True)


def test_clear_call_ends_a_conference_for_everybody() -> None:
    at = house()
    call = conferencing(at)
    at.does(B, call, "ClearCall")
    for dn in (A, B, C):
        assert [line.split()[:3] for line in at.ladder(dn)] == [["StatusChange", "Internal", "Released"]]


# --- others come, and go ----------------------------------------------------------------------------


def test_a_single_step_transfer() -> None:
    at = house()
    call = at.talking()
    at.does(A, call, "SingleStepTransfer", **TO_C, userData={"Reason": "Escalation"})
    (released,) = at.told(A)
    assert (released["call"]["state"], released["call"]["userData"]) == ("Released", {"Reason": "Escalation"})
    assert at.ladder(B) == [f"ParticipantsUpdated Internal Established with {C}"]
    assert at.ladder(C) == [f"StatusChange Internal Ringing with {B}"]


def test_a_single_step_conference() -> None:
    at = house()
    call = at.talking()
    at.does(A, call, "SingleStepConference", **TO_C)
    assert at.ladder(A) == []
    at.does(C, call, "Answer")
    assert at.ladder(A) == [f"ParticipantsUpdated Internal Established with {B} {C}"]
    assert at.ladder(B) == [f"ParticipantsUpdated Internal Established with {A} {C}"]
    assert "RemoveParticipantFromConference" in at.capabilities(A, call)
    assert "RemoveParticipantFromConference" not in at.capabilities(B, call)


def test_a_consultation_and_its_parent() -> None:
    at = house()
    main = at.talking()
    at.does(A, main, "InitiateTransfer", **TO_C)
    held, dialing = at.told(A)
    assert (held["call"]["id"], held["call"]["state"]) == (main, "Held")
    assert {"CompleteTransfer", "SwapCalls", "Retrieve"} <= set(held["call"]["capabilities"])
    assert "CompleteConference" not in held["call"]["capabilities"]
    assert "parentCallUri" not in held["call"]
    consultation = dialing["call"]
    assert (consultation["callType"], consultation["state"]) == ("Consult", "Dialing")
    assert consultation["parentCallUri"] == f"{API}/me/calls/{main}"
    assert consultation["parentCallPath"] == f"/calls/{main}"

    (ringing,) = at.told(C)  # whose call the original is not
    assert ringing["call"]["callType"] == "Consult"
    assert "parentCallUri" not in ringing["call"]
    assert "CompleteTransfer" not in ringing["call"]["capabilities"]


BY: list[Callable[[str, str], tuple[str, dict[str, str]]]] = [
    lambda main, _: (main, {}),
    lambda _, consultation: (consultation, {}),
    lambda main, consultation: (main, {"consultCallUri": f"{API}/me/calls/{consultation}"}),
    lambda main, consultation: (main, {"consultCallUri": f"/calls/{consultation}"}),
    lambda main, consultation: (main, {"consultCallUri": consultation}),
    lambda _, consultation: (consultation, {"consultCallUri": consultation}),
    lambda main, consultation: (consultation, {"consultCallUri": f"{API}/me/calls/{main}/"}),
]
WAYS = ["main", "consultation", "uri", "path", "id", "of itself", "of the other"]


@pytest.mark.parametrize("by", BY, ids=WAYS)
def test_a_transfer_is_completed_and_the_original_call_is_told_first(
    by: Callable[[str, str], tuple[str, dict[str, str]]],
) -> None:
    at = house()
    main, consultation = consulting(at)
    call, parameters = by(main, consultation)
    at.does(A, call, "CompleteTransfer", **parameters)
    original, consult = at.told(A)
    assert (original["call"]["id"], original["call"]["state"]) == (main, "Released")
    assert (consult["call"]["id"], consult["call"]["state"]) == (consultation, "Released")
    assert consult["call"]["parentCallPath"] == f"/calls/{main}"
    assert at.ladder(B) == [f"ParticipantsUpdated Internal Established with {C}"]

    (joined,) = at.told(C)  # under the id it had, with the ConnID and the CallUUID of the original
    assert joined["notificationType"] == "ParticipantsUpdated"
    assert (joined["call"]["id"], joined["call"]["callUuid"]) == (consultation, main)
    assert joined["call"]["callType"] == "Internal"
    assert [party["digits"] for party in joined["call"]["participants"]] == [B]
    for call_id in (main, consultation):
        at.does(C, call_id, "SendDtmf", digits="1")


@pytest.mark.parametrize("by", BY, ids=WAYS)
def test_a_conference_is_completed(by: Callable[[str, str], tuple[str, dict[str, str]]]) -> None:
    at = house()
    main, consultation = consulting(at, "InitiateConference")
    call, parameters = by(main, consultation)
    at.does(A, call, "CompleteConference", **parameters)
    assert at.ladder(A) == [
        f"StatusChange Consult Released with {C}",
        f"StatusChange Internal Established with {B}",
        f"ParticipantsUpdated Internal Established with {B} {C}",
    ]
    assert at.ladder(B) == [f"ParticipantsUpdated Internal Established with {A} {C}"]
    assert at.ladder(C)[-1] == f"ParticipantsUpdated Internal Established with {A} {B}"


def test_a_transfer_before_the_answer() -> None:
    at = house()
    main = at.talking()
    at.does(A, main, "InitiateTransfer", **TO_C)
    at.does(A, main, "CompleteTransfer")
    assert at.ladder(A)[-2:] == [
        f"StatusChange Internal Released with {B}",
        f"StatusChange Consult Released with {C}",
    ]
    (ringing,) = at.devices[C].calls.values()
    at.does(C, ringing.id, "Answer")
    assert at.ladder(C)[-1] == f"StatusChange Internal Established with {B}"


def test_the_end_of_a_consultation_is_told_though_the_original_goes_on() -> None:
    at = house(profile="csta-pbx")  # which releases the original first
    main, consultation = consulting(at)
    at.does(A, main, "CompleteTransfer")
    assert [message["call"]["id"] for message in at.told(A)] == [main, consultation]

    at = house()
    main, consultation = consulting(at)
    at.does(C, consultation, "Hangup")
    assert at.ladder(A) == [f"StatusChange Consult Released with {C}"]
    assert "CompleteTransfer" not in at.capabilities(A, main)


@pytest.mark.parametrize("first", ["held", "active"])
def test_calls_are_swapped_to_and_fro(first: str) -> None:
    at = house()
    main, consultation = consulting(at)
    one, other = (main, consultation) if first == "held" else (consultation, main)
    at.does(A, one, "SwapCalls", otherCallUri=f"{API}/me/calls/{other}")
    assert sorted(at.ladder(A)) == [
        f"StatusChange Consult Held with {C}",
        f"StatusChange Internal Established with {B}",
    ]
    at.does(A, one, "SwapCalls", otherCallUri=other)
    assert sorted(at.ladder(A)) == [
        f"StatusChange Consult Established with {C}",
        f"StatusChange Internal Held with {B}",
    ]


def test_after_a_swap_a_transfer_is_completed_too() -> None:
    at = house()
    main, consultation = consulting(at)
    at.does(A, main, "SwapCalls", otherCallUri=consultation)
    at.forget()
    at.does(A, consultation, "CompleteTransfer")
    assert [message["call"]["id"] for message in at.told(A)] == [main, consultation]
    assert at.ladder(B) == [f"ParticipantsUpdated Internal Established with {C}"]


def test_a_participant_is_removed() -> None:
    at = house()
    call = conferencing(at)
    at.does(A, call, "RemoveParticipantFromConference", participant=C)
    (left,) = at.told(A)
    assert left["notificationType"] == "ParticipantsUpdated"
    assert [party["digits"] for party in left["call"]["participants"]] == [B]
    assert "RemoveParticipantFromConference" not in left["call"]["capabilities"]
    assert at.ladder(B) == [f"ParticipantsUpdated Internal Established with {A}"]
    assert at.ladder(C)[-1].startswith("StatusChange Internal Released")


# --- what the call carries --------------------------------------------------------------------------

NESTED = {"Case": {"Id": 4711, "Notes": {"Text": "Grüße 📞", "Empty": ""}}, "N": -(2**31)}


def test_user_data_is_attached_updated_and_deleted() -> None:
    at = house()
    call = at.talking()

    at.does(A, call, "AttachUserData", userData=NESTED)
    for dn in (A, B):
        (changed,) = at.told(dn)
        assert (changed["notificationType"], changed["call"]["userData"]) == ("AttachedDataChanged", NESTED)
        assert "extensions" not in changed

    at.does(A, call, "UpdateUserData", userData={"N": 1, "More": "yes"})
    (changed, _) = (at.told(A)[0], at.told(B))
    assert changed["call"]["userData"] == {"Case": NESTED["Case"], "N": 1, "More": "yes"}

    at.does(B, call, "DeleteUserDataPair", key="Case")
    (changed, _) = (at.told(A)[0], at.told(B))
    assert changed["call"]["userData"] == {"N": 1, "More": "yes"}

    at.does(A, call, "DeleteUserData")
    (changed,) = at.told(A)
    assert changed["notificationType"] == "AttachedDataChanged"
    assert "userData" not in changed["call"]


def test_attaching_a_key_again_adds_a_pair_and_the_first_is_shown() -> None:
    at = house()
    call = at.talking()
    at.does(A, call, "AttachUserData", userData={"Key": "first"})
    at.does(A, call, "AttachUserData", userData={"Key": "second"})
    (known,) = at.devices[A].calls.values()
    assert tuple(known.user_data or ()) == (("Key", "first"), ("Key", "second"))
    assert at.told(A)[-1]["call"]["userData"] == {"Key": "first"}


def test_a_recording() -> None:
    at = house()
    call = at.talking()
    expected = [
        ("StartCallRecording", "Recording", "ON", {"PauseCallRecording", "StopCallRecording"}),
        ("PauseCallRecording", "Paused", "PAUSED", {"ResumeCallRecording", "StopCallRecording"}),
        ("ResumeCallRecording", "Recording", "ON", {"PauseCallRecording", "StopCallRecording"}),
        ("StopCallRecording", "Stopped", "OFF", {"StartCallRecording"}),
    ]
    for operation, state, value, possible in expected:
        at.does(A, call, operation)
        for dn in (A, B):
            (changed,) = at.told(dn)
            assert changed["notificationType"] == "CallRecordingStateChange"
            assert changed["call"]["recordingState"] == state
            assert changed["call"]["userData"] == {"GSIP_RECORD": value}
            assert "extensions" not in changed
            told = set(changed["call"]["capabilities"])
            assert {name for name in told if name.endswith("Recording")} == possible


def test_a_recording_ends_with_the_call() -> None:
    at = house()
    call = at.talking()
    at.does(A, call, "StartCallRecording")
    at.forget()
    at.does(A, call, "Hangup")
    assert [message["call"]["recordingState"] for message in at.told(A)] == ["Stopped"]


def test_without_the_feature_nothing_is_told_of_recordings() -> None:
    at = house(records=False)
    at.devices[A].records = True
    call = at.talking()
    at.does(A, call, "StartCallRecording")
    assert at.told(B) == []
    assert not any(name.endswith("Recording") for name in at.capabilities(B, call))
    with pytest.raises(RefusedError, match="StopCallRecording is not possible"):
        at.does(B, call, "StopCallRecording")


# --- calls that do not go together -------------------------------------------------------------------


def test_calls_that_do_not_go_together() -> None:
    at = house()
    main, consultation = consulting(at)
    refusals: list[tuple[str, str, dict[str, str], StatusCode, str]] = [
        (
            "CompleteTransfer",
            main,
            {"consultCallUri": "/calls/NOSUCH"},
            StatusCode.NOT_FOUND,
            "consultCallUri: device 15000 has no call NOSUCH",
        ),
        (
            "SwapCalls",
            main,
            {"otherCallUri": "NOSUCH"},
            StatusCode.NOT_FOUND,
            "otherCallUri: device 15000 has no call NOSUCH",
        ),
        (
            "SwapCalls",
            main,
            {"otherCallUri": main},
            StatusCode.INVALID,
            NOT_A_PAIR.format(main),
        ),
    ]
    for operation, call, parameters, code, text in refusals:
        with pytest.raises(RefusedError) as refused:
            at.does(A, call, operation, **parameters)
        assert (refused.value.code, str(refused.value)) == (code, text)
    assert consultation in {call.id for call in at.devices[A].calls.values()}
