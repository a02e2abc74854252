"""The other parties of a call: how an event changes their list."""

from bridge.tlib import messages as t
from bridge.tlib.enums import CallState, DNRole
from bridge.voice.model.call_tables import PartyChange


def parties_after_event(
    event: t.TelephonyEvent, party_change: PartyChange, known: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Return the other parties after an event; None if the event leaves them unknown.

    In a call of more than two parties OtherDN is absent, or names the one that changed (T-Library Events
    and Models). So a party that joins a conference does not learn from the event which parties it
    meets. Observers, who monitor unseen, are left out.

    Args:
        event: what the T-Server reported.
        party_change: the party that its OtherDN names.
        known: the other parties before.

    """
    other = event.other_dn
    match party_change:
        case PartyChange.PEER:
            return _peer(event, known)
        case PartyChange.REPLACED:
            return _replaced(other, event.third_party_dn, known)
        case PartyChange.ADDED if event.other_dn_role is DNRole.Observer or other in known:
            return known
        case PartyChange.ADDED:
            return None if other is None else (*known, other)
        case PartyChange.DELETED:
            return None if other is None else tuple(dn for dn in known if dn != other)
        case PartyChange.UNCHANGED:
            return known


def _peer(event: t.TelephonyEvent, known: tuple[str, ...]) -> tuple[str, ...] | None:
    in_conference = event.call_state is CallState.Conferenced or event.this_dn_role is DNRole.ConferenceMember
    if in_conference and isinstance(event, t.EventEstablished):
        return None  # while it rang it got no event of parties that joined or left
    if len(known) > 1:
        return known
    if event.other_dn is not None:
        return (event.other_dn,)
    return None if in_conference and not known else known


def _replaced(new: str | None, gone: str | None, known: tuple[str, ...]) -> tuple[str, ...] | None:
    if new is None:
        return None
    if len(known) <= 1:
        return (new,)
    if gone in known:
        return tuple(dict.fromkeys(new if dn == gone else dn for dn in known))
    return None
