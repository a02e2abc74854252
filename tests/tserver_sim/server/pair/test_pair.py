"""Two members of a pair: who leads, what the backup knows, and what the clients of both see of it.

A line is told by a member (A is the primary of the site file, B the backup) to a client, with the event's
number; #0 has none.
"""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client
from tests.tserver_sim.server_pair import A, B, ServerPair, Wire
from tserver_sim.server.pair.member import CannotMoveError, PairMember
from tserver_sim.server.pair.replication import EntriesConfirmed, ReplicatedStimulus
from tserver_sim.server.pair.roles import ConfiguredRole, PairRole
from tserver_sim.switch.interface.commands import DialNumber
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.interface.stimuli import TimePassed
from tserver_sim.tserver import CALLS_PER_EPOCH


def infos(client: Client) -> list[tuple[ServerRole, int]]:
    """Return role and start time of each EventServerInfo that a client has received."""
    return [(e.server_role, e.server_start_time) for e in client.events if isinstance(e, m.EventServerInfo)]


def kinds(client: Client) -> list[str]:
    return [event.name.removeprefix("Event") for event in client.events]


# --- hot standby: what the backup knows ---------------------------------------------------------------


def test_nobody_sees_an_event_that_the_backup_does_not_know() -> None:
    servers = ServerPair()
    wire = servers.meet()
    assert servers.roles == (PairRole.PRIMARY_REPLICATING, PairRole.BACKUP_IN_SYNC)
    desktop = servers.client(A, "15000", "15000")
    servers.client(B, "15000", "15000", "15001")
    last, _ = servers.numbers
    desktop.calls("15001")
    assert servers.ladder() == []
    wire.step(B)
    dialing = "Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001"
    assert servers.ladder() == [
        f"B:15000 <- {dialing} #{last + 1}",
        f"B:15000 <- Ringing c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 #{last + 2}",
    ]
    wire.step(A)
    assert servers.ladder() == [f"A:15000 <- {dialing} Ref=1 #{last + 1}"]
    assert servers.a.image == servers.b.image


def test_answers_to_a_session_keep_their_place_and_their_numbers() -> None:
    servers = ServerPair()
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    number = servers.numbers[0]
    desktop.calls("15001")
    desktop.asks(m.RequestRegisterAddress(this_dn="15001", reference_id=7))
    desktop.answers(conn_id=1)
    assert servers.ladder() == []
    assert servers.numbers[1] == number
    wire.flow()
    dialing = "Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001 Ref=1"
    assert servers.ladder() == [
        f"A:15000 <- {dialing} #{number + 1}",
        f"A:15000 <- Registered 15001 AddressType=1 {_registered(desktop)} Ref=7 #{number + 3}",
        f"A:15000 <- Error 56 15000 c0 Ref=2 #{number + 4}",
    ]
    assert servers.numbers[1] == number + 4


def _registered(client: Client) -> str:
    event = next(e for e in client.events if isinstance(e, m.EventRegistered) and e.reference_id == 7)
    return ",".join(f"{key}:{value!s}" for key, value in event.extensions or ())


def test_time_passes_for_the_backup_as_the_primary_says() -> None:
    servers = ServerPair(phones={"15001": 2.0}, ring_timeout=30)
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    desktop.calls("15001")
    wire.flow()
    servers.ladder()
    servers.clock.advance(2)
    assert servers.b.tserver.switch.state.now == servers.a.tserver.switch.state.now - 2
    wire.flow()
    assert [line.split(" ")[2] for line in servers.ladder()] == ["Established"]
    assert servers.a.image == servers.b.image


def test_commands_are_repeated_too() -> None:
    servers = ServerPair()
    wire = servers.meet()
    servers.a.tserver.command(DialNumber("15000", "15001"))
    wire.flow()
    assert servers.a.image == servers.b.image
    assert list(servers.b.tserver.switch.state.calls) == [CONN_ID_BASE + 1]
    with pytest.raises(RefusedError, match="the backup"):
        servers.b.tserver.command(DialNumber("15002", "15003"))


