"""Carry out the table of agent sessions (`model/agent_session.py`): register DNs, log agents in and out.

Commands and event handlers fire inputs here. Which state an input leads to, and what is done then, stands in
the table.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.events.calls import CallEventHandler
from bridge.voice.events.monitoring import SupervisorMonitoring
from bridge.voice.events.services import Services
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.model.agent_session import (
    MAX_WAITING,
    SESSION_TABLE,
    AgentRequest,
    SessionEffect,
    SessionInput,
)
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.agents import SwitchLogin
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, LinkDownError, StatusCode
from bridge.voice.model.pending import PendingRequest, Purpose, RequestFailure, SendRequest
from bridge.voice.operations.session import EndContactCenterSession, StartContactCenterSession

START = StartContactCenterSession.__name__
END = EndContactCenterSession.__name__


@dataclass(frozen=True, slots=True)
class SendFailure:
    """The failure of a request that could not be sent."""

    text: str
    code: ErrorCode = ErrorCode.LinkDown


class AgentLogin:
    """Runs the agent session of each device."""

    def __init__(
        self,
        devices: Devices,
        services: Services,
        notifier: DeviceNotifier,
        calls: CallEventHandler,
        monitoring: SupervisorMonitoring,
        send: SendRequest,
    ) -> None:
        self._devices = devices
        self._services = services
        self._notifier = notifier
        self._call_events = calls
        self._monitoring = monitoring
        self._send = send
        self._effects: dict[SessionEffect, Callable[[Device, Any], None]] = {
            SessionEffect.REGISTER: self._register,
            SessionEffect.UNREGISTER: self._unregister,
            SessionEffect.START_LOGIN: self._start_login,
            SessionEffect.LOG_IN: lambda device, request: self._log_in(device, request.operation),
            SessionEffect.LOG_OUT: self._log_out,
            SessionEffect.LOG_OUT_KNOWN_AGENT: self._log_out_known_agent,
            SessionEffect.SEND: self._send_request,
            SessionEffect.WAIT: self._wait,
            SessionEffect.SEND_WAITING: self._send_waiting,
            SessionEffect.FAIL_WAITING: self._fail_waiting,
            SessionEffect.RECONCILE_CALLS: self._call_events.reconcile,
            SessionEffect.RELEASE_CALLS: self._release_calls,
            SessionEffect.CANCEL_MONITORING: self._cancel_monitoring,
            SessionEffect.FORGET: lambda device, _: device.end_session(),
            SessionEffect.NOTIFY: lambda device, _: self._notifier.notify_device(device),
        }

    def fire(self, device: Device, given: SessionInput, about: object = None) -> None:
        """Move the session at a device on.

        Args:
            device: where.
            given: what has happened.
            about: the AgentRequest of a request, the event of EventRegistered, the failure of a
                registration.

        Raises:
            LinkDownError: no link to the switch; the session is as it was.
            ApiError: too many requests wait for the registration of the DN.

        """
        SESSION_TABLE.fire(device.agent_session, given, self._effects, device, about)

    def start(self, device: Device, login: SwitchLogin | None) -> None:
        """Start a session at a device, or start it once more.

        Raises:
            LinkDownError: no link to the switch; a session there is as it was.

        """
        self.fire(device, SessionInput.START)
        device.agent_session.login = login

    def end(self, device: Device) -> None:
        """End the session at a device: log the agent out, and notify its calls as released."""
        if not device.in_session:
            return
        self.fire(device, SessionInput.END)
        if device.user_id != device.config.owner_id:  # the user is not notified of a device that goes back
            self.fire(device, SessionInput.UNREGISTERED)
        self._devices.return_to_owner(device)

    def request(self, device: Device, request: AgentRequest) -> None:
        """Send a request about the state of the agent at a device, behind the registration and the login.

        An agent who is logged out and is to work again is logged in first.

        Raises:
            LinkDownError: no link to the switch.
            ApiError: too many requests wait for the registration of the DN.

        """
        self.fire(device, request.input, request)

    # --- registration -----------------------------------------------------------------------------

    def _register(self, device: Device, _: object) -> None:
        request = t.RequestRegisterAddress(this_dn=device.number)
        self._send(device.switch, request, PendingRequest(START, device, purpose=Purpose.REGISTER))

    def _unregister(self, device: Device, _: object) -> None:
        request = t.RequestUnregisterAddress(this_dn=device.number)
        try:
            self._send(device.switch, request, _end_of_session(device))
        except LinkDownError:  # the registration went down with the link
            self.fire(device, SessionInput.UNREGISTERED)

    # --- the agent --------------------------------------------------------------------------------

    def _start_login(self, device: Device, _: object) -> None:
        """Log the agent in for StartContactCenterSession; if that cannot be sent, go on without an agent."""
        try:
            self._log_in(device, START)
        except LinkDownError as error:
            self._notifier.notify_failure(PendingRequest(START, device), START, SendFailure(str(error)))
            self.fire(device, SessionInput.LOGIN_FAILED)

    def _log_in(self, device: Device, operation: str) -> None:
        login = device.agent_session.login
        if login is None:
            return
        request = t.RequestAgentLogin(
            this_dn=device.number,
            agent_id=login.code,
            this_queue=login.queue,
            password=login.password or None,
        )
        self._send(device.switch, request, PendingRequest(operation, device, purpose=Purpose.LOGIN))

    def _log_out(self, device: Device, _: object) -> None:
        with contextlib.suppress(LinkDownError):  # `_unregister` meets it too, and deals with it
            self._send(device.switch, t.RequestAgentLogout(this_dn=device.number), _end_of_session(device))

    def _log_out_known_agent(self, device: Device, about: object) -> None:
        """Log out the agent whom the T-Server has reported; before its first answer there is none."""
        is_known = device.presence.agent_state not in (None, AgentState.LOGGED_OUT)
        if device.agent_session.login is not None and is_known:
            self._log_out(device, about)

    def _send_request(self, device: Device, request: AgentRequest) -> None:
        pending = PendingRequest(
            request.operation, device, purpose=Purpose.AGENT_STATE, requested_by=request.requested_by
        )
        self._send(device.switch, request.request, pending)

    # --- what waits for the registration ----------------------------------------------------------

    def _wait(self, device: Device, request: AgentRequest) -> None:
        if not self._services.is_up(device.switch):
            raise LinkDownError(f"The link to {device.switch} is down")
        waiting = device.agent_session.waiting
        if len(waiting) == MAX_WAITING:
            text = f"{MAX_WAITING} operations wait already until {device.number} is registered"
            raise ApiError(StatusCode.INVALID, text)
        waiting.append(request)

    def _send_waiting(self, device: Device, _: object) -> None:
        for request in _take_waiting(device):
            try:
                self.request(device, request)
            except LinkDownError as error:
                self._notify_failure(device, request, SendFailure(str(error)))

    def _fail_waiting(self, device: Device, failure: RequestFailure) -> None:
        for request in _take_waiting(device):
            self._notify_failure(device, request, failure)

    def _notify_failure(self, device: Device, request: AgentRequest, failure: RequestFailure) -> None:
        pending = PendingRequest(request.operation, device, requested_by=request.requested_by)
        self._notifier.notify_failure(pending, request.operation, failure)

    # --- calls and monitoring ---------------------------------------------------------------------

    def _release_calls(self, device: Device, _: object) -> None:
        self._call_events.release_all_calls(device)
        self._monitoring.update_legs(device)

    def _cancel_monitoring(self, device: Device, _: object) -> None:
        with contextlib.suppress(LinkDownError):  # `_unregister` meets it too; the next session learns of it
            self._monitoring.end(device, _end_of_session(device))


def _end_of_session(device: Device) -> PendingRequest:
    return PendingRequest(END, device, purpose=Purpose.END_SESSION, requested_by=device.user_id)


def _take_waiting(device: Device) -> list[AgentRequest]:
    waiting, device.agent_session.waiting = device.agent_session.waiting, []
    return waiting
