"""The desk: every device of a site, what is sent out for them and what their users are told.

The way out: an operation is checked against the call it is about and becomes a request, sent on the link
of the device's switch. The way back: an event is folded into the device of its DN, and the device's user
is notified. The desk does no I/O of its own: `send`, `deliver` and the clock are given to it, and the
methods of the last part are what a link calls.
"""

from collections.abc import Iterable, Iterator

from bridge.runtime.clock import Clock
from bridge.tlib import messages as t
from bridge.voice import operations
from bridge.voice.commands import user_events
from bridge.voice.commands.agent_states import AgentStateCommands
from bridge.voice.commands.calls import CallCommands
from bridge.voice.commands.devices import DeviceCommands
from bridge.voice.commands.sessions import SessionCommands
from bridge.voice.commands.staffing import ConfigurationCommands
from bridge.voice.events.agent_login import AgentLogin
from bridge.voice.events.calls import CallEventHandler
from bridge.voice.events.devices import DeviceEventHandler
from bridge.voice.events.dispatch import EventDispatcher
from bridge.voice.events.monitoring import SupervisorMonitoring
from bridge.voice.events.queries import Queries
from bridge.voice.events.services import Services
from bridge.voice.gws import resources
from bridge.voice.gws.call_notifications import CallNotifier, Deliver
from bridge.voice.gws.calls import CallRenderer
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.gws.devices import DeviceRenderer
from bridge.voice.gws.metrics import Stopwatch
from bridge.voice.gws.versions import CURRENT_VERSION, ApiVersion
from bridge.voice.model.agents import Agent, AgentPlace, Agents, CustomState
from bridge.voice.model.device import Device, DeviceConfig
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import PartialSuccess
from bridge.voice.model.pending import PendingRequest, RequestFailure, SendRequest
from bridge.voice.model.snapshot import DeviceSnapshot, snapshot
from bridge.voice.operations import session
from bridge.voice.operations.calls import Dial

__all__ = ["Deliver", "PendingRequest", "RequestFailure", "SendRequest", "VoiceService"]


