"""Handles the events of calls: applies them to the calls and notifies their users.

After a gap, the answers to registrations and queries are handled the same way; `snapshots` has the
comparison. Nothing but queries is sent from here.

When a transfer is completed, two calls end at once. The samples of CompleteTransfer (GWS v2) have the release
of the original call first, while many T-Servers send that of the consultation first. `ReleaseOrder` then
defers it until the other one is there.
"""

from dataclasses import dataclass

from bridge.runtime.clock import Clock
from bridge.runtime.features import RECORDING
from bridge.tlib import messages as t
from bridge.tlib.enums import AddressInfoType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.voice.events import snapshots
from bridge.voice.events.monitoring import start_monitoring_leg
from bridge.voice.events.queries import Queries
from bridge.voice.gws.call_notifications import CallNotifier
from bridge.voice.gws.calls import CallRenderer
from bridge.voice.gws.versions import CURRENT_VERSION, ApiVersion
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import (
    WITHOUT_EXTENSIONS,
    CallStatus,
    EventEffect,
    NotificationType,
    PartyChange,
)
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.pending import PendingRequest, RequestFailure
from bridge.voice.operations.calls import CompleteTransfer, InitiateConference, InitiateTransfer
from bridge.voice.operations.recording import STATES

_CONSULTING = (InitiateTransfer.__name__, InitiateConference.__name__)
_COMPLETE_TRANSFER = CompleteTransfer.__name__

MAX_DELAY_SECONDS = 0.1
"""The longest time for which the release of a consultation is deferred."""


