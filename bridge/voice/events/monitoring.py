"""Carry out the tables of supervisor monitoring (`model/monitoring.py`): arrangements and legs.

A supervisor's leg is a call at the supervisor's device in which its DN is an observer. A watched user who
works here is notified too: of a silent listener, of the mode, and of a microphone that the supervisor has
switched off.

Sources: GWS v2, Supervisor monitoring; T-Library Events and Models, call monitoring; SIP Server, the
change of the monitoring mode (EventPrivateInfo 4024).
"""

from collections.abc import Callable
from typing import Any

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
from bridge.voice.model.monitoring import (
    ARRANGEMENT_TABLE,
    LEG_INPUTS,
    LEG_TABLE,
    MONITORS,
    ArrangementEffect,
    ArrangementInput,
    LegEffect,
    LegInput,
    Mode,
    MonitoringArrangement,
    MonitoringState,
    SupervisorLeg,
    read_arrangement,
    read_snapshot,
)
from bridge.voice.model.pending import PendingRequest, Purpose, RequestFailure, SendRequest
from bridge.voice.operations import monitoring as ops

_SWITCHED_TO = {
    ops.SwitchToListenIn.__name__: MonitoringState.LISTEN_IN,
    ops.SwitchToBargeIn.__name__: MonitoringState.BARGE_IN,
}


