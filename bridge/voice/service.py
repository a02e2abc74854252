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
from bridge.voice.commands import user_events as userevents
from bridge.voice.commands.agent_states import AgentWork
from bridge.voice.commands.calls import CallWork
from bridge.voice.commands.devices import DeviceWork
from bridge.voice.commands.sessions import SessionWork
from bridge.voice.commands.staffing import Staffing
from bridge.voice.events.agent_login import AgentLogin
from bridge.voice.events.calls import CallWatch
from bridge.voice.events.devices import DeviceWatch
from bridge.voice.events.dispatch import Watch
from bridge.voice.events.monitoring import Supervision
from bridge.voice.events.queries import Questions
from bridge.voice.events.services import Services
from bridge.voice.gws import resources
from bridge.voice.gws.call_notifications import Deliver, Notices
from bridge.voice.gws.calls import Renderer
from bridge.voice.gws.device_notifications import DeviceNotices
from bridge.voice.gws.devices import DeviceRenderer
from bridge.voice.gws.metrics import Stopwatch
from bridge.voice.gws.versions import CURRENT, Profile
from bridge.voice.model.agents import Agent, CustomState, Place, Staff
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Floor
from bridge.voice.model.errors import Partial
from bridge.voice.model.pending import Cause, Failure, Send
from bridge.voice.model.snapshot import DeviceView, view
from bridge.voice.operations import session
from bridge.voice.operations.calls import Dial

__all__ = ["Cause", "Deliver", "Desk", "Failure", "Send"]


