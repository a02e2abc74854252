"""Agents and supervisors at a whole desk, and the simulated switch: operations in, notifications out.

Everything between is real but HTTP and the wire. Each DN has a device of its own name, and the user
`u<DN>` has it unless a test says otherwise. Time stands still until a test moves it.
"""

import json
from collections import deque
from typing import Any

import msgspec

from bridge.tlib import messages as t
from bridge.tlib.errors import TEXTS
from bridge.voice.gws.bodies import READERS
from bridge.voice.model.agents import Agent
from bridge.voice.model.device import Device
from bridge.voice.model.errors import LinkDownError, Partial
from bridge.voice.model.pending import Cause
from bridge.voice.operations import Resource
from bridge.voice.operations.calls import Dial
from bridge.voice.service import Desk
from tests.tserver_sim.in_memory_server import Client
from tests.tserver_sim.in_memory_server import Desk as Switch
from tests.voice.fake_tserver import Failure

API = "http://gws.example/api/v2"
SWITCH = "Switch_A"
CENTER = "center"


class Office:
    """A desk, and the switch behind it."""

    def __init__(self, *devices: Device, **switch: Any) -> None:
        self.switch = Switch(**switch)
        self.told: dict[str, list[dict[str, Any]]] = {}
        self.channels: dict[str, list[str]] = {}
        self.requests: list[t.Request] = []
        self.is_up = True
        self._causes: dict[int, Cause] = {}
        self._events: deque[t.Event] = deque()
        self.desk = Desk(API, devices, clock=self.switch.clock, send=self._send, deliver=self._deliver)
        self._line = _Line(self.switch, "bridge", self._events)
        self._line.asks(t.RequestRegisterClient(application_name="bridge", protocol_version="1"))
        self.settle()
        self.desk.link_up(SWITCH)
        self.forget()

    # --- what people do -----------------------------------------------------------------------------

    def starts(self, user: str, **parameters: Any) -> Partial | None:
        """Let a user start a session, as far as the switch lets them."""
        outcome = self.does_on_me(user, "StartContactCenterSession", channels=["voice"], **parameters)
        self.settle()
        return outcome

    def does_on_me(self, user: str, operation: str, **parameters: Any) -> Partial | None:
        return self.desk.on_me(user, _body(Resource.ME, operation, parameters))

    def is_in_state(self, user: str, operation: str, **parameters: Any) -> None:
        """Let a user change the state of the voice channel."""
        self.desk.on_channel(user, "voice", _body(Resource.CHANNEL, operation, parameters))
        self.settle()

    def puts(self, supervisor: str, user: str, operation: str, **parameters: Any) -> None:
        """Let a supervisor change the state of somebody else's voice channel."""
        body = _body(Resource.CHANNEL_OF_USER, operation, parameters)
        self.desk.on_channel_of(supervisor, user, "voice", body)
        self.settle()

    def does_on_device(self, user: str, device: str, operation: str, **parameters: Any) -> None:
        self.desk.on_device(user, device, _body(Resource.DEVICE, operation, parameters))
        self.settle()

    def dials(self, user: str, device: str, number: str) -> str:
        """Let a user dial; gives the id of the call."""
        body = _body(Resource.DEVICE_CALLS, "Dial", {"destination": {"phoneNumber": number}})
        assert isinstance(body, Dial)
        self.desk.on_device_calls(user, device, body)
        self.settle()
        return self.desk.calls(user)[-1].id

    def does(self, user: str, call_id: str, operation: str, **parameters: Any) -> None:
        """Let a user do something to a call."""
        self.desk.on_call(user, call_id, _body(Resource.CALL, operation, parameters))
        self.settle()

    # --- what people see ----------------------------------------------------------------------------

    def forget(self) -> None:
        self.told.clear()
        self.channels.clear()
        self.requests.clear()

    def takes(self, user: str) -> list[dict[str, Any]]:
        """Take what a user was told of devices and calls."""
        return self.told.pop(user, [])

    def ladder(self, user: str) -> list[str]:
        """Take what a user was told, in short."""
        return [_line(message) for message in self.takes(user)]

    def device(self, user: str) -> dict[str, Any]:
        """Read a user's one device, as JSON has it."""
        (device,) = self.desk.devices(user)
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(device))
        return found

    def state(self, user: str) -> str:
        """Read the state of a user's voice channel."""
        (channel,) = self.desk.channels(user)
        return channel.user_state.display_name or channel.user_state.state

    # --- the link -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Hand over what the switch tells, and what is asked in answer to that."""
        while self._events:
            event = self._events.popleft()
            cause = None if event.reference_id is None else self._causes.pop(event.reference_id, None)
            if isinstance(event, t.EventError):
                assert cause is not None, event
                text = event.error_message or TEXTS[event.error_code]
                self.desk.failed(SWITCH, cause, Failure(event.error_code, text))
            else:
                self.desk.received(SWITCH, event, cause)

    def _send(self, switch: str, request: t.Request, cause: Cause) -> None:
        assert switch == SWITCH
        if not self.is_up:
            raise LinkDownError(f"The link to {switch} is down")
        self.requests.append(request)
        reference = self._line.next_reference()
        self._causes[reference] = cause
        fields = {field: getattr(request, field) for field in request.__struct_fields__}
        self._line.asks(type(request)(**{**fields, "reference_id": reference}))

    def _deliver(self, user_id: str, channel: str, data: bytes) -> None:
        message = json.loads(data)
        if channel == "/v2/me/channels":
            states = [each["userState"] for each in message["channels"]]
            self.channels.setdefault(user_id, []).extend(state["state"] for state in states)
        else:
            self.told.setdefault(user_id, []).append(message)


class _Line(Client):
    """The bridge's connection."""

    def __init__(self, switch: Switch, name: str, events: deque[t.Event]) -> None:
        super().__init__(switch, name)
        self.arrived = events

    def deliver(self, frame: bytes) -> None:
        before = len(self.events)
        super().deliver(frame)
        self.arrived.extend(self.events[before:])


def phone(dn: str, user: str | None = "own", **more: Any) -> Device:
    """Make the device of a DN; it is its user's, somebody else's or nobody's."""
    return Device(dn, dn, SWITCH, f"u{dn}" if user == "own" else user, contact_center=CENTER, **more)


def office(*dns: str, supervisors: tuple[str, ...] = (), **switch: Any) -> Office:
    """Let an agent sit at each of some DNs; those of some are supervisors besides."""
    at = Office(*map(phone, dns), **switch)
    for dn in dns:
        is_supervisor = dn in supervisors
        at.desk.put_agent(Agent(f"u{dn}", CENTER, is_supervisor=is_supervisor, controls=True, monitors=True))
    return at


def in_session(*dns: str, **more: Any) -> Office:
    """Let all of them be in session; what was told of it is forgotten."""
    at = office(*dns, **more)
    for dn in dns:
        at.starts(f"u{dn}")
    at.forget()
    return at


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
