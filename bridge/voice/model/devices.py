"""The devices of a site, by their ids, users and DNs, and the time at their switches.

A user who starts a session at a place is assigned one of its devices, and has that one instead of the own
ones until the session ends (GWS v2, StartContactCenterSession).
"""

from collections.abc import Iterable, Iterator

from bridge.runtime.clock import Clock
from bridge.voice.model.call import Call
from bridge.voice.model.device import Device, DeviceConfig
from bridge.voice.model.errors import ApiError, StatusCode


class Devices:
    """All devices of a site."""

    def __init__(self, configs: Iterable[DeviceConfig], clock: Clock) -> None:
        self._clock = clock
        self._by_id: dict[str, Device] = {}
        self._by_dn: dict[str, dict[str, Device]] = {}
        self._by_owner: dict[str, list[Device]] = {}
        self._assigned: dict[str, list[Device]] = {}
        self._clock_offsets: dict[str, float] = {}
        for config in configs:
            self.add(config)

    def __iter__(self) -> Iterator[Device]:
        """Iterate over all devices."""
        return iter(list(self._by_id.values()))

    # --- which devices there are ------------------------------------------------------------------

    def add(self, config: DeviceConfig) -> None:
        """Add a device."""
        device = Device(config)
        self._by_id[device.id] = device
        self._by_dn.setdefault(device.switch, {})[device.number] = device
        self._add_to_owner(device)

    def remove(self, device: Device) -> None:
        """Remove a device that has no session."""
        del self._by_id[device.id]
        of_switch = self._by_dn[device.switch]
        if of_switch.get(device.number) is device:
            del of_switch[device.number]
        self._remove_from_owner(device)

    def configure(self, device: Device, config: DeviceConfig) -> None:
        """Replace the config of a device. A user to whom it is assigned keeps it until the session ends."""
        if device.config.owner_id == config.owner_id:
            device.config = config
            return
        is_lent = device.user_id != device.config.owner_id
        self._remove_from_owner(device)
        device.config = config
        self._add_to_owner(device)
        if not is_lent:
            device.user_id = config.owner_id

    def _add_to_owner(self, device: Device) -> None:
        owner_id = device.config.owner_id
        if owner_id is not None:
            self._by_owner.setdefault(owner_id, []).append(device)

    def _remove_from_owner(self, device: Device) -> None:
        owner_id = device.config.owner_id
        if owner_id is not None:
            self._by_owner[owner_id].remove(device)

    def assign_to_user(self, user_id: str, device: Device) -> None:
        """Assign a device to a user, in place of the user's own devices."""
        device.user_id = user_id
        self._assigned[user_id] = [device]

    def return_to_owner(self, device: Device) -> None:
        """Return a device to its owner, if it is assigned to another user."""
        user_id = device.user_id
        if user_id is not None and self._assigned.get(user_id) == [device]:
            del self._assigned[user_id]
        device.user_id = device.config.owner_id

    # --- finding them -----------------------------------------------------------------------------

    def device(self, device_id: str) -> Device | None:
        """Return the device with this id; None if there is none."""
        return self._by_id.get(device_id)

    def at(self, switch: str, number: str) -> Device | None:
        """Return the device of a DN; None if it has none."""
        return self._by_dn.get(switch, {}).get(number)

    def of_switch(self, switch: str) -> list[Device]:
        """Return the devices of a switch."""
        return list(self._by_dn.get(switch, {}).values())

    def of_user(self, user_id: str) -> list[Device]:
        """Return the devices that a user has now."""
        return self._assigned.get(user_id) or self._by_owner.get(user_id, [])

    def device_in_session(self, user_id: str, device_id: str) -> Device:
        """Return a device of a user, for an operation on it.

        Raises:
            ApiError: the user has no such device, or no session there.

        """
        device = next((each for each in self.of_user(user_id) if each.id == device_id), None)
        if device is None:
            raise ApiError(StatusCode.NOT_FOUND, f"The user has no device {device_id}")
        if not device.in_session:
            text = f"Device {device.number} is not in a session; send StartContactCenterSession first"
            raise ApiError(StatusCode.INVALID, text)
        return device

    def call(self, user_id: str, call_id: str) -> tuple[Device, Call]:
        """Return a call of a user, and its device.

        Raises:
            ApiError: the user has no such call.

        """
        for device in self.of_user(user_id):
            call = device.call(call_id)
            if call is not None:
                return device, call
        raise ApiError(StatusCode.NOT_FOUND, f"The user has no call {call_id}")

    # --- the time at their switches ---------------------------------------------------------------

    def time_at(self, switch: str) -> float:
        """Return the time at a switch, in seconds since 1970. Its clock may differ from ours."""
        return self._clock.now() + self._clock_offsets.get(switch, 0.0)

    def record_switch_time(self, switch: str, time: float) -> None:
        """Record that it is this time at a switch, in seconds since 1970."""
        self._clock_offsets[switch] = time - self._clock.now()
