"""Call-based notifications: events about a call as a whole, independent of DNs (T-Library).

The engine is observed only while there are subscribers. Events are collected during a change of the switch,
and sent after its events at DNs and outside the log that a backup T-Server replays.

The public sources name the events and their attributes, but not the form of a PartyUUID. This project writes
the CallUUID, a dot and the DN, so that both members of a pair give a party the same one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bridge.tlib import messages as m
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import PartyTransition
from tserver_sim.switch.models.vocabulary import EventKind
from tserver_sim.switch.snapshot import party_state
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import Party, SwitchCall

_FLAGS: frozenset[EventKind] = frozenset(
    {m.EventMuteOn, m.EventMuteOff, m.EventListenDisconnected, m.EventListenReconnected}
)
"""Events that change how a party takes part in a call, but not its state."""


@dataclass(slots=True)
class _ReportedCall:
    """What was last reported of a call: UpdateRevision, and the data that EventCallDataChanged is about."""

    revision: int
    data: tuple[object, ...]


CallNotice: TypeAlias = tuple[type[m.CallMonitoringEvent], Mapping[str, Any]]
"""The type of an event and its attributes, without time and EventSequenceNumber."""


class CallMonitoring:
    """The subscribers to calls, and the events that wait to be sent to them.

    Args:
        engine: the engine of the switch; observed while there are subscribers.

    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._subscribers: dict[Client, frozenset[str]] = {}
        self._reported: dict[int, _ReportedCall] = {}
        self._pending: list[CallNotice] = []

    def subscribe(self, client: Client, call_uuids: Iterable[str] = ()) -> None:
        """Subscribe a client to all calls, or to the calls with these CallUUIDs.

        Calls that exist already are reported from their next change on.
        """
        if not self._subscribers:
            self._reported = {
                conn_id: _ReportedCall(0, _data(call)) for conn_id, call in self._engine.state.calls.items()
            }
            self._engine.on_transition = self._on_step
        self._subscribers[client] = frozenset(call_uuids)

    def unsubscribe(self, client: Client) -> bool:
        """Remove the subscription of a client and return whether there was one."""
        if self._subscribers.pop(client, None) is None:
            return False
        if not self._subscribers:
            self._engine.on_transition = None
            self._reported, self._pending = {}, []
        return True

    def take_pending(self) -> list[CallNotice]:
        """Return the events collected since the last call, and forget them."""
        if not self._pending:
            return self._pending
        pending, self._pending = self._pending, []
        calls = self._engine.state.calls
        if len(self._reported) > len(calls):  # a backup has replaced its state by the primary's
            self._reported = {
                conn_id: reported for conn_id, reported in self._reported.items() if conn_id in calls
            }
        return pending

    def subscribers(self, call_uuid: str) -> Iterator[Client]:
        """Return the clients that receive the events of a call."""
        for client, call_uuids in self._subscribers.items():
            if not call_uuids or call_uuid in call_uuids:
                yield client

    # --- transitions of parties ------------------------------------------------------------------

    def _on_step(self, step: PartyTransition) -> None:
        call, party, left = step.call, step.party, step.left
        if left is not None:
            self._report_party(
                m.EventCallPartyMoved,
                call,
                party,
                previous_call_uuid=left.call_uuid,
                ref_party=_party_uuid(left, party),
            )
            self._report_deleted(left)
        elif step.before is CallPartyState.NULL:
            if call.conn_id not in self._reported and call.parties == [party]:
                self._report(m.EventCallCreated, call)
            self._report_party(m.EventCallPartyAdded, call, party)
        elif party.state is CallPartyState.NULL:
            self._report_party(m.EventCallPartyDeleted, call, party)
            self._report_deleted(call)
        elif party.state is not step.before or step.event in _FLAGS:
            self._report_party(m.EventCallPartyState, call, party)
        self._report_data(call)

    def _report_data(self, call: SwitchCall) -> None:
        reported = self._reported.get(call.conn_id)
        if reported is not None and reported.data != (data := _data(call)):
            reported.data = data
            self._report(m.EventCallDataChanged, call, user_data=call.user_data)

    def _report_deleted(self, call: SwitchCall) -> None:
        if call.conn_id not in self._engine.state.calls:
            self._report(m.EventCallDeleted, call)
            self._reported.pop(call.conn_id, None)

    def _report_party(
        self,
        kind: type[m.CallPartyEvent],
        call: SwitchCall,
        party: Party,
        **more: Any,  # noqa: ANN401 (attributes of the event)
    ) -> None:
        device = None if party.leg else self._engine.state.devices.get(party.dn)
        self._report(
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

    def _report(self, kind: type[m.CallMonitoringEvent], call: SwitchCall, **more: Any) -> None:  # noqa: ANN401 (attributes of the event)
        reported = self._reported.setdefault(call.conn_id, _ReportedCall(0, _data(call)))
        reported.revision += 1
        if kind is m.EventCallCreated:
            more["user_data"] = call.user_data or None
        fields = {
            "call_uuid": call.call_uuid,
            "update_revision": reported.revision,
            "conn_id": call.conn_id,
            "call_id": call.call_id,
            "call_type": call.type,
            "ani": call.ani,
            "dnis": call.dnis,
            **more,
        }
        self._pending.append((kind, fields))


def _data(call: SwitchCall) -> tuple[object, ...]:
    return call.user_data, call.ani, call.dnis, call.type


def _party_uuid(call: SwitchCall, party: Party) -> str:
    leg = f"#{party.leg}" if party.leg else ""
    return f"{call.call_uuid}.{party.dn}{leg}"
