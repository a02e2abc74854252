"""The operations that record a call: start, pause, resume, stop.

Source: GWS v2, the recording operations. Each becomes a private service of the T-Server;
`bridge.tlib.private` has the numbers.
"""

from bridge.runtime import features
from bridge.tlib import messages as t
from bridge.tlib.private import PrivateMsgID
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import RecordingState
from bridge.voice.model.device import Device
from bridge.voice.operations.base import MakeRequest, Operation, OperationRow, Resource


class StartCallRecording(Operation, tag=True):
    """Begins to record the call."""


class PauseCallRecording(Operation, tag=True):
    """Leaves out what is said from now on."""


class ResumeCallRecording(Operation, tag=True):
    """Goes on after a pause."""


class StopCallRecording(Operation, tag=True):
    """Ends the recording."""


_SERVICES: dict[type[Operation], PrivateMsgID] = {
    StartCallRecording: PrivateMsgID.StartRecording,
    PauseCallRecording: PrivateMsgID.PauseRecording,
    ResumeCallRecording: PrivateMsgID.ResumeRecording,
    StopCallRecording: PrivateMsgID.StopRecording,
}


def _request(device: Device, call: Call, body: Operation) -> t.Request:
    return t.RequestPrivateService(
        this_dn=device.number, conn_id=call.conn_id, private_msg_id=_SERVICES[type(body)]
    )


REQUESTS: dict[type[Operation], MakeRequest] = dict.fromkeys(_SERVICES, _request)
"""The request of each operation."""

STATES: dict[int, RecordingState] = {
    PrivateMsgID.StartRecording: RecordingState.RECORDING,
    PrivateMsgID.PauseRecording: RecordingState.PAUSED,
    PrivateMsgID.ResumeRecording: RecordingState.RECORDING,
    PrivateMsgID.StopRecording: RecordingState.STOPPED,
}
"""The state of the recording after an EventPrivateInfo of each service."""

ROWS = tuple(OperationRow(body, on=(Resource.CALL,), features=(features.RECORDING,)) for body in REQUESTS)
