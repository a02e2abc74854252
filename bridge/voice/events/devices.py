"""The way back for devices and their agents: events are folded into them, and their users are told.

Nothing but registrations is ever sent from here, and what has waited for one: the login, and what follows it.
"""

from collections.abc import Callable

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.events.agent_login import START, AgentLogin
from bridge.voice.events.calls import CallEventHandler
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.model import agent_state
from bridge.voice.model.agent_session import LoginStage
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import LinkDownError
from bridge.voice.model.pending import PendingRequest, Purpose, RequestFailure, SendRequest
from bridge.voice.operations.agent import Offline

_UNKNOWN_OUTCOME = (ErrorCode.LinkDown, ErrorCode.Timeout)
"""Failures that do not say what has become of the request."""

_TEMPORARY = (*_UNKNOWN_OUTCOME, ErrorCode.SwitchNotConnected)
"""Why a registration may fail and yet come about later."""

_LOGGED_OUT_ALREADY = (ErrorCode.AgentNotLoggedIn, ErrorCode.AgentLoggedOff, ErrorCode.AgentNotSignedOn)

_ALREADY_IN_STATE = (ErrorCode.AlreadyInState, ErrorCode.AsaiAlreadyInAgentState)


class DeviceEventHandler:
    """Keeps the devices of a floor as their switches have them."""

    def __init__(
        self,
        devices: Devices,
        calls: CallEventHandler,
        notifier: DeviceNotifier,
        login: AgentLogin,
        send: SendRequest,
    ) -> None:
        self._devices = devices
        self._call_events = calls
        self._notifier = notifier
        self._agent_login = login
        self._send = send
        self._failures: dict[Purpose, Callable[[PendingRequest, str, RequestFailure], None]] = {
            Purpose.REGISTER: self._on_registration_failed,
            Purpose.LOGIN: self._on_login_failed,
            Purpose.END_SESSION: self._on_logout_failed,
            Purpose.AGENT_STATE: self._on_change_failed,
            Purpose.DEVICE: self._on_change_failed,
        }

    # --- the link ---------------------------------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Have the DNs of all users in session registered, after a link came up."""
        for device in self._devices.of_switch(switch):
            if device.in_session:
                pending = PendingRequest(START, device, purpose=Purpose.REGISTER)
                try:
                    self._send(switch, t.RequestRegisterAddress(this_dn=device.number), pending)
                except LinkDownError:
                    return  # it went down again; its return begins anew

    def link_down(self, switch: str) -> None:
        """Tell the users that nothing is heard of their devices."""
        for device in self._devices.of_switch(switch):
            if device.registered:
                device.registered = False
                self._notifier.notify_device(device)

    # --- what happens -----------------------------------------------------------------------------

    def apply_event(self, device: Device, event: t.DNEvent) -> None:
        """Make of a device and its agent what an event says, and tell it."""
        agent_session = device.agent_session
        if agent_session is None:
            return
        device.presence = agent_state.EVENT_TRANSITIONS[type(event)](device.presence, event)
        is_logged_in = isinstance(event, t.AgentEvent) and not isinstance(event, agent_state.LOGOUTS)
        if is_logged_in and agent_session.login_stage is LoginStage.LOGIN_SENT:
            agent_session.login_stage = LoginStage.SETTLED
        if not isinstance(event, agent_state.NOT_SHOWN):
            self._notifier.notify_device(device)

    def on_registered(self, device: Device, event: t.EventRegistered) -> None:
        """Take over how the DN is, and go on with the login."""
        device.registered = device.in_session
        if device.in_session:
            device.presence = agent_state.apply_snapshot(device.presence, event)
        self._notifier.notify_device(device)
        if device.in_session:
            self._call_events.reconcile(device, event)
            self._agent_login.on_registered(device)

    def on_unregistered(self, device: Device, _: t.EventUnregistered) -> None:
        """Take note that nothing more is heard of the DN."""
        device.registered = False
        self._notifier.notify_device(device)

    # --- what fails -------------------------------------------------------------------------------

    def failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Tell that an operation on a device failed, unless what was wanted is so already."""
        self._failures[pending.purpose](pending, operation, failure)

    def _on_registration_failed(
        self, pending: PendingRequest, operation: str, failure: RequestFailure
    ) -> None:
        """End the session, if the DN cannot be registered: its calls are out of sight."""
        device = pending.device
        self._notifier.notify_failure(pending, operation, failure)
        self._agent_login.on_registration_failed(device, failure)
        if failure.code not in _TEMPORARY:
            self._call_events.release_all_calls(device)
            device.end_session()
            if device.user_id is not None:
                self._notifier.notify_channel(device.user_id)
            self._devices.return_to_owner(device)

    def _on_login_failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Go on without an agent, unless it is the wanted one who is logged in already."""
        device, agent_session = pending.device, pending.device.agent_session
        known = device.presence.agent_id
        is_logged_in = (
            failure.code is ErrorCode.AgentAlreadyLoggedIn
            and agent_session is not None
            and agent_session.login is not None
            and known in (None, agent_session.login.code)
        )
        if not is_logged_in:
            self._notifier.notify_failure(pending, operation, failure)
        if agent_session is None:
            return
        agent_session.login_stage = LoginStage.SETTLED
        if not is_logged_in and failure.code not in _UNKNOWN_OUTCOME and device.presence.agent_state is None:
            device.presence = agent_state.without_agent(device.presence)
        self._notifier.notify_device(device)

    def _on_logout_failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Tell it; with the link, or the agent, all that was to be ended has gone anyway."""
        if failure.code not in (ErrorCode.LinkDown, *_LOGGED_OUT_ALREADY):
            self._notifier.notify_failure(pending, operation, failure)

    def _on_change_failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        is_logged_out = operation == Offline.__name__ and failure.code in _LOGGED_OUT_ALREADY
        if is_logged_out and pending.device.presence.agent_state is not AgentState.LOGGED_OUT:
            pending.device.presence = agent_state.without_agent(pending.device.presence)
        if is_logged_out or failure.code in _ALREADY_IN_STATE:
            self._notifier.notify_device(pending.device)
        else:
            self._notifier.notify_failure(pending, operation, failure)
