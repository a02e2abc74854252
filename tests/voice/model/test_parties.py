"""Who else is on a call after each event."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import CallState, CallType, DNRole
from bridge.voice.model.call_tables import EFFECTS
from bridge.voice.model.parties import parties_after_event

CONFERENCED: dict[str, Any] = {"call_state": CallState.Conferenced}


def event(kind: type[t.TelephonyEvent], **attributes: Any) -> t.TelephonyEvent:
    call: dict[str, Any] = {
        "time_in_secs": 1,
        "time_in_usecs": 0,
        "this_dn": "B",
        "this_dn_role": DNRole.Destination,
        "conn_id": 1,
        "call_id": 1,
        "call_type": CallType.Internal,
        "call_state": CallState.Ok,
    }
    if kind is t.EventPartyChanged:
        call["previous_conn_id"] = 1
    return kind(**(call | attributes))


@pytest.mark.parametrize(
    ("known", "told", "after"),
    [
        ((), event(t.EventRinging, other_dn="A"), ("A",)),
        (("A",), event(t.EventEstablished), ("A",)),
        (("A",), event(t.EventEstablished, other_dn="C"), ("C",)),
        (("A", "C"), event(t.EventRetrieved, other_dn="C", **CONFERENCED), ("A", "C")),
        ((), event(t.EventRinging), ()),
        ((), event(t.EventRinging, **CONFERENCED), None),
        ((), event(t.EventEstablished, this_dn_role=DNRole.ConferenceMember), None),
        (("A",), event(t.EventRetrieved, **CONFERENCED), ("A",)),
        (("A",), event(t.EventEstablished, **CONFERENCED), None),
        (("A",), event(t.EventPartyChanged, other_dn="C", third_party_dn="A"), ("C",)),
        (("A",), event(t.EventPartyChanged, **CONFERENCED), None),
        (("A", "C"), event(t.EventPartyChanged, other_dn="D", third_party_dn="A"), ("D", "C")),
        (("A", "C"), event(t.EventPartyChanged, other_dn="C", third_party_dn="A"), ("C",)),
        (("A", "C"), event(t.EventPartyChanged, other_dn="D", third_party_dn="E"), None),
        (("A",), event(t.EventPartyAdded, other_dn="C"), ("A", "C")),
        (("A", "C"), event(t.EventPartyAdded, other_dn="C"), ("A", "C")),
        (("A",), event(t.EventPartyAdded), None),
        (("A",), event(t.EventPartyAdded, other_dn="S", other_dn_role=DNRole.Observer), ("A",)),
        (("A", "C"), event(t.EventPartyDeleted, other_dn="A"), ("C",)),
        (("A", "C"), event(t.EventPartyDeleted), None),
        (("A",), event(t.EventMuteOn, other_dn="C"), ("A",)),
    ],
    ids=lambda value: value.name if isinstance(value, t.Event) else str(value),
)
def test_the_other_parties_are_those_that_the_event_tells(
    known: tuple[str, ...], told: t.TelephonyEvent, after: tuple[str, ...] | None
) -> None:
    assert parties_after_event(told, EFFECTS[type(told)].other, known) == after
