"""Contact center sessions: start and end them, choose devices and logins, follow configuration changes.

Source: GWS v2, StartContactCenterSession and EndContactCenterSession.
"""

from collections.abc import Sequence

from bridge.runtime.uris import id_from_uri
from bridge.voice.events.agent_login import START, AgentLogin, SendFailure
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.gws.devices import VOICE_CHANNEL
from bridge.voice.model.agent_session import SessionInput
from bridge.voice.model.agents import Agent, Agents, SwitchLogin
from bridge.voice.model.device import Device, DeviceConfig
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, LinkDownError, PartialSuccess, StatusCode
from bridge.voice.model.pending import PendingRequest
from bridge.voice.operations.session import StartContactCenterSession

ACD_POSITION = "ACDPosition"

OTHER_MEDIA = frozenset({"callback", "chat", "email", "facebook", "multimedia", "sms", "twitter", "workitem"})
"""Media of GWS that this bridge does not serve."""


class SessionCommands:
    """Start and end sessions.

    Args:
        devices: all devices.
        agents: all agents and places.
        login: runs the session of each device.
        notifier: notifies users of devices.

    """

    def __init__(self, devices: Devices, agents: Agents, login: AgentLogin, notifier: DeviceNotifier) -> None:
        self._devices = devices
        self._agents = agents
        self._agent_login = login
        self._device_chooser = DeviceChooser(devices, agents)
        self._notifier = notifier

    # --- start ----------------------------------------------------------------------------

    def start(self, user_id: str, body: StartContactCenterSession) -> PartialSuccess | None:
        """Start a session on channels, or start it once more.

        Returns:
            Which channels failed; None if none did.

        Raises:
            ApiError: all channels failed. It is the error of `voice`, else of the first one.

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
        """Start the session at each chosen device; an error of one leaves the others."""
        devices, replaces_own_devices = self._device_chooser.choose(user_id, body)
        refusals = []
        for device, login in zip(
            devices, choose_logins(self._agents.agent(user_id), devices, body), strict=True
        ):
            try:
                self._agent_login.start(device, login)
            except LinkDownError as error:
                refusals.append((device, error))
        if len(refusals) == len(devices):
            raise refusals[0][1]
        for device, refusal in refusals:
            self._notifier.notify_failure(PendingRequest(START, device), START, SendFailure(str(refusal)))
        if replaces_own_devices:
            self._end_other_sessions(user_id, devices)
            self._devices.assign_to_user(user_id, devices[0])

    def _end_other_sessions(self, user_id: str, but: list[Device]) -> None:
        """End the sessions of a user at all other devices."""
        for device in list(self._devices.of_user(user_id)):
            if device not in but:
                self._agent_login.end(device)

    # --- end ----------------------------------------------------------------------------------

    def end(self, user_id: str) -> None:
        """End a user's session at all devices, if there is one."""
        for device in list(self._devices.of_user(user_id)):
            self._agent_login.end(device)


class ConfigurationCommands:
    """Apply changes of users and devices. Only the sessions that a change concerns end."""

    def __init__(
        self, devices: Devices, agents: Agents, sessions: SessionCommands, login: AgentLogin
    ) -> None:
        self._devices = devices
        self._agents = agents
        self._session_commands = sessions
        self._agent_login = login

    def remove_agent(self, user_id: str) -> None:
        """Remove a user. An active session ends."""
        self._session_commands.end(user_id)
        self._agents.remove_agent(user_id)

    def add_or_update_device(self, config: DeviceConfig) -> None:
        """Add or update a device. An active session there ends if the DN or the user changes."""
        known = self._devices.device(config.id)
        if known is not None and (known.switch, known.number) != (config.switch, config.number):
            self.remove_device(config.id)
            known = None
        if known is None:
            self._devices.add(config)
            return
        owner_id = known.config.owner_id
        if owner_id != config.owner_id and known.user_id == owner_id:
            self._agent_login.end(known)
        self._devices.configure(known, config)

    def remove_device(self, device_id: str) -> None:
        """Remove a device. An active session there ends, and its calls are notified as released."""
        device = self._devices.device(device_id)
        if device is None:
            return
        if device.in_session:
            self._agent_login.end(device)
            self._agent_login.fire(device, SessionInput.UNREGISTERED)
        self._devices.remove(device)


