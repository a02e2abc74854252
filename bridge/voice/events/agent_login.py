"""The way out for agents: logging in behind the registration of a DN, and what follows the login."""

from dataclasses import dataclass

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.events.services import Services
from bridge.voice.gws.device_notifications import DeviceNotices
from bridge.voice.model.agent_session import MAX_HELD, Sitting, Stage
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.agents import Login
from bridge.voice.model.device import Device
from bridge.voice.model.errors import LinkDownError, RefusedError, StatusCode
from bridge.voice.model.pending import Cause, Failure, Send, Step
from bridge.voice.operations.session import StartContactCenterSession

START = StartContactCenterSession.__name__


@dataclass(frozen=True, slots=True)
class Unsent:
    """The failure of what could not be sent."""

    text: str
    code: ErrorCode = ErrorCode.LinkDown


class AgentLogin:
    """Sends what is about agents, in the right order."""

    def __init__(self, services: Services, notices: DeviceNotices, send: Send) -> None:
        self._services = services
        self._notices = notices
        self._send = send

    def ask(self, device: Device, request: t.Request, operation: str, asked_by: str | None) -> None:
        """Send a request about the state of the agent at a device in session, behind the login.

        Who has logged out and wants to work again is logged in first.

        Raises:
            LinkDownError: no link to the switch.
            RefusedError: too much waits for the registration of the DN.

        """
        sitting = device.sitting
        if sitting is None or sitting.login is None:
            return
        if sitting.stage is Stage.WAITING:
            self._hold(device, sitting, (request, operation, asked_by))
            return
        is_out = device.presence.agent_state is AgentState.LOGGED_OUT and sitting.stage is Stage.SETTLED
        if is_out and not isinstance(request, t.RequestAgentLogout):
            self._log_in(device, sitting, sitting.login, operation)
        self._send(device.switch, request, Cause(operation, device, step=Step.AGENT, asked_by=asked_by))

    def registered(self, device: Device) -> None:
        """Log the agent in at a DN that is registered now, and send what has waited for that."""
        sitting = device.sitting
        if sitting is None or sitting.stage is not Stage.WAITING:
            return
        sitting.stage = Stage.SETTLED
        held, sitting.held = sitting.held, []
        try:
            if sitting.login is not None and not _is_in(device, sitting.login):
                self._log_in(device, sitting, sitting.login, START)
            for request, operation, asked_by in held:
                cause = Cause(operation, device, step=Step.AGENT, asked_by=asked_by)
                self._send(device.switch, request, cause)
        except LinkDownError as error:
            self._notices.failure(Cause(START, device), START, Unsent(str(error)))

    def not_registered(self, device: Device, failure: Failure) -> None:
        """Tell that what has waited for the registration of a DN cannot be done."""
        if device.sitting is not None:
            held, device.sitting.held = device.sitting.held, []
            for _, operation, asked_by in held:
                self._notices.failure(Cause(operation, device, asked_by=asked_by), operation, failure)

    def _hold(self, device: Device, sitting: Sitting, held: tuple[t.Request, str, str | None]) -> None:
        if not self._services.is_up(device.switch):
            raise LinkDownError(f"The link to {device.switch} is down")
        if len(sitting.held) == MAX_HELD:
            text = f"{MAX_HELD} operations wait already until {device.number} is registered"
            raise RefusedError(StatusCode.INVALID, text)
        sitting.held.append(held)

    def _log_in(self, device: Device, sitting: Sitting, login: Login, operation: str) -> None:
        request = t.RequestAgentLogin(
            this_dn=device.number,
            agent_id=login.code,
            this_queue=login.queue,
            password=login.password or None,
        )
        self._send(device.switch, request, Cause(operation, device, step=Step.LOGIN))
        sitting.stage = Stage.ASKED


def _is_in(device: Device, login: Login) -> bool:
    """Tell whether the T-Server has said that this agent is logged in already."""
    presence = device.presence
    return presence.agent_state not in (None, AgentState.LOGGED_OUT) and presence.agent_id in (
        None,
        login.code,
    )