def test_what_is_refused_is_no_entry() -> None:
    servers = ServerPair()
    servers.meet()
    desktop = servers.client(A, "15000", "15000")
    servers.sent.clear()
    desktop.answers(conn_id=1)
    ((_, entry),) = servers.sent
    assert isinstance(entry, ReplicatedStimulus)
    assert isinstance(entry.stimulus, TimePassed)
    assert entry.after.events == entry.stimulus.sequence


def test_a_backup_that_joins_in_mid_call_learns_it() -> None:
    servers = ServerPair()
    servers.a.pair.on_peer_unreachable()
    assert servers.roles == (PairRole.PRIMARY, PairRole.BACKUP_NOT_SYNCED)
    desktop = servers.client(A, "15000", "15000")
    desktop.calls("15001")
    asked = servers.b.client("late")
    assert kinds(asked) == ["ServerInfo", "LinkDisconnected"]
    asked.asks(m.RequestRegisterAddress(this_dn="15001", reference_id=1))
    servers.delivered.clear()
    servers.clock.advance(10)
    servers.meet()
    assert servers.roles == (PairRole.PRIMARY_REPLICATING, PairRole.BACKUP_IN_SYNC)
    assert servers.a.image == servers.b.image
    assert [line.split(" ")[2] for line in servers.ladder()] == ["LinkConnected"]
    asked.asks(m.RequestRegisterAddress(this_dn="15001", reference_id=2))
    (registered,) = servers.ladder()
    assert f"conn-1:{CONN_ID_BASE + 1:016x},ps-1:10" in registered
    assert registered.endswith("#0")


def test_a_pair_says_one_start_time() -> None:
    servers = ServerPair()
    servers.a.pair.on_peer_unreachable()
    servers.clock.advance(100)
    started = servers.a.tserver.start_time
    servers.members[B] = type(servers.a)(servers, B)
    early = servers.b.client("early")
    servers.meet()
    assert infos(early) == [(ServerRole.Backup, started + 100), (ServerRole.Backup, started)]
    assert kinds(early) == ["ServerInfo", "LinkDisconnected", "ServerInfo", "LinkConnected"]


# --- hot standby: the role moves ----------------------------------------------------------------------


def test_when_the_primary_dies_the_calls_go_on() -> None:
    servers = ServerPair()
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    backup = servers.client(B, "15000", "15000", "15001")
    desktop.calls("15001")
    wire.flow()
    last = servers.numbers[0]
    servers.ladder()
    wire.dies(A)
    assert servers.b.pair.role is PairRole.PRIMARY
    assert servers.ladder() == [
        f"B:15000 <- LinkDisconnected #{last + 1}",
        f"B:15000 <- ServerInfo #{last + 2}",
        f"B:15000 <- PrimaryChanged ApplicationName=TServer_A_2 Host=backup Port=7012 #{last + 3}",
        f"B:15000 <- LinkConnected #{last + 4}",
    ]
    assert infos(backup)[-1][0] is ServerRole.Primary
    backup.asks(m.RequestAnswerCall(this_dn="15001", conn_id=CONN_ID_BASE + 1, reference_id=1))
    assert [line.split(" Other")[0] for line in servers.ladder()] == [
        "B:15000 <- Established c1 This=15001/Destination",
        "B:15000 <- Established c1 This=15000/Origination",
    ]


def test_the_survivor_goes_by_its_own_clock() -> None:
    servers = ServerPair(phones={"15001": 2.0})
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    desktop.calls("15001")
    wire.flow()
    servers.members[A].tserver.leads = False  # it is dead: its timers are, too
    wire.dies(A)
    servers.clock.advance(2)
    party = servers.b.tserver.switch.engine.parties_of("15001")[CONN_ID_BASE + 1]
    assert party.state.name == "CONNECTED"


