"""What is possible on a call and on a device: the tables behind `capabilities` and all refusals.

A capability says that an operation makes sense in this state, not that the switch will carry it out. Which
user may use which operation is the matter of `bridge.voice.operations.permissions`.

Sources: GWS v2, Call resource, Device resource and the samples of each operation; where those are silent, the
capture of a real server.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto

from bridge.runtime.features import RECORDING
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import CallStatus, RecordingState
from bridge.voice.model.device import Device
from bridge.voice.model.monitoring import ArrangementState


class Aspect(Flag):
    """What matters of a call besides its state."""

    CONSULT = auto()
    """It is one of a consultation's two calls: the one it is about, or the consultation itself."""
    ANSWERED = auto()
    """The consultation has been answered."""
    SWAPPABLE = auto()
    """Of this call and another one of the device, one is Held and one Established; or the two belong to one
    consultation, so that the list is the same before, between and after the two events of a swap."""
    CONFERENCE = auto()
    """There is more than one other party."""
    OWNED = auto()
    """This device has brought others into the conference."""
    MUTED = auto()
    RECORDABLE = auto()
    """The contact center has the feature of the recording operations."""
    RECORDING = auto()
    PAUSED = auto()
    CLEARABLE = auto()
    """The version of the API has ClearCall."""
    MONITORING = auto()
    """This is the leg of a supervisor."""
    BARGED_IN = auto()
    """The supervisor is heard by all."""
    USER_MUTED = auto()
    """The supervisor has muted the monitored user."""


NO_ASPECTS = Aspect(0)


@dataclass(frozen=True, slots=True)
class Capability:
    """An operation, and when it is possible: in these states, with and without these aspects."""

    operation: str
    states: tuple[CallStatus, ...]
    needs: Aspect = NO_ASPECTS
    forbids: Aspect = NO_ASPECTS


_RINGING, _DIALING, _ESTABLISHED, _HELD, _ = CallStatus
_A = Aspect

CAPABILITIES: tuple[Capability, ...] = (
    Capability("Answer", (_RINGING,)),  # a ringing call has no Hangup
    Capability("Hangup", (_DIALING, _ESTABLISHED, _HELD)),
    Capability("Hold", (_ESTABLISHED,)),
    Capability("Retrieve", (_HELD,)),
    Capability("SendDtmf", (_DIALING, _ESTABLISHED)),
    Capability("InitiateTransfer", (_ESTABLISHED, _HELD)),
    Capability("InitiateConference", (_ESTABLISHED, _HELD)),
    Capability("SingleStepTransfer", (_ESTABLISHED, _HELD)),
    Capability("SingleStepConference", (_ESTABLISHED, _HELD)),
    Capability("CompleteTransfer", (_DIALING, _ESTABLISHED, _HELD), needs=_A.CONSULT),
    Capability("CompleteConference", (_ESTABLISHED, _HELD), needs=_A.CONSULT | _A.ANSWERED),
    Capability("SwapCalls", (_ESTABLISHED, _HELD), needs=_A.SWAPPABLE),
    Capability(
        "RemoveParticipantFromConference",
        (_ESTABLISHED,),
        needs=_A.CONFERENCE | _A.OWNED,
        forbids=_A.MONITORING,
    ),
    Capability("RemoveParticipantFromConference", (_ESTABLISHED,), needs=_A.MONITORING),
    Capability("ClearCall", (_RINGING, _ESTABLISHED), needs=_A.CLEARABLE, forbids=_A.MONITORING),
    Capability("MuteCall", (_ESTABLISHED,), forbids=_A.MUTED | _A.MONITORING),
    Capability("UnmuteCall", (_ESTABLISHED,), needs=_A.MUTED, forbids=_A.MONITORING),
    Capability("AttachUserData", (_RINGING, _DIALING, _ESTABLISHED, _HELD)),
    Capability("UpdateUserData", (_RINGING, _DIALING, _ESTABLISHED, _HELD)),
    Capability("DeleteUserData", (_RINGING, _DIALING, _ESTABLISHED, _HELD)),
    Capability("DeleteUserDataPair", (_RINGING, _DIALING, _ESTABLISHED, _HELD)),
    Capability("StartCallRecording", (_ESTABLISHED,), needs=_A.RECORDABLE, forbids=_A.RECORDING | _A.PAUSED),
    Capability("PauseCallRecording", (_ESTABLISHED,), needs=_A.RECORDING),
    Capability("ResumeCallRecording", (_ESTABLISHED,), needs=_A.PAUSED),
    Capability("StopCallRecording", (_ESTABLISHED,), needs=_A.RECORDING),
    Capability("StopCallRecording", (_ESTABLISHED,), needs=_A.PAUSED, forbids=_A.RECORDING),
    Capability("SwitchToListenIn", (_ESTABLISHED,), needs=_A.MONITORING | _A.BARGED_IN),
    Capability("SwitchToBargeIn", (_ESTABLISHED,), needs=_A.MONITORING, forbids=_A.BARGED_IN),
    Capability(
        "MuteMonitoredUser", (_ESTABLISHED,), needs=_A.MONITORING | _A.BARGED_IN, forbids=_A.USER_MUTED
    ),
    Capability("UnmuteMonitoredUser", (_ESTABLISHED,), needs=_A.MONITORING | _A.USER_MUTED),
)


