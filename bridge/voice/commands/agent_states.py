"""The way out for agent states: an operation on a voice channel, the user's own or another's."""

from bridge.tlib import messages as t
from bridge.voice.events.agent_login import AgentLogin, Unsent
from bridge.voice.gws import bodies
from bridge.voice.gws.device_notifications import DeviceNotices
from bridge.voice.gws.devices import VOICE_CHANNEL
from bridge.voice.model.agents import CustomState, Staff
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Floor
from bridge.voice.model.errors import LinkDownError, RefusedError, StatusCode
from bridge.voice.model.pending import Cause
from bridge.voice.operations import Operation, Resource, agent

CONTROL = "api-supervisor-agent-control"


class AgentWork:
    """Carries out operations on the state of agents."""

    def __init__(self, floor: Floor, staff: Staff, login: AgentLogin, notices: DeviceNotices) -> None:
        self._floor = floor
        self._staff = staff
        self._login = login
        self._notices = notices

    def on_me(self, user_id: str, body: Operation) -> None:
        """Change the state on all channels of a user, of which there is one.

        Raises:
            RefusedError: no session, no such state, or no link to the switch.

        """
        self._change(user_id, body, Resource.ME)

    def on_channel(self, user_id: str, channel: str, body: Operation) -> None:
        """Change the state on a channel of a user.

        Raises:
            RefusedError: no such channel or state, no session, or no link to the switch.

        """
        _check_channel(channel)
        self._change(user_id, body, Resource.CHANNEL)

    def on_channel_of(self, supervisor_id: str, user_id: str, channel: str, body: Operation) -> None:
        """Change the state on a channel of somebody else of the same contact center.

        Raises:
            RefusedError: not a supervisor, no such feature, user, channel or state, the user is in no
                session, or no link to the switch.

        """
        supervisor, other = self._staff.agent(supervisor_id), self._staff.agent(user_id)
        if supervisor is None or not supervisor.controls:
            text = f"Invalid operation: the contact center has no feature {CONTROL}"
            raise RefusedError(StatusCode.INVALID, text)
        if not supervisor.is_supervisor:
            raise RefusedError(StatusCode.NOT_PERMITTED, f"{body.name} of others is for supervisors only")
        if other is None or other.contact_center != supervisor.contact_center:
            raise RefusedError(StatusCode.NOT_FOUND, f"The contact center has no user {user_id}")
        _check_channel(channel)
        self._change(user_id, body, Resource.CHANNEL_OF_USER, supervisor_id)

    def _change(self, user_id: str, body: Operation, on: Resource, asked_by: str | None = None) -> None:
        devices = [each for each in self._floor.of_user(user_id) if each.sitting and each.sitting.login]
        states = {each: self._custom(each.contact_center, body, on) for each in devices}
        if not devices:
            self._custom(self._contact_center(user_id), body, on)
            text = "The user is in no contact center session; StartContactCenterSession begins one"
            raise RefusedError(StatusCode.INVALID, text)
        refusals = []
        for device, state in states.items():
            try:
                self._login.ask(device, _request(device, body, state), body.name, asked_by)
            except LinkDownError as error:
                refusals.append((device, error))
        if len(refusals) == len(devices):
            raise refusals[0][1]
        for device, refusal in refusals:
            cause = Cause(None, device, asked_by=asked_by)
            self._notices.failure(cause, body.name, Unsent(str(refusal)))

    def _contact_center(self, user_id: str) -> str:
        known = self._staff.agent(user_id)
        return "" if known is None else known.contact_center

    def _custom(self, contact_center: str, body: Operation, on: Resource) -> CustomState | None:
        if not isinstance(body, agent.Custom):
            return None
        state = self._staff.state_called(contact_center, body.operation)
        if state is None:
            own = [each.operation_name for each in self._staff.states(contact_center)]
            raise bodies.READERS[on].unknown(body.operation, own)
        return state


def _request(device: Device, body: Operation, state: CustomState | None) -> t.Request:
    if state is not None:
        return agent.custom_request(device.number, state)
    return agent.REQUESTS[type(body)](device.number, body)


def _check_channel(channel: str) -> None:
    if channel != VOICE_CHANNEL:
        raise RefusedError(StatusCode.NOT_FOUND, f"There is no channel {channel}, only {VOICE_CHANNEL}")
