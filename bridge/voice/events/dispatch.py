"""Dispatches what comes from links to the handlers of calls, devices, services and supervisor monitoring."""

from collections.abc import Callable
from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import DNRole
from bridge.voice.events.calls import CallEventHandler
from bridge.voice.events.devices import DeviceEventHandler
from bridge.voice.events.monitoring import SupervisorMonitoring
from bridge.voice.events.services import Services
from bridge.voice.gws.metrics import Stopwatch
from bridge.voice.model import agent_state
from bridge.voice.model.call_tables import EFFECTS
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.pending import PendingRequest, Purpose, RequestFailure


class EventDispatcher:
    """What a link calls: its state, the events of its T-Server, and requests that failed."""

    def __init__(
        self,
        devices: Devices,
        *,
        call_events: CallEventHandler,
        device_events: DeviceEventHandler,
        services: Services,
        supervisor_monitoring: SupervisorMonitoring,
        stopwatch: Stopwatch | None = None,
    ) -> None:
        self._devices = devices
        self._call_events = call_events
        self._device_events = device_events
        self._services = services
        self._supervisor_monitoring = supervisor_monitoring
        self._stopwatch = stopwatch
        self._device_handlers: dict[type[t.Event], Callable[[Device, Any], None]] = {
            t.EventRegistered: self._on_registered,
            t.EventUnregistered: self._device_events.on_unregistered,
            t.EventAddressInfo: self._on_address_info,
            t.EventPartyInfo: self._on_party_info,
            t.EventMonitoringNextCall: self._supervisor_monitoring.on_monitoring_arranged,
            t.EventMonitoringCancelled: self._supervisor_monitoring.on_monitoring_cancelled,
            **dict.fromkeys(agent_state.EVENT_TRANSITIONS, self._device_events.apply_event),
        }

    # --- the link ---------------------------------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """After the link comes up, register the DNs of all active sessions and notify their users."""
        self._services.on_link_changed(switch, up=True)
        self._device_events.link_up(switch)

    def link_down(self, switch: str, reason: str) -> None:  # noqa: ARG002 (clients see the loss, not its reason)
        """Notify users that the service and their devices are inactive, after a link went down."""
        self._services.on_link_changed(switch, up=False)
        self._device_events.link_down(switch)

    def received(self, switch: str, event: t.Event, pending: PendingRequest | None) -> None:
        """Handle an event of a switch. An event of a DN without a device is ignored.

        Args:
            switch: the switch whose T-Server sent it.
            event: the event.
            pending: the request that it answers, if any.

        """
        if self._stopwatch is not None:
            self._stopwatch.start()
        effect = EFFECTS.get(type(event))
        if effect is not None and isinstance(event, t.TelephonyEvent):
            device = self._devices.at(switch, event.this_dn)
            if device is not None and device.agent_session.state.in_session:
                at = event.time_in_secs + event.time_in_usecs / 1_000_000  # `Event.time`, without the call
                self._devices.record_switch_time(switch, at)
                operation = None if pending is None else pending.operation
                self._call_events.apply_event(device, event, effect, at, operation)
                # Only a supervisor's own events have the role, and only the devices involved may be watched.
                is_observer = event.this_dn_role is DNRole.Observer
                if is_observer or device in self._supervisor_monitoring.involved:
                    self._supervisor_monitoring.on_event(device, event, pending)
        elif isinstance(event, t.DNEvent):
            handler = self._device_handlers.get(type(event))
            device = self._devices.at(switch, event.this_dn)
            if handler is not None and device is not None:
                self._devices.record_switch_time(switch, event.time)
                handler(device, event)
        elif isinstance(event, t.EventPrivateInfo):
            self._on_private_info(switch, event)
        elif isinstance(event, t.EventServerInfo):
            self._services.on_server_info(switch, event)

    def failed(self, switch: str, pending: PendingRequest, failure: RequestFailure) -> None:  # noqa: ARG002 (the device knows it)
        """Handle the failure of a request: notify its user, or query the state if the outcome is unknown."""
        if pending.operation is None:
            self._call_events.query_failed(pending, failure)
            self._supervisor_monitoring.update_legs(pending.device)
        elif pending.purpose is Purpose.MONITOR:
            self._supervisor_monitoring.failed(pending, pending.operation, failure)
        elif pending.purpose is not Purpose.CALL:
            self._device_events.failed(pending, pending.operation, failure)
            self._supervisor_monitoring.update_legs(pending.device)
        elif not self._supervisor_monitoring.is_already_in_state(pending, failure):
            self._call_events.failed(pending, pending.operation, failure)

    # --- events for several handlers --------------------------------------------------------------

    def _on_registered(self, device: Device, event: t.EventRegistered) -> None:
        self._device_events.on_registered(device, event)
        self._supervisor_monitoring.update_legs(device)

    def _on_address_info(self, device: Device, event: t.EventAddressInfo) -> None:
        self._call_events.on_address_info(device, event)
        self._supervisor_monitoring.update_legs(device)

    def _on_party_info(self, device: Device, event: t.EventPartyInfo) -> None:
        self._call_events.on_party_info(device, event)
        self._supervisor_monitoring.update_legs(device)

    def _on_private_info(self, switch: str, event: t.EventPrivateInfo) -> None:
        device = None if event.this_dn is None else self._devices.at(switch, event.this_dn)
        if device is not None and device.in_session:
            self._call_events.on_recording_changed(device, event)
            self._supervisor_monitoring.on_monitoring_mode_changed(device, event)
