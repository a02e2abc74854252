"""Supervisors who listen in: what they arrange, and what their legs make of the calls of those they watch.

A supervisor's leg is a call at the supervisor's device in which its DN is an observer. The user who is
watched is told as well, if that user works here: whether somebody listens in silently, how, and whether the
supervisor has switched the microphone off.

Sources: GWS v2, Supervisor monitoring; T-Library Events and Models, call monitoring; SIP Server, the
change of the monitoring mode (EventPrivateInfo 4024).
"""

from bridge.tlib import messages as t
from bridge.tlib.enums import DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.tlib.private import PrivateMsgID
from bridge.voice.gws.call_notifications import Notices
from bridge.voice.gws.device_notifications import DeviceNotices
from bridge.voice.model.call_tables import Change, State
from bridge.voice.model.device import Call, Device
from bridge.voice.model.devices import Floor
from bridge.voice.model.errors import RefusedError, StatusCode
from bridge.voice.model.monitoring import MODES, MONITORS, SCOPES, Mode, Monitor, Monitoring
from bridge.voice.model.pending import Cause, Failure, Send, Step
from bridge.voice.operations import Operation
from bridge.voice.operations import monitoring as ops

_SWITCHES = {
    ops.SwitchToListenIn.__name__: Monitor.LISTEN_IN,
    ops.SwitchToBargeIn.__name__: Monitor.BARGE_IN,
}


