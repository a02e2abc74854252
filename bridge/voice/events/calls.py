"""The way back for calls: events are folded into them, and their users are told.

After a gap the same is done with what the T-Server answers to registrations and queries; `reconcile` has
the comparison. Nothing but queries is ever sent from here.
"""

from bridge.runtime.clock import Clock
from bridge.runtime.features import RECORDING
from bridge.tlib import messages as t
from bridge.tlib.enums import AddressInfoType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.voice.events import snapshots
from bridge.voice.events.monitoring import start_monitoring_leg
from bridge.voice.events.queries import Queries
from bridge.voice.events.release_order import DeferredRelease, ReleaseOrder
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


class CallEventHandler:
    """Keeps the calls of a floor as their switches have them."""

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

    # --- what happens -----------------------------------------------------------------------------

    def apply_event(
        self, device: Device, event: t.TelephonyEvent, effect: EventEffect, operation: str | None = None
    ) -> None:
        """Make of a call what an event says, and tell it.

        Args:
            device: where it happened.
            event: what the T-Server tells.
            effect: what this kind of event does to a call.
            operation: the operation that the event is the outcome of.

        """
        if self._release_order.deferred and not self._release_order.is_awaited(
            device, event.conn_id, effect.state
        ):
            self._release_order.send_deferred(device)
        call = device.calls.get(event.conn_id)
        is_stale = device.is_stale(event.conn_id)
        previous = event.previous_conn_id
        if effect.other is PartyChange.REPLACED and previous != event.conn_id and previous in device.calls:
            is_stale = is_stale or device.is_stale(previous)
            call = self._move(device, device.calls.pop(previous), event)
        elif effect.state is None and (call is None or is_stale):
            self._queries.query_call(device, event.conn_id)  # the event says too little, the answer says all
            return
        if call is None:
            if effect.state is CallStatus.RELEASED:
                return  # nobody has heard of it
            call = self._add_call(device, event)
        before = call.shown_state if is_stale or effect.notification_type is None else None
        was_recording = call.recording
        is_whole = call.apply(event, effect)
        self._update_relations(device, call, effect, operation)
        if call.state is CallStatus.RELEASED:
            self._end_call(device, call, event, operation)
            return
        if before is None or before != call.shown_state:
            notification_type = effect.notification_type or NotificationType.PARTICIPANTS
            if (
                notification_type is NotificationType.USER_DATA
                and RECORDING in device.config.features
                and call.recording is not was_recording
            ):
                notification_type = NotificationType.RECORDING
            extensions = None if notification_type in WITHOUT_EXTENSIONS else event.extensions
            self._notifier.notify_call(device, call, notification_type, event.time, extensions)
        if is_stale or not is_whole:
            self._queries.query_call(device, event.conn_id)

    def _add_call(self, device: Device, event: t.TelephonyEvent) -> Call:
        call = Call(event, by_conn_id=self._version.id_is_conn_id)
        if event.this_dn_role is DNRole.Observer:
            start_monitoring_leg(device, call)
        device.calls[event.conn_id] = call
        return call

    def _update_relations(
        self, device: Device, call: Call, effect: EventEffect, operation: str | None
    ) -> None:
        """Take note of what a call has to do with the others of the device."""
        if effect.state is not None:
            call.consulting = effect.state is CallStatus.HELD and operation in _CONSULTING
        if call.parent is not None and call.parent_id is None:
            main = device.find_call_by_conn_id(call.parent)
            if main is not None:
                call.parent_id = main.id
                main.consulting = False

    def _end_call(self, device: Device, call: Call, event: t.TelephonyEvent, operation: str | None) -> None:
        """Tell that a call is over; a consultation that the user has completed, after the original call."""
        del device.calls[event.conn_id]
        release = DeferredRelease(call, event.time, event.extensions)
        if operation == CompleteTransfer.__name__ and call.parent in device.calls:
            self._release_order.defer_release(device, release)
        else:
            self._notifier.notify_call(device, call, NotificationType.STATUS, event.time, event.extensions)
            self._release_order.send_deferred(device)

    def _move(self, device: Device, moving: Call, event: t.TelephonyEvent) -> Call:
        """Let a call go on under another ConnID, as that of a consulted party does."""
        there = device.calls.get(event.conn_id)
        if there is not None:  # both were at this DN, and have become one
            self._release_call(device, moving, event.time)
            return there
        for call in device.calls.values():
            if call.parent == moving.conn_id:
                call.parent = event.conn_id
        moving.move(event.conn_id)
        device.calls[event.conn_id] = moving
        return moving

    def on_recording_changed(self, device: Device, event: t.EventPrivateInfo) -> None:
        """Take note of how the recording of a call is; a device without the feature is told nothing."""
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
        """Tell that the calls of a device are over: they are out of sight."""
        self._release_order.send_deferred(device)
        for call in list(device.calls.values()):
            self._release_call(device, call, self._devices.time_at(device.switch))

    # --- outcomes ---------------------------------------------------------------------------------

    def failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Tell that an operation on a call failed, and ask what became of it if nobody said."""
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
        """Take note that a question of the bridge got no answer, or that there is no such call."""
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

    # --- what was missed --------------------------------------------------------------------------

    def reconcile(self, device: Device, snapshot: t.EventRegistered | t.EventAddressInfo) -> None:
        """Release the calls that are gone, and ask about those that are there."""
        self._release_order.send_deferred(device)
        alive = snapshots.conn_ids(snapshot)
        for call in snapshots.find_ended_calls(device.calls.values(), alive):
            self._release_call(device, call, snapshot.time)
        device.queried.clear()  # a question from before the gap may never be answered
        for conn_id in alive:
            self._queries.query_call(device, conn_id)

    def on_address_info(self, device: Device, event: t.EventAddressInfo) -> None:
        """Do so with the answer to a question for the calls of a DN."""
        if device.in_session and event.address_info_type is AddressInfoType.CallsQuery:
            self.reconcile(device, event)

    def on_party_info(self, device: Device, event: t.EventPartyInfo) -> None:
        """Bring a call to what the T-Server says of it, and tell what was missed."""
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
                self._update_relations(device, call, EventEffect(None, None), None)
                self._notifier.notify_call(device, call, NotificationType.STATUS, event.time)
        elif reported.state is CallStatus.RELEASED:
            self._release_call(device, call, event.time)
        else:
            for notification_type in snapshots.apply_party_info(call, event, reported):
                self._notifier.notify_call(device, call, notification_type, event.time)
