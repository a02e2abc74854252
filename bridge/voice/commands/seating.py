"""Which devices a session is for, and with which login (GWS v2, StartContactCenterSession)."""

from collections.abc import Sequence

from bridge.runtime.uris import id_from_uri
from bridge.voice.model.agents import Agent, Agents, SwitchLogin
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.operations.session import StartContactCenterSession

ACD_POSITION = "ACDPosition"


class DeviceChooser:
    """Finds the devices of a session."""

    def __init__(self, devices: Devices, agents: Agents) -> None:
        self._devices = devices
        self._agents = agents

    def choose(self, user_id: str, body: StartContactCenterSession) -> tuple[list[Device], bool]:
        """Choose the devices, and tell whether the user sits down at one that is not just their own.

        At a place it is one device: the only one, or the only ACD position, or the one that is named. A
        session that goes on stays where it is unless another place or device is named.

        Raises:
            ApiError: there is no such place or device, the place does not say which one, or somebody
                else has it.

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
    """Say who is to be logged in at each device; None where a DN is only watched.

    That is at the ACD positions, or everywhere if there is none; and nobody twice at one switch.
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
    """Choose the login: the one that is named, else the agent's first at the switch, else the DN's number."""
    own = () if agent is None else agent.logins.get(device.switch, ())
    usual = own[0] if own else SwitchLogin(device.number)
    if body.login_code is not None:
        usual = next((each for each in own if each.code == body.login_code), SwitchLogin(body.login_code))
    return SwitchLogin(usual.code, body.queue or usual.queue, usual.password)