def test_when_the_backup_dies_what_was_held_goes_out() -> None:
    servers = ServerPair()
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    desktop.calls("15001")
    assert servers.ladder() == []
    wire.dies(B)
    assert servers.a.pair.role is PairRole.PRIMARY
    assert [line.split(" This")[0] for line in servers.ladder()] == ["A:15000 <- Dialing c1"]
    desktop.releases()
    assert [line.split(" This")[0] for line in servers.ladder()] == ["A:15000 <- Released c1"]


@pytest.mark.parametrize("by", ConfiguredRole)
def test_the_role_is_handed_over_by_command(by: ConfiguredRole) -> None:
    servers = ServerPair()
    wire = servers.meet()
    a, b = servers.client(A, "15000", "15000"), servers.client(B, "15000", "15000")
    a.calls("15001")
    if by is A:
        servers.a.pair.demote()
    else:
        servers.b.pair.promote()
    wire.flow()
    assert servers.roles == (PairRole.BACKUP_IN_SYNC, PairRole.PRIMARY_REPLICATING)
    changed = "PrimaryChanged ApplicationName=TServer_A_2 Host=backup Port=7012"
    lines = [line.rpartition(" #")[0] for line in servers.ladder()]
    assert [line for line in lines if line.startswith("A:")] == [
        "A:15000 <- Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001 Ref=1",
        "A:15000 <- LinkDisconnected",
        "A:15000 <- ServerInfo",
        f"A:15000 <- {changed}",
        "A:15000 <- LinkConnected",
    ]
    assert [line for line in lines if line.startswith("B:")] == [
        "B:15000 <- Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001",
        "B:15000 <- LinkDisconnected",
        "B:15000 <- ServerInfo",
        f"B:15000 <- {changed}",
        "B:15000 <- LinkConnected",
    ]
    b.releases()
    a.releases()
    wire.flow()
    assert [line.rpartition(" #")[0] for line in servers.ladder()] == [
        "A:15000 <- Error 54 15000 c1 Ref=2",
        "A:15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
        "B:15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001 Ref=1",
    ]
    servers.a.pair.promote()
    wire.flow()
    assert servers.roles == (PairRole.PRIMARY_REPLICATING, PairRole.BACKUP_IN_SYNC)
    assert servers.a.image == servers.b.image


def test_if_the_heir_dies_the_former_primary_leads_again() -> None:
    servers = ServerPair()
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    desktop.calls("15001")
    servers.a.pair.demote()
    assert servers.a.pair.role is PairRole.BACKUP_IN_SYNC
    wire.dies(B)
    assert servers.a.pair.role is PairRole.PRIMARY
    desktop.releases()
    names = [line.split(" ")[2] for line in servers.ladder()]
    assert names[0] == "Dialing"
    assert names[-1] == "Released"


def test_a_primary_that_comes_back_finds_its_place_taken() -> None:
    servers = ServerPair()
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    desktop.calls("15001")
    wire.flow()
    wire.dies(A)
    servers.members[A] = type(servers.a)(servers, A)
    back = servers.a.client("back")
    servers.meet()
    assert servers.roles == (PairRole.BACKUP_IN_SYNC, PairRole.PRIMARY_REPLICATING)
    assert servers.a.image == servers.b.image
    assert kinds(back)[:2] == ["ServerInfo", "LinkDisconnected"]
    assert kinds(back)[-1] == "LinkConnected"


def test_of_two_primaries_the_later_one_stays() -> None:
    servers = ServerPair()
    wire = servers.meet()
    a, b = servers.client(A, "15000", "15000"), servers.client(B, "15000", "15000")
    wire.cut()
    assert servers.roles == (PairRole.PRIMARY, PairRole.PRIMARY)
    a.calls("15001")
    b.calls("15002")
    servers.ladder()
    servers.meet()
    assert servers.roles == (PairRole.BACKUP_IN_SYNC, PairRole.PRIMARY_REPLICATING)
    assert servers.a.image == servers.b.image
    assert [line.split(" ")[2] for line in servers.ladder() if line.startswith("A:")] == [
        "ServerInfo",
        "PrimaryChanged",
        "LinkDisconnected",
        "LinkConnected",
    ]
    assert servers.a.tserver.switch.state.calls[CONN_ID_BASE + 1].dnis == "15002"


