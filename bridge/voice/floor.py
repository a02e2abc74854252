"""The floor: the devices of a site, by their users and by their DNs, and the time at their switches."""

from collections.abc import Iterable, Iterator

from bridge.runtime.clock import Clock
from bridge.voice.device import Call, Device
from bridge.voice.refusals import RefusedError, StatusCode


class Floor:
    """All devices of a site."""

    def __init__(self, devices: Iterable[Device], clock: Clock) -> None:
        self._clock = clock
        self._by_dn: dict[str, dict[str, Device]] = {}
        self._by_user: dict[str, list[Device]] = {}
        self._ahead: dict[str, float] = {}
        for device in devices:
            self._by_dn.setdefault(device.switch, {})[device.number] = device
            self._by_user.setdefault(device.user_id, []).append(device)

    def __iter__(self) -> Iterator[Device]:
        """Go through all devices."""
        return (device for devices in self._by_dn.values() for device in devices.values())

    def at(self, switch: str, number: str) -> Device | None:
        """Find the device of a DN."""
        return self._by_dn.get(switch, {}).get(number)

    def of_switch(self, switch: str) -> list[Device]:
        """List the devices of a switch."""
        return list(self._by_dn.get(switch, {}).values())

    def of_user(self, user_id: str) -> list[Device]:
        """List the devices of a user."""
        return self._by_user.get(user_id, [])

    def call(self, user_id: str, call_id: str) -> tuple[Device, Call]:
        """Find a call of a user.

        Raises:
            RefusedError: the user has no such call.

        """
        for device in self.of_user(user_id):
            call = device.call(call_id)
            if call is not None:
                return device, call
        raise RefusedError(StatusCode.NOT_FOUND, f"The user has no call {call_id}")

    def time_at(self, switch: str) -> float:
        """Say what time it is at a switch; that differs from ours when its clock is held."""
        return self._clock.now() + self._ahead.get(switch, 0.0)

    def heard(self, switch: str, time: float) -> None:
        """Take note that it is this time at a switch."""
        self._ahead[switch] = time - self._clock.now()
