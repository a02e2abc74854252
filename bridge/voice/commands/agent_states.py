"""Operations on agent states, of the own voice channel or of another user's."""

from bridge.tlib import messages as t
from bridge.voice.events.agent_login import AgentLogin, SendFailure
from bridge.voice.gws import bodies
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.gws.devices import VOICE_CHANNEL
from bridge.voice.model.agent_session import AgentRequest
from bridge.voice.model.agents import Agents, CustomState
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, LinkDownError, StatusCode
from bridge.voice.model.pending import PendingRequest
from bridge.voice.operations import ROW_OF, Operation, Resource, agent
from bridge.voice.operations.permissions import check_permission


class AgentStateCommands:
    """Carry out operations on agent states."""

    def __init__(self, devices: Devices, agents: Agents, login: AgentLogin, notifier: DeviceNotifier) -> None:
        self._devices = devices
        self._agents = agents
        self._agent_login = login
        self._notifier = notifier

    def execute_me_operation(self, user_id: str, body: Operation) -> None:
        """Change the state of a user on all channels.

        Raises:
            ApiError: no session, no such state, or no link to the switch.

        """
        self._change_state(user_id, body, Resource.ME)

    def execute_channel_operation(self, user_id: str, channel: str, body: Operation) -> None:
        """Change the state of a user on a channel.

        Raises:
            ApiError: no such channel or state, no session, or no link to the switch.

        """
        _check_channel(channel)
        self._change_state(user_id, body, Resource.CHANNEL)

    def execute_user_channel_operation(
        self, supervisor_id: str, user_id: str, channel: str, body: Operation
    ) -> None:
        """Change the state of another user of the contact center on a channel.

        Raises:
            ApiError: not a supervisor, no such feature, user, channel or state, the user is in no
                session, or no link to the switch.

        """
        supervisor, other = self._agents.agent(supervisor_id), self._agents.agent(user_id)
        check_permission(
            ROW_OF[Resource.CHANNEL_OF_USER, type(body)],
            body.name,
            frozenset() if supervisor is None else supervisor.features,
            is_supervisor=supervisor is not None and supervisor.is_supervisor,
        )
        if supervisor is None or other is None or other.contact_center != supervisor.contact_center:
            raise ApiError(StatusCode.NOT_FOUND, f"The contact center has no user {user_id}")
        _check_channel(channel)
        self._change_state(user_id, body, Resource.CHANNEL_OF_USER, supervisor_id)

    def _change_state(
        self, user_id: str, body: Operation, on: Resource, requested_by: str | None = None
    ) -> None:
        devices = [each for each in self._devices.of_user(user_id) if each.agent_session.login is not None]
        states = {each: self._find_custom_state(each.config.contact_center, body, on) for each in devices}
        if not devices:
            self._find_custom_state(self._contact_center(user_id), body, on)
            text = "The user is in no contact center session; StartContactCenterSession begins one"
            raise ApiError(StatusCode.INVALID, text)
        refusals = []
        for device, state in states.items():
            try:
                request = AgentRequest(_request(device, body, state), body.name, requested_by)
                self._agent_login.request(device, request)
            except LinkDownError as error:
                refusals.append((device, error))
        if len(refusals) == len(devices):
            raise refusals[0][1]
        for device, refusal in refusals:
            pending = PendingRequest(None, device, requested_by=requested_by)
            self._notifier.notify_failure(pending, body.name, SendFailure(str(refusal)))

    def _contact_center(self, user_id: str) -> str:
        known = self._agents.agent(user_id)
        return "" if known is None else known.contact_center

    def _find_custom_state(self, contact_center: str, body: Operation, on: Resource) -> CustomState | None:
        if not isinstance(body, agent.Custom):
            return None
        state = self._agents.find_custom_state(contact_center, body.operation)
        if state is None:
            own = [each.operation_name for each in self._agents.states(contact_center)]
            raise bodies.READERS[on].unknown_operation(body.operation, own)
        return state


def _request(device: Device, body: Operation, state: CustomState | None) -> t.Request:
    if state is not None:
        return agent.custom_request(device.number, state)
    return agent.REQUESTS[type(body)](device.number, body)


def _check_channel(channel: str) -> None:
    if channel != VOICE_CHANNEL:
        raise ApiError(StatusCode.NOT_FOUND, f"There is no channel {channel}, only {VOICE_CHANNEL}")
