"""Operations on a call, from POST to notification: what the T-Server gets, and what the agent is told."""

from collections.abc import Callable
from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import CallState, DNRole
from bridge.tlib.kv import KVList
from bridge.tlib.private import PrivateMsgID
from tests.loop import run
from tests.playbook import CALL_ID, CONN_ID, DEVICE_15000, playing

CALL = f"/me/calls/{CALL_ID}"
DIAL = f"/me/devices/{DEVICE_15000}/calls"
TO_15002 = {"destination": {"phoneNumber": "15002"}}
THERE = {"location": "Switch_B", "userData": {"Reason": "Test"}}
ATTRIBUTES: dict[str, Any] = {
    "other_dn": "15002",
    "location": "Switch_B",
    "user_data": KVList.of(Reason="Test"),
}

_RINGING = (t.EventRinging,)
_TALKING = (t.EventDialing, t.EventEstablished)
_HELD = (*_TALKING, t.EventHeld)
_MUTED = (*_TALKING, t.EventMuteOn)


@pytest.mark.parametrize(
    ("events", "operation", "parameters", "request_type", "attributes"),
    [
        (_RINGING, "Answer", {}, t.RequestAnswerCall, {}),
        (_RINGING, "ClearCall", {}, t.RequestClearCall, {}),
        (_TALKING, "Hangup", {}, t.RequestReleaseCall, {}),
        (_TALKING, "ClearCall", {}, t.RequestClearCall, {}),
        (_TALKING, "Hold", {}, t.RequestHoldCall, {}),
        (_HELD, "Retrieve", {}, t.RequestRetrieveCall, {}),
        (_TALKING, "MuteCall", {}, t.RequestSetMuteOn, {}),
        (_MUTED, "UnmuteCall", {}, t.RequestSetMuteOff, {}),
        (
            _TALKING,
            "SendDtmf",
            {"digits": "0123456789*#aD"},
            t.RequestSendDTMF,
            {"dtmf_digits": "0123456789*#aD"},
        ),
        (_TALKING, "InitiateTransfer", TO_15002, t.RequestInitiateTransfer, {"other_dn": "15002"}),
        (_TALKING, "InitiateTransfer", {**TO_15002, **THERE}, t.RequestInitiateTransfer, ATTRIBUTES),
        (_TALKING, "InitiateConference", {**TO_15002, **THERE}, t.RequestInitiateConference, ATTRIBUTES),
        (_TALKING, "SingleStepTransfer", {**TO_15002, **THERE}, t.RequestSingleStepTransfer, ATTRIBUTES),
        (_TALKING, "SingleStepConference", {**TO_15002, **THERE}, t.RequestSingleStepConference, ATTRIBUTES),
        (
            _TALKING,
            "AttachUserData",
            {"userData": {"k": {"n": 1}}},
            t.RequestAttachUserData,
            {"user_data": KVList.of(k=KVList.of(n=1))},
        ),
        (
            _TALKING,
            "UpdateUserData",
            {"userData": {"k": "v"}},
            t.RequestUpdateUserData,
            {"user_data": KVList.of(k="v")},
        ),
        (_TALKING, "UpdateUserData", {"userData": {}}, t.RequestUpdateUserData, {"user_data": KVList()}),
        (_TALKING, "DeleteUserDataPair", {"key": "k"}, t.RequestDeletePair, {"data_key": "k"}),
        (_TALKING, "DeleteUserData", {}, t.RequestDeleteUserData, {}),
        (
            _TALKING,
            "StartCallRecording",
            {},
            t.RequestPrivateService,
            {"private_msg_id": PrivateMsgID.StartRecording},
        ),
    ],
)
def test_an_operation_becomes_this_request(
    events: tuple[type[t.CallEvent], ...],
    operation: str,
    parameters: dict[str, Any],
    request_type: Callable[..., t.Request],
    attributes: dict[str, Any],
) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            for event in events:
                book.tserver.sends_call_event(event)
            await agent.notifications()

            answer = await agent.post(CALL, operation, **parameters)

            assert (answer.status, answer.json) == (200, {"statusCode": 0})
            (request,) = book.tserver.gets()
            assert request == request_type(
                reference_id=request.reference_id, this_dn="15000", conn_id=CONN_ID, **attributes
            )
            assert await agent.notifications() == []

    run(scene())


