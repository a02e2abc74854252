"""The way back: what a link tells is folded into devices and calls, and their users are told.

After a gap the same is done with what the T-Server answers to registrations and queries; `reconcile` has
the comparison. Nothing but registrations and queries is ever sent from here.
"""

from collections.abc import Callable
from typing import Any

from bridge.runtime.clock import Clock
from bridge.tlib import messages as t
from bridge.tlib.enums import AddressInfoType
from bridge.tlib.errors import ErrorCode
from bridge.voice import presence, reconcile
from bridge.voice.causes import Cause, Failure, Send
from bridge.voice.device import Call, Device
from bridge.voice.floor import Floor
from bridge.voice.notices import Notices, is_about_session
from bridge.voice.operations.session import StartContactCenterSession
from bridge.voice.questions import Questions
from bridge.voice.refusals import LinkDownError
from bridge.voice.rendering import Renderer
from bridge.voice.tables import EFFECTS, Change, Effect, Other, State

_PASSING = (ErrorCode.LinkDown, ErrorCode.SwitchNotConnected, ErrorCode.Timeout)
"""Why a registration may fail and yet come about later."""


class Watch:
    """Keeps the devices of a floor as their switches have them."""

    def __init__(self, floor: Floor, render: Renderer, notices: Notices, *, clock: Clock, send: Send) -> None:
        self._floor = floor
        self._render = render
        self._notices = notices
        self._send = send
        self._questions = Questions(clock, send)
        self._applications: dict[str, str] = {}
        self._about_devices: dict[type[t.Event], Callable[[Device, Any], None]] = {
            t.EventRegistered: self._registered,
            t.EventUnregistered: self._unregistered,
            t.EventAddressInfo: self._address_info,
            t.EventPartyInfo: self._party_info,
            **dict.fromkeys(presence.FOLDS, self._fold_presence),
        }

    # --- the link ---------------------------------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Have the DNs of all users in session registered, after a link came up."""
        self._tell_of_service(switch, up=True)
        for device in self._floor.of_switch(switch):
            if device.in_session:
                cause = Cause(StartContactCenterSession.__name__, device)
                try:
                    self._send(switch, t.RequestRegisterAddress(this_dn=device.number), cause)
                except LinkDownError:
                    return  # it went down again; its return begins anew

    def link_down(self, switch: str) -> None:
        """Tell the users that nothing is heard of their devices."""
        self._tell_of_service(switch, up=False)
        for device in self._floor.of_switch(switch):
            if device.registered:
                device.registered = False
                self._notices.device(device)

    def received(self, switch: str, event: t.Event) -> None:
        """Fold an event into the device of its DN; a DN that is nobody's is passed over."""
        effect = EFFECTS.get(type(event))
        if effect is not None and isinstance(event, t.TelephonyEvent):
            device = self._floor.at(switch, event.this_dn)
            if device is not None and device.in_session:
                self._floor.heard(switch, event.time)
                self._fold(device, event, effect)
        elif isinstance(event, t.DNEvent):
            take_in = self._about_devices.get(type(event))
            device = self._floor.at(switch, event.this_dn)
            if take_in is not None and device is not None:
                self._floor.heard(switch, event.time)
                take_in(device, event)
        elif isinstance(event, t.EventServerInfo):
            self._applications[switch] = event.application_name

    def failed(self, cause: Cause, failure: Failure) -> None:
        """Tell the user that an accepted operation failed; ask what became of it if nobody said."""
        if cause.operation is None:
            self._query_failed(cause, failure)
            return
        device = cause.device
        if is_about_session(cause.operation):
            self._notices.failure(device, cause.operation, failure, None)
            if failure.code not in _PASSING:
                self._lose(device)
            return
        call = None if cause.conn_id is None else device.call_at(cause.conn_id)
        now = self._floor.time_at(device.switch)
        resource = None if call is None else self._render.call(device, call, now)
        self._notices.failure(device, cause.operation, failure, resource)
        if failure.code is ErrorCode.Timeout:
            if call is not None:
                self._questions.about(device, call.conn_id)
            elif cause.conn_id is None:
                self._questions.for_calls(device)

    # --- calls ------------------------------------------------------------------------------------

    def _fold(self, device: Device, event: t.TelephonyEvent, effect: Effect) -> None:
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
            call = device.calls[event.conn_id] = Call(event)
        before = call.facts if in_doubt or effect.change is None else None
        is_whole = call.apply(event, effect)
        is_over = call.state is State.RELEASED
        if is_over:
            del device.calls[event.conn_id]
        if before is None or before != call.facts:
            change = effect.change or Change.PARTICIPANTS
            extensions = None if change is Change.USER_DATA else event.extensions
            self._notices.call(device, call, change, event.time, extensions)
        if (in_doubt or not is_whole) and not is_over:
            self._questions.about(device, event.conn_id)

    def _move(self, device: Device, moving: Call, event: t.TelephonyEvent) -> Call:
        """Let a call go on under another ConnID, as that of a consulted party does."""
        there = device.calls.get(event.conn_id)
        if there is not None:  # both were at this DN, and have become one
            self._release(device, moving, event.time)
            return there
        moving.move(event.conn_id)
        device.calls[event.conn_id] = moving
        return moving

    def _release(self, device: Device, call: Call, at: float) -> None:
        device.calls.pop(call.conn_id, None)
        call.state = State.RELEASED
        self._notices.call(device, call, Change.STATUS, at)

    # --- devices ----------------------------------------------------------------------------------

    def _fold_presence(self, device: Device, event: t.DNEvent) -> None:
        if not device.in_session:
            return
        before = device.presence
        device.presence = presence.FOLDS[type(event)](before, event)
        if not isinstance(event, presence.UNSEEN):
            self._notices.device(device)

    def _registered(self, device: Device, event: t.EventRegistered) -> None:
        device.registered = device.in_session
        if device.in_session:
            device.presence = presence.corrected(device.presence, event)
        self._notices.device(device)
        if device.in_session:
            self._reconcile(device, event)

    def _unregistered(self, device: Device, _: t.EventUnregistered) -> None:
        device.registered = False
        self._notices.device(device)

    def _lose(self, device: Device) -> None:
        """End the session of a device that cannot be registered: its calls are out of sight."""
        for call in list(device.calls.values()):
            self._release(device, call, self._floor.time_at(device.switch))
        device.leave()

    # --- what was missed --------------------------------------------------------------------------

    def _reconcile(self, device: Device, snapshot: t.EventRegistered | t.EventAddressInfo) -> None:
        """Release the calls that are gone, and ask about those that are there."""
        alive = reconcile.conn_ids(snapshot)
        for call in reconcile.vanished(device.calls.values(), alive):
            self._release(device, call, snapshot.time)
        device.asked.clear()  # a question from before the gap may never be answered
        for conn_id in alive:
            self._questions.about(device, conn_id)

    def _address_info(self, device: Device, event: t.EventAddressInfo) -> None:
        if device.in_session and event.address_info_type is AddressInfoType.CallsQuery:
            self._reconcile(device, event)

    def _party_info(self, device: Device, event: t.EventPartyInfo) -> None:
        if not device.in_session:
            return
        device.asked.discard(event.conn_id)
        told = reconcile.leg(event)
        call = device.calls.get(event.conn_id)
        if call is None:
            if told.state not in (None, State.RELEASED):
                call = device.calls[event.conn_id] = Call(event)
                reconcile.correct(call, event, told)
                self._notices.call(device, call, Change.STATUS, event.time)
        elif told.state is State.RELEASED:
            self._release(device, call, event.time)
        else:
            for change in reconcile.correct(call, event, told):
                self._notices.call(device, call, change, event.time)

    def _query_failed(self, cause: Cause, failure: Failure) -> None:
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

    # --- services ---------------------------------------------------------------------------------

    def _tell_of_service(self, switch: str, *, up: bool) -> None:
        service = self._render.service(switch, self._applications.get(switch, switch), up=up)
        users = dict.fromkeys(device.user_id for device in self._floor.of_switch(switch))
        self._notices.service(users, service)
