"""The way back for devices and their agents: events are folded into them, and their users are told.

Nothing but registrations is ever sent from here, and what has waited for one: the login, and what follows it.
"""

from collections.abc import Callable

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.events.agent_login import START, AgentLogin
from bridge.voice.events.calls import CallWatch
from bridge.voice.gws.device_notifications import DeviceNotices
from bridge.voice.model import agent_state as presence
from bridge.voice.model.agent_session import Stage
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Floor
from bridge.voice.model.errors import LinkDownError
from bridge.voice.model.pending import Cause, Failure, Send, Step
from bridge.voice.operations.agent import Offline

_UNKNOWN = (ErrorCode.LinkDown, ErrorCode.Timeout)
"""Failures that do not say what has become of the request."""

_PASSING = (*_UNKNOWN, ErrorCode.SwitchNotConnected)
"""Why a registration may fail and yet come about later."""

_LOGGED_OUT_ALREADY = (ErrorCode.AgentNotLoggedIn, ErrorCode.AgentLoggedOff, ErrorCode.AgentNotSignedOn)

_SO_ALREADY = (ErrorCode.AlreadyInState, ErrorCode.AsaiAlreadyInAgentState)


class DeviceWatch:
    """Keeps the devices of a floor as their switches have them."""

    def __init__(
        self, floor: Floor, calls: CallWatch, notices: DeviceNotices, login: AgentLogin, send: Send
    ) -> None:
        self._floor = floor
        self._calls = calls
        self._notices = notices
        self._login = login
        self._send = send
        self._failures: dict[Step, Callable[[Cause, str, Failure], None]] = {
            Step.REGISTER: self._not_registered,
            Step.LOGIN: self._not_logged_in,
            Step.LEAVE: self._not_left,
            Step.AGENT: self._not_changed,
            Step.DEVICE: self._not_changed,
        }

    # --- the link ---------------------------------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Have the DNs of all users in session registered, after a link came up."""
        for device in self._floor.of_switch(switch):
            if device.in_session:
                cause = Cause(START, device, step=Step.REGISTER)
                try:
                    self._send(switch, t.RequestRegisterAddress(this_dn=device.number), cause)
                except LinkDownError:
                    return  # it went down again; its return begins anew

    def link_down(self, switch: str) -> None:
        """Tell the users that nothing is heard of their devices."""
        for device in self._floor.of_switch(switch):
            if device.registered:
                device.registered = False
                self._notices.device(device)

    # --- what happens -----------------------------------------------------------------------------

    def fold(self, device: Device, event: t.DNEvent) -> None:
        """Make of a device and its agent what an event says, and tell it."""
        sitting = device.sitting
        if sitting is None:
            return
        device.presence = presence.FOLDS[type(event)](device.presence, event)
        is_in = isinstance(event, t.AgentEvent) and not isinstance(event, presence.LOGOUTS)
        if is_in and sitting.stage is Stage.ASKED:
            sitting.stage = Stage.SETTLED
        if not isinstance(event, presence.UNSEEN):
            self._notices.device(device)

    def registered(self, device: Device, event: t.EventRegistered) -> None:
        """Take over how the DN is, and go on with the login."""
        device.registered = device.in_session
        if device.in_session:
            device.presence = presence.corrected(device.presence, event)
        self._notices.device(device)
        if device.in_session:
            self._calls.reconcile(device, event)
            self._login.registered(device)

    def unregistered(self, device: Device, _: t.EventUnregistered) -> None:
        """Take note that nothing more is heard of the DN."""
        device.registered = False
        self._notices.device(device)

    # --- what fails -------------------------------------------------------------------------------

    def failed(self, cause: Cause, operation: str, failure: Failure) -> None:
        """Tell that an operation on a device failed, unless what was wanted is so already."""
        self._failures[cause.step](cause, operation, failure)

    def _not_registered(self, cause: Cause, operation: str, failure: Failure) -> None:
        """End the session, if the DN cannot be registered: its calls are out of sight."""
        device = cause.device
        self._notices.failure(cause, operation, failure)
        self._login.not_registered(device, failure)
        if failure.code not in _PASSING:
            self._calls.lose(device)
            device.leave()
            if device.user_id is not None:
                self._notices.channel(device.user_id)
            self._floor.unseat(device)

    def _not_logged_in(self, cause: Cause, operation: str, failure: Failure) -> None:
        """Go on without an agent, unless it is the wanted one who is logged in already."""
        device, sitting = cause.device, cause.device.sitting
        known = device.presence.agent_id
        is_in = (
            failure.code is ErrorCode.AgentAlreadyLoggedIn
            and sitting is not None
            and sitting.login is not None
            and known in (None, sitting.login.code)
        )
        if not is_in:
            self._notices.failure(cause, operation, failure)
        if sitting is None:
            return
        sitting.stage = Stage.SETTLED
        if not is_in and failure.code not in _UNKNOWN and device.presence.agent_state is None:
            device.presence = presence.without_agent(device.presence)
        self._notices.device(device)

    def _not_left(self, cause: Cause, operation: str, failure: Failure) -> None:
        """Tell it; with the link, or the agent, all that was to be ended has gone anyway."""
        if failure.code not in (ErrorCode.LinkDown, *_LOGGED_OUT_ALREADY):
            self._notices.failure(cause, operation, failure)

    def _not_changed(self, cause: Cause, operation: str, failure: Failure) -> None:
        is_out = operation == Offline.__name__ and failure.code in _LOGGED_OUT_ALREADY
        if is_out and cause.device.presence.agent_state is not AgentState.LOGGED_OUT:
            cause.device.presence = presence.without_agent(cause.device.presence)
        if is_out or failure.code in _SO_ALREADY:
            self._notices.device(cause.device)
        else:
            self._notices.failure(cause, operation, failure)
