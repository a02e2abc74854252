"""ACD queues: calls stand in line, and the agent who has been idle longest gets the one that waits longest.

An agent is idle who is ready, has no call at all, may be disturbed, and whose DN is in service. Forwarding
of the agent's DN does not concern calls of a queue: they ring at the agent.

Source: T-Library Events and Models, call to an ACD queue.
"""

from bisect import bisect_left, insort

from bridge.tlib.enums import AddressType, AgentStatus
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.models.queues import Acd
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import stand_in
from tserver_sim.switch.operations.base.routing_lookup import look_up
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import Call, Device, Party, Timer, TimerKind

# --- the line -----------------------------------------------------------------------------------------


def stand_in_line(engine: Engine, call: Call, party: Party) -> None:
    """Let a call wait that has come to an ACD queue; one that comes back has the place it had."""
    if party.address is not AddressType.Queue or engine.parties_of(party.dn).get(call.conn_id) is not party:
        return
    if not party.place:
        engine.state.place_count += 1
        party.place = engine.state.place_count
    queue = engine.state.devices[party.dn]
    insort(queue.waiting, (party.place, call.conn_id))
    _start_overflow_timer(engine, call, party)
    first = _first(engine, queue)
    if first is not None and first.party is party:  # while somebody waits before it, no agent is idle
        engine.after(serve_queue, engine, party.dn)


def leave_line(engine: Engine, call: Call, party: Party) -> None:
    """Forget a call that has left an ACD queue."""
    if party.address is AddressType.Queue and party.place:
        waiting = engine.state.devices[party.dn].waiting
        index = bisect_left(waiting, (party.place, call.conn_id))
        if index < len(waiting) and waiting[index] == (party.place, call.conn_id):
            del waiting[index]


def change_call_in_line(engine: Engine, call: Call, party: Party) -> None:
    """Keep the place of a party that waits and has come into another call: a transfer was completed."""
    if party.state is PartyState.QUEUED and party.address is AddressType.Queue and party.place:
        waiting = engine.state.devices[party.dn].waiting
        index = bisect_left(waiting, (party.place, 0))
        if index < len(waiting) and waiting[index][0] == party.place:
            waiting[index] = party.place, call.conn_id


# --- who gets which call ------------------------------------------------------------------------------


def serve_queue(engine: Engine, number: str) -> None:
    """Give the calls of a queue to its idle agents, as long as there are both."""
    queue = engine.state.devices[number]
    while (seat := _first(engine, queue)) is not None and (
        device := _longest_idle(engine, queue)
    ) is not None:
        _offer(engine, seat, device)


def serve_agent(engine: Engine, number: str) -> None:
    """Give calls of the queues of a DN's agent to idle agents, until none waits or this agent has one."""
    device = engine.state.devices[number]
    while device.agent is not None and is_idle(engine, device):
        firsts = [_first(engine, engine.state.devices[queue]) for queue in device.agent.queues]
        seat = min((seat for seat in firsts if seat is not None), key=_place, default=None)
        if seat is None:
            return
        longest = _longest_idle(engine, engine.state.devices[seat.party.dn])
        _offer(engine, seat, longest or device)


def _place(seat: Seat) -> int:
    return seat.party.place


def _first(engine: Engine, queue: Device) -> Seat | None:
    """Find who waits longest; who has just left may still stand in the line."""
    parties = engine.parties_of(queue.number)
    for _, conn_id in queue.waiting:
        if conn_id in parties:
            return Seat(parties[conn_id], engine.state.calls[conn_id])
    return None


def _longest_idle(engine: Engine, queue: Device) -> Device | None:
    found, since = None, 0.0
    for number in queue.members:
        device = engine.state.devices[number]
        agent = device.agent
        if agent is not None and (found is None or agent.since < since) and is_idle(engine, device):
            found, since = device, agent.since
    return found


def is_idle(engine: Engine, device: Device) -> bool:
    """Say whether a DN has an agent who can be given a call of a queue."""
    agent = device.agent
    return (
        agent is not None
        and agent.standing.status is AgentStatus.Ready
        and not engine.parties_of(device.number)
        and agent.pending is None
        and not agent.owes_wrap_up
        and not device.dnd
        and not device.out_of_service
        and device.reserved_until <= engine.state.now
    )


def _offer(engine: Engine, seat: Seat, device: Device) -> None:
    waiting, call = seat
    agent = Party(device.number, waiting.role, device.type, queue=waiting.dn, place=waiting.place)
    stand_in(agent, waiting)
    engine.tell(Acd.OFFERED, {**engine.cast(call, waiting), Actor.TARGET: (Seat(agent, call),)})


# --- waiting too long ---------------------------------------------------------------------------------


def _start_overflow_timer(engine: Engine, call: Call, party: Party) -> None:
    config = engine.config.queues.get(party.dn)
    if config is not None and config.overflow is not None:
        party.timer = engine.start_timer(TimerKind.OVERFLOW, config.overflow.after, call.conn_id, party.dn)


def waited_too_long(engine: Engine, timer: Timer) -> None:
    """Send the call where the queue overflows to; if nobody can be reached there, it waits on."""
    call = engine.state.calls[timer.conn_id]
    party = engine.parties_of(timer.dn)[timer.conn_id]
    overflow = engine.config.queues[timer.dn].overflow
    reach = look_up(engine, overflow.to) if overflow is not None else None
    if reach is None or reach.failure is not None or call.party(reach.number) is not None:
        _start_overflow_timer(engine, call, party)
        return
    target = reach.party()
    target.queue = party.dn
    stand_in(target, party)
    engine.tell(Acd.OVERFLOWED, {**engine.cast(call, party), Actor.TARGET: (Seat(target, call),)})