@functools.cache  # as many entries as there are situations, which the table bounds
def possible_operations(state: CallStatus, aspects: Aspect) -> tuple[str, ...]:
    """Return the operations that are possible on a call in this state with these aspects."""
    return tuple(
        row.operation
        for row in CAPABILITIES
        if state in row.states and row.needs in aspects and not row.forbids & aspects
    )


def possible_call_operations(device: Device, call: Call, *, clearable: bool) -> tuple[str, ...]:
    """Return the operations that are possible on a call now; `clearable`: the API's version has ClearCall."""
    return possible_operations(call.state, aspects(device, call, clearable=clearable))


def aspects(device: Device, call: Call, *, clearable: bool) -> Aspect:
    """Return the aspects of a call."""
    found = _A.CLEARABLE if clearable else NO_ASPECTS
    if call.muted:
        found |= _A.MUTED
    if len(call.others) > 1:
        found |= _A.CONFERENCE
    if call.owned:
        found |= _A.OWNED
    if RECORDING in device.config.features and not call.monitoring:
        found |= _RECORDINGS[call.recording]
    if call.monitoring:
        found |= _A.MONITORING
        if call.supervisor_monitoring_state == "BargeIn":
            found |= _A.BARGED_IN
        if call.monitored_user_muted:
            found |= _A.USER_MUTED
    if call.consulting:
        found |= _A.CONSULT | _A.SWAPPABLE
    if len(device.calls) > 1:
        found |= _aspects_of_other_calls(device, call)
    return found


def _aspects_of_other_calls(device: Device, call: Call) -> Aspect:
    """Return the aspects that a call has because of the other calls of its device."""
    found = NO_ASPECTS
    for other in device.calls.values():
        if other is call:
            continue
        if other.state is _OPPOSITE.get(call.state):
            found |= _A.SWAPPABLE
        if call.conn_id == other.parent or other.conn_id == call.parent:
            consultation = other if call.conn_id == other.parent else call
            found |= _A.CONSULT | _A.SWAPPABLE  # also while both are on hold in the middle of a swap
            if consultation.state is not CallStatus.DIALING:
                found |= _A.ANSWERED
    return found


_OPPOSITE = {CallStatus.HELD: CallStatus.ESTABLISHED, CallStatus.ESTABLISHED: CallStatus.HELD}

_RECORDINGS: dict[RecordingState | None, Aspect] = {
    None: _A.RECORDABLE,
    RecordingState.STOPPED: _A.RECORDABLE,
    RecordingState.RECORDING: _A.RECORDABLE | _A.RECORDING,
    RecordingState.PAUSED: _A.RECORDABLE | _A.PAUSED,
}

# --- devices ----------------------------------------------------------------------------------------

DEVICE_CAPABILITIES: dict[str, Callable[[Device], bool]] = {
    "DoNotDisturbOn": lambda device: not device.presence.do_not_disturb,
    "DoNotDisturbOff": lambda device: device.presence.do_not_disturb,
    "ForwardCallsOn": lambda device: device.presence.forward_to is None,
    "ForwardCallsOff": lambda device: device.presence.forward_to is not None,
    "ListenIn": lambda device: (
        device.monitoring.state is ArrangementState.NONE
    ),  # a device monitors one other at a time
    "Coach": lambda device: device.monitoring.state is ArrangementState.NONE,
    "BargeIn": lambda device: device.monitoring.state is ArrangementState.NONE,
    "CancelSupervisorMonitoring": lambda device: device.monitoring.state is ArrangementState.ARRANGED,
}
"""When each operation is possible. Of two that undo each other one is (GWS v2, Device resource)."""


def possible_device_operations(device: Device) -> tuple[str, ...]:
    """Return the operations that the state of a device allows; none without a session."""
    if not device.in_session:
        return ()
    return tuple([name for name, is_possible in DEVICE_CAPABILITIES.items() if is_possible(device)])
