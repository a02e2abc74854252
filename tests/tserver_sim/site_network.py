"""Several sites in memory, a T-Server at each, and connections that the test moves message by message."""

from collections import deque
from enum import Enum
from typing import Any

import msgspec

from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as m
from bridge.tlib.enums import CallType
from bridge.tlib.kv import decode_kv_list
from bridge.tlib.wire import MESSAGE_PACK
from tests.tserver_sim.in_memory_server import NOW, Client, InMemoryServer
from tserver_sim.server.peers.iscc import IsccMessage
from tserver_sim.site import SimSite
from tserver_sim.tserver import SimulatedTServer

BASES = {"A": 0x0071000000000000, "B": 0x0072000000000000, "C": 0x0073000000000000}

_written = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(IsccMessage, dec_hook=decode_kv_list).decode


def conn_id_text(conn_id: int) -> str:
    """Return a ConnID as the letter of the switch that made it, and its number there."""
    return next(f"{site.lower()}{conn_id - base}" for site, base in BASES.items() if conn_id - base < 1 << 32)


def _switch(letter: str, **more: Any) -> dict[str, Any]:
    digit = {"A": "1", "B": "2", "C": "3"}[letter]
    return {
        "name": letter,
        "tserver": {"application": f"T{letter}", "port": 0},
        "ids": {
            "call_uuid_prefix": f"0{digit}RCC3N118B1V0SL807GK2LAES",
            "conn_id_base": f"{BASES[letter]:016x}",
        },
        "dns": [
            *({"number": f"{digit}500{last}"} for last in range(5)),
            {"number": f"{digit}5500", "type": "route_point"},
            {"number": f"{digit}5600", "type": "acd_queue"},
        ],
        **more,
    }


class SiteServer(InMemoryServer):
    """The T-Server of one site, and its clients. All sites share one ladder."""

    def __init__(self, network: "SiteNetwork", letter: str) -> None:
        self.clock, self.delivered = network.clock, network.delivered
        self.letter = letter
        part = next(part for part in network.site.switches if part.name == letter)
        self.tserver = SimulatedTServer(part, network.site, network.clock, MESSAGE_PACK)


class End:
    """One end of a connection: the `Peer` of its owner."""

    def __init__(self, wire: "Wire", owner: SiteServer, other: SiteServer) -> None:
        self.who = f"T{other.letter}@{other.letter}"
        self.owner, self.other = owner, other
        self._wire = wire

    def send(self, message: IsccMessage) -> None:
        self._wire.queues[self.other.letter].append(_written(message))

    def disconnect(self, _reason: str) -> None:
        self._wire.cut()


class Wire:
    """The connection between two sites. Messages move one by one, in order."""

    def __init__(self, first: SiteServer, second: SiteServer) -> None:
        self.queues: dict[str, deque[bytes]] = {first.letter: deque(), second.letter: deque()}
        """The messages under way, by receiver."""
        self.ends = (End(self, first, second), End(self, second, first))
        self.is_cut = False
        for end in self.ends:
            end.owner.tserver.iscc.connected(end)

    def step(self, to: str) -> bool:
        """Deliver one message; return whether there was one."""
        if self.is_cut or not self.queues[to]:
            return False
        end = next(end for end in self.ends if end.owner.letter == to)
        message = _read(self.queues[to].popleft())
        end.owner.tserver.iscc.received(end, message)
        return True

    def cut(self) -> None:
        """Cut the connection and lose the messages under way."""
        if not self.is_cut:
            self.is_cut = True
            for end in self.ends:
                end.owner.tserver.iscc.lost(end, "cut")


