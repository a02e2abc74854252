"""What is possible on a call, by its state and by what matters besides."""

import itertools

import pytest

from bridge.voice.model.call_tables import State
from bridge.voice.model.capabilities import CAPABILITIES, NOTHING, Aspect, possible
from bridge.voice.operations import CALL_REQUESTS

DATA = {"AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"}
BRINGING_IN = {"InitiateTransfer", "InitiateConference", "SingleStepTransfer", "SingleStepConference"}
TALKING = {"Hangup", "Hold", "SendDtmf", *BRINGING_IN, *DATA}
CONSULT = Aspect.CONSULT | Aspect.ANSWERED | Aspect.SWAPPABLE
COMPLETING = {"CompleteTransfer", "CompleteConference", "SwapCalls"}
LISTENING = TALKING | {"RemoveParticipantFromConference"}


@pytest.mark.parametrize(
    ("state", "aspects", "expected"),
    [
        (State.RINGING, NOTHING, {"Answer", *DATA}),
        (State.RINGING, Aspect.CLEARABLE, {"Answer", "ClearCall", *DATA}),
        (State.DIALING, NOTHING, {"Hangup", "SendDtmf", *DATA}),
        (State.DIALING, Aspect.CONSULT | Aspect.SWAPPABLE, {"Hangup", "SendDtmf", "CompleteTransfer", *DATA}),
        (State.ESTABLISHED, NOTHING, {*TALKING, "MuteCall"}),
        (State.ESTABLISHED, Aspect.CLEARABLE, {*TALKING, "MuteCall", "ClearCall"}),
        (State.ESTABLISHED, Aspect.MUTED, {*TALKING, "UnmuteCall"}),
        (State.ESTABLISHED, CONSULT, {*TALKING, "MuteCall", *COMPLETING}),
        (State.ESTABLISHED, Aspect.SWAPPABLE, {*TALKING, "MuteCall", "SwapCalls"}),
        (State.ESTABLISHED, Aspect.CONFERENCE, {*TALKING, "MuteCall"}),
        (State.ESTABLISHED, Aspect.OWNED, {*TALKING, "MuteCall"}),
        (
            State.ESTABLISHED,
            Aspect.CONFERENCE | Aspect.OWNED,
            {*TALKING, "MuteCall", "RemoveParticipantFromConference"},
        ),
        (State.ESTABLISHED, Aspect.RECORDABLE, {*TALKING, "MuteCall", "StartCallRecording"}),
        (
            State.ESTABLISHED,
            Aspect.RECORDABLE | Aspect.RECORDING,
            {*TALKING, "MuteCall", "PauseCallRecording", "StopCallRecording"},
        ),
        (
            State.ESTABLISHED,
            Aspect.RECORDABLE | Aspect.PAUSED,
            {*TALKING, "MuteCall", "ResumeCallRecording", "StopCallRecording"},
        ),
        (State.HELD, NOTHING, {"Hangup", "Retrieve", *BRINGING_IN, *DATA}),
        (
            State.HELD,
            Aspect.CONSULT | Aspect.SWAPPABLE,
            {"Hangup", "Retrieve", "CompleteTransfer", "SwapCalls", *BRINGING_IN, *DATA},
        ),
        (State.HELD, CONSULT, {"Hangup", "Retrieve", *COMPLETING, *BRINGING_IN, *DATA}),
        (State.ESTABLISHED, Aspect.MONITORING | Aspect.CLEARABLE, {*LISTENING, "SwitchToBargeIn"}),
        (
            State.ESTABLISHED,
            Aspect.MONITORING | Aspect.BARGED_IN,
            {*LISTENING, "SwitchToListenIn", "MuteMonitoredUser"},
        ),
        (
            State.ESTABLISHED,
            Aspect.MONITORING | Aspect.BARGED_IN | Aspect.USER_MUTED,
            {*LISTENING, "SwitchToListenIn", "UnmuteMonitoredUser"},
        ),
        (State.RELEASED, ~NOTHING, set()),
    ],
)
def test_the_operations_of_each_situation(state: State, aspects: Aspect, expected: set[str]) -> None:
    assert set(possible(state, aspects)) == expected


def test_no_operation_is_listed_twice_in_any_situation() -> None:
    for state, some in itertools.product(State, itertools.combinations(Aspect, 3)):
        listed = possible(state, some[0] | some[1] | some[2])
        assert len(listed) == len(set(listed)), (state, some)


def test_every_operation_on_a_call_is_possible_somewhere_and_every_capability_is_an_operation() -> None:
    operations = {body.__name__ for body in CALL_REQUESTS}
    assert {row.operation for row in CAPABILITIES} == operations
