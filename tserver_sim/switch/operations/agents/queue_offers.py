"""A call of an ACD queue that rings at an agent who does not take it goes back to its place in the line."""

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
    """Return for how many seconds a phone may ring; None: for ever."""
    config = (
        engine.config.queues.get(party.queue) if party.queue_position and party.queue is not None else None
    )
    if config is None or config.no_answer is None:
        return engine.config.ring_timeout
    return config.no_answer


def is_offer(engine: Engine, party: Party) -> bool:
    """Say whether a call of a queue rings here that can go back there."""
    return (
        party.state is CallPartyState.ALERTING
        and party.queue_position > 0
        and party.queue is not None
        and not engine.state.devices[party.queue].out_of_service
    )


def return_rejected_offer(engine: Engine, call: SwitchCall, party: Party, requester: Requester) -> None:
    """Take a call of a queue back that the agent does not want; the agent is not ready then.

    Without that the call would come again at once.
    """
    _return_offer(engine, call, party, Acd.REJECTED, requester)
    _make_not_ready(engine, party.dn)


def return_unanswered_offer(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Take a call of a queue back that the agent did not answer."""
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