# --- hot standby: what can go wrong -------------------------------------------------------------------


def test_a_backup_that_is_not_in_step_does_not_take_over() -> None:
    servers = ServerPair()
    servers.a.pair.on_peer_unreachable()
    wire = servers.connect()
    wire.step(B)
    wire.dies(A)
    assert servers.b.pair.role is PairRole.BACKUP_NOT_SYNCED
    servers.b.pair.promote()
    assert servers.b.pair.role is PairRole.PRIMARY


def test_a_backup_that_differs_begins_anew() -> None:
    servers = ServerPair()
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    servers.b.tserver.switch.state.call_count = 5
    servers.b.tserver.switch.state.devices["15001"].dnd = True
    desktop.calls("15001")
    wire.flow()
    assert "what it did cannot be repeated" in wire.dropped[0]
    assert servers.roles == (PairRole.PRIMARY, PairRole.BACKUP_NOT_SYNCED)
    assert len(servers.ladder()) == 1
    servers.meet()
    assert servers.roles == (PairRole.PRIMARY_REPLICATING, PairRole.BACKUP_IN_SYNC)
    assert servers.a.image == servers.b.image


def test_a_connection_that_is_replaced_counts_as_lost_by_both() -> None:
    servers = ServerPair()
    wire = servers.meet()
    desktop = servers.client(A, "15000", "15000")
    desktop.calls("15001")
    wire.breaks_for(A)
    assert servers.roles == (PairRole.PRIMARY, PairRole.BACKUP_IN_SYNC)
    servers.meet()
    assert servers.roles == (PairRole.PRIMARY_REPLICATING, PairRole.BACKUP_IN_SYNC)
    assert servers.a.image == servers.b.image
    assert [line.split(" This")[0] for line in servers.ladder()] == ["A:15000 <- Dialing c1"]


def test_another_site_file_is_no_pair() -> None:
    servers = ServerPair()
    other = ServerPair(phones={"15001": 2.0})
    servers.members[B] = other.b
    wire = servers.connect()
    wire.flow()
    assert wire.dropped == ["its site file has another switch, or another pair"]
    assert servers.roles == (PairRole.PRIMARY, PairRole.BACKUP_NOT_SYNCED)


def test_two_of_the_same_member_are_no_pair() -> None:
    servers = ServerPair()
    servers.members[B] = type(servers.a)(servers, A)
    wire = servers.connect()
    wire.flow()
    assert wire.dropped == ["its site file has another switch, or another pair"]


def test_who_does_not_greet_is_dropped() -> None:
    servers = ServerPair()
    wire = servers.connect()
    servers.a.pair.received(wire.ends[A], EntriesConfirmed(1))
    assert wire.dropped == ["it does not greet"]


def test_a_log_without_an_image_ends_the_connection() -> None:
    servers = ServerPair("warm")
    wire = servers.meet()
    assert servers.roles == (PairRole.PRIMARY, PairRole.BACKUP_NOT_SYNCED)
    servers.b.pair.received(
        wire.ends[B], ReplicatedStimulus(servers.a.tserver.time_passed(), servers.a.tserver.counters)
    )
    assert wire.dropped == [
        "it sends its log to a member that is: backup; does not know what the primary knows"
    ]


REFUSED_MOVES = {
    "promote who leads": (A, PairMember.promote, "it is the primary already"),
    "demote who does not lead": (B, PairMember.demote, "it is not the primary"),
}


@pytest.mark.parametrize("case", REFUSED_MOVES)
def test_a_role_that_cannot_move(case: str) -> None:
    servers = ServerPair()
    servers.meet()
    member, move, text = REFUSED_MOVES[case]
    with pytest.raises(CannotMoveError, match=text):
        move(servers.members[member].pair)


