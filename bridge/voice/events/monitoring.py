"""Supervisors who listen in: what they arrange, and what their legs make of the calls of those they watch.

A supervisor's leg is a call at the supervisor's device in which its DN is an observer. The user who is
watched is told as well, if that user works here: whether somebody listens in silently, how, and whether the
supervisor has switched the microphone off.

Sources: GWS v2, Supervisor monitoring; T-Library Events and Models, call monitoring; SIP Server, the
change of the monitoring mode (EventPrivateInfo 4024).
"""

from bridge.runtime.uris import id_from_uri
from bridge.tlib import messages as t
from bridge.tlib.enums import DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.tlib.private import PrivateMsgID
from bridge.voice.gws.call_notifications import CallNotifier
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import CallStatus, NotificationType
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.model.monitoring import (
    MODES,
    MONITORS,
    SCOPES,
    Mode,
    MonitoringArrangement,
    MonitoringState,
)
from bridge.voice.model.pending import PendingRequest, Purpose, RequestFailure, SendRequest
from bridge.voice.operations import Operation
from bridge.voice.operations import monitoring as ops

_SWITCHED_TO = {
    ops.SwitchToListenIn.__name__: MonitoringState.LISTEN_IN,
    ops.SwitchToBargeIn.__name__: MonitoringState.BARGE_IN,
}


