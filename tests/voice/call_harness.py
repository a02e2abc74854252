"""Agents in session, the voice service and the simulated switch, in memory: operations in, notifications out.

Everything between is real but HTTP and the wire. Time stands still until a test moves it.
"""

import json
from collections import deque
from typing import Any

from bridge.runtime.features import RECORDING
from bridge.tlib import messages as t
from bridge.tlib.errors import TEXTS, ErrorCode
from bridge.voice.gws.bodies import READERS
from bridge.voice.gws.versions import CURRENT_VERSION, ApiVersion
from bridge.voice.model.device import Device, DeviceConfig
from bridge.voice.model.pending import PendingRequest
from bridge.voice.operations import Resource
from bridge.voice.operations.calls import Dial
from bridge.voice.service import VoiceService
from tests.tserver_sim.in_memory_server import Client
from tests.tserver_sim.in_memory_server import InMemoryServer as Switch
from tests.voice.fake_tserver import RequestFailure

API = "http://gws.example/api/v2"
SWITCH = "Switch_A"
A, B, C = "15000", "15001", "15002"
START = b'{"operationName":"StartContactCenterSession","channels":["voice"]}'


def device_config(dn: str, *, has_recording: bool) -> DeviceConfig:
    """Make the config of an agent's device."""
    return DeviceConfig(dn, dn, SWITCH, owner_id=dn, features=frozenset({RECORDING} if has_recording else ()))


class CallHarness:
    """Agents at the DNs of a switch, each with a user and a device of the DN's name."""

    def __init__(
        self, *dns: str, version: ApiVersion = CURRENT_VERSION, has_recording: bool = True, **switch: Any
    ) -> None:
        self.switch = Switch(**switch)
        self.clock = self.switch.clock
        self.devices: dict[str, Device] = {}
        self.messages: dict[str, list[dict[str, Any]]] = {dn: [] for dn in dns}
        self.requests: list[t.Request] = []
        self._pending: dict[int, PendingRequest] = {}
        self._events: deque[t.Event] = deque()
        self._line = _Connection(self.switch, "bridge", self._events)
        self._line.asks(t.RequestRegisterClient(application_name="bridge", protocol_version="1"))
        self.service = VoiceService(
            API,
            [device_config(dn, has_recording=has_recording) for dn in dns],
            clock=self.clock,
            send=self._send,
            deliver=self._deliver,
            version=version,
        )
        self.service.link_up(SWITCH)
        for dn in dns:
            self.service.execute_me_operation(dn, READERS[Resource.ME].read(START))
        self.settle()
        self.requests.clear()

    # --- what agents do, and see ---------------------------------------------------------------------

    def dial(self, dn: str, number: str, **parameters: Any) -> str:
        """Let an agent dial; gives the id of the call."""
        self.post_dial(dn, {"destination": {"phoneNumber": number}, **parameters})
        return self.service.calls(dn)[-1].id

    def post_dial(self, dn: str, parameters: dict[str, Any]) -> None:
        """Let an agent dial, whatever becomes of it."""
        body = json.dumps({"operationName": "Dial", **parameters}).encode()
        read = READERS[Resource.DEVICE_CALLS].read(body)
        assert isinstance(read, Dial)
        self.service.execute_device_calls_operation(dn, dn, read)
        self.settle()

    def execute_call_operation(self, dn: str, call_id: str, operation: str, **parameters: Any) -> None:
        """Let an agent do something to a call."""
        body = {"operationName": operation, **parameters}
        read = READERS[Resource.CALL].read(json.dumps(body).encode())
        self.service.execute_call_operation(dn, call_id, read)
        self.settle()

    def connected_call(self, dn: str = "15000", other: str = "15001", **parameters: Any) -> str:
        """Let an agent call another one, who answers; what was told of it is forgotten."""
        call_id = self.dial(dn, other, **parameters)
        self.execute_call_operation(other, call_id, "Answer")
        self.clear()
        return call_id

    def clear(self) -> None:
        for messages in self.messages.values():
            messages.clear()

    def notifications(self, dn: str) -> list[dict[str, Any]]:
        """Take what an agent was told."""
        messages, self.messages[dn] = self.messages[dn], []
        return messages

    def ladder(self, dn: str) -> list[str]:
        """Take what an agent was told in short: kind, call type and state, the other parties."""
        return [_line(message) for message in self.notifications(dn)]

    def capabilities(self, dn: str, call_id: str) -> set[str]:
        """Read what is possible on a call."""
        return set(self.service.call(dn, call_id).capabilities)

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.settle()

    # --- the link -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Hand over what the switch tells, and what is asked in answer to that."""
        while self._events:
            event = self._events.popleft()
            pending = None if event.reference_id is None else self._pending.pop(event.reference_id, None)
            if isinstance(event, t.EventError):
                assert pending is not None
                text = event.error_message or TEXTS[event.error_code]
                self.service.failed(SWITCH, pending, RequestFailure(event.error_code, text))
            else:
                self.service.received(SWITCH, event, pending)

    def _send(self, switch: str, request: t.Request, pending: PendingRequest) -> None:
        assert switch == SWITCH
        self.devices[pending.device.number] = pending.device
        self.requests.append(request)
        reference = self._line.next_reference()
        self._pending[reference] = pending
        self._line.asks(type(request)(**{**_fields(request), "reference_id": reference}))

    def _deliver(self, user_id: str, channel: str, data: bytes) -> None:
        if channel == "/v2/me/calls":
            self.messages[user_id].append(json.loads(data))


class _Connection(Client):
    """The bridge's connection."""

    def __init__(self, switch: Switch, name: str, events: deque[t.Event]) -> None:
        super().__init__(switch, name)
        self.arrived = events

    def deliver(self, frame: bytes) -> None:
        before = len(self.events)
        super().deliver(frame)
        self.arrived.extend(self.events[before:])


def _fields(request: t.Request) -> dict[str, Any]:
    return {field: getattr(request, field) for field in request.__struct_fields__}


def _line(message: dict[str, Any]) -> str:
    if message["messageType"] == "ErrorMessage":
        state = message["call"]["state"] if "call" in message else "no call"
        return f"Error {message['operationName']} {ErrorCode(message['errorCode']).name} ({state})"
    call = message["call"]
    others = " ".join(party["digits"] for party in call["participants"])
    return f"{message['notificationType']} {call['callType']} {call['state']} with {others or 'nobody'}"


# --- how calls come about ----------------------------------------------------------------------------


def call_harness(**switch: Any) -> CallHarness:
    """Let agents sit at three DNs."""
    return CallHarness(A, B, C, **switch)


def consulting(harness: CallHarness, operation: str = "InitiateTransfer") -> tuple[str, str]:
    """Let A, who talks to B, consult C, who answers; gives the ids of both calls."""
    main = harness.connected_call()
    harness.execute_call_operation(A, main, operation, destination={"phoneNumber": C})
    consultation = harness.service.calls(A)[-1].id
    harness.execute_call_operation(C, consultation, "Answer")
    harness.clear()
    return main, consultation


def conferencing(harness: CallHarness) -> str:
    """Let A, B and C talk, all of whom A has brought together; gives the id of the call."""
    main, _ = consulting(harness)
    harness.execute_call_operation(A, main, "CompleteConference")
    harness.clear()
    return main
