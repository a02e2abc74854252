"""Every operation on a call, against the simulated switch: what is asked, what is told, and what fits.

A ladder has for each agent what that agent is told, in short.
"""

from collections.abc import Callable

import pytest

from bridge.tlib import messages as t
from bridge.voice.model.errors import ApiError, StatusCode
from tests.voice.call_harness import (
    API,
    A,
    B,
    C,
    CallHarness,
    call_harness,
    conferencing,
    consulting,
    device_config,
)

NOT_A_PAIR = "SwapCalls needs one call that is Established and one that is Held; {0} is Held, {0} is Held"
TO_C = {"destination": {"phoneNumber": C}}

# --- one call ---------------------------------------------------------------------------------------


def test_dial_answer_hang_up() -> None:
    harness = call_harness()
    call = harness.dial(A, B, userData={"Reason": "Test"})
    assert harness.ladder(A) == [f"StatusChange Internal Dialing with {B}"]
    assert harness.ladder(B) == [f"StatusChange Internal Ringing with {A}"]
    harness.execute_call_operation(B, call, "Answer")
    assert harness.ladder(A) == [f"StatusChange Internal Established with {B}"]
    assert harness.ladder(B) == [f"StatusChange Internal Established with {A}"]
    harness.wait(7)
    harness.execute_call_operation(A, call, "Hangup")
    (released,) = harness.notifications(A)
    assert (released["call"]["state"], released["call"]["duration"]) == ("Released", "7")
    assert (released["call"]["capabilities"], released["call"]["userData"]) == ([], {"Reason": "Test"})
    assert harness.ladder(B) == [f"StatusChange Internal Released with {A}"]


def test_an_outbound_caller_id_rides_in_the_extensions() -> None:
    harness = call_harness()
    harness.dial(A, B, outboundCallerId="8005550100")
    (request,) = harness.requests
    assert isinstance(request, t.RequestMakeCall)
    assert dict(request.extensions or ()) == {"CPNDigits": "8005550100"}


def test_hold_and_retrieve() -> None:
    harness = call_harness()
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "Hold")
    harness.execute_call_operation(A, call, "Retrieve")
    assert harness.ladder(A) == [
        f"StatusChange Internal Held with {B}",
        f"StatusChange Internal Established with {B}",
    ]
    assert harness.ladder(B) == []


def test_tones() -> None:
    harness = call_harness()
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "SendDtmf", digits="12#")
    (sent,) = harness.notifications(A)
    assert (sent["notificationType"], sent["call"]["state"]) == ("DtmfSent", "Established")
    assert sent["extensions"] == {"BusinessCall": 0}
    assert harness.requests[-1] == t.RequestSendDTMF(
        this_dn=A, conn_id=call_of(harness, A), dtmf_digits="12#"
    )


def call_of(harness: CallHarness, dn: str) -> int:
    (conn_id,) = harness.devices[dn].calls
    return conn_id


def test_mute_and_unmute() -> None:
    harness = call_harness()
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "MuteCall")
    (muted,) = harness.notifications(A)
    assert (muted["notificationType"], muted["call"]["mute"]) == ("StatusChange", "On")
    assert "UnmuteCall" in muted["call"]["capabilities"]
    assert "MuteCall" not in muted["call"]["capabilities"]
    harness.execute_call_operation(A, call, "UnmuteCall")
    (heard,) = harness.notifications(A)
    assert (heard["call"]["mute"], "MuteCall" in heard["call"]["capabilities"]) == ("Off", True)


def test_clear_call_ends_a_conference_for_everybody() -> None:
    harness = call_harness()
    call = conferencing(harness)
    harness.execute_call_operation(B, call, "ClearCall")
    for dn in (A, B, C):
        assert [line.split()[:3] for line in harness.ladder(dn)] == [["StatusChange", "Internal", "Released"]]


# --- others come, and go ----------------------------------------------------------------------------


def test_a_single_step_transfer() -> None:
    harness = call_harness()
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "SingleStepTransfer", **TO_C, userData={"Reason": "Escalation"})
    (released,) = harness.notifications(A)
    assert (released["call"]["state"], released["call"]["userData"]) == ("Released", {"Reason": "Escalation"})
    assert harness.ladder(B) == [f"ParticipantsUpdated Internal Established with {C}"]
    assert harness.ladder(C) == [f"StatusChange Internal Ringing with {B}"]


def test_a_single_step_conference() -> None:
    harness = call_harness()
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "SingleStepConference", **TO_C)
    assert harness.ladder(A) == []
    harness.execute_call_operation(C, call, "Answer")
    assert harness.ladder(A) == [f"ParticipantsUpdated Internal Established with {B} {C}"]
    assert harness.ladder(B) == [f"ParticipantsUpdated Internal Established with {A} {C}"]
    assert "RemoveParticipantFromConference" in harness.capabilities(A, call)
    assert "RemoveParticipantFromConference" not in harness.capabilities(B, call)


