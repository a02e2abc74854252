"""Profiles: where real switches differ, each a choice for every knob.

A knob either rewrites lines of the call models once, when the switch is built (`adapt_models`), or is asked
by the one operation that it concerns. Source of the knobs: T-Library Events and Models, where it calls a
feature switch-dependent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, CallState
from tserver_sim.switch.models.consult import Consult
from tserver_sim.switch.models.single_step import SingleStep
from tserver_sim.switch.models.vocabulary import (
    ARRIVALS,
    ComputedThirdParty,
    EventKind,
    EventTemplate,
    Model,
    Models,
    Previous,
)
from tserver_sim.switch.state.switch_data import Sharing


class TransferOrder(Enum):
    """The order of the events of a single-step transfer."""

    RELEASED_FIRST = "released_first"
    """The transferring party, the target, the party that stays."""
    RELEASED_LAST = "released_last"
    """The target, the party that stays, the transferring party."""
    CHANGED_ON_ANSWER = "changed_on_answer"
    """The transferring party, the target; the party that stays when the target answers."""


@dataclass(frozen=True, slots=True)
class SwitchProfile:
    """The choices of one kind of switch."""

    name: str
    causes: bool = True
    """Whether events carry a Cause."""
    agents_start_ready: bool = False
    """Whether an agent who logs in is ready at once, whatever the work mode."""
    replaces_agents: bool = False
    """Whether a login on the DN of another agent logs that one out; else it is refused."""
    pending_not_ready: bool = False
    """Whether a ready agent who asks for NotReady during a call stays ready until its end."""
    pending_after_call_work: bool = True
    """Whether an agent who asks for after-call work during a call keeps the state until its end."""
    wraps_up_every_call: bool = False
    """Whether after-call work follows every call of an agent, not only those that came through a queue."""
    not_ready_on_no_answer: bool = True
    """Whether an agent becomes not ready who lets a call of a queue ring too long."""
    third_parties: bool = True
    """Whether the events of transfers carry ThirdPartyDN."""
    same_conn_ids: bool = True
    """Whether EventPartyChanged carries PreviousConnID for a party that stays in the same call."""
    transfer_order: TransferOrder = TransferOrder.RELEASED_FIRST
    """The order of the events of a single-step transfer."""
    inherits_role: bool = False
    """Whether the target of a single-step transfer takes over the role of the one whom it replaces."""
    renumbers: bool = False
    """Whether DNIS becomes the number of the target of a single-step transfer."""
    separate_data_event: bool = False
    """Whether an EventAttachedDataChanged comes before a single-step transfer with user data."""
    exchanges_in_conference: bool = False
    """Whether a single-step transfer out of a conference gives PartyDeleted and PartyAdded."""
    recalls: bool = False
    """Whether the call comes back to the one who transferred it when the target does not take it."""
    releases_main_first: bool = False
    """Whether a completed transfer releases the main call before the consultation."""
    adds_when_ringing: bool = False
    """Whether a party invited by a single-step conference counts as added while it still rings."""
    consult_data: Sharing = Sharing.INHERITED
    """How a consultation shares user data, if the request has no ConsultUserData."""
    queued_at_route_points: bool = True
    """Whether a call that comes to a route point gives EventQueued before EventRouteRequest."""
    connects_machines: bool = False
    """Whether an answering machine that a predictive call has reached is put through to an agent."""
    hook_events: bool = False
    """Whether there are EventOffHook and EventOnHook."""


SIP_SERVER = SwitchProfile("sip-server")
"""The default."""

CSTA_PBX = SwitchProfile(
    "csta-pbx",
    causes=False,
    transfer_order=TransferOrder.RELEASED_LAST,
    same_conn_ids=False,
    recalls=True,
    releases_main_first=True,
    consult_data=Sharing.SEPARATE,
    pending_after_call_work=False,
    not_ready_on_no_answer=False,
    queued_at_route_points=False,
    hook_events=True,
)
"""A private exchange behind a CSTA link: few details in events, and failed transfers are recalled."""

REFER_PHONES = SwitchProfile(
    "refer-phones",
    transfer_order=TransferOrder.CHANGED_ON_ANSWER,
    renumbers=True,
    adds_when_ringing=True,
)
"""Phones that transfer by REFER: the remaining party gets its event when the target answers."""

ACD_SWITCH = SwitchProfile(
    "acd-switch",
    third_parties=False,
    inherits_role=True,
    separate_data_event=True,
    exchanges_in_conference=True,
    recalls=True,
    consult_data=Sharing.JOINT,
    agents_start_ready=True,
    replaces_agents=True,
    pending_not_ready=True,
    wraps_up_every_call=True,
    connects_machines=True,
)
"""An exchange made for contact centres."""

PROFILES: Mapping[str, SwitchProfile] = {
    profile.name: profile for profile in (SIP_SERVER, CSTA_PBX, REFER_PHONES, ACD_SWITCH)
}
"""Kinds of switches; none of them claims to be a certain product."""


def adapt_models(models: Models, profile: SwitchProfile) -> Models:
    """Return the models with the lines of this profile."""
    return {
        model: tuple(
            _adapt_template(template, profile) for template in _order_templates(model, templates, profile)
        )
        for model, templates in models.items()
    }


def arrival_events(profile: SwitchProfile) -> Mapping[AddressType, tuple[EventKind, ...]]:
    """Return the events of a call that comes to each type of address, in this profile."""
    if profile.queued_at_route_points:
        return ARRIVALS
    return {**ARRIVALS, AddressType.RouteDN: (m.EventRouteRequest,)}


def _order_templates(
    model: Model, templates: tuple[EventTemplate, ...], profile: SwitchProfile
) -> tuple[EventTemplate, ...]:
    if model is SingleStep.TRANSFERRED:
        released, arrives, changed = templates
        arrives = replace(arrives, renumbers=profile.renumbers)
        match profile.transfer_order:
            case TransferOrder.RELEASED_FIRST:
                return released, arrives, changed
            case TransferOrder.RELEASED_LAST:
                return arrives, changed, released
            case TransferOrder.CHANGED_ON_ANSWER:
                return released, arrives
    if model is Consult.TRANSFERRED and profile.releases_main_first:
        consult, main, *others = templates
        return main, consult, *others
    return templates


def _adapt_template(template: EventTemplate, profile: SwitchProfile) -> EventTemplate:
    if not profile.causes:
        template = replace(template, cause=None)
    if not profile.third_parties and (
        template.call_state is CallState.Transferred or template.third is ComputedThirdParty.AS_ARRIVED
    ):
        template = replace(template, has_third_party=False)
    if not profile.same_conn_ids and template.previous is Previous.SAME:
        template = replace(template, previous=None)
    return template


__all__ = ["PROFILES", "SIP_SERVER", "Model", "SwitchProfile", "adapt_models", "arrival_events"]
