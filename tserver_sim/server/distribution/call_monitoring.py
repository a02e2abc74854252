"""Notifications about calls as a whole, whichever DNs they are at (T-Library, call-based notifications).

Nothing is watched while nobody has subscribed. What is seen during a change is told when the change is over:
after its events at DNs, and outside of what a standby T-Server repeats.

The public sources name the events and attributes, not the form of a PartyUUID: here it is the CallUUID, a dot
and the DN, so both members of a pair name a party alike.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bridge.tlib import messages as m
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Step
from tserver_sim.switch.models.vocabulary import EventKind
from tserver_sim.switch.snapshot import party_state
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import Call, Party

_FLAGS: frozenset[EventKind] = frozenset(
    {m.EventMuteOn, m.EventMuteOff, m.EventListenDisconnected, m.EventListenReconnected}
)
"""They change how a party takes part, not where it stands."""


@dataclass(slots=True)
class _Known:
    """What was last told of a call."""

    revision: int
    data: tuple[object, ...]


Notice: TypeAlias = tuple[type[m.CallMonitoringEvent], Mapping[str, Any]]
"""An event that is not stamped yet."""


class CallMonitoring:
    """Who has subscribed, and what they are to be told.

    Args:
        engine: the switch; it is watched while there are subscribers.

    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._subscribers: dict[Client, frozenset[str]] = {}
        self._known: dict[int, _Known] = {}
        self._seen: list[Notice] = []

    def start(self, client: Client, call_uuids: Iterable[str] = ()) -> None:
        """Tell a client of all calls, or of these; calls under way are told from their next change on."""
        if not self._subscribers:
            self._known = {
                conn_id: _Known(0, _data(call)) for conn_id, call in self._engine.state.calls.items()
            }
            self._engine.watch = self._see
        self._subscribers[client] = frozenset(call_uuids)

    def stop(self, client: Client) -> bool:
        """Tell a client no more; return whether it had subscribed."""
        if self._subscribers.pop(client, None) is None:
            return False
        if not self._subscribers:
            self._engine.watch = None
            self._known, self._seen = {}, []
        return True

    def take(self) -> list[Notice]:
        """Return what was seen since the last time."""
        if not self._seen:
            return self._seen
        seen, self._seen = self._seen, []
        calls = self._engine.state.calls
        if len(self._known) > len(calls):  # a standby T-Server has taken over another state
            self._known = {conn_id: known for conn_id, known in self._known.items() if conn_id in calls}
        return seen

    def subscribers(self, call_uuid: str) -> Iterator[Client]:
        """Return who is told of a call."""
        for client, wanted in self._subscribers.items():
            if not wanted or call_uuid in wanted:
                yield client

    # --- what is seen ----------------------------------------------------------------------------

    def _see(self, step: Step) -> None:
        call, party, left = step.call, step.party, step.left
        if left is not None:
            self._add_party(
                m.EventCallPartyMoved,
                call,
                party,
                previous_call_uuid=left.call_uuid,
                ref_party=_party_uuid(left, party),
            )
            self._end(left)
        elif step.before is PartyState.NULL:
            if call.conn_id not in self._known and call.parties == [party]:
                self._add(m.EventCallCreated, call)
            self._add_party(m.EventCallPartyAdded, call, party)
        elif party.state is PartyState.NULL:
            self._add_party(m.EventCallPartyDeleted, call, party)
            self._end(call)
        elif party.state is not step.before or step.event in _FLAGS:
            self._add_party(m.EventCallPartyState, call, party)
        self._see_data(call)

    def _see_data(self, call: Call) -> None:
        known = self._known.get(call.conn_id)
        if known is not None and known.data != (data := _data(call)):
            known.data = data
            self._add(m.EventCallDataChanged, call, user_data=call.user_data)

    def _end(self, call: Call) -> None:
        if call.conn_id not in self._engine.state.calls:
            self._add(m.EventCallDeleted, call)
            self._known.pop(call.conn_id, None)

    def _add_party(
        self,
        kind: type[m.CallPartyEvent],
        call: Call,
        party: Party,
        **more: Any,  # noqa: ANN401 (attributes of the event)
    ) -> None:
        device = None if party.leg else self._engine.state.devices.get(party.dn)
        self._add(
            kind,
            call,
            party_uuid=_party_uuid(call, party),
            this_dn=party.dn,
            this_dn_role=party.role,
            this_queue=party.queue,
            party_state=party_state(party),
            agent_id=device.agent.agent_id if device is not None and device.agent is not None else None,
            **more,
        )

    def _add(self, kind: type[m.CallMonitoringEvent], call: Call, **more: Any) -> None:  # noqa: ANN401 (attributes of the event)
        known = self._known.setdefault(call.conn_id, _Known(0, _data(call)))
        known.revision += 1
        if kind is m.EventCallCreated:
            more["user_data"] = call.user_data or None
        fields = {
            "call_uuid": call.call_uuid,
            "update_revision": known.revision,
            "conn_id": call.conn_id,
            "call_id": call.call_id,
            "call_type": call.type,
            "ani": call.ani,
            "dnis": call.dnis,
            **more,
        }
        self._seen.append((kind, fields))


def _data(call: Call) -> tuple[object, ...]:
    return call.user_data, call.ani, call.dnis, call.type


def _party_uuid(call: Call, party: Party) -> str:
    leg = f"#{party.leg}" if party.leg else ""
    return f"{call.call_uuid}.{party.dn}{leg}"
