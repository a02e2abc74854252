"""A call of an ACD queue that rings at an agent who does not take it goes back to its place in the line."""

from bridge.tlib.enums import AddressType, AgentStatus, AgentWorkMode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.models.queues import Acd
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.agents.agent_states import take_up
from tserver_sim.switch.operations.base.checks import stand_in
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import NOBODY, Asked, Call, Party, Standing


def ring_time(engine: Engine, party: Party) -> float | None:
    """Return for how many seconds a phone may ring; None: for ever."""
    config = engine.config.queues.get(party.queue) if party.place and party.queue is not None else None
    if config is None or config.no_answer is None:
        return engine.config.ring_timeout
    return config.no_answer


def is_offer(engine: Engine, party: Party) -> bool:
    """Say whether a call of a queue rings here that can go back there."""
    return (
        party.state is PartyState.ALERTING
        and party.place > 0
        and party.queue is not None
        and not engine.state.devices[party.queue].out_of_service
    )


def reject_offer(engine: Engine, call: Call, party: Party, asked: Asked) -> None:
    """Take a call of a queue back that the agent does not want; the agent is not ready then.

    Without that the call would come again at once.
    """
    _take_back(engine, call, party, Acd.REJECTED, asked)
    _make_not_ready(engine, party.dn)


def take_offer_back(engine: Engine, call: Call, party: Party) -> None:
    """Take a call of a queue back that the agent did not answer."""
    _take_back(engine, call, party, Acd.NOT_ANSWERED, NOBODY)
    if engine.profile.not_ready_on_no_answer:
        _make_not_ready(engine, party.dn)


def _take_back(engine: Engine, call: Call, party: Party, model: Acd, asked: Asked) -> None:
    queue = Party(party.queue or "", party.role, AddressType.Queue, place=party.place)
    stand_in(queue, party)
    engine.tell(model, {**engine.cast(call, party), Actor.TARGET: (Seat(queue, call),)}, asked)


def _make_not_ready(engine: Engine, number: str) -> None:
    device = engine.state.devices[number]
    if device.agent is not None and device.agent.status is AgentStatus.Ready:
        take_up(engine, device, device.agent, Standing(AgentStatus.NotReady, AgentWorkMode.Unknown))
