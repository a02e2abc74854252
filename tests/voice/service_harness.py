"""Agents and supervisors at a whole desk, and the simulated switch: operations in, notifications out.

Everything between is real but HTTP and the wire. Each DN has a device of its own name, and the user
`u<DN>` has it unless a test says otherwise. Time stands still until a test moves it.
"""

import json
from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from bridge.runtime import features
from bridge.tlib import messages as t
from bridge.tlib.errors import TEXTS, ErrorCode
from bridge.voice.gws.bodies import READERS
from bridge.voice.model.agents import Agent
from bridge.voice.model.device import DeviceConfig
from bridge.voice.model.errors import LinkDownError, PartialSuccess
from bridge.voice.model.pending import PendingRequest
from bridge.voice.operations import Resource
from bridge.voice.operations.calls import Dial
from bridge.voice.service import VoiceService
from tests.tserver_sim.in_memory_server import Client
from tests.tserver_sim.in_memory_server import InMemoryServer as Switch
from tests.voice.fake_tserver import RequestFailure

API = "http://gws.example/api/v2"
SWITCH = "Switch_A"
CENTER = "center"
CENTER_FEATURES = frozenset({features.MONITORING, features.AGENT_CONTROL})


class ServiceHarness:
    """A desk, and the switch behind it."""

    def __init__(self, *devices: DeviceConfig, **switch: Any) -> None:
        self.switch = Switch(**switch)
        self.delivered: dict[str, list[dict[str, Any]]] = {}
        self.channels: dict[str, list[str]] = {}
        self.requests: list[t.Request] = []
        self.is_up = True
        self._pending: dict[int, PendingRequest] = {}
        self._events: deque[t.Event] = deque()
        self._start_bridge(devices)

    def _start_bridge(self, devices: Iterable[DeviceConfig]) -> None:
        self.service = VoiceService(
            API, devices, clock=self.switch.clock, send=self._send, deliver=self._deliver
        )
        self.regain_link()
        self.clear()

    # --- what people do -----------------------------------------------------------------------------

    def start_session(self, user: str, **parameters: Any) -> PartialSuccess | None:
        """Let a user start a session, as far as the switch lets them."""
        outcome = self.execute_me_operation(
            user, "StartContactCenterSession", channels=["voice"], **parameters
        )
        self.settle()
        return outcome

    def execute_me_operation(self, user: str, operation: str, **parameters: Any) -> PartialSuccess | None:
        return self.service.execute_me_operation(user, _body(Resource.ME, operation, parameters))

    def change_state(self, user: str, operation: str, **parameters: Any) -> None:
        """Let a user change the state of the voice channel."""
        self.service.execute_channel_operation(user, "voice", _body(Resource.CHANNEL, operation, parameters))
        self.settle()

    def change_state_of(self, supervisor: str, user: str, operation: str, **parameters: Any) -> None:
        """Let a supervisor change the state of somebody else's voice channel."""
        body = _body(Resource.CHANNEL_OF_USER, operation, parameters)
        self.service.execute_user_channel_operation(supervisor, user, "voice", body)
        self.settle()

    def execute_device_operation(self, user: str, device: str, operation: str, **parameters: Any) -> None:
        self.service.execute_device_operation(user, device, _body(Resource.DEVICE, operation, parameters))
        self.settle()

    def dial(self, user: str, device: str, number: str) -> str:
        """Let a user dial; gives the id of the call."""
        body = _body(Resource.DEVICE_CALLS, "Dial", {"destination": {"phoneNumber": number}})
        assert isinstance(body, Dial)
        self.service.execute_device_calls_operation(user, device, body)
        self.settle()
        return self.service.calls(user)[-1].id

    def execute_call_operation(self, user: str, call_id: str, operation: str, **parameters: Any) -> None:
        """Let a user do something to a call."""
        self.service.execute_call_operation(user, call_id, _body(Resource.CALL, operation, parameters))
        self.settle()

    # --- what people see ----------------------------------------------------------------------------

    def clear(self) -> None:
        self.delivered.clear()
        self.channels.clear()
        self.requests.clear()

    def notifications(self, user: str) -> list[dict[str, Any]]:
        """Take what a user was told of devices and calls."""
        return self.delivered.pop(user, [])

    def ladder(self, user: str) -> list[str]:
        """Take what a user was told, in short."""
        return [_line(message) for message in self.notifications(user)]

    def device(self, user: str) -> dict[str, Any]:
        """Read a user's one device, as JSON has it."""
        (device,) = self.service.devices(user)
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(device))
        return found

    def state(self, user: str) -> str:
        """Read the state of a user's voice channel."""
        (channel,) = self.service.channels(user)
        return channel.user_state.display_name or channel.user_state.state

    # --- the link -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Hand over what the switch tells, and what is asked in answer to that."""
        while self._events:
            self.settle_one()

    def settle_one(self) -> None:
        """Hand over the next of what the switch tells."""
        event = self._events.popleft()
        pending = None if event.reference_id is None else self._pending.pop(event.reference_id, None)
        if isinstance(event, t.EventError):
            assert pending is not None, event
            text = event.error_message or TEXTS[event.error_code]
            self.service.failed(SWITCH, pending, RequestFailure(event.error_code, text))
        else:
            self.service.received(SWITCH, event, pending)

    def lose_answers(self, code: ErrorCode) -> None:
        """Lose what is on its way; what was asked fails with a code that says nothing of the outcome."""
        self._events.clear()
        lost, self._pending = self._pending, {}
        for pending in lost.values():
            self.service.failed(SWITCH, pending, RequestFailure(code))

    def lose_link(self) -> None:
        """Lose the connection: what was on its way is lost, what was asked fails."""
        self._disconnect()
        self.service.link_down(SWITCH, "cut")
        self.lose_answers(ErrorCode.LinkDown)

    def regain_link(self) -> None:
        """Connect; the bridge registers what is in session."""
        self.connect()
        self.settle()

    def connect(self) -> None:
        """Connect, up to the first request that the bridge sends; its answer is on its way."""
        self.is_up = True
        self._line = _Connection(self.switch, "bridge", self._events)
        self._line.asks(t.RequestRegisterClient(application_name="bridge", protocol_version="1"))
        self.settle()
        self.service.link_up(SWITCH)

    def restart_bridge(self, *devices: DeviceConfig) -> None:
        """Kill the bridge and start one that knows these devices and nothing else; the switch goes on."""
        self._disconnect()
        self._pending.clear()
        self._start_bridge(devices)

    def _disconnect(self) -> None:
        self.is_up = False
        self._line.leaves()
        self._events.clear()

    def _send(self, switch: str, request: t.Request, pending: PendingRequest) -> None:
        assert switch == SWITCH
        if not self.is_up:
            raise LinkDownError(f"The link to {switch} is down")
        self.requests.append(request)
        reference = self._line.next_reference()
        self._pending[reference] = pending
        fields = {field: getattr(request, field) for field in request.__struct_fields__}
        self._line.asks(type(request)(**{**fields, "reference_id": reference}))

    def _deliver(self, user_id: str, channel: str, data: bytes) -> None:
        message = json.loads(data)
        if channel == "/v2/me/channels":
            states = [each["userState"] for each in message["channels"]]
            self.channels.setdefault(user_id, []).extend(state["state"] for state in states)
        else:
            self.delivered.setdefault(user_id, []).append(message)