def test_dial_with_all_that_it_takes() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            await agent.post(DIAL, "Dial", **TO_15002, **THERE, outboundCallerId="8005550100")
            (request,) = book.tserver.gets()
            assert request == t.RequestMakeCall(
                reference_id=request.reference_id,
                this_dn="15000",
                extensions=KVList.of(CPNDigits="8005550100"),
                **ATTRIBUTES,
            )

    run(scene())


# --- what is told of each event ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "attributes", "kind", "told"),
    [
        (t.EventHeld, {}, "StatusChange", {"state": "Held"}),
        (t.EventMuteOn, {}, "StatusChange", {"state": "Established", "mute": "On"}),
        (t.EventDTMFSent, {"dtmf_digits": "1"}, "DtmfSent", {"state": "Established"}),
        (
            t.EventPartyAdded,
            {
                "other_dn": "15002",
                "third_party_dn": "15000",
                "third_party_dn_role": DNRole.AddedBy,
                "call_state": CallState.Conferenced,
            },
            "ParticipantsUpdated",
            {"state": "Established"},
        ),
        (
            t.EventAttachedDataChanged,
            {"user_data": KVList.of(N=-1, S="s", K=KVList.of(Deep="x"))},
            "AttachedDataChanged",
            {"userData": {"N": -1, "S": "s", "K": {"Deep": "x"}}},
        ),
        (t.EventAttachedDataChanged, {"user_data": KVList()}, "AttachedDataChanged", {}),
        (
            t.EventAttachedDataChanged,
            {"user_data": KVList.of(GSIP_RECORD="ON", GSIP_REC_FN="a%20b")},
            "CallRecordingStateChange",
            {"recordingState": "Recording", "userData": {"GSIP_RECORD": "ON", "GSIP_REC_FN": "a%20b"}},
        ),
    ],
    ids=["Held", "MuteOn", "DTMFSent", "PartyAdded", "data", "no data", "recorded"],
)
def test_what_is_told_of_an_event(
    event: type[t.CallEvent], attributes: dict[str, Any], kind: str, told: dict[str, Any]
) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            before = (await agent.get(CALL)).json["call"]

            book.tserver.sends_call_event(event, extensions=KVList.of(BusinessCall=1, Text="x"), **attributes)

            data = await agent.notification()
            assert (data["notificationType"], data["phoneNumber"]) == (kind, "15000")
            assert {key: data["call"][key] for key in told} == told
            assert set(before) <= set(data["call"])  # always complete
            is_bare = kind in ("AttachedDataChanged", "CallRecordingStateChange")
            assert data.get("extensions") == (None if is_bare else {"BusinessCall": 1, "Text": "x"})
            assert data["call"] == (await agent.get(CALL)).json["call"]

    run(scene())


def test_the_participant_outside_is_written_by_the_rules_of_the_contact_center() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            book.tserver.sends_call_event(t.EventRinging, other_dn="9165550104", ani="9165550104")
            call = (await agent.notification())["call"]
            assert call["ani"] == "9165550104"
            assert call["participants"] == [
                {
                    "e164Number": "+19165550104",
                    "formattedPhoneNumber": "(916) 555-0104",
                    "phoneNumber": "9165550104",
                    "digits": "9165550104",
                    "localPhoneNumber": "(916) 555-0104",
                    "country": {"name": "United States", "code": "US", "callingCode": "1"},
                    "location": "California",
                }
            ]

    run(scene())