class Supervision:
    """Who listens in to whom."""

    def __init__(self, floor: Floor, calls: Notices, devices: DeviceNotices, send: Send) -> None:
        self._floor = floor
        self._calls = calls
        self._devices = devices
        self._send = send
        self._legs: dict[Device, dict[int, str]] = {}
        """By the supervisor's device: the ConnID of each leg, and the DN that is watched."""

    # --- the way out ------------------------------------------------------------------------------

    def on_device(self, device: Device, body: Operation) -> None:
        """Arrange to listen in, or cancel that; the device allows it.

        Raises:
            RefusedError: the target cannot be monitored, or no link to the switch.

        """
        cause = Cause(body.name, device, step=Step.MONITOR)
        if isinstance(body, ops.Monitors):
            target = self._target(device, body)
            wanted = Monitoring(
                body.phone_number or target.number,
                body.monitor,
                body.supervisor_monitoring_mode,
                body.supervisor_monitoring_scope,
            )
            self._send(device.switch, ops.monitor_request(device.number, wanted), cause)
            device.monitoring = wanted
        elif device.monitoring is not None:
            request = t.RequestCancelMonitoring(this_dn=device.number, other_dn=device.monitoring.number)
            self._send(device.switch, request, cause)

    def _target(self, device: Device, body: ops.Monitors) -> Device:
        target_id = body.target_device_uri.rstrip("/").rpartition("/")[2]
        target = self._floor.device(target_id)
        if target is None or target.contact_center != device.contact_center:
            text = f"targetDeviceUri: the contact center has no device {target_id}"
            raise RefusedError(StatusCode.NOT_FOUND, text)
        if target is device or target.switch != device.switch:
            text = f"targetDeviceUri: {device.number} monitors others of {device.switch}, not {target.number}"
            raise RefusedError(StatusCode.INVALID, text)
        number = body.phone_number or target.number
        for other in self._floor.of_switch(device.switch):
            if other.monitoring is not None and other.monitoring.number == number:
                text = f"targetDeviceUri: {number} is monitored already by {other.number}"
                raise RefusedError(StatusCode.INVALID, text)
        return target

    # --- what is arranged -------------------------------------------------------------------------

    def arranged(self, device: Device, event: t.EventMonitoringNextCall) -> None:
        """Take note of what a supervisor has arranged; the copy of the watched DN tells nothing more."""
        if event.this_dn_role is not DNRole.Observer or not device.in_session:
            return
        wanted = device.monitoring or Monitoring(event.other_dn, Monitor.LISTEN_IN)
        told = event.extensions or KVList()
        device.monitoring = Monitoring(
            event.other_dn,
            MONITORS.get(str(told.first("MonitorMode")), wanted.state),
            MODES.get(event.monitor_next_call_type, wanted.mode),
            SCOPES.get(str(told.first("MonitorScope")), wanted.scope),
            is_arranged=True,
        )
        self._devices.device(device)

    def cancelled(self, device: Device, event: t.EventMonitoringCancelled) -> None:
        """Take note that an arrangement has ended."""
        if event.this_dn_role is DNRole.Observer:
            self._forget(device)

    def failed(self, cause: Cause, operation: str, failure: Failure) -> None:
        """Tell that an arrangement, or the end of one, has failed."""
        device = cause.device
        self._devices.failure(cause, operation, failure)
        is_new = device.monitoring is not None and not device.monitoring.is_arranged
        if is_new:
            device.monitoring = None
        elif failure.code is ErrorCode.InvalidTarget:  # the T-Server knows of no arrangement
            self._forget(device)

    def _forget(self, device: Device) -> None:
        if device.monitoring is not None:
            device.monitoring = None
            self._devices.device(device)

    # --- legs -------------------------------------------------------------------------------------

    def settle(self, device: Device) -> None:
        """Let the users who are watched know what has become of the legs of a device."""
        before = self._legs.get(device)
        if before is None and not any(call.monitoring for call in device.calls.values()):
            return
        now = {conn_id: call for conn_id, call in device.calls.items() if call.monitoring}
        known = before or {}
        legs = {conn_id: known.get(conn_id) or ops.watched(device, call) for conn_id, call in now.items()}
        moved = {call.previous_conn_id for call in now.values()}
        for conn_id, watched in known.items():
            if conn_id not in legs and conn_id not in moved:
                self._leg_ended(device, conn_id, watched)
        for conn_id, watched in legs.items():
            if now[conn_id].state is not State.RINGING:
                self._mark(device, conn_id, watched, now[conn_id].supervisor_monitoring_state)
        if legs:
            self._legs[device] = legs
        else:
            self._legs.pop(device, None)

    def _leg_ended(self, device: Device, conn_id: int, watched: str) -> None:
        self._mark(device, conn_id, watched, None)
        if device.monitoring is not None and device.monitoring.mode is Mode.NEXT_CALL:
            self._forget(device)

    def _mark(self, device: Device, conn_id: int, watched: str, state: str | None) -> None:
        """Write down at the watched user's call that it is watched, and tell it if that is new."""
        at = self._floor.at(device.switch, watched)
        call = None if at is None else at.call_at(conn_id)
        if at is None or call is None or call.supervisor_monitoring_state == state:
            return
        call.supervisor_monitoring_state = state
        call.supervisor_listening_in = state == Monitor.LISTEN_IN
        if state is None:
            call.monitored_user_muted = False
        self._calls.call(at, call, Change.STATUS, self._floor.time_at(at.switch))

    # --- microphones and modes --------------------------------------------------------------------

    def heard(self, device: Device, event: t.TelephonyEvent, cause: Cause | None) -> None:
        """See what an event at a device makes of listening in; the event has been folded."""
        if isinstance(event, t.EventMuteOn):
            if cause is not None and cause.operation == ops.MuteMonitoredUser.__name__:
                self._microphone(device, event.conn_id, is_off=True)
        elif isinstance(event, t.EventMuteOff):
            self._microphone(device, event.conn_id, is_off=False)
        self.settle(device)

    def _microphone(self, device: Device, conn_id: int, *, is_off: bool) -> None:
        """Tell the watched user, and who watches, that the microphone was switched."""
        legs = [
            leg_at
            for leg_at, legs in self._legs.items()
            if leg_at.switch == device.switch and legs.get(conn_id) == device.number
        ]
        for each in (device, *legs):
            call = each.call_at(conn_id)
            if call is not None and call.monitored_user_muted is not is_off:
                call.monitored_user_muted = is_off
                at = self._floor.time_at(each.switch)
                self._calls.call(each, call, Change.MONITORED_USER_MUTED, at)

    def mode_changed(self, device: Device, event: t.EventPrivateInfo) -> None:
        """Take over another monitoring mode of a call, as either side is told of it."""
        if event.private_msg_id != PrivateMsgID.MonitorMode or event.conn_id is None:
            return
        state = MONITORS.get(str((event.extensions or KVList()).first("MonitorMode")))
        call = device.call_at(event.conn_id)
        if call is not None and state is not None:
            self._take_mode(device, call, state)

    def _take_mode(self, device: Device, call: Call, state: Monitor) -> None:
        if call.supervisor_monitoring_state != state:
            call.supervisor_monitoring_state = state
            if not call.monitoring:
                call.supervisor_listening_in = state is Monitor.LISTEN_IN
            self._calls.call(device, call, Change.STATUS, self._floor.time_at(device.switch))
        self.settle(device)

    def is_so_already(self, cause: Cause, failure: Failure) -> bool:
        """Take a refusal for the outcome, if a supervisor wants to listen in as it is already."""
        wanted = _SWITCHES.get(cause.operation or "")
        call = None if cause.conn_id is None else cause.device.call_at(cause.conn_id)
        if wanted is None or call is None or failure.code is not ErrorCode.AlreadyInState:
            return False
        call.muted = wanted is Monitor.LISTEN_IN
        self._take_mode(cause.device, call, wanted)
        return True


def begin_leg(device: Device, call: Call) -> None:
    """Say of a supervisor's new leg how the supervisor listens in; who only listens is not heard."""
    call.monitoring = True
    state = device.monitoring.state if device.monitoring is not None else Monitor.LISTEN_IN
    call.supervisor_monitoring_state = state
    call.muted = state is Monitor.LISTEN_IN