class Desk:
    """All devices, by their users and by their DNs."""

    def __init__(
        self,
        api: str,
        devices: Iterable[Device],
        *,
        clock: Clock,
        send: Send,
        deliver: Deliver,
        profile: Profile = CURRENT,
    ) -> None:
        self._floor = floor = Floor(devices, clock)
        self._staff = Staff()
        self._send = send
        self._render = Renderer(api, profile)
        self._stopwatch = Stopwatch(clock) if profile.metrics else None
        notices = Notices(self._render, deliver, self._stopwatch)
        self._render_device = DeviceRenderer(api, floor, self._staff)
        of_devices = DeviceNotices(self._render_device, deliver, self._stopwatch)
        self._services = Services(floor, self._render_device, of_devices)
        supervision = Supervision(floor, notices, of_devices, send)
        watch = CallWatch(floor, self._render, notices, Questions(clock, send), clock, profile)
        login = AgentLogin(self._services, of_devices, send)
        self._calls = CallWork(floor, self._render, send)
        self._agents = AgentWork(floor, self._staff, login, of_devices)
        self._device_work = DeviceWork(floor, self._staff, supervision, send)

        def lose(device: Device) -> None:
            watch.lose(device)
            supervision.settle(device)

        self._sessions = SessionWork(floor, self._staff, of_devices, lose, send)
        self._staffing = Staffing(floor, self._staff, self._sessions, of_devices)
        self._watch = Watch(
            floor,
            calls=watch,
            devices=DeviceWatch(floor, watch, of_devices, login, send),
            services=self._services,
            supervision=supervision,
        )

    # --- who works here ---------------------------------------------------------------------------

    def put_agent(self, agent: Agent) -> None:
        """Take in a user, new or changed; a session goes on."""
        self._staff.put_agent(agent)

    def drop_agent(self, user_id: str) -> None:
        """Forget a user, whose session ends."""
        self._staffing.drop_agent(user_id)

    def put_device(self, device: Device) -> None:
        """Take in a device, new or changed; a session there ends if the DN or its user is another one."""
        self._staffing.put_device(device)

    def drop_device(self, device_id: str) -> None:
        """Forget a device; a session there ends, and its calls are out of sight."""
        self._staffing.drop_device(device_id)

    def put_place(self, place: Place) -> None:
        """Take in a place, new or changed."""
        self._staff.put_place(place)

    def put_custom_states(self, contact_center: str, states: Iterable[CustomState]) -> None:
        """Take in all agent states of a contact center's own; they replace those it had."""
        self._staff.put_states(contact_center, states)

    # --- reading ------------------------------------------------------------------------------------

    def devices(self, user_id: str) -> list[resources.DeviceResource]:
        """Write the user's devices as they are now."""
        return [self._render_device.device(device) for device in self._floor.of_user(user_id)]

    def channels(self, user_id: str) -> tuple[resources.ChannelResource, ...]:
        """Write the channels that the user works on as they are now."""
        return self._render_device.channels(user_id)

    def services(self, contact_center: str) -> list[resources.ServiceResource]:
        """Write the T-Servers that the devices of a contact center stand on."""
        return self._services.of(contact_center)

    def calls(self, user_id: str) -> list[resources.CallResource]:
        """Write the user's calls as they are now; released ones are gone."""
        return [
            self._render.call(device, call, self._floor.time_at(device.switch))
            for device in self._floor.of_user(user_id)
            for call in device.calls.values()
        ]

    def call(self, user_id: str, call_id: str) -> resources.CallResource:
        """Write one call as it is now.

        Raises:
            RefusedError: the user has no such call.

        """
        device, call = self._floor.call(user_id, call_id)
        return self._render.call(device, call, self._floor.time_at(device.switch))

    def view(self) -> Iterator[DeviceView]:
        """Write what is held for true of each DN, for operators and for comparing it with a switch."""
        return map(view, self._floor)

    def view_of(self, switch: str, number: str) -> DeviceView | None:
        """Write what is held for true of one DN; None if it is not known here."""
        device = self._floor.at(switch, number)
        return None if device is None else view(device)

    # --- the way out --------------------------------------------------------------------------------

    def on_me(self, user_id: str, body: operations.Operation) -> Partial | None:
        """Carry out an operation on the user; what it returns tells that some of it failed.

        Raises:
            RefusedError: no channel that is served, no device or place to work at, no session or such
                state, or no link to the switch.

        """
        match body:
            case session.StartContactCenterSession():
                return self._sessions.start(user_id, body)
            case session.EndContactCenterSession():
                self._sessions.end(user_id)
            case _:
                self._agents.on_me(user_id, body)
        return None

    def on_channel(self, user_id: str, channel: str, body: operations.Operation) -> Partial | None:
        """Change the state of a user on a channel.

        Raises:
            RefusedError: no such channel or state, no session, or no link to the switch.

        """
        self._agents.on_channel(user_id, channel, body)
        return None

    def on_channel_of(
        self, supervisor_id: str, user_id: str, channel: str, body: operations.Operation
    ) -> Partial | None:
        """Change the state of another user of the contact center on a channel.

        Raises:
            RefusedError: not a supervisor, no such feature, user, channel or state, the user is in no
                session, or no link to the switch.

        """
        self._agents.on_channel_of(supervisor_id, user_id, channel, body)
        return None

    def on_device(self, user_id: str, device_id: str, body: operations.Operation) -> None:
        """Carry out an operation on a device.

        Raises:
            RefusedError: not the user's device, no session, the device's state does not allow the
                operation, no such target, or no link to the switch.

        """
        self._device_work.on_device(user_id, device_id, body)

    def on_device_calls(self, user_id: str, device_id: str, body: Dial) -> None:
        """Place a call from a device.

        Raises:
            RefusedError: not the user's device, no session, user data that cannot be attached, or no
                link to the switch.

        """
        self._calls.on_device_calls(user_id, device_id, body)

    def on_call(self, user_id: str, call_id: str, body: operations.Operation) -> None:
        """Carry out an operation on a call.

        Raises:
            RefusedError: the user has no such call, the call's state does not allow the operation, the
                user data cannot be attached, or no link to the switch.

        """
        self._calls.on_call(user_id, call_id, body)

    def on_internal(self, user_id: str, body: userevents.SendUserEvent) -> None:
        """Carry out an operation of the internal API.

        Raises:
            RefusedError: not the user's device, no session, user data that cannot be told, or no link to the
                switch.

        """
        userevents.distribute(self._floor, self._send, user_id, body)

    # --- the way back: what a link calls -----------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Have the DNs of all users in session registered, and tell users, after a link came up."""
        self._watch.link_up(switch)

    def link_down(self, switch: str, reason: str) -> None:  # noqa: ARG002 (clients are told of what is lost)
        """Tell users that nothing is heard of the switch and of their devices."""
        self._watch.link_down(switch)

    def received(self, switch: str, event: t.Event, cause: Cause | None) -> None:
        """Fold an event into the device of its DN; a DN that is nobody's is passed over."""
        if self._stopwatch is not None:
            self._stopwatch.start()
        self._watch.received(switch, event, cause)

    def failed(self, switch: str, cause: Cause, failure: Failure) -> None:  # noqa: ARG002 (the device knows it)
        """Tell the user that an accepted operation failed, and find out what became of it if nobody said."""
        self._watch.failed(cause, failure)
