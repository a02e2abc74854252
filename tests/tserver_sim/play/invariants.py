"""What must hold of a switch between any two stimuli."""

from collections import Counter
from collections.abc import Iterator

from bridge.tlib.enums import AddressType
from tserver_sim.switch.operations.base.checks import calls_sharing_data
from tserver_sim.switch.state.party_states import OCCUPYING, CallPartyState
from tserver_sim.switch.state.switch_data import Party, SwitchCall, TimerKind
from tserver_sim.switch.switch import Switch

_WAITING = frozenset({CallPartyState.ALERTING, CallPartyState.QUEUED})
_PHONES = frozenset({AddressType.DN, AddressType.Position})

_Seats = list[tuple[SwitchCall, Party]]


def check(switch: Switch) -> None:
    """Check all invariants.

    Raises:
        AssertionError: something does not hold.

    """
    seats = [(call, party) for call in switch.state.calls.values() for party in call.parties]
    _every_party_has_one_place(switch, seats)
    _every_call_is_somebodys(switch)
    _every_line_is_some_partys(switch, seats)
    _every_timer_is_somebodys(switch, seats)
    _lines_and_agents(switch)
    for call in switch.state.calls.values():
        assert all(other.user_data == call.user_data for other in calls_sharing_data(switch.engine, call)), (
            call
        )


def _every_party_has_one_place(switch: Switch, seats: _Seats) -> None:
    assert len({id(party) for _, party in seats}) == len(seats)
    assert len({(call.conn_id, party.dn, party.leg) for call, party in seats}) == len(seats)
    at_dns = {
        (dn, conn_id): party
        for dn in switch.state.devices
        for conn_id, party in switch.engine.parties_of(dn).items()
    }
    assert at_dns == {(party.dn, call.conn_id): party for call, party in seats if not party.leg}
    talking = Counter(party.dn for _, party in seats if not party.leg and party.state in OCCUPYING)
    for dn, count in talking.items():
        device = switch.state.devices[dn]
        assert count <= 1 or device.type not in _PHONES, f"{dn} is in {count} calls at once"
    for _, party in seats:
        assert party.state is not CallPartyState.NULL, party
        assert party.invited_by is None or party.state in _WAITING, party


def _every_call_is_somebodys(switch: Switch) -> None:
    for call in switch.state.calls.values():
        parties = [party for party in call.parties if party.observing is None]
        assert parties, call
        somebody = [party for party in parties if party.leg or party.address in _PHONES]
        assert somebody, f"nobody is left who could end it: {call}"
        assert any(party.state not in _WAITING for party in parties), f"nobody waits for somebody: {call}"
        members = [party for party in parties if party.invited_by is None]
        failed = any(party.state is CallPartyState.FAILED for party in parties)
        assert failed or len(members) > 1, f"one who is left alone: {call}"


def _every_line_is_some_partys(switch: Switch, seats: _Seats) -> None:
    state = switch.state
    legs = {party.leg: (party.trunk, call.conn_id) for call, party in seats if party.leg}
    assert {number: (leg.trunk, leg.conn_id) for number, leg in state.legs.items()} == legs
    assert state.lines_in_use == Counter(trunk for trunk, _ in legs.values() if trunk)
    for name, taken in state.lines_in_use.items():
        assert taken <= switch.engine.config.trunks[name].lines, f"{taken} lines of {name}"


def _every_timer_is_somebodys(switch: Switch, seats: _Seats) -> None:
    timers = switch.state.timers
    owned = Counter(number for number, _ in _owners(seats))
    for number, (conn_id, dn) in _owners(seats):
        timer = timers.get(number)
        assert timer is not None, f"{dn} waits for a timer that is no more"
        assert (timer.conn_id, timer.dn) == (conn_id, dn), timer
    for device in switch.state.devices.values():
        if device.agent is not None and device.agent.timer:
            owned[device.agent.timer] += 1
            assert timers[device.agent.timer].dn == device.number
    remote = (switch.state.transactions, switch.state.accesses, switch.state.reservations)
    owned.update(each.timer for table in remote for each in table.values() if each.timer)
    owned.update(leg.remote.timer for leg in switch.state.legs.values() if leg.remote and leg.remote.timer)
    free = {number for number, timer in timers.items() if timer.kind is TimerKind.RESERVED}
    assert set(timers) - free == set(owned), "timers of nobody"
    assert not owned or max(owned.values()) == 1, "a timer of two"


def _owners(seats: _Seats) -> Iterator[tuple[int, tuple[int, str]]]:
    for call, party in seats:
        numbers = [party.timer, party.phone_timer]
        numbers += [each.timer for each in (party.collecting, party.treatment) if each is not None]
        for number in numbers:
            if number:
                yield number, (call.conn_id, party.dn)


def _lines_and_agents(switch: Switch) -> None:
    devices = switch.state.devices
    for device in devices.values():
        if device.type is AddressType.Queue:
            waiting = [conn_id for _, conn_id in device.waiting]
            assert sorted(waiting) == sorted(_queued(switch, device.number)), device
            assert device.waiting == sorted(device.waiting), device
        members = sorted(dn for dn in devices if device.number in _queues(switch, dn))
        assert sorted(device.members) == members, device
        watchers = sorted(
            d.number for d in devices.values() if d.monitoring and d.monitoring.dn == device.number
        )
        assert sorted(device.monitored_by) == watchers, device
    there = {d.agent.agent_id: d.number for d in devices.values() if d.agent is not None}
    assert switch.state.agents == there


def _queued(switch: Switch, dn: str) -> list[int]:
    parties = switch.engine.parties_of(dn)
    return [conn_id for conn_id, party in parties.items() if party.state is CallPartyState.QUEUED]


def _queues(switch: Switch, dn: str) -> list[str]:
    agent = switch.state.devices[dn].agent
    return agent.queues if agent is not None else []
