"""Offers of ACD queues that agents do not take: the call goes back to its position in the queue."""

from bridge.tlib.enums import AddressType
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.models.queues import Acd
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.agents.agent_states import apply_agent_input
from tserver_sim.switch.operations.base.checks import replace_party
from tserver_sim.switch.state.agent_states import AgentInput
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import NO_REQUESTER, Party, Requester, SwitchCall


def ring_time(engine: Engine, party: Party) -> float | None:
    """Return for how many seconds a party's phone may ring; None: without limit."""
    config = (
        engine.config.queues.get(party.queue) if party.queue_position and party.queue is not None else None
    )
    if config is None or config.no_answer is None:
        return engine.config.ring_timeout
    return config.no_answer


def is_offer(engine: Engine, party: Party) -> bool:
    """Return whether a party is an agent's ringing phone whose call can go back to its queue."""
    return (
        party.state is CallPartyState.ALERTING
        and party.queue_position > 0
        and party.queue is not None
        and not engine.state.devices[party.queue].out_of_service
    )


def return_rejected_offer(engine: Engine, call: SwitchCall, party: Party, requester: Requester) -> None:
    """Return a rejected call to its queue, and make the agent not ready.

    Otherwise the queue would offer the same call to the agent at once.
    """
    _return_offer(engine, call, party, Acd.REJECTED, requester)
    _make_not_ready(engine, party.dn)


def return_unanswered_offer(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Return a call that the agent did not answer to its queue."""
    _return_offer(engine, call, party, Acd.NOT_ANSWERED, NO_REQUESTER)
    if engine.profile.not_ready_on_no_answer:
        _make_not_ready(engine, party.dn)


def _return_offer(engine: Engine, call: SwitchCall, party: Party, model: Acd, requester: Requester) -> None:
    queue = Party(party.queue or "", party.role, AddressType.Queue, queue_position=party.queue_position)
    replace_party(queue, party)
    engine.apply_model(
        model, {**engine.cast(call, party), Actor.TARGET: (CallParty(queue, call),)}, requester
    )


def _make_not_ready(engine: Engine, number: str) -> None:
    device = engine.state.devices[number]
    if device.agent is not None:
        apply_agent_input(engine, device, device.agent, AgentInput.OFFER_NOT_TAKEN)
