"""What is possible on a call, by its state and by what matters besides."""

import itertools

import pytest

from bridge.runtime.features import RECORDING
from bridge.tlib import messages as t
from bridge.tlib.enums import CallType, DNRole
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import CallStatus, RecordingState
from bridge.voice.model.capabilities import (
    CAPABILITIES,
    NO_ASPECTS,
    Aspect,
    possible_call_operations,
    possible_operations,
)
from bridge.voice.model.device import Device, DeviceConfig
from bridge.voice.operations import CALL_REQUESTS, ROWS

DATA = {"AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"}
BRINGING_IN = {"InitiateTransfer", "InitiateConference", "SingleStepTransfer", "SingleStepConference"}
TALKING = {"Hangup", "Hold", "SendDtmf", *BRINGING_IN, *DATA}
CONSULT = Aspect.CONSULT | Aspect.ANSWERED | Aspect.SWAPPABLE
COMPLETING = {"CompleteTransfer", "CompleteConference", "SwapCalls"}
LISTENING = TALKING | {"RemoveParticipantFromConference"}


@pytest.mark.parametrize(
    ("state", "aspects", "expected"),
    [
        (CallStatus.RINGING, NO_ASPECTS, {"Answer", *DATA}),
        (CallStatus.RINGING, Aspect.CLEARABLE, {"Answer", "ClearCall", *DATA}),
        (CallStatus.DIALING, NO_ASPECTS, {"Hangup", "SendDtmf", *DATA}),
        (
            CallStatus.DIALING,
            Aspect.CONSULT | Aspect.SWAPPABLE,
            {"Hangup", "SendDtmf", "CompleteTransfer", *DATA},
        ),
        (CallStatus.ESTABLISHED, NO_ASPECTS, {*TALKING, "MuteCall"}),
        (CallStatus.ESTABLISHED, Aspect.CLEARABLE, {*TALKING, "MuteCall", "ClearCall"}),
        (CallStatus.ESTABLISHED, Aspect.MUTED, {*TALKING, "UnmuteCall"}),
        (CallStatus.ESTABLISHED, CONSULT, {*TALKING, "MuteCall", *COMPLETING}),
        (CallStatus.ESTABLISHED, Aspect.SWAPPABLE, {*TALKING, "MuteCall", "SwapCalls"}),
        (CallStatus.ESTABLISHED, Aspect.CONFERENCE, {*TALKING, "MuteCall"}),
        (CallStatus.ESTABLISHED, Aspect.OWNED, {*TALKING, "MuteCall"}),
        (
            CallStatus.ESTABLISHED,
            Aspect.CONFERENCE | Aspect.OWNED,
            {*TALKING, "MuteCall", "RemoveParticipantFromConference"},
        ),
        (CallStatus.ESTABLISHED, Aspect.RECORDABLE, {*TALKING, "MuteCall", "StartCallRecording"}),
        (
            CallStatus.ESTABLISHED,
            Aspect.RECORDABLE | Aspect.RECORDING,
            {*TALKING, "MuteCall", "PauseCallRecording", "StopCallRecording"},
        ),
        (
            CallStatus.ESTABLISHED,
            Aspect.RECORDABLE | Aspect.PAUSED,
            {*TALKING, "MuteCall", "ResumeCallRecording", "StopCallRecording"},
        ),
        (CallStatus.HELD, NO_ASPECTS, {"Hangup", "Retrieve", *BRINGING_IN, *DATA}),
        (
            CallStatus.HELD,
            Aspect.CONSULT | Aspect.SWAPPABLE,
            {"Hangup", "Retrieve", "CompleteTransfer", "SwapCalls", *BRINGING_IN, *DATA},
        ),
        (CallStatus.HELD, CONSULT, {"Hangup", "Retrieve", *COMPLETING, *BRINGING_IN, *DATA}),
        (CallStatus.ESTABLISHED, Aspect.MONITORING | Aspect.CLEARABLE, {*LISTENING, "SwitchToBargeIn"}),
        (
            CallStatus.ESTABLISHED,
            Aspect.MONITORING | Aspect.BARGED_IN,
            {*LISTENING, "SwitchToListenIn", "MuteMonitoredUser"},
        ),
        (
            CallStatus.ESTABLISHED,
            Aspect.MONITORING | Aspect.BARGED_IN | Aspect.USER_MUTED,
            {*LISTENING, "SwitchToListenIn", "UnmuteMonitoredUser"},
        ),
        (CallStatus.RELEASED, ~NO_ASPECTS, set()),
    ],
)
def test_the_operations_of_each_situation(state: CallStatus, aspects: Aspect, expected: set[str]) -> None:
    assert set(possible_operations(state, aspects)) == expected


def test_no_operation_is_listed_twice_in_any_situation() -> None:
    for state, some in itertools.product(CallStatus, itertools.combinations(Aspect, 3)):
        listed = possible_operations(state, some[0] | some[1] | some[2])
        assert len(listed) == len(set(listed)), (state, some)


def test_every_operation_on_a_call_is_possible_somewhere_and_every_capability_is_an_operation() -> None:
    operations = {body.__name__ for body in CALL_REQUESTS}
    assert {row.operation for row in CAPABILITIES} == operations


@pytest.mark.parametrize("recording", [None, *RecordingState])
def test_operations_with_a_feature_of_their_own_are_possible_only_with_it(
    recording: RecordingState | None,
) -> None:
    recordings = {row.body.__name__ for row in ROWS if row.features == (RECORDING,)}
    call = Call(
        t.EventDialing(
            this_dn="1",
            this_dn_role=DNRole.Origination,
            conn_id=1,
            call_id=1,
            call_type=CallType.Internal,
            time_in_secs=0,
            time_in_usecs=0,
        )
    )
    call.state, call.recording = CallStatus.ESTABLISHED, recording

    def listed(*features: str) -> set[str]:
        device = Device(DeviceConfig("1", "1", "Switch_A", features=frozenset(features)))
        device.calls[1] = call
        return set(possible_call_operations(device, call, clearable=True))

    assert recordings
    assert listed() & recordings == set()
    assert listed() < listed(RECORDING) <= listed() | recordings