class VoiceService:
    """All devices, by their users and by their DNs."""

    def __init__(
        self,
        api: str,
        devices: Iterable[DeviceConfig],
        *,
        clock: Clock,
        send: SendRequest,
        deliver: Deliver,
        version: ApiVersion = CURRENT_VERSION,
    ) -> None:
        self._all_devices = all_devices = Devices(devices, clock)
        self._all_agents = Agents()
        self._send = send
        self._call_renderer = CallRenderer(api, version)
        self._stopwatch = Stopwatch(clock) if version.metrics else None
        call_notifier = CallNotifier(self._call_renderer, deliver, self._stopwatch)
        self._device_renderer = DeviceRenderer(api, all_devices, self._all_agents)
        device_notifier = DeviceNotifier(self._device_renderer, deliver, self._stopwatch)
        self._services = Services(all_devices, self._device_renderer, device_notifier)
        supervisor_monitoring = SupervisorMonitoring(all_devices, call_notifier, device_notifier, send)
        call_events = CallEventHandler(
            all_devices, self._call_renderer, call_notifier, Queries(clock, send), clock, version
        )
        agent_login = AgentLogin(self._services, device_notifier, send)
        self._call_commands = CallCommands(all_devices, self._call_renderer, send)
        self._agent_state_commands = AgentStateCommands(
            all_devices, self._all_agents, agent_login, device_notifier
        )
        self._device_commands = DeviceCommands(all_devices, self._all_agents, supervisor_monitoring, send)

        def release_all_calls(device: Device) -> None:
            call_events.release_all_calls(device)
            supervisor_monitoring.update_monitored_users(device)

        self._session_commands = SessionCommands(
            all_devices, self._all_agents, device_notifier, release_all_calls, send
        )
        self._configuration_commands = ConfigurationCommands(
            all_devices, self._all_agents, self._session_commands, device_notifier
        )
        self._dispatcher = EventDispatcher(
            all_devices,
            calls=call_events,
            devices=DeviceEventHandler(all_devices, call_events, device_notifier, agent_login, send),
            services=self._services,
            supervisor_monitoring=supervisor_monitoring,
        )

    # --- who works here ---------------------------------------------------------------------------

    def add_or_update_agent(self, agent: Agent) -> None:
        """Take in a user, new or changed; a session goes on."""
        self._all_agents.add_or_update_agent(agent)

    def remove_agent(self, user_id: str) -> None:
        """Forget a user, whose session ends."""
        self._configuration_commands.remove_agent(user_id)

    def add_or_update_device(self, config: DeviceConfig) -> None:
        """Add or update a device. An active session there ends if the DN or the user changes."""
        self._configuration_commands.add_or_update_device(config)

    def remove_device(self, device_id: str) -> None:
        """Forget a device; a session there ends, and its calls are out of sight."""
        self._configuration_commands.remove_device(device_id)

    def add_or_update_place(self, place: AgentPlace) -> None:
        """Take in a place, new or changed."""
        self._all_agents.add_or_update_place(place)

    def add_or_update_custom_states(self, contact_center: str, states: Iterable[CustomState]) -> None:
        """Take in all agent states of a contact center's own; they replace those it had."""
        self._all_agents.add_or_update_states(contact_center, states)

    # --- reading ------------------------------------------------------------------------------------

    def devices(self, user_id: str) -> list[resources.DeviceResource]:
        """Write the user's devices as they are now."""
        return [self._device_renderer.render_device(device) for device in self._all_devices.of_user(user_id)]

    def channels(self, user_id: str) -> tuple[resources.ChannelResource, ...]:
        """Write the channels that the user works on as they are now."""
        return self._device_renderer.render_channels(user_id)

    def services(self, contact_center: str) -> list[resources.ServiceResource]:
        """Write the T-Servers that the devices of a contact center stand on."""
        return self._services.of_contact_center(contact_center)

    def calls(self, user_id: str) -> list[resources.CallResource]:
        """Write the user's calls as they are now; released ones are gone."""
        return [
            self._call_renderer.render_call(device, call, self._all_devices.time_at(device.switch))
            for device in self._all_devices.of_user(user_id)
            for call in device.calls.values()
        ]

    def call(self, user_id: str, call_id: str) -> resources.CallResource:
        """Write one call as it is now.

        Raises:
            ApiError: the user has no such call.

        """
        device, call = self._all_devices.call(user_id, call_id)
        return self._call_renderer.render_call(device, call, self._all_devices.time_at(device.switch))

    def snapshot(self) -> Iterator[DeviceSnapshot]:
        """Write what is held for true of each DN, for operators and for comparing it with a switch."""
        return map(snapshot, self._all_devices)

    def snapshot_of(self, switch: str, number: str) -> DeviceSnapshot | None:
        """Write what is held for true of one DN; None if it is not known here."""
        device = self._all_devices.at(switch, number)
        return None if device is None else snapshot(device)

    # --- the way out --------------------------------------------------------------------------------

    def execute_me_operation(self, user_id: str, body: operations.Operation) -> PartialSuccess | None:
        """Carry out an operation on the user; what it returns tells that some of it failed.

        Raises:
            ApiError: no channel that is served, no device or place to work at, no session or such
                state, or no link to the switch.

        """
        match body:
            case session.StartContactCenterSession():
                return self._session_commands.start(user_id, body)
            case session.EndContactCenterSession():
                self._session_commands.end(user_id)
            case _:
                self._agent_state_commands.execute_me_operation(user_id, body)
        return None

    def execute_channel_operation(
        self, user_id: str, channel: str, body: operations.Operation
    ) -> PartialSuccess | None:
        """Change the state of a user on a channel.

        Raises:
            ApiError: no such channel or state, no session, or no link to the switch.

        """
        self._agent_state_commands.execute_channel_operation(user_id, channel, body)
        return None

    def execute_user_channel_operation(
        self, supervisor_id: str, user_id: str, channel: str, body: operations.Operation
    ) -> PartialSuccess | None:
        """Change the state of another user of the contact center on a channel.

        Raises:
            ApiError: not a supervisor, no such feature, user, channel or state, the user is in no
                session, or no link to the switch.

        """
        self._agent_state_commands.execute_user_channel_operation(supervisor_id, user_id, channel, body)
        return None

    def execute_device_operation(self, user_id: str, device_id: str, body: operations.Operation) -> None:
        """Carry out an operation on a device.

        Raises:
            ApiError: not the user's device, no session, the device's state does not allow the
                operation, no such target, or no link to the switch.

        """
        self._device_commands.execute_device_operation(user_id, device_id, body)

    def execute_device_calls_operation(self, user_id: str, device_id: str, body: Dial) -> None:
        """Place a call from a device.

        Raises:
            ApiError: not the user's device, no session, user data that cannot be attached, or no
                link to the switch.

        """
        self._call_commands.execute_device_calls_operation(user_id, device_id, body)

    def execute_call_operation(self, user_id: str, call_id: str, body: operations.Operation) -> None:
        """Carry out an operation on a call.

        Raises:
            ApiError: the user has no such call, the call's state does not allow the operation, the
                user data cannot be attached, or no link to the switch.

        """
        self._call_commands.execute_call_operation(user_id, call_id, body)

    def execute_internal_operation(self, user_id: str, body: user_events.SendUserEvent) -> None:
        """Carry out an operation of the internal API.

        Raises:
            ApiError: not the user's device, no session, user data that cannot be told, or no link to the
                switch.

        """
        user_events.distribute(self._all_devices, self._send, user_id, body)

    # --- the way back: what a link calls -----------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Have the DNs of all users in session registered, and tell users, after a link came up."""
        self._dispatcher.link_up(switch)

    def link_down(self, switch: str, reason: str) -> None:  # noqa: ARG002 (clients are told of what is lost)
        """Tell users that nothing is heard of the switch and of their devices."""
        self._dispatcher.link_down(switch)

    def received(self, switch: str, event: t.Event, pending: PendingRequest | None) -> None:
        """Fold an event into the device of its DN; a DN that is nobody's is passed over."""
        if self._stopwatch is not None:
            self._stopwatch.start()
        self._dispatcher.received(switch, event, pending)

    def failed(self, switch: str, pending: PendingRequest, failure: RequestFailure) -> None:  # noqa: ARG002 (the device knows it)
        """Tell the user that an accepted operation failed, and find out what became of it if nobody said."""
        self._dispatcher.failed(pending, failure)
