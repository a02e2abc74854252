"""The way out for agents: logging in behind the registration of a DN, and what follows the login."""

from dataclasses import dataclass

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.events.services import Services
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.model.agent_session import MAX_DEFERRED, AgentSession, LoginStage
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.agents import SwitchLogin
from bridge.voice.model.device import Device
from bridge.voice.model.errors import ApiError, LinkDownError, StatusCode
from bridge.voice.model.pending import PendingRequest, Purpose, RequestFailure, SendRequest
from bridge.voice.operations.session import StartContactCenterSession

START = StartContactCenterSession.__name__


@dataclass(frozen=True, slots=True)
class SendFailure:
    """The failure of what could not be sent."""

    text: str
    code: ErrorCode = ErrorCode.LinkDown


class AgentLogin:
    """Sends what is about agents, in the right order."""

    def __init__(self, services: Services, notifier: DeviceNotifier, send: SendRequest) -> None:
        self._services = services
        self._notifier = notifier
        self._send = send

    def send_agent_request(
        self, device: Device, request: t.Request, operation: str, requested_by: str | None
    ) -> None:
        """Send a request about the state of the agent at a device in session, behind the login.

        Who has logged out and wants to work again is logged in first.

        Raises:
            LinkDownError: no link to the switch.
            ApiError: too much waits for the registration of the DN.

        """
        agent_session = device.agent_session
        if agent_session is None or agent_session.login is None:
            return
        if agent_session.login_stage is LoginStage.REGISTERING:
            self._defer(device, agent_session, (request, operation, requested_by))
            return
        is_logged_out = (
            device.presence.agent_state is AgentState.LOGGED_OUT
            and agent_session.login_stage is LoginStage.SETTLED
        )
        if is_logged_out and not isinstance(request, t.RequestAgentLogout):
            self._send_login(device, agent_session, agent_session.login, operation)
        self._send(
            device.switch,
            request,
            PendingRequest(operation, device, purpose=Purpose.AGENT_STATE, requested_by=requested_by),
        )

    def on_registered(self, device: Device) -> None:
        """Log the agent in at a DN that is registered now, and send what has waited for that."""
        agent_session = device.agent_session
        if agent_session is None or agent_session.login_stage is not LoginStage.REGISTERING:
            return
        agent_session.login_stage = LoginStage.SETTLED
        deferred, agent_session.deferred = agent_session.deferred, []
        try:
            if agent_session.login is not None and not _is_logged_in(device, agent_session.login):
                self._send_login(device, agent_session, agent_session.login, START)
            for request, operation, requested_by in deferred:
                pending = PendingRequest(
                    operation, device, purpose=Purpose.AGENT_STATE, requested_by=requested_by
                )
                self._send(device.switch, request, pending)
        except LinkDownError as error:
            self._notifier.notify_failure(PendingRequest(START, device), START, SendFailure(str(error)))

    def on_registration_failed(self, device: Device, failure: RequestFailure) -> None:
        """Tell that what has waited for the registration of a DN cannot be done."""
        if device.agent_session is not None:
            deferred, device.agent_session.deferred = device.agent_session.deferred, []
            for _, operation, requested_by in deferred:
                self._notifier.notify_failure(
                    PendingRequest(operation, device, requested_by=requested_by), operation, failure
                )

    def _defer(
        self, device: Device, agent_session: AgentSession, deferred: tuple[t.Request, str, str | None]
    ) -> None:
        if not self._services.is_up(device.switch):
            raise LinkDownError(f"The link to {device.switch} is down")
        if len(agent_session.deferred) == MAX_DEFERRED:
            text = f"{MAX_DEFERRED} operations wait already until {device.number} is registered"
            raise ApiError(StatusCode.INVALID, text)
        agent_session.deferred.append(deferred)

    def _send_login(
        self, device: Device, agent_session: AgentSession, login: SwitchLogin, operation: str
    ) -> None:
        request = t.RequestAgentLogin(
            this_dn=device.number,
            agent_id=login.code,
            this_queue=login.queue,
            password=login.password or None,
        )
        self._send(device.switch, request, PendingRequest(operation, device, purpose=Purpose.LOGIN))
        agent_session.login_stage = LoginStage.LOGIN_SENT


def _is_logged_in(device: Device, login: SwitchLogin) -> bool:
    """Tell whether the T-Server has said that this agent is logged in already."""
    presence = device.presence
    return presence.agent_state not in (None, AgentState.LOGGED_OUT) and presence.agent_id in (
        None,
        login.code,
    )
