"""Two members of a pair: who leads, what the backup knows, and what the clients of both see of it.

A line is told by a member (A is the primary of the site file, B the backup) to a client, with the event's
number; #0 has none.
"""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client
from tests.tserver_sim.server_pair import A, B, PairDesk, Wire
from tserver_sim.server.pair.member import CannotMoveError, Pair
from tserver_sim.server.pair.replication import Entry, Taken
from tserver_sim.server.pair.roles import Member, Role
from tserver_sim.switch.interface.commands import Dial
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.interface.stimuli import TimePassed
from tserver_sim.tserver import CALLS_PER_EPOCH


def infos(client: Client) -> list[tuple[ServerRole, int]]:
    """Tell what the T-Server said of itself: its role and its start time."""
    return [(e.server_role, e.server_start_time) for e in client.events if isinstance(e, m.EventServerInfo)]


def kinds(client: Client) -> list[str]:
    return [event.name.removeprefix("Event") for event in client.events]


# --- hot standby: what the backup knows ---------------------------------------------------------------


def test_nobody_sees_an_event_that_the_backup_does_not_know() -> None:
    room = PairDesk()
    wire = room.meet()
    assert room.roles == (Role.MIRRORED, Role.IN_STEP)
    desk = room.client(A, "15000", "15000")
    room.client(B, "15000", "15000", "15001")
    last, _ = room.numbers
    desk.calls("15001")
    assert room.ladder() == []
    wire.step(B)
    dialing = "Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001"
    assert room.ladder() == [
        f"B:15000 <- {dialing} #{last + 1}",
        f"B:15000 <- Ringing c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 #{last + 2}",
    ]
    wire.step(A)
    assert room.ladder() == [f"A:15000 <- {dialing} Ref=1 #{last + 1}"]
    assert room.a.image == room.b.image


def test_answers_to_a_session_keep_their_place_and_their_numbers() -> None:
    room = PairDesk()
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    number = room.numbers[0]
    desk.calls("15001")
    desk.asks(m.RequestRegisterAddress(this_dn="15001", reference_id=7))
    desk.answers(conn_id=1)
    assert room.ladder() == []
    assert room.numbers[1] == number
    wire.flow()
    dialing = "Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001 Ref=1"
    assert room.ladder() == [
        f"A:15000 <- {dialing} #{number + 1}",
        f"A:15000 <- Registered 15001 AddressType=1 {_registered(desk)} Ref=7 #{number + 3}",
        f"A:15000 <- Error 56 15000 c0 Ref=2 #{number + 4}",
    ]
    assert room.numbers[1] == number + 4


def _registered(client: Client) -> str:
    event = next(e for e in client.events if isinstance(e, m.EventRegistered) and e.reference_id == 7)
    return ",".join(f"{key}:{value!s}" for key, value in event.extensions or ())


def test_time_passes_for_the_backup_as_the_primary_says() -> None:
    room = PairDesk(phones={"15001": 2.0}, ring_timeout=30)
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    desk.calls("15001")
    wire.flow()
    room.ladder()
    room.clock.advance(2)
    assert room.b.tserver.switch.state.now == room.a.tserver.switch.state.now - 2
    wire.flow()
    assert [line.split(" ")[2] for line in room.ladder()] == ["Established"]
    assert room.a.image == room.b.image


def test_commands_are_repeated_too() -> None:
    room = PairDesk()
    wire = room.meet()
    room.a.tserver.command(Dial("15000", "15001"))
    wire.flow()
    assert room.a.image == room.b.image
    assert list(room.b.tserver.switch.state.calls) == [CONN_ID_BASE + 1]
    with pytest.raises(RefusedError, match="the backup"):
        room.b.tserver.command(Dial("15002", "15003"))


def test_what_is_refused_is_no_entry() -> None:
    room = PairDesk()
    room.meet()
    desk = room.client(A, "15000", "15000")
    room.sent.clear()
    desk.answers(conn_id=1)
    ((_, entry),) = room.sent
    assert isinstance(entry, Entry)
    assert isinstance(entry.stimulus, TimePassed)
    assert entry.after.events == entry.stimulus.sequence


