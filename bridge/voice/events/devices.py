"""Handle the events and failures that are about devices and their agents, and notify the users.

What they mean for the session at a device is fired at its table (`events/agent_login.py`).
"""

from collections.abc import Callable

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.events.agent_login import AgentLogin
from bridge.voice.events.monitoring import SupervisorMonitoring
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.model import agent_state
from bridge.voice.model.agent_session import SessionInput, registered_input
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import LinkDownError
from bridge.voice.model.pending import PendingRequest, Purpose, RequestFailure
from bridge.voice.operations.agent import Offline

_UNKNOWN_OUTCOME = (ErrorCode.LinkDown, ErrorCode.Timeout)
"""Failures after which the request may have been carried out."""

_TEMPORARY = (*_UNKNOWN_OUTCOME, ErrorCode.SwitchNotConnected)
"""Failures of a registration that is repeated when link or switch are back."""

_LOGGED_OUT_ALREADY = (ErrorCode.AgentNotLoggedIn, ErrorCode.AgentLoggedOff, ErrorCode.AgentNotSignedOn)

_NOTHING_ARRANGED = (ErrorCode.InvalidTarget,)
"""The end of a session finds nothing to cancel if the request for monitoring has failed meanwhile."""

_ALREADY_IN_STATE = (ErrorCode.AlreadyInState, ErrorCode.AsaiAlreadyInAgentState)


class DeviceEventHandler:
    """Keeps devices and their agents up to date."""

    def __init__(
        self,
        devices: Devices,
        notifier: DeviceNotifier,
        login: AgentLogin,
        supervisor_monitoring: SupervisorMonitoring,
    ) -> None:
        self._devices = devices
        self._notifier = notifier
        self._agent_login = login
        self._supervisor_monitoring = supervisor_monitoring
        self._failures: dict[Purpose, Callable[[PendingRequest, str, RequestFailure], None]] = {
            Purpose.REGISTER: self._on_registration_failed,
            Purpose.LOGIN: self._on_login_failed,
            Purpose.END_SESSION: self._on_logout_failed,
            Purpose.AGENT_STATE: self._on_change_failed,
            Purpose.DEVICE: self._on_change_failed,
        }

    # --- the link ---------------------------------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Register the DNs of all active sessions after a link came up."""
        for device in self._devices.of_switch(switch):
            try:
                self._agent_login.fire(device, SessionInput.LINK_UP)
            except LinkDownError:
                return  # it went down again; its return begins anew

    def link_down(self, switch: str) -> None:
        """Suspend the active sessions of a switch, and notify their users."""
        for device in self._devices.of_switch(switch):
            self._agent_login.fire(device, SessionInput.LINK_LOST)

    # --- events -----------------------------------------------------------------------------

    def apply_event(self, device: Device, event: t.DNEvent) -> None:
        """Apply an event to a device and its agent, and notify the user."""
        if not device.in_session:
            return
        device.presence = agent_state.EVENT_TRANSITIONS[type(event)](device.presence, event)
        if isinstance(event, t.EventAgentLogout):
            self._agent_login.fire(device, SessionInput.AGENT_OUT)
        elif isinstance(event, t.AgentEvent) and not isinstance(event, t.EventQueueLogout):
            self._agent_login.fire(device, SessionInput.AGENT_IN)
        if not isinstance(event, agent_state.NOT_SHOWN):
            self._notifier.notify_device(device)

    def on_registered(self, device: Device, event: t.EventRegistered) -> None:
        """Handle EventRegistered: apply its snapshot, then move the session on."""
        if device.in_session:
            device.presence = agent_state.apply_snapshot(device.presence, event)
            self._supervisor_monitoring.on_registered(device, event)
        given = registered_input(device.agent_session.login, device.presence)
        self._agent_login.fire(device, given, event)

    def on_unregistered(self, device: Device, _: t.EventUnregistered) -> None:
        """Handle EventUnregistered."""
        self._agent_login.fire(device, SessionInput.UNREGISTERED)

    # --- failures -------------------------------------------------------------------------------

    def failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Notify the user that a request failed, unless the DN is already as requested."""
        self._failures[pending.purpose](pending, operation, failure)

    def _on_registration_failed(
        self, pending: PendingRequest, operation: str, failure: RequestFailure
    ) -> None:
        """Notify the user; a refusal ends the session, as the events of the DN will not be sent."""
        device = pending.device
        self._notifier.notify_failure(pending, operation, failure)
        if failure.code in _TEMPORARY:
            self._agent_login.fire(device, SessionInput.REGISTRATION_FAILED, failure)
            return
        self._agent_login.fire(device, SessionInput.REGISTRATION_REFUSED, failure)
        if device.user_id is not None:
            self._notifier.notify_channel(device.user_id)
        self._devices.return_to_owner(device)

    def _on_login_failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Continue the session without an agent, unless the session's agent is logged in already."""
        device, login = pending.device, pending.device.agent_session.login
        known = device.presence.agent_id
        is_logged_in = (
            failure.code is ErrorCode.AgentAlreadyLoggedIn
            and login is not None
            and known in (None, login.code)
        )
        if not is_logged_in:
            self._notifier.notify_failure(pending, operation, failure)
        if not device.in_session:
            return
        if not is_logged_in and failure.code not in _UNKNOWN_OUTCOME and device.presence.agent_state is None:
            device.presence = agent_state.without_agent(device.presence)
        is_out = device.presence.agent_state is AgentState.LOGGED_OUT
        self._agent_login.fire(device, SessionInput.LOGIN_FAILED if is_out else SessionInput.AGENT_IN)
        self._notifier.notify_device(device)

    def _on_logout_failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Notify the user, unless there was nothing left to end."""
        if failure.code not in (ErrorCode.LinkDown, *_LOGGED_OUT_ALREADY, *_NOTHING_ARRANGED):
            self._notifier.notify_failure(pending, operation, failure)

    def _on_change_failed(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        is_logged_out = operation == Offline.__name__ and failure.code in _LOGGED_OUT_ALREADY
        if is_logged_out and pending.device.presence.agent_state is not AgentState.LOGGED_OUT:
            pending.device.presence = agent_state.without_agent(pending.device.presence)
            self._agent_login.fire(pending.device, SessionInput.AGENT_OUT)
        if is_logged_out or failure.code in _ALREADY_IN_STATE:
            self._notifier.notify_device(pending.device)
        else:
            self._notifier.notify_failure(pending, operation, failure)
