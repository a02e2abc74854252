"""The way out for contact center sessions: their beginning and their end."""

from collections.abc import Callable

from bridge.tlib import messages as t
from bridge.voice.commands.seating import DeviceChooser, choose_logins
from bridge.voice.events.agent_login import START, SendFailure
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.gws.devices import VOICE_CHANNEL
from bridge.voice.model.agent_session import AgentSession, LoginStage
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.agents import Agents, SwitchLogin
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, LinkDownError, PartialSuccess, StatusCode
from bridge.voice.model.pending import PendingRequest, Purpose, SendRequest
from bridge.voice.operations.session import EndContactCenterSession, StartContactCenterSession

END = EndContactCenterSession.__name__

OTHER_MEDIA = frozenset({"callback", "chat", "email", "facebook", "multimedia", "sms", "twitter", "workitem"})
"""Media that a GWS may serve and this one does not: their servers are not there."""


class SessionCommands:
    """Begins and ends sessions.

    Args:
        devices: all devices.
        agents: who works there.
        notifier: what users are told of devices.
        release_all_calls: tells that the calls of a device are out of sight.
        send: the way to the links.

    """

    def __init__(
        self,
        devices: Devices,
        agents: Agents,
        notifier: DeviceNotifier,
        release_all_calls: Callable[[Device], None],
        send: SendRequest,
    ) -> None:
        self._devices = devices
        self._agents = agents
        self._device_chooser = DeviceChooser(devices, agents)
        self._notifier = notifier
        self._release_all_calls = release_all_calls
        self._send = send

    # --- the beginning ----------------------------------------------------------------------------

    def start(self, user_id: str, body: StartContactCenterSession) -> PartialSuccess | None:
        """Begin to work on channels, or go on; some may fail.

        Raises:
            ApiError: all failed; it says why voice did, or the first of the others.

        """
        refusals: dict[str, ApiError] = {}
        channels = list(dict.fromkeys(body.channels))
        for channel in channels:
            try:
                self._start_channel(user_id, channel, body)
            except ApiError as error:
                refusals[channel] = error
        if not refusals:
            return None
        if len(refusals) == len(channels):
            raise refusals.get(VOICE_CHANNEL) or refusals[channels[0]]
        succeeded = [{"statusCode": 0, "channel": each} for each in channels if each not in refusals]
        failed = [
            {"statusCode": int(error.code), "statusMessage": str(error), "channel": each}
            for each, error in refusals.items()
        ]
        return PartialSuccess(tuple(succeeded), tuple(failed))

    def _start_channel(self, user_id: str, channel: str, body: StartContactCenterSession) -> None:
        if channel == VOICE_CHANNEL:
            self._start_voice(user_id, body)
        elif channel in OTHER_MEDIA:
            raise LinkDownError(f"channels: {channel!r} is not served here, only {VOICE_CHANNEL!r}")
        else:
            text = f"channels: {channel!r} is no channel; {VOICE_CHANNEL!r} is served here"
            raise ApiError(StatusCode.INVALID, text)

    def _start_voice(self, user_id: str, body: StartContactCenterSession) -> None:
        """Have DNs registered. Starting once more registers again, which does no harm."""
        devices, replaces_own_devices = self._device_chooser.choose(user_id, body)
        refusals = []
        for device, login in zip(
            devices, choose_logins(self._agents.agent(user_id), devices, body), strict=True
        ):
            try:
                self._start_at_device(device, login)
            except LinkDownError as error:
                refusals.append((device, error))
        if len(refusals) == len(devices):
            raise refusals[0][1]
        for device, refusal in refusals:
            self._notifier.notify_failure(PendingRequest(START, device), START, SendFailure(str(refusal)))
        if replaces_own_devices:
            self._end_other_sessions(user_id, devices)
            self._devices.assign_to_user(user_id, devices[0])

    def _start_at_device(self, device: Device, login: SwitchLogin | None) -> None:
        request = t.RequestRegisterAddress(this_dn=device.number)
        self._send(device.switch, request, PendingRequest(START, device, purpose=Purpose.REGISTER))
        deferred = device.agent_session.deferred if device.agent_session is not None else []
        device.agent_session = AgentSession(login, deferred=deferred)

    def _end_other_sessions(self, user_id: str, but: list[Device]) -> None:
        """End a session at other devices than these."""
        for device in list(self._devices.of_user(user_id)):
            if device not in but:
                self.end_session(device)

    # --- the end ----------------------------------------------------------------------------------

    def end(self, user_id: str) -> None:
        """End a user's session. Without one nothing is done."""
        for device in list(self._devices.of_user(user_id)):
            self.end_session(device)

    def end_session(self, device: Device) -> None:
        """End the session at a device: the agent is logged out, and calls there are out of sight."""
        agent_session = device.agent_session
        if agent_session is None:
            return
        self._release_all_calls(device)
        requests: list[t.Request] = []
        if _may_be_logged_in(device, agent_session):
            requests.append(t.RequestAgentLogout(this_dn=device.number))
        requests.append(t.RequestUnregisterAddress(this_dn=device.number))
        pending = PendingRequest(END, device, purpose=Purpose.END_SESSION, requested_by=device.user_id)
        device.end_session()
        try:
            for request in requests:
                self._send(device.switch, request, pending)
        except LinkDownError:  # the registration went down with the link
            device.registered = False
            self._notifier.notify_device(device)
        if device.user_id != device.config.owner_id:  # whose it is hears no more of it from now on
            device.registered = False
            self._notifier.notify_device(device)
        self._devices.return_to_owner(device)


def _may_be_logged_in(device: Device, agent_session: AgentSession) -> bool:
    """Tell whether the agent may be logged in: nothing was sent, or the T-Server says so, if not."""
    state = device.presence.agent_state
    if agent_session.login is None or (
        state is AgentState.LOGGED_OUT and agent_session.login_stage is not LoginStage.LOGIN_SENT
    ):
        return False
    return state is not None or agent_session.login_stage is not LoginStage.REGISTERING
