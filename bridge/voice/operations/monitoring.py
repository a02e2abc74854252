"""The operations of supervisor monitoring, and the T-Server request that each becomes.

Sources: GWS v2, ListenIn, Coach, BargeIn, CancelSupervisorMonitoring, SwitchToListenIn and
MuteMonitoredUser; T-Library, TMonitorNextCall, TCancelMonitoring, TSetMuteOn; SIP Server, where muting and
unmuting the supervisor changes the monitoring mode.
"""

from typing import Annotated, ClassVar

import msgspec

from bridge.runtime import features
from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from bridge.voice.model.call import Call
from bridge.voice.model.device import Device
from bridge.voice.model.monitoring import (
    CALL_TYPES,
    MONITOR_MODES,
    MONITOR_SCOPES,
    Mode,
    MonitoringArrangement,
    MonitoringState,
    Scope,
)
from bridge.voice.operations.base import MakeRequest, Operation, OperationRow, PhoneNumber, Resource

DeviceUri = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class MonitoringOperation(Operation):
    """Arranges to listen in.

    Attributes:
        target_device_uri: whose calls; the uri, path or id of a device.
        supervisor_monitoring_scope: the call wherever it goes, or only while the agent is on it.
        supervisor_monitoring_mode: all calls, or the next.
        phone_number: the monitored number, if it is not the device's: that of a route point, say.

    """

    target_device_uri: DeviceUri
    supervisor_monitoring_scope: Scope = Scope.CALL
    supervisor_monitoring_mode: Mode = Mode.ALL_CALLS
    phone_number: PhoneNumber | None = None

    monitor: ClassVar[MonitoringState]


class ListenIn(MonitoringOperation, tag=True):
    """Nobody notices the supervisor."""

    monitor = MonitoringState.LISTEN_IN


class Coach(MonitoringOperation, tag=True):
    """Only the agent hears the supervisor."""

    monitor = MonitoringState.COACH


class BargeIn(MonitoringOperation, tag=True):
    """Everybody hears the supervisor."""

    monitor = MonitoringState.BARGE_IN


class CancelSupervisorMonitoring(Operation, tag=True):
    """Ends the arrangement; the listening that has begun goes on until its call is over."""


class SwitchToListenIn(Operation, tag=True):
    """The supervisor is heard no more."""


class SwitchToBargeIn(Operation, tag=True):
    """The supervisor is heard by everybody."""


class MuteMonitoredUser(Operation, tag=True):
    """Nobody hears the monitored agent."""


class UnmuteMonitoredUser(Operation, tag=True):
    """The monitored agent is heard again."""


def monitor_request(dn: str, monitoring: MonitoringArrangement) -> t.Request:
    """Return the request for an arrangement."""
    return t.RequestMonitorNextCall(
        this_dn=dn,
        other_dn=monitoring.number,
        monitor_next_call_type=CALL_TYPES[monitoring.mode],
        extensions=KVList.of(
            MonitorMode=MONITOR_MODES[monitoring.state], MonitorScope=MONITOR_SCOPES[monitoring.scope]
        ),
    )


def monitored_dn(device: Device, call: Call) -> str:
    """Return the DN that a supervisor monitors on a call."""
    if call.others:
        return call.others[0]
    arrangement = device.monitoring.arrangement
    return device.number if arrangement is None else arrangement.number


CALL_REQUESTS: dict[type[Operation], MakeRequest] = {
    SwitchToListenIn: lambda device, call, _: t.RequestSetMuteOn(this_dn=device.number, conn_id=call.conn_id),
    SwitchToBargeIn: lambda device, call, _: t.RequestSetMuteOff(this_dn=device.number, conn_id=call.conn_id),
    MuteMonitoredUser: lambda device, call, _: t.RequestSetMuteOn(
        this_dn=monitored_dn(device, call), conn_id=call.conn_id
    ),
    UnmuteMonitoredUser: lambda device, call, _: t.RequestSetMuteOff(
        this_dn=monitored_dn(device, call), conn_id=call.conn_id
    ),
}
"""The request of each operation on the supervisor's leg."""

ON_DEVICES: tuple[type[Operation], ...] = (ListenIn, Coach, BargeIn, CancelSupervisorMonitoring)

ROWS = (
    *(
        OperationRow(body, (Resource.DEVICE,), (features.MONITORING,), for_supervisors=True)
        for body in ON_DEVICES
    ),
    *(
        OperationRow(body, (Resource.CALL,), (features.MONITORING,), for_supervisors=True)
        for body in CALL_REQUESTS
    ),
)
