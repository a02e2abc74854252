"""A T-Server in memory, and its clients: requests in, a ladder of events out."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as m
from bridge.tlib.codec import MAX_FRAME_BYTES
from bridge.tlib.enums import CallType, RegisterMode
from bridge.tlib.kv import KVList
from bridge.tlib.message_pack import FrameReader
from bridge.tlib.session import Refusal
from bridge.tlib.wire import MESSAGE_PACK
from tserver_sim.site import SimSite
from tserver_sim.tserver import SimulatedTServer

NOW = 1_444_901_376.25
CONN_ID_BASE = 0x0071027198180000
UUID_PREFIX = "01RCC3N118B1V0SL807GK2LAES"
EXTENSIONS = KVList.of(BusinessCall=0)

_NAMES = {
    m.EventServerInfo: "ServerInfo",
    m.EventLinkConnected: "LinkConnected",
    m.EventLinkDisconnected: "LinkDisconnected",
}


def site(
    phones: Mapping[str, Any] | None = None, ring_timeout: float | None = None, **switch: Any
) -> SimSite:
    """Return a site of two switches; the first has DNs 15000 to 15004, a route point and a queue.

    Args:
        phones: by DN, a phone as in the site file, or the seconds after which it answers.
        ring_timeout: as in the site file.
        switch: more keys of the first switch.

    """
    extensions: list[dict[str, Any]] = [{"number": str(number)} for number in range(15000, 15005)]
    for dn in extensions:
        if dn["number"] in (phones or {}):
            phone = (phones or {})[dn["number"]]
            dn["phone"] = phone if isinstance(phone, Mapping) else {"answers_after": phone}
    switch_a = {
        "name": "Switch_A",
        "tserver": {"application": "TServer_A", "port": 0},
        "ids": {"call_uuid_prefix": UUID_PREFIX, "conn_id_base": f"{CONN_ID_BASE:016x}"},
        "extensions": {"BusinessCall": 0},
        "ring_timeout": ring_timeout,
        "dns": [
            *extensions,
            {"number": "15500", "type": "route_point"},
            {"number": "15600", "type": "acd_queue"},
        ],
        **switch,
    }
    switch_b = {
        "name": "Switch_B",
        "tserver": {"application": "TServer_B", "port": 0},
        "ids": {"call_uuid_prefix": "02RCC3N118B1V0SL807GK2LAES", "conn_id_base": "0072027198180000"},
        "dns": [{"number": "25000"}],
    }
    return SimSite.model_validate({"switches": [switch_a, switch_b]})


class InMemoryServer:
    """The T-Server of Switch_A and its clients."""

    def __init__(
        self, phones: Mapping[str, Any] | None = None, ring_timeout: float | None = None, **switch: Any
    ) -> None:
        self.clock = HeldClock(NOW)
        whole = site(phones, ring_timeout, **switch)
        self.tserver = SimulatedTServer(whole.switches[0], whole, self.clock, MESSAGE_PACK)
        self.delivered: list[tuple[Client, m.Event]] = []
        """What clients have received since the last ladder, in order."""

    def client(self, name: str, *dns: str, mode: RegisterMode = RegisterMode.Share) -> "Client":
        """Return a client that has registered DNs. The events so far are left out of ladders."""
        client = Client(self, name)
        client.asks(m.RequestRegisterClient(application_name=name, protocol_version="1"))
        for dn in dns:
            client.asks(m.RequestRegisterAddress(this_dn=dn, register_mode=mode, reference_id=0))
        self.delivered.clear()
        return client

    def agents(self, *dns: str) -> "list[Client]":
        """Return a registered client for each DN, named after it."""
        return [self.client(dn, dn) for dn in dns]

    def ladder(self) -> list[str]:
        """Return the events since the last ladder, one line each: who received what."""
        delivered, self.delivered = self.delivered, []
        return [f"{client.name} <- {self._text(event)}" for client, event in delivered]

    def _text(self, event: m.Event) -> str:
        assert event.time == self.clock.now()
        words = [_NAMES.get(type(event), event.name.removeprefix("Event"))]
        words += self._call(event) if isinstance(event, m.TelephonyEvent) else _rest(event)
        if event.reasons is not None:
            words.append(f"Reasons={_pairs(event.reasons)}")
        if event.reference_id is not None:
            words.append(f"Ref={event.reference_id}")
        return " ".join(words)

    def _call(self, event: m.TelephonyEvent) -> list[str]:
        """Format a call event: the usual attributes are checked and left out, all others are shown."""
        number = event.conn_id - CONN_ID_BASE
        assert event.call_id == 1000 + number
        assert event.call_uuid == UUID_PREFIX + f"{number:06d}"
        assert event.extensions == EXTENSIONS
        words = [f"c{number}"]
        if event.call_type is not CallType.Internal:
            words.append(f"Type={event.call_type.name if event.call_type is not None else None}")
        words.append(_dn("This", event.this_dn, event.this_dn_role))
        if event.this_queue is not None:
            words.append(f"Queue={event.this_queue}")
        if event.other_dn is not None:
            words.append(_dn("Other", event.other_dn, event.other_dn_role))
        if event.third_party_dn is not None:
            words.append(_dn("3rd", event.third_party_dn, event.third_party_dn_role))
        if event.call_state is not None:
            words.append(f"CS={event.call_state.name}")
        if event.cause is not None:
            words.append(f"Cause={event.cause.name}")
        if event.previous_conn_id is not None:
            same = event.previous_conn_id == event.conn_id
            words.append("Prev=same" if same else f"Prev=c{event.previous_conn_id - CONN_ID_BASE}")
        words.append(f"DNIS={event.dnis}")
        if event.user_data is not None:
            words.append(f"Data={_pairs(event.user_data)}")
        return words + _others(event, _SHOWN)


_SHOWN = {
    *m.Event.__struct_fields__,
    *("conn_id", "call_id", "call_uuid", "call_type", "this_dn", "this_dn_role", "this_queue", "other_dn"),
    *("other_dn_role", "third_party_dn", "third_party_dn_role", "call_state", "cause", "previous_conn_id"),
    *("dnis", "user_data"),
}


def _others(event: m.Event, shown: set[str]) -> list[str]:
    """Format the attributes that are set and not shown yet."""
    words = []
    for field in msgspec.structs.fields(event):
        value = getattr(event, field.name)
        if field.name not in shown and value is not None:
            text = value.name if isinstance(value, Enum) else value
            words.append(f"{field.encode_name}={_pairs(value) if isinstance(value, KVList) else text}")
    return words


class Client:
    """A client that sends the requests of one DN and keeps the events that it receives."""

    def __init__(self, server: InMemoryServer, name: str) -> None:
        self.name = name
        self.events: list[m.Event] = []
        self.last_conn_id = 0
        self._server = server
        self._reader = FrameReader(MAX_FRAME_BYTES)
        self._reference = 0

    def deliver(self, frame: bytes) -> None:
        for payload in self._reader.feed(frame):
            event = MESSAGE_PACK.codec.decode(payload)
            assert isinstance(event, m.Event)
            if isinstance(event, m.CallEvent):
                self.last_conn_id = event.conn_id
            self.events.append(event)
            self._server.delivered.append((self, event))

    def asks(self, request: m.Request | Refusal) -> None:
        self._server.tserver.dispatcher.receive(self, request)

    def leaves(self) -> None:
        self._server.tserver.dispatcher.remove_client(self)

    # Requests of an agent at the DN that the client is named after, each with the next ReferenceID.

    def calls(self, number: str, **attributes: Any) -> None:
        self.asks(
            m.RequestMakeCall(
                this_dn=self.name, other_dn=number, reference_id=self.next_reference(), **attributes
            )
        )

    def answers(self, **attributes: Any) -> None:
        self.asks(m.RequestAnswerCall(**self._on_call(attributes)))

    def releases(self, **attributes: Any) -> None:
        self.asks(m.RequestReleaseCall(**self._on_call(attributes)))

    def transfers(self, number: str, **attributes: Any) -> None:
        self.asks(m.RequestSingleStepTransfer(other_dn=number, **self._on_call(attributes)))

    def does(self, kind: type[m.DNRequest], **attributes: Any) -> None:
        """Send another request about a call: `call=1` for c1, by default that of the last call event."""
        if "call" in attributes:
            attributes["conn_id"] = CONN_ID_BASE + attributes.pop("call")
        self.asks(kind(**self._on_call(attributes)))

    def _on_call(self, attributes: dict[str, Any]) -> dict[str, Any]:
        return {
            "this_dn": self.name,
            "conn_id": self.last_conn_id,
            "reference_id": self.next_reference(),
            **attributes,
        }

    def next_reference(self) -> int:
        self._reference += 1
        return self._reference


def _rest(event: m.Event) -> list[str]:
    """Format an event that is not about a call."""
    match event:
        case m.EventError():
            dn, conn_id = event.this_dn, event.conn_id
            call = [f"c{max(conn_id - CONN_ID_BASE, 0)}"] if conn_id is not None else []
            return [str(event.error_code.value), *([dn] if dn is not None else []), *call]
        case m.EventRegistered():
            assert event.extensions is not None
            return [event.this_dn, f"{event.address_info_type.name}={event.address_info_status}"] + (
                [_pairs(event.extensions)] if event.extensions else []
            )
        case m.DNEvent():
            extensions = [f"Ext={_pairs(event.extensions)}"] if event.extensions else []
            return [event.this_dn, *_others(event, {*m.Event.__struct_fields__, "this_dn"}), *extensions]
        case m.EventServerInfo() | m.EventLinkConnected() | m.EventLinkDisconnected():
            return []
        case m.EventPrivateInfo():
            call = [f"c{event.conn_id - CONN_ID_BASE}"] if event.conn_id is not None else []
            return [
                str(event.private_msg_id),
                event.this_dn or "-",
                *call,
                f"Ext={_pairs(event.extensions or KVList())}",
            ]
        case _:
            return _others(event, set(m.Event.__struct_fields__))


def _dn(label: str, dn: str | None, role: Any) -> str:
    return f"{label}={dn}/{role.name}"


def _pairs(pairs: KVList) -> str:
    return ",".join(f"{key}:{value!s}" for key, value in pairs)