class SupervisorMonitoring:
    """Runs the arrangement of each supervisor's device, and the supervisors' legs.

    Attributes:
        involved: the devices with a supervisor's leg, and those that are watched by one.

    """

    def __init__(
        self, all_devices: Devices, calls: CallNotifier, devices: DeviceNotifier, send: SendRequest
    ) -> None:
        self.involved: set[Device] = set()
        self._all_devices = all_devices
        self._call_notifier = calls
        self._device_notifier = devices
        self._send = send
        self._legs: dict[Device, dict[int, SupervisorLeg]] = {}
        """By the supervisor's device and the ConnID of the call."""
        self._arrangement_effects: dict[ArrangementEffect, Callable[[Device, Any], None]] = {
            ArrangementEffect.SEND_REQUEST: self._send_request,
            ArrangementEffect.SEND_CANCEL: self._send_cancel,
            ArrangementEffect.RECORD: self._record,
            ArrangementEffect.FORGET: self._forget,
            ArrangementEffect.NOTIFY: lambda device, _: devices.notify_device(device),
        }
        self._leg_effects: dict[LegEffect, Callable[[Device, int, SupervisorLeg, str | None], None]] = {
            LegEffect.SHOW_WATCHED: self._show_watched,
            LegEffect.HIDE_WATCHED: self._show_watched,
            LegEffect.END_NEXT_CALL: self._end_next_call,
        }

    # --- the arrangement --------------------------------------------------------------------------

    def request(self, device: Device, arrangement: MonitoringArrangement) -> None:
        """Ask the T-Server for an arrangement.

        Raises:
            LinkDownError: no link to the switch.

        """
        self._fire(device, ArrangementInput.REQUEST, arrangement)

    def cancel(self, device: Device, pending: PendingRequest) -> None:
        """Ask the T-Server to end the arrangement of a device.

        Raises:
            LinkDownError: no link to the switch.

        """
        self._fire(device, ArrangementInput.CANCEL, pending)

    def end(self, device: Device, pending: PendingRequest) -> None:
        """End the arrangement of a device with its session: the switch would hold it for good.

        Raises:
            LinkDownError: no link to the switch.

        """
        self._fire(device, ArrangementInput.END, pending)

    def on_monitoring_arranged(self, device: Device, event: t.EventMonitoringNextCall) -> None:
        """Handle EventMonitoringNextCall. The copy for the watched DN says nothing more."""
        if event.this_dn_role is DNRole.Observer and device.in_session:
            arrangement = read_arrangement(
                event.other_dn,
                event.monitor_next_call_type,
                event.extensions,
                device.monitoring.arrangement,
            )
            self._fire(device, ArrangementInput.AGREED, arrangement)

    def on_monitoring_cancelled(self, device: Device, event: t.EventMonitoringCancelled) -> None:
        """Handle EventMonitoringCancelled. The copy for the watched DN says nothing more."""
        if event.this_dn_role is DNRole.Observer:
            self._fire(device, ArrangementInput.CANCELLED)

    def on_registered(self, device: Device, event: t.EventRegistered) -> None:
        """Take over the arrangement that a snapshot tells of. Without the key the known one holds."""
        reported = read_snapshot(event.extensions)
        if reported is not None:
            self._fire(device, *reported)

    def failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Handle the failure of an arrangement, or of its end."""
        self._device_notifier.notify_failure(pending, operation, failure)
        if operation != ops.CancelSupervisorMonitoring.__name__:
            given = ArrangementInput.REQUEST_FAILED
        elif failure.code is ErrorCode.InvalidTarget:
            given = ArrangementInput.CANCEL_POINTLESS
        else:
            given = ArrangementInput.CANCEL_FAILED
        self._fire(pending.device, given)

    def _fire(self, device: Device, given: ArrangementInput, about: object = None) -> None:
        ARRANGEMENT_TABLE.fire(device.monitoring, given, self._arrangement_effects, device, about)

    def _send_request(self, device: Device, arrangement: MonitoringArrangement) -> None:
        # The operations are named like the states that they lead to.
        pending = PendingRequest(arrangement.state.value, device, purpose=Purpose.MONITOR)
        self._send(device.switch, ops.monitor_request(device.number, arrangement), pending)

    def _send_cancel(self, device: Device, pending: PendingRequest) -> None:
        if device.monitoring.arrangement is not None:
            request = t.RequestCancelMonitoring(
                this_dn=device.number, other_dn=device.monitoring.arrangement.number
            )
            self._send(device.switch, request, pending)

    @staticmethod
    def _record(device: Device, arrangement: MonitoringArrangement) -> None:
        device.monitoring.arrangement = arrangement

    @staticmethod
    def _forget(device: Device, _: object) -> None:
        device.monitoring.arrangement = None

    # --- legs -------------------------------------------------------------------------------------

    def update_legs(self, device: Device) -> None:
        """Move the supervisor's legs of a device on, by what has become of its calls."""
        known = self._legs.get(device, {})
        calls = {conn_id: call for conn_id, call in device.calls.items() if call.monitoring}
        if not known and not calls:
            return
        moved = {call.previous_conn_id: conn_id for conn_id, call in calls.items()}
        legs = {}
        for conn_id, leg in known.items():
            if conn_id in calls or conn_id in moved:
                legs[conn_id if conn_id in calls else moved[conn_id]] = leg
            else:
                self._fire_leg(device, conn_id, leg, LegInput.ENDED, None)
        for conn_id, call in calls.items():
            leg = legs.setdefault(conn_id, SupervisorLeg(ops.monitored_dn(device, call)))
            state = call.supervisor_monitoring_state
            given = LegInput.RINGS
            if call.state is not CallStatus.RINGING and state is not None:
                given = LEG_INPUTS[MonitoringState(state)]
            self._fire_leg(device, conn_id, leg, given, state)
        self._legs.pop(device, None)
        if legs:
            self._legs[device] = legs
        self._update_involved()

    def _update_involved(self) -> None:
        self.involved = set(self._legs)
        for device, legs in self._legs.items():
            watched = (self._all_devices.at(device.switch, leg.monitored_dn) for leg in legs.values())
            self.involved.update(each for each in watched if each is not None)

    def _fire_leg(
        self, device: Device, conn_id: int, leg: SupervisorLeg, given: LegInput, state: str | None
    ) -> None:
        LEG_TABLE.fire(leg, given, self._leg_effects, device, conn_id, leg, state)

    def _show_watched(self, device: Device, conn_id: int, leg: SupervisorLeg, state: str | None) -> None:
        """Record at the watched user's call how it is watched, and notify if that is new; None ends it."""
        at = self._all_devices.at(device.switch, leg.monitored_dn)
        call = None if at is None else at.find_call_by_conn_id(conn_id)
        if at is None or call is None or call.supervisor_monitoring_state == state:
            return
        call.supervisor_monitoring_state = state
        call.supervisor_listening_in = state == MonitoringState.LISTEN_IN
        if state is None:
            call.monitored_user_muted = False
        self._notify_call(at, call, NotificationType.STATUS)

    def _end_next_call(self, device: Device, _conn_id: int, _leg: SupervisorLeg, _state: str | None) -> None:
        arrangement = device.monitoring.arrangement
        if arrangement is not None and arrangement.mode is Mode.NEXT_CALL:
            self._fire(device, ArrangementInput.NEXT_CALL_OVER)

    def _notify_call(self, device: Device, call: Call, notification_type: NotificationType) -> None:
        at = self._all_devices.time_at(device.switch)
        self._call_notifier.notify_call(device, call, notification_type, at)

    # --- microphones and modes --------------------------------------------------------------------

    def on_event(self, device: Device, event: t.TelephonyEvent, pending: PendingRequest | None) -> None:
        """Handle an event at a device that is involved; the event has been applied to the call."""
        if isinstance(event, t.EventMuteOn):
            if pending is not None and pending.operation == ops.MuteMonitoredUser.__name__:
                self._set_user_muted(device, event.conn_id, is_off=True)
        elif isinstance(event, t.EventMuteOff):
            self._set_user_muted(device, event.conn_id, is_off=False)
        self.update_legs(device)

    def _set_user_muted(self, device: Device, conn_id: int, *, is_off: bool) -> None:
        """Notify the watched user and the supervisors that the user's microphone was switched."""
        supervisors = [
            at
            for at, legs in self._legs.items()
            if at.switch == device.switch and conn_id in legs and legs[conn_id].monitored_dn == device.number
        ]
        for each in (device, *supervisors):
            call = each.find_call_by_conn_id(conn_id)
            if call is not None and call.monitored_user_muted is not is_off:
                call.monitored_user_muted = is_off
                self._notify_call(each, call, NotificationType.MONITORED_USER_MUTED)

    def on_monitoring_mode_changed(self, device: Device, event: t.EventPrivateInfo) -> None:
        """Handle EventPrivateInfo 4024, which both the supervisor's and the watched DN get."""
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
            self._notify_call(device, call, NotificationType.STATUS)
        self.update_legs(device)

    def is_already_in_state(self, pending: PendingRequest, failure: RequestFailure) -> bool:
        """Apply a refusal as the outcome, if a supervisor listens in already as requested."""
        requested = _SWITCHED_TO.get(pending.operation or "")
        call = None if pending.conn_id is None else pending.device.find_call_by_conn_id(pending.conn_id)
        if requested is None or call is None or failure.code is not ErrorCode.AlreadyInState:
            return False
        call.muted = requested is MonitoringState.LISTEN_IN
        self._apply_monitoring_mode(pending.device, call, requested)
        return True


def start_monitoring_leg(device: Device, call: Call) -> None:
    """Mark a call as a supervisor's leg, in the mode that was arranged; who only listens is not heard."""
    call.monitoring = True
    arrangement = device.monitoring.arrangement
    state = MonitoringState.LISTEN_IN if arrangement is None else arrangement.state
    call.supervisor_monitoring_state = state
    call.muted = state is MonitoringState.LISTEN_IN
