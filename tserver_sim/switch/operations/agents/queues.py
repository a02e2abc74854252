"""ACD queues: the call that waits longest is offered to the agent who has been idle longest.

An agent is idle who is ready and has no call, and whose DN is in service and without do not disturb.
Forwarding of the agent's DN does not apply to calls of a queue: they ring at the agent.

Source: T-Library Events and Models, call to an ACD queue.
"""

from bisect import bisect_left, insort

from bridge.tlib.enums import AddressType
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.models.queues import Acd
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import replace_party
from tserver_sim.switch.operations.base.routing_lookup import look_up
from tserver_sim.switch.state.agent_states import AgentPhase
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import Party, SwitchCall, SwitchDN, SwitchTimer, TimerKind

# --- the waiting calls --------------------------------------------------------------------------------


def add_to_queue(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Add a call that has come to an ACD queue; one that comes back keeps its position."""
    if party.address is not AddressType.Queue or engine.parties_of(party.dn).get(call.conn_id) is not party:
        return
    if not party.queue_position:
        engine.state.queue_position_count += 1
        party.queue_position = engine.state.queue_position_count
    queue = engine.state.devices[party.dn]
    insort(queue.waiting, (party.queue_position, call.conn_id))
    _start_overflow_timer(engine, call, party)
    first = _first(engine, queue)
    if first is not None and first.party is party:  # while another call waits before it, no agent is idle
        engine.defer(offer_calls_of_queue, engine, party.dn)


def remove_from_queue(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Remove a call that has left an ACD queue."""
    if party.address is AddressType.Queue and party.queue_position:
        waiting = engine.state.devices[party.dn].waiting
        index = bisect_left(waiting, (party.queue_position, call.conn_id))
        if index < len(waiting) and waiting[index] == (party.queue_position, call.conn_id):
            del waiting[index]


def change_queued_call(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Keep the position of a waiting party that moved into another call (a completed transfer)."""
    if party.state is CallPartyState.QUEUED and party.address is AddressType.Queue and party.queue_position:
        waiting = engine.state.devices[party.dn].waiting
        index = bisect_left(waiting, (party.queue_position, 0))
        if index < len(waiting) and waiting[index][0] == party.queue_position:
            waiting[index] = party.queue_position, call.conn_id


# --- offers -------------------------------------------------------------------------------------------


def offer_calls_of_queue(engine: Engine, number: str) -> None:
    """Offer the calls of a queue to its idle agents, as long as there are both."""
    queue = engine.state.devices[number]
    while (call_party := _first(engine, queue)) is not None and (
        device := _longest_idle(engine, queue)
    ) is not None:
        _offer(engine, call_party, device)


def offer_calls_to_agent(engine: Engine, number: str) -> None:
    """Offer calls of the queues of a DN's agent, until none waits or this agent has one."""
    device = engine.state.devices[number]
    while device.agent is not None and is_idle(engine, device):
        firsts = [_first(engine, engine.state.devices[queue]) for queue in device.agent.queues]
        call_party = min(
            (call_party for call_party in firsts if call_party is not None), key=_queue_position, default=None
        )
        if call_party is None:
            return
        longest = _longest_idle(engine, engine.state.devices[call_party.party.dn])
        _offer(engine, call_party, longest or device)


def _queue_position(call_party: CallParty) -> int:
    return call_party.party.queue_position


def _first(engine: Engine, queue: SwitchDN) -> CallParty | None:
    """Return the party that waits longest. A call that has just left may still be in the list."""
    parties = engine.parties_of(queue.number)
    for _, conn_id in queue.waiting:
        if conn_id in parties:
            return CallParty(parties[conn_id], engine.state.calls[conn_id])
    return None


def _longest_idle(engine: Engine, queue: SwitchDN) -> SwitchDN | None:
    found, since = None, 0.0
    for number in queue.members:
        device = engine.state.devices[number]
        agent = device.agent
        if agent is not None and (found is None or agent.idle_since < since) and is_idle(engine, device):
            found, since = device, agent.idle_since
    return found


def is_idle(engine: Engine, device: SwitchDN) -> bool:
    """Return whether a DN has an agent who can be offered a call of a queue."""
    agent = device.agent
    return (
        agent is not None
        and agent.phase is AgentPhase.READY
        and not engine.parties_of(device.number)
        and agent.deferred is None
        and not agent.is_work_due
        and not device.dnd
        and not device.out_of_service
        and device.reserved_until <= engine.state.now
    )


def _offer(engine: Engine, call_party: CallParty, device: SwitchDN) -> None:
    waiting, call = call_party
    agent = Party(
        device.number, waiting.role, device.type, queue=waiting.dn, queue_position=waiting.queue_position
    )
    replace_party(agent, waiting)
    engine.apply_model(Acd.OFFERED, {**engine.cast(call, waiting), Actor.TARGET: (CallParty(agent, call),)})


# --- overflow -----------------------------------------------------------------------------------------


def _start_overflow_timer(engine: Engine, call: SwitchCall, party: Party) -> None:
    config = engine.config.queues.get(party.dn)
    if config is not None and config.overflow is not None:
        party.timer = engine.start_timer(TimerKind.OVERFLOW, config.overflow.after, call.conn_id, party.dn)


def handle_overflow_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """Send a call to the overflow destination; it waits on if that cannot be reached."""
    call = engine.state.calls[timer.conn_id]
    party = engine.parties_of(timer.dn)[timer.conn_id]
    overflow = engine.config.queues[timer.dn].overflow
    lookup = look_up(engine, overflow.to) if overflow is not None else None
    if lookup is None or lookup.failure is not None or call.party(lookup.number) is not None:
        _start_overflow_timer(engine, call, party)
        return
    target = lookup.party()
    target.queue = party.dn
    replace_party(target, party)
    engine.apply_model(Acd.OVERFLOWED, {**engine.cast(call, party), Actor.TARGET: (CallParty(target, call),)})