class SiteNetwork:
    """The sites A and B, or those named, on one clock; every two are connected."""

    def __init__(self, *letters: str, **keys: dict[str, Any]) -> None:
        self.clock = HeldClock(NOW)
        chosen = letters or ("A", "B")
        self.site = SimSite.model_validate(
            {"switches": [_switch(letter, **keys.get(letter, {})) for letter in chosen]}
        )
        self.delivered: list[tuple[Client, m.Event]] = []
        self.servers = {letter: SiteServer(self, letter) for letter in chosen}
        self.wires: list[Wire] = []
        self.join()

    def join(self) -> None:
        """Connect every two sites with new connections."""
        servers = list(self.servers.values())
        self.wires = [Wire(servers[i], servers[j]) for j in range(len(servers)) for i in range(j)]
        self.flow()

    def flow(self) -> None:
        """Deliver all messages."""
        while any(wire.step(letter) for wire in self.wires for letter in wire.queues):
            pass

    def agents(self, *dns: str) -> list[Client]:
        """Return a registered client for each DN, at the site of its first digit."""
        return [self.servers["-ABC"[int(dn[0])]].client(dn, dn) for dn in dns]

    def ladder(self) -> list[str]:
        """Deliver all messages, and return the events since the last ladder, one line each."""
        self.flow()
        delivered = self.delivered[:]
        self.delivered.clear()
        return [f"{client.name} <- {_text(event)}" for client, event in delivered]


_NAMED = {
    *("time_in_secs", "time_in_usecs", "event_sequence_number", "reference_id", "this_dn", "this_dn_role"),
    *("other_dn", "other_dn_role", "third_party_dn", "third_party_dn_role", "call_id", "call_uuid", "dnis"),
    *("conn_id", "previous_conn_id", "call_type", "call_state", "cause", "user_data", "ani"),
    *("error_message", "first_transfer_home_location", "first_transfer_orig_dn", "first_transfer_conn_id"),
    *("last_transfer_home_location", "last_transfer_orig_dn", "last_transfer_conn_id", "home_location"),
}


def _text(event: m.Event) -> str:
    words = [event.name.removeprefix("Event")]
    if isinstance(event, m.TelephonyEvent):
        words += _call(event)
    else:
        dn, conn_id = getattr(event, "this_dn", None), getattr(event, "conn_id", None)
        words += [f"This={dn}"] if dn else []
        words += [conn_id_text(conn_id)] if conn_id else []
    for field in msgspec.structs.fields(event):
        value = getattr(event, field.name)
        if field.name not in _NAMED and value is not None:
            words.append(f"{field.encode_name}={_value(field.name, value)}")
    if event.reference_id is not None:
        words.append(f"Ref={event.reference_id}")
    return " ".join(words)


def _call(event: m.TelephonyEvent) -> list[str]:
    words = [conn_id_text(event.conn_id)]
    if event.call_type is not None and event.call_type is not CallType.Internal:
        words.append(event.call_type.name)
    words.append(f"This={event.this_dn}")
    for label, dn, role in (
        ("Other", event.other_dn, event.other_dn_role),
        ("3rd", event.third_party_dn, event.third_party_dn_role),
    ):
        if dn is not None:
            words.append(f"{label}={dn}" + (f"/{role.name}" if role is not None and label == "3rd" else ""))
    if event.call_state is not None and event.call_state.name != "Ok":
        words.append(f"CS={event.call_state.name}")
    if event.previous_conn_id is not None:
        words.append(f"Prev={conn_id_text(event.previous_conn_id)}")
    if event.home_location is not None:
        words.append(f"Home={event.home_location}")
    for label, conn_id, dn in (
        ("First", event.first_transfer_conn_id, event.first_transfer_orig_dn),
        ("Last", event.last_transfer_conn_id, event.last_transfer_orig_dn),
    ):
        if conn_id is not None:
            words.append(f"{label}={dn}/{conn_id_text(conn_id)}")
    if event.user_data is not None:
        words.append("Data=" + ",".join(f"{key}:{value!s}" for key, value in event.user_data))
    return words


def _value(name: str, value: Any) -> str:
    if name == "remote_conn_id":
        return conn_id_text(value)
    return value.name if isinstance(value, Enum) else str(value)
