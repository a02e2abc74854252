"""The way back: what a link tells goes to those who keep calls, devices, agents and services as they are.

Calls are the matter of `callwatch`, devices and agents that of `devicewatch`, listening in that of
`supervision`.
"""

from collections.abc import Callable
from typing import Any

from bridge.tlib import messages as t
from bridge.voice.events.calls import CallWatch
from bridge.voice.events.devices import DeviceWatch
from bridge.voice.events.monitoring import Supervision
from bridge.voice.events.services import Services
from bridge.voice.model import agent_state as presence
from bridge.voice.model.call_tables import EFFECTS
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Floor
from bridge.voice.model.pending import Cause, Failure, Step


class Watch:
    """Hands what comes from links to whom it concerns."""

    def __init__(
        self,
        floor: Floor,
        *,
        calls: CallWatch,
        devices: DeviceWatch,
        services: Services,
        supervision: Supervision,
    ) -> None:
        self._floor = floor
        self._calls = calls
        self._devices = devices
        self._services = services
        self._supervision = supervision
        self._about_devices: dict[type[t.Event], Callable[[Device, Any], None]] = {
            t.EventRegistered: self._registered,
            t.EventUnregistered: self._devices.unregistered,
            t.EventAddressInfo: self._address_info,
            t.EventPartyInfo: self._party_info,
            t.EventMonitoringNextCall: self._supervision.arranged,
            t.EventMonitoringCancelled: self._supervision.cancelled,
            **dict.fromkeys(presence.FOLDS, self._devices.fold),
        }

    # --- the link ---------------------------------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Have the DNs of all users in session registered, and tell users, after a link came up."""
        self._services.changed(switch, up=True)
        self._devices.link_up(switch)

    def link_down(self, switch: str) -> None:
        """Tell the users that nothing is heard of the switch and of their devices."""
        self._services.changed(switch, up=False)
        self._devices.link_down(switch)

    def received(self, switch: str, event: t.Event, cause: Cause | None) -> None:
        """Fold an event into the device of its DN; a DN that is nobody's is passed over."""
        effect = EFFECTS.get(type(event))
        if effect is not None and isinstance(event, t.TelephonyEvent):
            device = self._floor.at(switch, event.this_dn)
            if device is not None and device.in_session:
                self._floor.heard(switch, event.time)
                self._calls.fold(device, event, effect, None if cause is None else cause.operation)
                self._supervision.heard(device, event, cause)
        elif isinstance(event, t.DNEvent):
            take_in = self._about_devices.get(type(event))
            device = self._floor.at(switch, event.this_dn)
            if take_in is not None and device is not None:
                self._floor.heard(switch, event.time)
                take_in(device, event)
        elif isinstance(event, t.EventPrivateInfo):
            self._private(switch, event)
        elif isinstance(event, t.EventServerInfo):
            self._services.identified(switch, event)

    def failed(self, cause: Cause, failure: Failure) -> None:
        """Tell the user that an accepted operation failed; ask what became of it if nobody said."""
        if cause.operation is None:
            self._calls.query_failed(cause, failure)
            self._supervision.settle(cause.device)
        elif cause.step is Step.MONITOR:
            self._supervision.failed(cause, cause.operation, failure)
        elif cause.step is not Step.CALL:
            self._devices.failed(cause, cause.operation, failure)
            self._supervision.settle(cause.device)
        elif not self._supervision.is_so_already(cause, failure):
            self._calls.failed(cause, cause.operation, failure)

    # --- what concerns several --------------------------------------------------------------------

    def _registered(self, device: Device, event: t.EventRegistered) -> None:
        self._devices.registered(device, event)
        self._supervision.settle(device)

    def _address_info(self, device: Device, event: t.EventAddressInfo) -> None:
        self._calls.address_info(device, event)
        self._supervision.settle(device)

    def _party_info(self, device: Device, event: t.EventPartyInfo) -> None:
        self._calls.party_info(device, event)
        self._supervision.settle(device)

    def _private(self, switch: str, event: t.EventPrivateInfo) -> None:
        device = None if event.this_dn is None else self._floor.at(switch, event.this_dn)
        if device is not None and device.in_session:
            self._calls.recorded(device, event)
            self._supervision.mode_changed(device, event)