def test_a_backup_that_joins_in_mid_call_learns_it() -> None:
    room = PairDesk()
    room.a.pair.unreached()
    assert room.roles == (Role.PRIMARY, Role.WAITING)
    desk = room.client(A, "15000", "15000")
    desk.calls("15001")
    asked = room.b.client("late")
    assert kinds(asked) == ["ServerInfo", "LinkDisconnected"]
    asked.asks(m.RequestRegisterAddress(this_dn="15001", reference_id=1))
    room.told.clear()
    room.clock.advance(10)
    room.meet()
    assert room.roles == (Role.MIRRORED, Role.IN_STEP)
    assert room.a.image == room.b.image
    assert [line.split(" ")[2] for line in room.ladder()] == ["LinkConnected"]
    asked.asks(m.RequestRegisterAddress(this_dn="15001", reference_id=2))
    (registered,) = room.ladder()
    assert f"conn-1:{CONN_ID_BASE + 1:016x},ps-1:10" in registered
    assert registered.endswith("#0")


def test_a_pair_says_one_start_time() -> None:
    room = PairDesk()
    room.a.pair.unreached()
    room.clock.advance(100)
    started = room.a.tserver.start_time
    room.desks[B] = type(room.a)(room, B)
    early = room.b.client("early")
    room.meet()
    assert infos(early) == [(ServerRole.Backup, started + 100), (ServerRole.Backup, started)]
    assert kinds(early) == ["ServerInfo", "LinkDisconnected", "ServerInfo", "LinkConnected"]


# --- hot standby: the role moves ----------------------------------------------------------------------


def test_when_the_primary_dies_the_calls_go_on() -> None:
    room = PairDesk()
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    backup = room.client(B, "15000", "15000", "15001")
    desk.calls("15001")
    wire.flow()
    last = room.numbers[0]
    room.ladder()
    wire.dies(A)
    assert room.b.pair.role is Role.PRIMARY
    assert room.ladder() == [
        f"B:15000 <- LinkDisconnected #{last + 1}",
        f"B:15000 <- ServerInfo #{last + 2}",
        f"B:15000 <- PrimaryChanged ApplicationName=TServer_A_2 Host=backup Port=7012 #{last + 3}",
        f"B:15000 <- LinkConnected #{last + 4}",
    ]
    assert infos(backup)[-1][0] is ServerRole.Primary
    backup.asks(m.RequestAnswerCall(this_dn="15001", conn_id=CONN_ID_BASE + 1, reference_id=1))
    assert [line.split(" Other")[0] for line in room.ladder()] == [
        "B:15000 <- Established c1 This=15001/Destination",
        "B:15000 <- Established c1 This=15000/Origination",
    ]


def test_the_survivor_goes_by_its_own_clock() -> None:
    room = PairDesk(phones={"15001": 2.0})
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    desk.calls("15001")
    wire.flow()
    room.desks[A].tserver.leads = False  # it is dead: its timers are, too
    wire.dies(A)
    room.clock.advance(2)
    party = room.b.tserver.switch.engine.parties_of("15001")[CONN_ID_BASE + 1]
    assert party.state.name == "CONNECTED"


def test_when_the_backup_dies_what_was_held_goes_out() -> None:
    room = PairDesk()
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    desk.calls("15001")
    assert room.ladder() == []
    wire.dies(B)
    assert room.a.pair.role is Role.PRIMARY
    assert [line.split(" This")[0] for line in room.ladder()] == ["A:15000 <- Dialing c1"]
    desk.releases()
    assert [line.split(" This")[0] for line in room.ladder()] == ["A:15000 <- Released c1"]


@pytest.mark.parametrize("by", Member)
def test_the_role_is_handed_over_by_command(by: Member) -> None:
    room = PairDesk()
    wire = room.meet()
    a, b = room.client(A, "15000", "15000"), room.client(B, "15000", "15000")
    a.calls("15001")
    if by is A:
        room.a.pair.demote()
    else:
        room.b.pair.promote()
    wire.flow()
    assert room.roles == (Role.IN_STEP, Role.MIRRORED)
    changed = "PrimaryChanged ApplicationName=TServer_A_2 Host=backup Port=7012"
    lines = [line.rpartition(" #")[0] for line in room.ladder()]
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
    assert [line.rpartition(" #")[0] for line in room.ladder()] == [
        "A:15000 <- Error 54 15000 c1 Ref=2",
        "A:15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
        "B:15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001 Ref=1",
    ]
    room.a.pair.promote()
    wire.flow()
    assert room.roles == (Role.MIRRORED, Role.IN_STEP)
    assert room.a.image == room.b.image