class _Connection(Client):
    """The bridge's connection."""

    def __init__(self, switch: Switch, name: str, events: deque[t.Event]) -> None:
        super().__init__(switch, name)
        self.arrived = events

    def deliver(self, frame: bytes) -> None:
        before = len(self.events)
        super().deliver(frame)
        self.arrived.extend(self.events[before:])


def phone(dn: str, user: str | None = "own", **more: Any) -> DeviceConfig:
    """Make the device of a DN; it is its user's, somebody else's or nobody's."""
    owner_id = f"u{dn}" if user == "own" else user
    return DeviceConfig(dn, dn, SWITCH, **{"contact_center": CENTER, "owner_id": owner_id, **more})


def service_harness(*dns: str, supervisors: tuple[str, ...] = (), **switch: Any) -> ServiceHarness:
    """Let an agent sit at each of some DNs; those of some are supervisors besides."""
    harness = ServiceHarness(*map(phone, dns), **switch)
    _add_agents(harness, dns, supervisors)
    return harness


def restart_bridge(harness: ServiceHarness, *dns: str, supervisors: tuple[str, ...] = ()) -> None:
    """Kill the bridge of such a harness and start it once more; nobody is in session."""
    harness.restart_bridge(*map(phone, dns))
    _add_agents(harness, dns, supervisors)


def _add_agents(harness: ServiceHarness, dns: Iterable[str], supervisors: tuple[str, ...]) -> None:
    for dn in dns:
        is_supervisor = dn in supervisors
        harness.service.add_or_update_agent(
            Agent(f"u{dn}", CENTER, is_supervisor=is_supervisor, features=CENTER_FEATURES)
        )


def harness_in_session(*dns: str, **more: Any) -> ServiceHarness:
    """Let all of them be in session; what was told of it is forgotten."""
    harness = service_harness(*dns, **more)
    for dn in dns:
        harness.start_session(f"u{dn}")
    harness.clear()
    return harness


def _body(resource: Resource, operation: str, parameters: dict[str, Any]) -> Any:
    return READERS[resource].read(json.dumps({"operationName": operation, **parameters}).encode())


def _line(message: dict[str, Any]) -> str:
    match message["messageType"]:
        case "ErrorMessage":
            return f"Error {message['operationName']} {message['errorCode']}"
        case "DeviceStateChangeMessage":
            (device,) = message["devices"]
            state = device["userState"]
            return f"{device['deviceState']} {state.get('displayName', state['state'])}"
        case "ServiceStateChangeMessage":
            (service,) = message["services"]
            return f"{service['id']} is {service['state']}"
        case _:
            return _call(message["notificationType"], message["call"])


def _call(kind: str, call: dict[str, Any]) -> str:
    words = [kind, call["state"], f"mute={call['mute']}"]
    if call["monitoring"]:
        words.append("monitoring")
    if call["supervisorListeningIn"]:
        words.append("listened-in")
    if call["monitoredUserMuted"]:
        words.append("user-muted")
    if "supervisorMonitoringState" in call:
        words.append(call["supervisorMonitoringState"]["state"])
    return " ".join(words)