class SupervisorMonitoring:
    """Who listens in to whom."""

    def __init__(
        self, all_devices: Devices, calls: CallNotifier, devices: DeviceNotifier, send: SendRequest
    ) -> None:
        self._all_devices = all_devices
        self._call_notifier = calls
        self._device_notifier = devices
        self._send = send
        self._legs: dict[Device, dict[int, str]] = {}
        """By the supervisor's device: the ConnID of each leg, and the DN that is watched."""

    # --- the way out ------------------------------------------------------------------------------

    def execute_device_operation(self, device: Device, body: Operation) -> None:
        """Arrange to listen in, or cancel that; the device allows it.

        Raises:
            ApiError: the target cannot be monitored, or no link to the switch.

        """
        pending = PendingRequest(body.name, device, purpose=Purpose.MONITOR)
        if isinstance(body, ops.MonitoringOperation):
            target = self._target(device, body)
            requested = MonitoringArrangement(
                body.phone_number or target.number,
                body.monitor,
                body.supervisor_monitoring_mode,
                body.supervisor_monitoring_scope,
            )
            self._send(device.switch, ops.monitor_request(device.number, requested), pending)
            device.monitoring = requested
        elif device.monitoring is not None:
            request = t.RequestCancelMonitoring(this_dn=device.number, other_dn=device.monitoring.number)
            self._send(device.switch, request, pending)

    def _target(self, device: Device, body: ops.MonitoringOperation) -> Device:
        target_id = id_from_uri(body.target_device_uri)
        target = self._all_devices.device(target_id)
        if target is None or target.config.contact_center != device.config.contact_center:
            text = f"targetDeviceUri: the contact center has no device {target_id}"
            raise ApiError(StatusCode.NOT_FOUND, text)
        if target is device or target.switch != device.switch:
            text = f"targetDeviceUri: {device.number} monitors others of {device.switch}, not {target.number}"
            raise ApiError(StatusCode.INVALID, text)
        number = body.phone_number or target.number
        for other in self._all_devices.of_switch(device.switch):
            if other.monitoring is not None and other.monitoring.number == number:
                text = f"targetDeviceUri: {number} is monitored already by {other.number}"
                raise ApiError(StatusCode.INVALID, text)
        return target

    # --- what is arranged -------------------------------------------------------------------------

    def on_monitoring_arranged(self, device: Device, event: t.EventMonitoringNextCall) -> None:
        """Take note of what a supervisor has arranged; the copy of the watched DN tells nothing more."""
        if event.this_dn_role is not DNRole.Observer or not device.in_session:
            return
        requested = device.monitoring or MonitoringArrangement(event.other_dn, MonitoringState.LISTEN_IN)
        reported = event.extensions or KVList()
        device.monitoring = MonitoringArrangement(
            event.other_dn,
            MONITORS.get(str(reported.first("MonitorMode")), requested.state),
            MODES.get(event.monitor_next_call_type, requested.mode),
            SCOPES.get(str(reported.first("MonitorScope")), requested.scope),
            is_arranged=True,
        )
        self._device_notifier.notify_device(device)

    def on_monitoring_cancelled(self, device: Device, event: t.EventMonitoringCancelled) -> None:
        """Take note that an arrangement has ended."""
        if event.this_dn_role is DNRole.Observer:
            self._clear_monitoring(device)

    def failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Tell that an arrangement, or the end of one, has failed."""
        device = pending.device
        self._device_notifier.notify_failure(pending, operation, failure)
        is_new = device.monitoring is not None and not device.monitoring.is_arranged
        if is_new:
            device.monitoring = None
        elif failure.code is ErrorCode.InvalidTarget:  # the T-Server knows of no arrangement
            self._clear_monitoring(device)

    def _clear_monitoring(self, device: Device) -> None:
        if device.monitoring is not None:
            device.monitoring = None
            self._device_notifier.notify_device(device)

    # --- legs -------------------------------------------------------------------------------------

    def update_monitored_users(self, device: Device) -> None:
        """Let the users who are watched know what has become of the legs of a device."""
        before = self._legs.get(device)
        if before is None and not any(call.monitoring for call in device.calls.values()):
            return
        now = {conn_id: call for conn_id, call in device.calls.items() if call.monitoring}
        known = before or {}
        legs = {
            conn_id: known.get(conn_id) or ops.monitored_dn(device, call) for conn_id, call in now.items()
        }
        moved = {call.previous_conn_id for call in now.values()}
        for conn_id, monitored_dn in known.items():
            if conn_id not in legs and conn_id not in moved:
                self._on_leg_ended(device, conn_id, monitored_dn)
        for conn_id, monitored_dn in legs.items():
            if now[conn_id].state is not CallStatus.RINGING:
                self._set_monitoring_state(
                    device, conn_id, monitored_dn, now[conn_id].supervisor_monitoring_state
                )
        if legs:
            self._legs[device] = legs
        else:
            self._legs.pop(device, None)

    def _on_leg_ended(self, device: Device, conn_id: int, monitored_dn: str) -> None:
        self._set_monitoring_state(device, conn_id, monitored_dn, None)
        if device.monitoring is not None and device.monitoring.mode is Mode.NEXT_CALL:
            self._clear_monitoring(device)

    def _set_monitoring_state(
        self, device: Device, conn_id: int, monitored_dn: str, state: str | None
    ) -> None:
        """Write down at the watched user's call that it is watched, and tell it if that is new."""
        at = self._all_devices.at(device.switch, monitored_dn)
        call = None if at is None else at.find_call_by_conn_id(conn_id)
        if at is None or call is None or call.supervisor_monitoring_state == state:
            return
        call.supervisor_monitoring_state = state
        call.supervisor_listening_in = state == MonitoringState.LISTEN_IN
        if state is None:
            call.monitored_user_muted = False
        self._call_notifier.notify_call(
            at, call, NotificationType.STATUS, self._all_devices.time_at(at.switch)
        )

    # --- microphones and modes --------------------------------------------------------------------

    def on_event(self, device: Device, event: t.TelephonyEvent, pending: PendingRequest | None) -> None:
        """See what an event at a device makes of listening in; the event has been folded."""
        if isinstance(event, t.EventMuteOn):
            if pending is not None and pending.operation == ops.MuteMonitoredUser.__name__:
                self._set_user_muted(device, event.conn_id, is_off=True)
        elif isinstance(event, t.EventMuteOff):
            self._set_user_muted(device, event.conn_id, is_off=False)
        self.update_monitored_users(device)

    def _set_user_muted(self, device: Device, conn_id: int, *, is_off: bool) -> None:
        """Tell the watched user, and who watches, that the microphone was switched."""
        legs = [
            leg_at
            for leg_at, legs in self._legs.items()
            if leg_at.switch == device.switch and legs.get(conn_id) == device.number
        ]
        for each in (device, *legs):
            call = each.find_call_by_conn_id(conn_id)
            if call is not None and call.monitored_user_muted is not is_off:
                call.monitored_user_muted = is_off
                at = self._all_devices.time_at(each.switch)
                self._call_notifier.notify_call(each, call, NotificationType.MONITORED_USER_MUTED, at)

    def on_monitoring_mode_changed(self, device: Device, event: t.EventPrivateInfo) -> None:
        """Take over another monitoring mode of a call, as either side is told of it."""
        if event.private_msg_id != PrivateMsgID.MonitorMode or event.conn_id is None:
            return
        state = MONITORS.get(str((event.extensions or KVList()).first("MonitorMode")))
        call = device.find_call_by_conn_id(event.conn_id)
        if call is not None and state is not None:
            self._apply_monitoring_mode(device, call, state)

    def _apply_monitoring_mode(self, device: Device, call: Call, state: MonitoringState) -> None:
        if call.supervisor_monitoring_state != state:
            call.supervisor_monitoring_state = state
            if not call.monitoring:
                call.supervisor_listening_in = state is MonitoringState.LISTEN_IN
            self._call_notifier.notify_call(
                device, call, NotificationType.STATUS, self._all_devices.time_at(device.switch)
            )
        self.update_monitored_users(device)

    def is_already_in_state(self, pending: PendingRequest, failure: RequestFailure) -> bool:
        """Take a refusal for the outcome, if a supervisor wants to listen in as it is already."""
        requested = _SWITCHED_TO.get(pending.operation or "")
        call = None if pending.conn_id is None else pending.device.find_call_by_conn_id(pending.conn_id)
        if requested is None or call is None or failure.code is not ErrorCode.AlreadyInState:
            return False
        call.muted = requested is MonitoringState.LISTEN_IN
        self._apply_monitoring_mode(pending.device, call, requested)
        return True


def start_monitoring_leg(device: Device, call: Call) -> None:
    """Say of a supervisor's new leg how the supervisor listens in; who only listens is not heard."""
    call.monitoring = True
    state = device.monitoring.state if device.monitoring is not None else MonitoringState.LISTEN_IN
    call.supervisor_monitoring_state = state
    call.muted = state is MonitoringState.LISTEN_IN