class DeviceChooser:
    """Chooses the devices of a session."""

    def __init__(self, devices: Devices, agents: Agents) -> None:
        self._devices = devices
        self._agents = agents

    def choose(self, user_id: str, body: StartContactCenterSession) -> tuple[list[Device], bool]:
        """Choose the devices of a user's session.

        At a place it is one device: the only one, the only ACD position, or the one that `devicePath`
        names. An active session stays where it is unless another place or device is named.

        Returns:
            The devices, and whether they replace the user's own devices until the end of the session.

        Raises:
            ApiError: there is no such place or device, the place has several, or another user has it.

        """
        agent = self._agents.agent(user_id)
        own = self._devices.of_user(user_id)
        active = [device for device in own if device.in_session]
        if body.place is None and body.device_path is None and active:
            return active, False
        place = body.place or (agent.place if agent is not None else None)
        if place is None:
            return self._own_devices(own, body.device_path), False
        device = self._device_at_place(place, agent, body.device_path)
        if device.user_id not in (None, user_id):
            text = f"place: the device {device.number} of {place!r} is assigned to another user"
            raise ApiError(StatusCode.INVALID, text)
        return [device], device not in own or len(own) > 1

    @staticmethod
    def _own_devices(own: Sequence[Device], path: str | None) -> list[Device]:
        if not own:
            raise ApiError(StatusCode.INVALID, "The user has no device to work with")
        if path is None:
            return list(own)
        found = [device for device in own if device.id == id_from_uri(path)]
        if not found:
            raise ApiError(StatusCode.NOT_FOUND, f"devicePath: the user has no device {id_from_uri(path)}")
        return found

    def _device_at_place(self, name: str, agent: Agent | None, path: str | None) -> Device:
        place = None if agent is None else self._agents.place(agent.contact_center, name)
        if place is None:
            raise ApiError(StatusCode.NOT_FOUND, f"place: there is no place {name!r}")
        devices = [each for each in map(self._devices.device, place.device_ids) if each is not None]
        if path is not None:
            devices = [each for each in devices if each.id == id_from_uri(path)]
            if not devices:
                text = f"devicePath: the place {name!r} has no device {id_from_uri(path)}"
                raise ApiError(StatusCode.NOT_FOUND, text)
        if len(devices) > 1:
            devices = [each for each in devices if each.config.type == ACD_POSITION] or devices
        if len(devices) != 1:
            text = f"place: {name!r} has {len(devices)} devices to choose from; devicePath says which one"
            raise ApiError(StatusCode.INVALID, text)
        return devices[0]


def choose_logins(
    agent: Agent | None, devices: Sequence[Device], body: StartContactCenterSession
) -> list[SwitchLogin | None]:
    """Return the login for each device; None where no agent is to be logged in.

    Agents are logged in at the ACD positions, or at all devices if there is none, and with the same code
    only once at a switch.
    """
    positions = [each for each in devices if each.config.type == ACD_POSITION] or devices
    taken: set[tuple[str, str]] = set()
    found: list[SwitchLogin | None] = []
    for device in devices:
        login = _choose_login(agent, device, body) if device in positions else None
        if login is not None and (device.switch, login.code) in taken:
            login = None
        if login is not None:
            taken.add((device.switch, login.code))
        found.append(login)
    return found


def _choose_login(agent: Agent | None, device: Device, body: StartContactCenterSession) -> SwitchLogin:
    """Return the named login, else the agent's first at the switch, else the number of the DN."""
    own = () if agent is None else agent.logins.get(device.switch, ())
    usual = own[0] if own else SwitchLogin(device.number)
    if body.login_code is not None:
        usual = next((each for each in own if each.code == body.login_code), SwitchLogin(body.login_code))
    return SwitchLogin(usual.code, body.queue or usual.queue, usual.password)
