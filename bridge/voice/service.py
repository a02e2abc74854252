"""The voice service: all devices of a site, the operations on them, and the notifications of their users.

The way out: an operation is checked against its call or device and becomes a request, sent on the link of
the device's switch. The way back: an event is applied to the device of its DN, and the device's user is
notified. The service does no I/O: `send`, `deliver` and the clock are arguments.
"""

from collections.abc import Iterable, Iterator

from bridge.runtime.clock import Clock
from bridge.voice import operations
from bridge.voice.commands.agent_states import AgentStateCommands
from bridge.voice.commands.calls import CallCommands
from bridge.voice.commands.devices import DeviceCommands
from bridge.voice.commands.sessions import ConfigurationCommands, SessionCommands
from bridge.voice.commands.user_events import UserEventCommands
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
from bridge.voice.model.agents import Agents
from bridge.voice.model.device import DeviceConfig
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import PartialSuccess
from bridge.voice.model.pending import PendingRequest, RequestFailure, SendRequest
from bridge.voice.model.snapshot import DeviceSnapshot, snapshot
from bridge.voice.operations import session

__all__ = ["Deliver", "PendingRequest", "RequestFailure", "SendRequest", "VoiceService"]


class VoiceService:
    """The telephone domain behind one face.

    Most of it is bound in the constructor: such an attribute is a method of the class that does the work, and
    is described there.

    Args:
        api: the external address, ending in `/api/v2`.
        configs: the devices at the start.
        clock: the time.
        send: puts a request on the link of a switch.
        deliver: gives a notification to the sessions of a user.
        version: the version of the API that the site speaks.

    """

    def __init__(
        self,
        api: str,
        configs: Iterable[DeviceConfig],
        *,
        clock: Clock,
        send: SendRequest,
        deliver: Deliver,
        version: ApiVersion = CURRENT_VERSION,
    ) -> None:
        self._devices = devices = Devices(configs, clock)
        agents = Agents()
        stopwatch = Stopwatch(clock) if version.metrics else None
        self._call_renderer = CallRenderer(api, version)
        self._device_renderer = DeviceRenderer(api, devices, agents)
        call_notifier = CallNotifier(self._call_renderer, deliver, stopwatch)
        device_notifier = DeviceNotifier(self._device_renderer, deliver, stopwatch)
        services = Services(devices, self._device_renderer, device_notifier)
        supervisor_monitoring = SupervisorMonitoring(devices, call_notifier, device_notifier, send)
        call_events = CallEventHandler(
            devices, self._call_renderer, call_notifier, Queries(clock, send), clock, version
        )
        agent_login = AgentLogin(devices, services, device_notifier, call_events, supervisor_monitoring, send)
        self._session_commands = SessionCommands(devices, agents, agent_login, device_notifier)
        self._agent_state_commands = AgentStateCommands(devices, agents, agent_login, device_notifier)
        call_commands = CallCommands(devices, send, version)
        device_commands = DeviceCommands(devices, agents, supervisor_monitoring, send)
        configuration = ConfigurationCommands(devices, agents, self._session_commands, agent_login)
        dispatcher = EventDispatcher(
            devices,
            call_events=call_events,
            device_events=DeviceEventHandler(devices, device_notifier, agent_login, supervisor_monitoring),
            services=services,
            supervisor_monitoring=supervisor_monitoring,
            stopwatch=stopwatch,
        )

        # What a link calls.
        self.link_up = dispatcher.link_up
        self.link_down = dispatcher.link_down
        self.received = dispatcher.received
        self.failed = dispatcher.failed

        # Operations; those on a user are below.
        self.execute_call_operation = call_commands.execute_call_operation
        self.execute_device_calls_operation = call_commands.execute_device_calls_operation
        self.execute_device_operation = device_commands.execute_device_operation
        self.execute_channel_operation = self._agent_state_commands.execute_channel_operation
        self.execute_user_channel_operation = self._agent_state_commands.execute_user_channel_operation
        self.execute_internal_operation = UserEventCommands(devices, send).execute_internal_operation

        # Users, places, agent states and devices, at the start and when they change.
        self.add_or_update_agent = agents.add_or_update_agent
        self.add_or_update_place = agents.add_or_update_place
        self.add_or_update_custom_states = agents.add_or_update_states
        self.remove_agent = configuration.remove_agent
        self.add_or_update_device = configuration.add_or_update_device
        self.remove_device = configuration.remove_device

        # Reading; more is below.
        self.channels = self._device_renderer.render_channels
        self.services = services.of_contact_center

    # --- operations on a user -----------------------------------------------------------------------

    def execute_me_operation(self, user_id: str, body: operations.Operation) -> PartialSuccess | None:
        """Execute an operation on a user; the result tells which parts of it failed, if only some did.

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

    # --- reading ------------------------------------------------------------------------------------

    def devices(self, user_id: str) -> list[resources.DeviceResource]:
        """Return the user's devices as they are now."""
        return [self._device_renderer.render_device(device) for device in self._devices.of_user(user_id)]

    def calls(self, user_id: str) -> list[resources.CallResource]:
        """Return the user's calls as they are now, without those that are released."""
        return [
            self._call_renderer.render_call(device, call, self._devices.time_at(device.switch))
            for device in self._devices.of_user(user_id)
            for call in device.calls.values()
        ]

    def call(self, user_id: str, call_id: str) -> resources.CallResource:
        """Return one call as it is now.

        Raises:
            ApiError: the user has no such call.

        """
        device, call = self._devices.call(user_id, call_id)
        return self._call_renderer.render_call(device, call, self._devices.time_at(device.switch))

    def snapshot(self) -> Iterator[DeviceSnapshot]:
        """Return the known state of each DN, for operators and for comparing it with a switch."""
        return map(snapshot, self._devices)

    def snapshot_of(self, switch: str, number: str) -> DeviceSnapshot | None:
        """Return the known state of one DN; None if it has no device here."""
        device = self._devices.at(switch, number)
        return None if device is None else snapshot(device)