def test_a_consultation_and_its_parent() -> None:
    harness = call_harness()
    main = harness.connected_call()
    harness.execute_call_operation(A, main, "InitiateTransfer", **TO_C)
    held, dialing = harness.notifications(A)
    assert (held["call"]["id"], held["call"]["state"]) == (main, "Held")
    assert {"CompleteTransfer", "SwapCalls", "Retrieve"} <= set(held["call"]["capabilities"])
    assert "CompleteConference" not in held["call"]["capabilities"]
    assert "parentCallUri" not in held["call"]
    consultation = dialing["call"]
    assert (consultation["callType"], consultation["state"]) == ("Consult", "Dialing")
    assert consultation["parentCallUri"] == f"{API}/me/calls/{main}"
    assert consultation["parentCallPath"] == f"/calls/{main}"

    (ringing,) = harness.notifications(C)  # whose call the original is not
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
    harness = call_harness()
    main, consultation = consulting(harness)
    call, parameters = by(main, consultation)
    harness.execute_call_operation(A, call, "CompleteTransfer", **parameters)
    original, consult = harness.notifications(A)
    assert (original["call"]["id"], original["call"]["state"]) == (main, "Released")
    assert (consult["call"]["id"], consult["call"]["state"]) == (consultation, "Released")
    assert consult["call"]["parentCallPath"] == f"/calls/{main}"
    assert harness.ladder(B) == [f"ParticipantsUpdated Internal Established with {C}"]

    (joined,) = harness.notifications(
        C
    )  # under the id it had, with the ConnID and the CallUUID of the original
    assert joined["notificationType"] == "ParticipantsUpdated"
    assert (joined["call"]["id"], joined["call"]["callUuid"]) == (consultation, main)
    assert joined["call"]["callType"] == "Internal"
    assert [party["digits"] for party in joined["call"]["participants"]] == [B]
    for call_id in (main, consultation):
        harness.execute_call_operation(C, call_id, "SendDtmf", digits="1")


@pytest.mark.parametrize("by", BY, ids=WAYS)
def test_a_conference_is_completed(by: Callable[[str, str], tuple[str, dict[str, str]]]) -> None:
    harness = call_harness()
    main, consultation = consulting(harness, "InitiateConference")
    call, parameters = by(main, consultation)
    harness.execute_call_operation(A, call, "CompleteConference", **parameters)
    assert harness.ladder(A) == [
        f"StatusChange Consult Released with {C}",
        f"StatusChange Internal Established with {B}",
        f"ParticipantsUpdated Internal Established with {B} {C}",
    ]
    assert harness.ladder(B) == [f"ParticipantsUpdated Internal Established with {A} {C}"]
    assert harness.ladder(C)[-1] == f"ParticipantsUpdated Internal Established with {A} {B}"


def test_a_transfer_before_the_answer() -> None:
    harness = call_harness()
    main = harness.connected_call()
    harness.execute_call_operation(A, main, "InitiateTransfer", **TO_C)
    harness.execute_call_operation(A, main, "CompleteTransfer")
    assert harness.ladder(A)[-2:] == [
        f"StatusChange Internal Released with {B}",
        f"StatusChange Consult Released with {C}",
    ]
    (ringing,) = harness.devices[C].calls.values()
    harness.execute_call_operation(C, ringing.id, "Answer")
    assert harness.ladder(C)[-1] == f"StatusChange Internal Established with {B}"


def test_the_end_of_a_consultation_is_told_though_the_original_goes_on() -> None:
    harness = call_harness(profile="csta-pbx")  # which releases the original first
    main, consultation = consulting(harness)
    harness.execute_call_operation(A, main, "CompleteTransfer")
    assert [message["call"]["id"] for message in harness.notifications(A)] == [main, consultation]

    harness = call_harness()
    main, consultation = consulting(harness)
    harness.execute_call_operation(C, consultation, "Hangup")
    assert harness.ladder(A) == [f"StatusChange Consult Released with {C}"]
    assert "CompleteTransfer" not in harness.capabilities(A, main)


@pytest.mark.parametrize("first", ["held", "active"])
def test_calls_are_swapped_to_and_fro(first: str) -> None:
    harness = call_harness()
    main, consultation = consulting(harness)
    one, other = (main, consultation) if first == "held" else (consultation, main)
    harness.execute_call_operation(A, one, "SwapCalls", otherCallUri=f"{API}/me/calls/{other}")
    assert sorted(harness.ladder(A)) == [
        f"StatusChange Consult Held with {C}",
        f"StatusChange Internal Established with {B}",
    ]
    harness.execute_call_operation(A, one, "SwapCalls", otherCallUri=other)
    assert sorted(harness.ladder(A)) == [
        f"StatusChange Consult Established with {C}",
        f"StatusChange Internal Held with {B}",
    ]


def test_after_a_swap_a_transfer_is_completed_too() -> None:
    harness = call_harness()
    main, consultation = consulting(harness)
    harness.execute_call_operation(A, main, "SwapCalls", otherCallUri=consultation)
    harness.clear()
    harness.execute_call_operation(A, consultation, "CompleteTransfer")
    assert [message["call"]["id"] for message in harness.notifications(A)] == [main, consultation]
    assert harness.ladder(B) == [f"ParticipantsUpdated Internal Established with {C}"]