def test_nobody_to_hand_over_to_and_nothing_known_yet() -> None:
    servers = ServerPair()
    servers.a.pair.on_peer_unreachable()
    with pytest.raises(CannotMoveError, match="no backup is ready"):
        servers.a.pair.demote()
    wire = servers.connect()
    wire.step(B)
    with pytest.raises(CannotMoveError, match="does not know yet"):
        servers.b.pair.promote()


# --- warm standby -------------------------------------------------------------------------------------


def warm() -> tuple[ServerPair, Wire]:
    servers = ServerPair("warm")
    wire = servers.meet()
    assert servers.roles == (PairRole.PRIMARY, PairRole.BACKUP_NOT_SYNCED)
    return servers, wire


def test_a_warm_backup_knows_nothing_and_holds_nothing() -> None:
    servers, wire = warm()
    desktop = servers.client(A, "15000", "15000")
    idle = servers.b.client("idle")
    assert kinds(idle) == ["ServerInfo", "LinkDisconnected"]
    servers.sent.clear()
    desktop.calls("15001")
    assert [line.split(" This")[0] for line in servers.ladder()] == ["A:15000 <- Dialing c1"]
    assert servers.sent == []
    idle.asks(m.RequestRegisterAddress(this_dn="15000", reference_id=1))
    assert servers.ladder() == ["B:idle <- Error 54 15000 Ref=1 #0"]
    assert wire.dropped == []


def test_when_a_warm_primary_dies_the_calls_are_lost_and_no_conn_id_comes_twice() -> None:
    servers, wire = warm()
    desktop = servers.client(A, "15000", "15000")
    desktop.calls("15001")
    idle = servers.b.client("15000")
    started = infos(idle)[-1][1]
    servers.delivered.clear()
    wire.dies(A)
    assert servers.b.pair.role is PairRole.PRIMARY
    assert [line.split(" ")[2] for line in servers.ladder()] == [
        "ServerInfo",
        "PrimaryChanged",
        "LinkConnected",
    ]
    assert infos(idle)[-1] == (ServerRole.Primary, started + 1)
    assert servers.b.tserver.switch.state.calls == {}
    idle.asks(m.RequestRegisterAddress(this_dn="15000", reference_id=1))
    idle.calls("15001")
    assert idle.last_conn_id == CONN_ID_BASE + CALLS_PER_EPOCH + 1


@pytest.mark.parametrize("by", ConfiguredRole)
def test_a_warm_role_is_handed_over_by_command(by: ConfiguredRole) -> None:
    servers, wire = warm()
    a, b = servers.client(A, "a"), servers.client(B, "b")
    if by is A:
        servers.a.pair.demote()
    else:
        servers.b.pair.promote()
    wire.flow()
    assert servers.roles == (PairRole.BACKUP_NOT_SYNCED, PairRole.PRIMARY)
    assert kinds(a)[-3:] == ["ServerInfo", "PrimaryChanged", "LinkDisconnected"]
    assert kinds(b)[-3:] == ["ServerInfo", "PrimaryChanged", "LinkConnected"]
    servers.a.pair.promote()
    wire.flow()
    assert servers.roles == (PairRole.PRIMARY, PairRole.BACKUP_NOT_SYNCED)
    assert servers.a.tserver.switch.state.call_count == 2 * CALLS_PER_EPOCH


# --- the link to the switch ---------------------------------------------------------------------------


def test_a_member_without_its_switch_says_so_through_a_move_of_the_role() -> None:
    servers = ServerPair()
    wire = servers.meet()
    desktop = servers.client(B, "15000", "15000")
    servers.b.tserver.dispatcher.link_down()
    assert [line.split(" ")[2] for line in servers.ladder()] == ["LinkDisconnected"]
    wire.dies(A)
    assert [line.split(" ")[2] for line in servers.ladder()] == ["ServerInfo", "PrimaryChanged"]
    desktop.calls("15001")
    assert [line.split(" ")[2] for line in servers.ladder()] == ["Error"]
    servers.b.tserver.dispatcher.link_up()
    assert [line.split(" ")[2] for line in servers.ladder()] == ["LinkConnected"]