def test_if_the_heir_dies_the_former_primary_leads_again() -> None:
    room = PairDesk()
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    desk.calls("15001")
    room.a.pair.demote()
    assert room.a.pair.role is Role.IN_STEP
    wire.dies(B)
    assert room.a.pair.role is Role.PRIMARY
    desk.releases()
    names = [line.split(" ")[2] for line in room.ladder()]
    assert names[0] == "Dialing"
    assert names[-1] == "Released"


def test_a_primary_that_comes_back_finds_its_place_taken() -> None:
    room = PairDesk()
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    desk.calls("15001")
    wire.flow()
    wire.dies(A)
    room.desks[A] = type(room.a)(room, A)
    back = room.a.client("back")
    room.meet()
    assert room.roles == (Role.IN_STEP, Role.MIRRORED)
    assert room.a.image == room.b.image
    assert kinds(back)[:2] == ["ServerInfo", "LinkDisconnected"]
    assert kinds(back)[-1] == "LinkConnected"


def test_of_two_primaries_the_later_one_stays() -> None:
    room = PairDesk()
    wire = room.meet()
    a, b = room.client(A, "15000", "15000"), room.client(B, "15000", "15000")
    wire.cut()
    assert room.roles == (Role.PRIMARY, Role.PRIMARY)
    a.calls("15001")
    b.calls("15002")
    room.ladder()
    room.meet()
    assert room.roles == (Role.IN_STEP, Role.MIRRORED)
    assert room.a.image == room.b.image
    assert [line.split(" ")[2] for line in room.ladder() if line.startswith("A:")] == [
        "ServerInfo",
        "PrimaryChanged",
        "LinkDisconnected",
        "LinkConnected",
    ]
    assert room.a.tserver.switch.state.calls[CONN_ID_BASE + 1].dnis == "15002"


# --- hot standby: what can go wrong -------------------------------------------------------------------


def test_a_backup_that_is_not_in_step_does_not_take_over() -> None:
    room = PairDesk()
    room.a.pair.unreached()
    wire = room.connect()
    wire.step(B)
    wire.dies(A)
    assert room.b.pair.role is Role.WAITING
    room.b.pair.promote()
    assert room.b.pair.role is Role.PRIMARY


def test_a_backup_that_differs_begins_anew() -> None:
    room = PairDesk()
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    room.b.tserver.switch.state.call_count = 5
    room.b.tserver.switch.state.devices["15001"].dnd = True
    desk.calls("15001")
    wire.flow()
    assert "what it did cannot be repeated" in wire.dropped[0]
    assert room.roles == (Role.PRIMARY, Role.WAITING)
    assert len(room.ladder()) == 1
    room.meet()
    assert room.roles == (Role.MIRRORED, Role.IN_STEP)
    assert room.a.image == room.b.image


def test_a_connection_that_is_replaced_counts_as_lost_by_both() -> None:
    room = PairDesk()
    wire = room.meet()
    desk = room.client(A, "15000", "15000")
    desk.calls("15001")
    wire.breaks_for(A)
    assert room.roles == (Role.PRIMARY, Role.IN_STEP)
    room.meet()
    assert room.roles == (Role.MIRRORED, Role.IN_STEP)
    assert room.a.image == room.b.image
    assert [line.split(" This")[0] for line in room.ladder()] == ["A:15000 <- Dialing c1"]


def test_another_site_file_is_no_pair() -> None:
    room = PairDesk()
    other = PairDesk(phones={"15001": 2.0})
    room.desks[B] = other.b
    wire = room.connect()
    wire.flow()
    assert wire.dropped == ["its site file has another switch, or another pair"]
    assert room.roles == (Role.PRIMARY, Role.WAITING)


def test_two_of_the_same_member_are_no_pair() -> None:
    room = PairDesk()
    room.desks[B] = type(room.a)(room, A)
    wire = room.connect()
    wire.flow()
    assert wire.dropped == ["its site file has another switch, or another pair"]


def test_who_does_not_greet_is_dropped() -> None:
    room = PairDesk()
    wire = room.connect()
    room.a.pair.received(wire.ends[A], Taken(1))
    assert wire.dropped == ["it does not greet"]


def test_a_log_without_an_image_ends_the_connection() -> None:
    room = PairDesk("warm")
    wire = room.meet()
    assert room.roles == (Role.PRIMARY, Role.WAITING)
    room.b.pair.received(wire.ends[B], Entry(room.a.tserver.time_passed(), room.a.tserver.counters))
    assert wire.dropped == [
        "it sends its log to a member that is: backup; does not know what the primary knows"
    ]


