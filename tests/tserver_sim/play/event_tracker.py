"""Follows the events of a switch, and derives from them alone which DN is on which call."""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallType
from tests.tserver_sim.play import layout
from tserver_sim.switch.switch import Switch

OPENING = (m.EventDialing, m.EventRinging, m.EventQueued)
CLOSING = (m.EventReleased, m.EventAbandoned, m.EventDiverted)


class EventTracker:
    """The events of one switch, from the first on."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._legs: set[tuple[str, int]] = set()
        """DN and ConnID of every party."""
        self._joined: set[tuple[str, int]] = set()
        """The parties that joined a call since `settle`."""
        self._changed: dict[int, set[str]] = {}
        """ConnID -> the DNs with an event that the data of the call changed, since `settle`."""

    def follow(self, event: m.Event) -> None:
        """Record an event.

        Raises:
            AssertionError: it contradicts those that came before.

        """
        if not isinstance(event, m.TelephonyEvent) or event.this_dn in layout.VIRTUAL_QUEUES:
            return
        assert event.call_type is not CallType.Consult or event.previous_conn_id is not None, event
        leg = event.this_dn, event.conn_id
        if leg not in self._legs:
            self._open(event, leg)
        else:
            opens = isinstance(event, OPENING) and not isinstance(event, m.EventQueued)
            assert not opens, f"comes to a call that it is on: {event}"
        if isinstance(event, m.EventAttachedDataChanged):
            self._changed.setdefault(event.conn_id, set()).add(event.this_dn)
        if isinstance(event, CLOSING):
            self._legs.remove(leg)
            self._joined.discard(leg)

    def _open(self, event: m.TelephonyEvent, leg: tuple[str, int]) -> None:
        if isinstance(event, m.EventPartyChanged):
            assert event.previous_conn_id is not None, event
            self._legs.remove((event.this_dn, event.previous_conn_id))
        else:
            # Not every profile has an EventQueued before EventRouteRequest.
            opens = (*OPENING, m.EventRouteRequest, m.EventEstablished, m.EventDestinationBusy)
            assert isinstance(event, opens), f"at a leg that is over, or was never there: {event}"
        self._legs.add(leg)
        self._joined.add(leg)

    def settle(self) -> None:
        """Compare with the switch after a stimulus was carried out.

        Raises:
            AssertionError: the events do not agree with the state.

        """
        calls = self._switch.state.calls
        there = {
            (party.dn, conn_id) for conn_id, call in calls.items() for party in call.parties if not party.leg
        }
        assert there == self._legs, f"too much told: {self._legs - there}, not told: {there - self._legs}"
        for conn_id, delivered in self._changed.items():
            if conn_id not in calls:
                continue
            for party in calls[conn_id].parties:
                knows = party.leg or party.dn in delivered or (party.dn, conn_id) in self._joined
                assert knows, f"{party.dn} does not know that the data has changed"
        self._joined.clear()
        self._changed.clear()
