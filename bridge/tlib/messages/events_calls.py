"""Events of calls: how parties come, change and go, and what happens to them meanwhile."""

from bridge.tlib import enums
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.tlib.messages.base import U32
from bridge.tlib.messages.events_base import CallEvent, PartyEvent, QualifiedEvent, QueueEvent, TelephonyEvent
from bridge.tlib.numbers import MessageNumber as Number


class EventDialing(PartyEvent, number=Number.EventDialing):
    """The call is being placed; the switch looks for the destination."""


class EventNetworkReached(PartyEvent, number=Number.EventNetworkReached):
    """The call has left the switch; it may have no further events until it ends."""


class EventRinging(QualifiedEvent, number=Number.EventRinging):
    """The call rings at this DN."""


class EventEstablished(QualifiedEvent, number=Number.EventEstablished):
    """The DN talks."""


class EventHeld(CallEvent, number=Number.EventHeld):
    """The DN has put the call on hold."""


class EventRetrieved(CallEvent, number=Number.EventRetrieved):
    """The DN talks again."""

    call_state: enums.CallState


class EventReleased(QualifiedEvent, number=Number.EventReleased):
    """The DN has left the call."""


class EventAbandoned(QualifiedEvent, number=Number.EventAbandoned):
    """The caller hung up while the call rang or waited here. Follows EventRinging or EventQueued only."""


class EventDestinationBusy(QualifiedEvent, number=Number.EventDestinationBusy):
    """The dialled DN cannot be reached; CallState is the reason."""


class EventPartyChanged(QualifiedEvent, number=Number.EventPartyChanged):
    """Another party of the call was replaced, or this one has come into the call from another.

    `previous_conn_id` is left out by some switches when the call is the same as before.
    """


class EventPartyAdded(QualifiedEvent, number=Number.EventPartyAdded):
    """`other_dn` has come into the call, brought by `third_party_dn`."""


class EventPartyDeleted(QualifiedEvent, number=Number.EventPartyDeleted):
    """`other_dn` has left the call, removed by `third_party_dn` if by anyone."""


class EventBridged(TelephonyEvent, number=Number.EventBridged):
    """The call appears at this DN too."""


# --- queues and route points ------------------------------------------------------------------------


class EventQueued(QueueEvent, number=Number.EventQueued):
    """The call waits at this queue or route point."""

    call_state: enums.CallState


class EventDiverted(QueueEvent, number=Number.EventDiverted):
    """The call has left this queue or route point, for `third_party_dn` if that is known."""

    call_state: enums.CallState


class EventRouteRequest(QueueEvent, number=Number.EventRouteRequest):
    """The call asks where it shall go."""


class EventRouteUsed(QueueEvent, number=Number.EventRouteUsed):
    """The call goes to `third_party_dn`."""

    route_type: enums.RouteType | None = None


class TreatmentEvent(PartyEvent):
    """Something about a treatment of a waiting call."""

    treatment_type: enums.TreatmentType | None = None
    error_code: ErrorCode | None = None


class EventTreatmentApplied(TreatmentEvent, number=Number.EventTreatmentApplied):
    """The treatment has begun."""


class EventTreatmentNotApplied(TreatmentEvent, number=Number.EventTreatmentNotApplied):
    """The treatment could not begin."""


class EventTreatmentEnd(TreatmentEvent, number=Number.EventTreatmentEnd):
    """The treatment is over; `collected_digits` are those it asked."""


class EventTreatmentRequired(TreatmentEvent, number=Number.EventTreatmentRequired):
    """The call waits for a treatment."""


# --- within a call ------------------------------------------------------------------------------------


class EventAttachedDataChanged(CallEvent, number=Number.EventAttachedDataChanged):
    """The call's user data are these now; `third_party_dn` changed them."""

    user_data: KVList


class EventDTMFSent(TelephonyEvent, number=Number.EventDTMFSent):
    """The DN has sent tones."""

    call_id: U32
    dtmf_digits: str | None = None


class EventDigitsCollected(QualifiedEvent, number=Number.EventDigitsCollected):
    """The digits are collected."""

    collected_digits: str


class EventMuteOn(TelephonyEvent, number=Number.EventMuteOn):
    """The DN is muted: the other parties no longer hear it."""


class EventMuteOff(TelephonyEvent, number=Number.EventMuteOff):
    """The DN is no longer muted."""


class EventListenDisconnected(TelephonyEvent, number=Number.EventListenDisconnected):
    """The DN hears the call no more."""


class EventListenReconnected(TelephonyEvent, number=Number.EventListenReconnected):
    """The DN hears the call again."""


class EventCallInfoChanged(TelephonyEvent, number=Number.EventCallInfoChanged):
    """What the T-Server knows of the call has changed."""

    set_operation: enums.SetOperation | None = None


class EventPartyInfo(TelephonyEvent, number=Number.EventPartyInfo):
    """The parties of the call: `party-N`, `role-N` and `ps-N` in Extensions, N from 1."""

    extensions: KVList
    call_info_type: enums.CallInfoType | None = None


# --- the network ----------------------------------------------------------------------------------------


class EventNetworkCallStatus(PartyEvent, number=Number.EventNetworkCallStatus):
    """How far an attended transfer through the network is."""

    network_call_state: enums.NetworkCallState
    network_party_role: enums.NetworkPartyRole
    network_dest_state: enums.NetworkDestState
    network_orig_dn: str | None = None
    network_dest_dn: str | None = None