REFUSED_MOVES = {
    "promote who leads": (A, Pair.promote, "it is the primary already"),
    "demote who does not lead": (B, Pair.demote, "it is not the primary"),
}


@pytest.mark.parametrize("case", REFUSED_MOVES)
def test_a_role_that_cannot_move(case: str) -> None:
    room = PairDesk()
    room.meet()
    member, move, text = REFUSED_MOVES[case]
    with pytest.raises(CannotMoveError, match=text):
        move(room.desks[member].pair)


def test_nobody_to_hand_over_to_and_nothing_known_yet() -> None:
    room = PairDesk()
    room.a.pair.unreached()
    with pytest.raises(CannotMoveError, match="no backup is ready"):
        room.a.pair.demote()
    wire = room.connect()
    wire.step(B)
    with pytest.raises(CannotMoveError, match="does not know yet"):
        room.b.pair.promote()


# --- warm standby -------------------------------------------------------------------------------------


def warm() -> tuple[PairDesk, Wire]:
    room = PairDesk("warm")
    wire = room.meet()
    assert room.roles == (Role.PRIMARY, Role.WAITING)
    return room, wire


def test_a_warm_backup_knows_nothing_and_holds_nothing() -> None:
    room, wire = warm()
    desk = room.client(A, "15000", "15000")
    idle = room.b.client("idle")
    assert kinds(idle) == ["ServerInfo", "LinkDisconnected"]
    room.sent.clear()
    desk.calls("15001")
    assert [line.split(" This")[0] for line in room.ladder()] == ["A:15000 <- Dialing c1"]
    assert room.sent == []
    idle.asks(m.RequestRegisterAddress(this_dn="15000", reference_id=1))
    assert room.ladder() == ["B:idle <- Error 54 15000 Ref=1 #0"]
    assert wire.dropped == []


def test_when_a_warm_primary_dies_the_calls_are_lost_and_no_conn_id_comes_twice() -> None:
    room, wire = warm()
    desk = room.client(A, "15000", "15000")
    desk.calls("15001")
    idle = room.b.client("15000")
    started = infos(idle)[-1][1]
    room.told.clear()
    wire.dies(A)
    assert room.b.pair.role is Role.PRIMARY
    assert [line.split(" ")[2] for line in room.ladder()] == ["ServerInfo", "PrimaryChanged", "LinkConnected"]
    assert infos(idle)[-1] == (ServerRole.Primary, started + 1)
    assert room.b.tserver.switch.state.calls == {}
    idle.asks(m.RequestRegisterAddress(this_dn="15000", reference_id=1))
    idle.calls("15001")
    assert idle.last_conn_id == CONN_ID_BASE + CALLS_PER_EPOCH + 1


@pytest.mark.parametrize("by", Member)
def test_a_warm_role_is_handed_over_by_command(by: Member) -> None:
    room, wire = warm()
    a, b = room.client(A, "a"), room.client(B, "b")
    if by is A:
        room.a.pair.demote()
    else:
        room.b.pair.promote()
    wire.flow()
    assert room.roles == (Role.WAITING, Role.PRIMARY)
    assert kinds(a)[-3:] == ["ServerInfo", "PrimaryChanged", "LinkDisconnected"]
    assert kinds(b)[-3:] == ["ServerInfo", "PrimaryChanged", "LinkConnected"]
    room.a.pair.promote()
    wire.flow()
    assert room.roles == (Role.PRIMARY, Role.WAITING)
    assert room.a.tserver.switch.state.call_count == 2 * CALLS_PER_EPOCH


# --- the link to the switch ---------------------------------------------------------------------------


def test_a_member_without_its_switch_says_so_through_a_move_of_the_role() -> None:
    room = PairDesk()
    wire = room.meet()
    desk = room.client(B, "15000", "15000")
    room.b.tserver.hub.link_down()
    assert [line.split(" ")[2] for line in room.ladder()] == ["LinkDisconnected"]
    wire.dies(A)
    assert [line.split(" ")[2] for line in room.ladder()] == ["ServerInfo", "PrimaryChanged"]
    desk.calls("15001")
    assert [line.split(" ")[2] for line in room.ladder()] == ["Error"]
    room.b.tserver.hub.link_up()
    assert [line.split(" ")[2] for line in room.ladder()] == ["LinkConnected"]