class CallEventHandler:
    """Keeps the calls of all devices as their switches have them."""

    def __init__(
        self,
        devices: Devices,
        renderer: CallRenderer,
        notifier: CallNotifier,
        queries: Queries,
        clock: Clock,
        version: ApiVersion = CURRENT_VERSION,
    ) -> None:
        self._devices = devices
        self._renderer = renderer
        self._notifier = notifier
        self._queries = queries
        self._version = version
        self._release_order = ReleaseOrder(clock, notifier)

    # --- events -----------------------------------------------------------------------------------

    def apply_event(
        self,
        device: Device,
        event: t.TelephonyEvent,
        effect: EventEffect,
        at: float,
        operation: str | None = None,
    ) -> None:
        """Apply an event to its call, and notify the user of the change.

        Args:
            device: where it happened.
            event: what the T-Server reports.
            effect: what this kind of event does to a call.
            at: the time of the event, by the switch's clock.
            operation: the operation that the event is the outcome of.

        """
        self._release_order.before_event(device, event.conn_id, effect.state)
        call, is_stale = self._find_or_add_call(device, event, effect, at)
        if call is None:
            return
        before = call.shown_state if is_stale or effect.notification_type is None else None
        was_recording = call.recording
        is_whole = call.apply(event, effect, begins_consultation=operation in _CONSULTING)
        if call.parent is not None and call.parent_id is None:
            _record_parent(device, call)
        is_released = call.state is CallStatus.RELEASED
        if is_released:
            del device.calls[event.conn_id]
            if operation == _COMPLETE_TRANSFER and call.parent in device.calls:
                self._release_order.defer_release(device, DeferredRelease(call, at, event.extensions))
                return
        if before is None or before != call.shown_state:
            notification_type = effect.notification_type or NotificationType.PARTICIPANTS
            if (
                notification_type is NotificationType.USER_DATA
                and call.recording is not was_recording
                and RECORDING in device.config.features
            ):
                notification_type = NotificationType.RECORDING
            extensions = None if notification_type in WITHOUT_EXTENSIONS else event.extensions
            self._notifier.notify_call(device, call, notification_type, at, extensions)
        if is_released:
            if self._release_order.deferred:
                self._release_order.send_deferred(device)
        elif is_stale or not is_whole:
            self._queries.query_call(device, event.conn_id)

    def _find_or_add_call(
        self, device: Device, event: t.TelephonyEvent, effect: EventEffect, at: float
    ) -> tuple[Call | None, bool]:
        """Return the call of an event, and whether something of it may have been missed.

        There is no call if the event is the end of one that was never shown, or says too little without what
        may have been missed; then the T-Server is asked.
        """
        conn_id, previous = event.conn_id, event.previous_conn_id
        is_moving = effect.other is PartyChange.REPLACED and previous != conn_id and previous in device.calls
        is_stale = (
            not device.registered or conn_id in device.queried or (is_moving and previous in device.queried)
        )
        call = self._move(device, event, at) if is_moving else device.calls.get(conn_id)
        if effect.state is None and not is_moving and (call is None or is_stale):
            self._queries.query_call(device, conn_id)
            return None, is_stale
        if call is None and effect.state is not CallStatus.RELEASED:
            call = self._add_call(device, event)
        return call, is_stale

    def _add_call(self, device: Device, event: t.TelephonyEvent) -> Call:
        call = Call(event, by_conn_id=self._version.id_is_conn_id)
        if event.this_dn_role is DNRole.Observer:
            start_monitoring_leg(device, call)
        device.calls[event.conn_id] = call
        return call

    def _move(self, device: Device, event: t.TelephonyEvent, at: float) -> Call:
        """Continue a call under another ConnID, as that of a consulted party does."""
        moving = device.calls.pop(event.previous_conn_id or 0)
        there = device.calls.get(event.conn_id)
        if there is not None:  # both were at this DN, and have become one
            self._release_call(device, moving, at)
            return there
        for call in device.calls.values():
            if call.parent == moving.conn_id:
                call.parent = event.conn_id
        moving.move(event.conn_id)
        device.calls[event.conn_id] = moving
        return moving

    def on_recording_changed(self, device: Device, event: t.EventPrivateInfo) -> None:
        """Record the recording state of a call and notify the user, with the recording feature only."""
        state = STATES.get(event.private_msg_id)
        call = device.calls.get(event.conn_id or 0)
        if (
            call is not None
            and state is not None
            and RECORDING in device.config.features
            and call.recording is not state
        ):
            self._release_order.send_deferred(device)
            call.recording = state
            self._notifier.notify_call(device, call, NotificationType.RECORDING, event.time)

    def _release_call(self, device: Device, call: Call, at: float) -> None:
        device.calls.pop(call.conn_id, None)
        call.state = CallStatus.RELEASED
        self._notifier.notify_call(device, call, NotificationType.STATUS, at)

    def release_all_calls(self, device: Device) -> None:
        """Release all calls of a device whose events are no longer received, and notify the user."""
        self._release_order.send_deferred(device)
        for call in list(device.calls.values()):
            self._release_call(device, call, self._devices.time_at(device.switch))

    # --- outcomes ---------------------------------------------------------------------------------

    def failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Notify the user that an operation on a call failed. After a timeout, query the call."""
        device = pending.device
        call = None if pending.conn_id is None else device.find_call_by_conn_id(pending.conn_id)
        now = self._devices.time_at(device.switch)
        resource = None if call is None else self._renderer.render_call(device, call, now)
        self._notifier.notify_failure(device, operation, failure, resource)
        if failure.code is ErrorCode.Timeout:
            if call is not None:
                self._queries.query_call(device, call.conn_id)
            elif pending.conn_id is None:
                self._queries.query_calls(device)

    def query_failed(self, pending: PendingRequest, failure: RequestFailure) -> None:
        """Handle the failure of a query: repeat one that the link lost, release a call that is not there."""
        if failure.code is ErrorCode.LinkDown:
            self._queries.on_query_lost(pending)
            return
        if pending.conn_id is None:
            return
        device = pending.device
        device.queried.discard(pending.conn_id)
        call = device.calls.get(pending.conn_id)
        if call is not None and failure.code is ErrorCode.InvalidConnID:
            self._release_call(device, call, self._devices.time_at(device.switch))

    # --- snapshots, after a gap -------------------------------------------------------------------

    def reconcile(self, device: Device, snapshot: t.EventRegistered | t.EventAddressInfo) -> None:
        """Release the calls that are not in a snapshot, and query those that are."""
        self._release_order.send_deferred(device)
        alive = snapshots.conn_ids(snapshot)
        for call in snapshots.find_ended_calls(device.calls.values(), alive):
            self._release_call(device, call, snapshot.time)
        device.queried.clear()  # a query from before the gap may never be answered
        for conn_id in alive:
            self._queries.query_call(device, conn_id)

    def on_address_info(self, device: Device, event: t.EventAddressInfo) -> None:
        """Handle the answer to a query for the calls of a DN."""
        if device.in_session and event.address_info_type is AddressInfoType.CallsQuery:
            self.reconcile(device, event)

    def on_party_info(self, device: Device, event: t.EventPartyInfo) -> None:
        """Handle the answer to a query for a call: update it, and notify the user of what was missed."""
        if not device.in_session:
            return
        self._release_order.send_deferred(device)
        device.queried.discard(event.conn_id)
        reported = snapshots.read_party_info(event)
        call = device.calls.get(event.conn_id)
        if call is None:
            if reported.state not in (None, CallStatus.RELEASED):
                call = self._add_call(device, event)
                snapshots.apply_party_info(call, event, reported)
                call.owned = event.this_dn_role is not DNRole.ConferenceMember
                _record_parent(device, call)
                self._notifier.notify_call(device, call, NotificationType.STATUS, event.time)
        elif reported.state is CallStatus.RELEASED:
            self._release_call(device, call, event.time)
        else:
            for notification_type in snapshots.apply_party_info(call, event, reported):
                self._notifier.notify_call(device, call, notification_type, event.time)


def _record_parent(device: Device, call: Call) -> None:
    """Record the id of the call that a new consultation is about, if that call is at this device."""
    main = None if call.parent is None else device.find_call_by_conn_id(call.parent)
    if main is not None and call.parent_id is None:
        call.parent_id = main.id
        main.consulting = False


# --- the order of releases --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeferredRelease:
    """The release of a call that is not notified yet, its time and its Extensions."""

    call: Call
    at: float
    extensions: KVList | None


class ReleaseOrder:
    """Defers releases that follow others; one for each device at most."""

    def __init__(self, clock: Clock, notifier: CallNotifier) -> None:
        self._clock = clock
        self._notifier = notifier
        self.deferred: dict[Device, DeferredRelease] = {}

    def defer_release(self, device: Device, release: DeferredRelease) -> None:
        """Defer a release until that of the original call, or until another notification about the device."""
        self.deferred[device] = release
        self._clock.call_at(
            self._clock.now() + MAX_DELAY_SECONDS, lambda: self.send_deferred(device, release)
        )

    def before_event(self, device: Device, conn_id: int, state: CallStatus | None) -> None:
        """Before an event is applied, send the deferred release of the device, unless it awaits this event.

        Args:
            device: where the event happened.
            conn_id: the call of the event.
            state: the state that the event gives the call, if any.

        """
        release = self.deferred.get(device)
        if release is None or (release.call.parent == conn_id and state is CallStatus.RELEASED):
            return
        self.send_deferred(device)

    def send_deferred(self, device: Device, release: DeferredRelease | None = None) -> None:
        """Send the deferred release of a device; if `release` is given, only if it is that one."""
        current = self.deferred.get(device)
        if current is not None and release in (None, current):
            del self.deferred[device]
            self._notifier.notify_call(
                device, current.call, NotificationType.STATUS, current.at, current.extensions
            )