def test_a_participant_is_removed() -> None:
    harness = call_harness()
    call = conferencing(harness)
    harness.execute_call_operation(A, call, "RemoveParticipantFromConference", participant=C)
    (left,) = harness.notifications(A)
    assert left["notificationType"] == "ParticipantsUpdated"
    assert [party["digits"] for party in left["call"]["participants"]] == [B]
    assert "RemoveParticipantFromConference" not in left["call"]["capabilities"]
    assert harness.ladder(B) == [f"ParticipantsUpdated Internal Established with {A}"]
    assert harness.ladder(C)[-1].startswith("StatusChange Internal Released")


# --- what the call carries --------------------------------------------------------------------------

NESTED = {"Case": {"Id": 4711, "Notes": {"Text": "Grüße 📞", "Empty": ""}}, "N": -(2**31)}


def test_user_data_is_attached_updated_and_deleted() -> None:
    harness = call_harness()
    call = harness.connected_call()

    harness.execute_call_operation(A, call, "AttachUserData", userData=NESTED)
    for dn in (A, B):
        (changed,) = harness.notifications(dn)
        assert (changed["notificationType"], changed["call"]["userData"]) == ("AttachedDataChanged", NESTED)
        assert "extensions" not in changed

    harness.execute_call_operation(A, call, "UpdateUserData", userData={"N": 1, "More": "yes"})
    (changed, _) = (harness.notifications(A)[0], harness.notifications(B))
    assert changed["call"]["userData"] == {"Case": NESTED["Case"], "N": 1, "More": "yes"}

    harness.execute_call_operation(B, call, "DeleteUserDataPair", key="Case")
    (changed, _) = (harness.notifications(A)[0], harness.notifications(B))
    assert changed["call"]["userData"] == {"N": 1, "More": "yes"}

    harness.execute_call_operation(A, call, "DeleteUserData")
    (changed,) = harness.notifications(A)
    assert changed["notificationType"] == "AttachedDataChanged"
    assert "userData" not in changed["call"]


def test_attaching_a_key_again_adds_a_pair_and_the_first_is_shown() -> None:
    harness = call_harness()
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "AttachUserData", userData={"Key": "first"})
    harness.execute_call_operation(A, call, "AttachUserData", userData={"Key": "second"})
    (known,) = harness.devices[A].calls.values()
    assert tuple(known.user_data or ()) == (("Key", "first"), ("Key", "second"))
    assert harness.notifications(A)[-1]["call"]["userData"] == {"Key": "first"}


def test_a_recording() -> None:
    harness = call_harness()
    call = harness.connected_call()
    expected = [
        ("StartCallRecording", "Recording", "ON", {"PauseCallRecording", "StopCallRecording"}),
        ("PauseCallRecording", "Paused", "PAUSED", {"ResumeCallRecording", "StopCallRecording"}),
        ("ResumeCallRecording", "Recording", "ON", {"PauseCallRecording", "StopCallRecording"}),
        ("StopCallRecording", "Stopped", "OFF", {"StartCallRecording"}),
    ]
    for operation, state, value, possible in expected:
        harness.execute_call_operation(A, call, operation)
        for dn in (A, B):
            (changed,) = harness.notifications(dn)
            assert changed["notificationType"] == "CallRecordingStateChange"
            assert changed["call"]["recordingState"] == state
            assert changed["call"]["userData"] == {"GSIP_RECORD": value}
            assert "extensions" not in changed
            notifications = set(changed["call"]["capabilities"])
            assert {name for name in notifications if name.endswith("Recording")} == possible


def test_a_recording_ends_with_the_call() -> None:
    harness = call_harness()
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "StartCallRecording")
    harness.clear()
    harness.execute_call_operation(A, call, "Hangup")
    assert [message["call"]["recordingState"] for message in harness.notifications(A)] == ["Stopped"]


def test_without_the_feature_nothing_is_told_of_recordings() -> None:
    harness = call_harness(has_recording=False)
    harness.service.add_or_update_device(device_config(A, has_recording=True))
    call = harness.connected_call()
    harness.execute_call_operation(A, call, "StartCallRecording")
    assert harness.notifications(B) == []
    assert not any(name.endswith("Recording") for name in harness.capabilities(B, call))
    with pytest.raises(ApiError, match="StopCallRecording is not possible"):
        harness.execute_call_operation(B, call, "StopCallRecording")


# --- calls that do not go together -------------------------------------------------------------------


def test_calls_that_do_not_go_together() -> None:
    harness = call_harness()
    main, consultation = consulting(harness)
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
        with pytest.raises(ApiError) as refused:
            harness.execute_call_operation(A, call, operation, **parameters)
        assert (refused.value.code, str(refused.value)) == (code, text)
    assert consultation in {call.id for call in harness.devices[A].calls.values()}
