"""The way back for calls: events are folded into them, and their users are told.

After a gap the same is done with what the T-Server answers to registrations and queries; `reconcile` has
the comparison. Nothing but queries is ever sent from here.
"""

from bridge.runtime.clock import Clock
from bridge.tlib import messages as t
from bridge.tlib.enums import AddressInfoType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.voice.events import snapshots as reconcile
from bridge.voice.events.monitoring import begin_leg
from bridge.voice.events.queries import Questions
from bridge.voice.events.release_order import Parting, Partings
from bridge.voice.gws.call_notifications import Notices
from bridge.voice.gws.calls import Renderer
from bridge.voice.gws.versions import CURRENT, Profile
from bridge.voice.model.call_tables import WITHOUT_EXTENSIONS, Change, Effect, Other, State
from bridge.voice.model.device import Call, Device
from bridge.voice.model.devices import Floor
from bridge.voice.model.pending import Cause, Failure
from bridge.voice.operations.calls import CompleteTransfer, InitiateConference, InitiateTransfer
from bridge.voice.operations.recording import STATES

_CONSULTING = (InitiateTransfer.__name__, InitiateConference.__name__)


class CallWatch:
    """Keeps the calls of a floor as their switches have them."""

    def __init__(
        self,
        floor: Floor,
        render: Renderer,
        notices: Notices,
        questions: Questions,
        clock: Clock,
        profile: Profile = CURRENT,
    ) -> None:
        self._floor = floor
        self._render = render
        self._notices = notices
        self._questions = questions
        self._profile = profile
        self._partings = Partings(clock, notices)

    # --- what happens -----------------------------------------------------------------------------

    def fold(
        self, device: Device, event: t.TelephonyEvent, effect: Effect, operation: str | None = None
    ) -> None:
        """Make of a call what an event says, and tell it.

        Args:
            device: where it happened.
            event: what the T-Server tells.
            effect: what this kind of event does to a call.
            operation: the operation that the event is the outcome of.

        """
        if self._partings.waiting and not self._partings.waits_for(device, event.conn_id, effect.state):
            self._partings.tell(device)
        call = device.calls.get(event.conn_id)
        in_doubt = device.doubts(event.conn_id)
        previous = event.previous_conn_id
        if effect.other is Other.IN_PLACE and previous != event.conn_id and previous in device.calls:
            in_doubt = in_doubt or device.doubts(previous)
            call = self._move(device, device.calls.pop(previous), event)
        elif effect.state is None and (call is None or in_doubt):
            self._questions.about(device, event.conn_id)  # the event says too little, the answer says all
            return
        if call is None:
            if effect.state is State.RELEASED:
                return  # nobody has heard of it
            call = self._begin(device, event)
        before = call.facts if in_doubt or effect.change is None else None
        was_recording = call.recording
        is_whole = call.apply(event, effect)
        self._relate(device, call, effect, operation)
        if call.state is State.RELEASED:
            self._end(device, call, event, operation)
            return
        if before is None or before != call.facts:
            change = effect.change or Change.PARTICIPANTS
            if change is Change.USER_DATA and device.records and call.recording is not was_recording:
                change = Change.RECORDING
            extensions = None if change in WITHOUT_EXTENSIONS else event.extensions
            self._notices.call(device, call, change, event.time, extensions)
        if in_doubt or not is_whole:
            self._questions.about(device, event.conn_id)

    def _begin(self, device: Device, event: t.TelephonyEvent) -> Call:
        call = Call(event, by_conn_id=self._profile.id_is_conn_id)
        if event.this_dn_role is DNRole.Observer:
            begin_leg(device, call)
        device.calls[event.conn_id] = call
        return call

    def _relate(self, device: Device, call: Call, effect: Effect, operation: str | None) -> None:
        """Take note of what a call has to do with the others of the device."""
        if effect.state is not None:
            call.consulting = effect.state is State.HELD and operation in _CONSULTING
        if call.parent is not None and call.parent_id is None:
            main = device.call_at(call.parent)
            if main is not None:
                call.parent_id = main.id
                main.consulting = False

    def _end(self, device: Device, call: Call, event: t.TelephonyEvent, operation: str | None) -> None:
        """Tell that a call is over; a consultation that the user has completed, after the original call."""
        del device.calls[event.conn_id]
        parting = Parting(call, event.time, event.extensions)
        if operation == CompleteTransfer.__name__ and call.parent in device.calls:
            self._partings.hold(device, parting)
        else:
            self._notices.call(device, call, Change.STATUS, event.time, event.extensions)
            self._partings.tell(device)

    def _move(self, device: Device, moving: Call, event: t.TelephonyEvent) -> Call:
        """Let a call go on under another ConnID, as that of a consulted party does."""
        there = device.calls.get(event.conn_id)
        if there is not None:  # both were at this DN, and have become one
            self._release(device, moving, event.time)
            return there
        for call in device.calls.values():
            if call.parent == moving.conn_id:
                call.parent = event.conn_id
        moving.move(event.conn_id)
        device.calls[event.conn_id] = moving
        return moving

    def recorded(self, device: Device, event: t.EventPrivateInfo) -> None:
        """Take note of how the recording of a call is; a device without the feature is told nothing."""
        state = STATES.get(event.private_msg_id)
        call = device.calls.get(event.conn_id or 0)
        if call is not None and state is not None and device.records and call.recording is not state:
            self._partings.tell(device)
            call.recording = state
            self._notices.call(device, call, Change.RECORDING, event.time)

    def _release(self, device: Device, call: Call, at: float) -> None:
        device.calls.pop(call.conn_id, None)
        call.state = State.RELEASED
        self._notices.call(device, call, Change.STATUS, at)

    def lose(self, device: Device) -> None:
        """Tell that the calls of a device are over: they are out of sight."""
        self._partings.tell(device)
        for call in list(device.calls.values()):
            self._release(device, call, self._floor.time_at(device.switch))

    # --- outcomes ---------------------------------------------------------------------------------

    def failed(self, cause: Cause, operation: str, failure: Failure) -> None:
        """Tell that an operation on a call failed, and ask what became of it if nobody said."""
        device = cause.device
        call = None if cause.conn_id is None else device.call_at(cause.conn_id)
        now = self._floor.time_at(device.switch)
        resource = None if call is None else self._render.call(device, call, now)
        self._notices.failure(device, operation, failure, resource)
        if failure.code is ErrorCode.Timeout:
            if call is not None:
                self._questions.about(device, call.conn_id)
            elif cause.conn_id is None:
                self._questions.for_calls(device)

    def query_failed(self, cause: Cause, failure: Failure) -> None:
        """Take note that a question of the bridge got no answer, or that there is no such call."""
        if failure.code is ErrorCode.LinkDown:
            self._questions.lost(cause)
            return
        if cause.conn_id is None:
            return
        device = cause.device
        device.asked.discard(cause.conn_id)
        call = device.calls.get(cause.conn_id)
        if call is not None and failure.code is ErrorCode.InvalidConnID:
            self._release(device, call, self._floor.time_at(device.switch))

    # --- what was missed --------------------------------------------------------------------------

    def reconcile(self, device: Device, snapshot: t.EventRegistered | t.EventAddressInfo) -> None:
        """Release the calls that are gone, and ask about those that are there."""
        self._partings.tell(device)
        alive = reconcile.conn_ids(snapshot)
        for call in reconcile.vanished(device.calls.values(), alive):
            self._release(device, call, snapshot.time)
        device.asked.clear()  # a question from before the gap may never be answered
        for conn_id in alive:
            self._questions.about(device, conn_id)

    def address_info(self, device: Device, event: t.EventAddressInfo) -> None:
        """Do so with the answer to a question for the calls of a DN."""
        if device.in_session and event.address_info_type is AddressInfoType.CallsQuery:
            self.reconcile(device, event)

    def party_info(self, device: Device, event: t.EventPartyInfo) -> None:
        """Bring a call to what the T-Server says of it, and tell what was missed."""
        if not device.in_session:
            return
        self._partings.tell(device)
        device.asked.discard(event.conn_id)
        told = reconcile.leg(event)
        call = device.calls.get(event.conn_id)
        if call is None:
            if told.state not in (None, State.RELEASED):
                call = self._begin(device, event)
                reconcile.correct(call, event, told)
                call.owned = event.this_dn_role is not DNRole.ConferenceMember
                self._relate(device, call, Effect(None, None), None)
                self._notices.call(device, call, Change.STATUS, event.time)
        elif told.state is State.RELEASED:
            self._release(device, call, event.time)
        else:
            for change in reconcile.correct(call, event, told):
                self._notices.call(device, call, change, event.time)
