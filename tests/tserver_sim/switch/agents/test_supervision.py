"""Supervisors who listen in, as ladders: 15002 is the supervisor of 15001."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import MonitorNextCallType
from bridge.tlib.kv import KVList
from bridge.tlib.private import PrivateMsgID
from tests.tserver_sim.acd import AgentClient
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer
from tserver_sim.switch.interface.commands import SetService

ONE, ALL = MonitorNextCallType.OneCall, MonitorNextCallType.AllCalls
FIRST = CONN_ID_BASE + 1

JOINS = [
    "15002 <- Ringing c1 This=15002/Observer Other=15001/Destination CS=Ok DNIS=15001",
    "15002 <- Established c1 This=15002/Observer Other=15001/Destination CS=Ok DNIS=15001",
]
LEAVES = "15002 <- Released c1 This=15002/Observer CS=Ok DNIS=15001"


def noticed(dn: str, role: str) -> str:
    return (
        f"{dn} <- PartyAdded c1 This={dn}/{role} Other=15002/Observer 3rd=15002/AddedBy CS=Conferenced "
        "DNIS=15001"
    )


def monitors(client: Client, kind: MonitorNextCallType = ONE, **attributes: Any) -> None:
    """Ask to listen in at 15001; attributes that are no attributes of the request are extensions."""
    other_dn = attributes.pop("other_dn", "15001")
    client.asks(
        m.RequestMonitorNextCall(
            this_dn=client.name,
            other_dn=other_dn,
            monitor_next_call_type=kind,
            reference_id=client.next_reference(),
            extensions=KVList.of(**attributes) if attributes else None,
        )
    )


def watching(server: InMemoryServer, kind: MonitorNextCallType = ONE, **extensions: str) -> list[Client]:
    """Return a server where 15002 monitors 15001, before any call."""
    clients = server.agents("15000", "15001", "15002", "15003")
    monitors(clients[2], kind, **extensions)
    server.delivered.clear()
    return clients


def listening(server: InMemoryServer, kind: MonitorNextCallType = ONE, **extensions: str) -> list[Client]:
    """15002 listens in to the call that 15001 has had from 15000."""
    clients = watching(server, kind, **extensions)
    clients[0].calls("15001")
    clients[1].answers()
    server.delivered.clear()
    return clients


# --- arranging it -------------------------------------------------------------------------------------


def test_both_are_told_what_was_arranged() -> None:
    server = InMemoryServer()
    _, _, s = server.agents("15000", "15001", "15002")
    monitors(s, ALL, MonitorMode="coach", MonitorScope="agent")
    assert server.ladder() == [
        (
            "15002 <- MonitoringNextCall 15002 ThisDNRole=Observer OtherDN=15001 OtherDNRole=Destination "
            "MonitorNextCallType=AllCalls Ext=MonitorMode:coach,MonitorScope:agent Ref=1"
        ),
        (
            "15001 <- MonitoringNextCall 15001 ThisDNRole=Destination OtherDN=15002 OtherDNRole=Observer "
            "MonitorNextCallType=AllCalls Ext=MonitorMode:coach,MonitorScope:agent"
        ),
    ]


def test_without_a_word_it_is_muted_and_of_the_call() -> None:
    server = InMemoryServer()
    _, _, s = server.agents("15000", "15001", "15002")
    monitors(s)
    assert all("Ext=MonitorMode:mute,MonitorScope:call" in line for line in server.ladder())


def test_it_can_be_cancelled() -> None:
    server = InMemoryServer()
    a, b, s, _ = watching(server)
    s.asks(m.RequestCancelMonitoring(this_dn="15002", other_dn="15001", reference_id=2))
    assert server.ladder() == [
        (
            "15002 <- MonitoringCancelled 15002 ThisDNRole=Observer OtherDN=15001 OtherDNRole=Destination "
            "MonitorNextCallType=OneCall Ext=MonitorMode:mute,MonitorScope:call Ref=2"
        ),
        (
            "15001 <- MonitoringCancelled 15001 ThisDNRole=Destination OtherDN=15002 OtherDNRole=Observer "
            "MonitorNextCallType=OneCall Ext=MonitorMode:mute,MonitorScope:call"
        ),
    ]
    a.calls("15001")
    b.answers()
    assert not any(line.startswith("15002") for line in server.ladder())


@pytest.mark.parametrize("who", [1, 2])
def test_a_logout_of_either_cancels_it(who: int) -> None:
    server = InMemoryServer()
    clients = watching(server, ALL)
    seat = AgentClient(clients[who])
    seat.logs_in()
    server.delivered.clear()
    seat.logs_out()
    logout, *cancelled = server.ladder()
    assert "AgentLogout" in logout
    assert [line.partition(" This")[0] for line in cancelled] == [
        "15002 <- MonitoringCancelled 15002",
        "15001 <- MonitoringCancelled 15001",
    ]
    monitors(clients[2], ALL)
    assert len(server.ladder()) == 2


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        (459, {"other_dn": "4711"}),
        (459, {"other_dn": "15600"}),
        (459, {"other_dn": "15002"}),
        (53, {"MonitorMode": "loud"}),
        (53, {"MonitorMode": 3}),
        (53, {"MonitorScope": "world"}),
        (53, {"kind": MonitorNextCallType(9)}),
    ],
)
def test_what_makes_no_sense_is_refused(code: int, attributes: dict[str, Any]) -> None:
    server = InMemoryServer()
    _, _, s = server.agents("15000", "15001", "15002")
    monitors(s, **attributes)
    assert server.ladder() == [f"15002 <- Error {code} 15002 Ref=1"]


@pytest.mark.parametrize(("other_dn", "code"), [("15001", 43), ("15000", 110)])
def test_a_supervisor_has_one_agent_at_a_time(other_dn: str, code: int) -> None:
    server = InMemoryServer()
    _, _, s, _ = watching(server)
    monitors(s, other_dn=other_dn)
    assert server.ladder() == [f"15002 <- Error {code} 15002 Ref=2"]


def test_only_what_was_arranged_can_be_cancelled() -> None:
    server = InMemoryServer()
    _, _, s, _ = watching(server)
    s.asks(m.RequestCancelMonitoring(this_dn="15002", other_dn="15000", reference_id=2))
    assert server.ladder() == ["15002 <- Error 459 15002 Ref=2"]


# --- listening in -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["mute", "normal"])
def test_a_silent_supervisor_is_noticed_by_nobody(mode: str) -> None:
    server = InMemoryServer()
    a, b, *_ = watching(server, MonitorMode=mode)
    a.calls("15001")
    server.delivered.clear()
    b.answers()
    assert server.ladder()[2:] == JOINS
    a.releases()
    assert server.ladder() == [
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001 Ref=2",
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
        LEAVES,
    ]


def test_an_open_supervisor_is_noticed_by_all() -> None:
    server = InMemoryServer()
    a, b, *_ = watching(server, MonitorMode="connect")
    a.calls("15001")
    server.delivered.clear()
    b.answers()
    assert server.ladder()[2:] == [*JOINS, noticed("15000", "Origination"), noticed("15001", "Destination")]


def test_a_coach_is_noticed_by_the_agent_alone() -> None:
    server = InMemoryServer()
    a, b, s, _ = watching(server, MonitorMode="coach")
    a.calls("15001")
    server.delivered.clear()
    b.answers()
    assert server.ladder()[2:] == [*JOINS, noticed("15001", "Destination")]
    s.does(m.RequestSetMuteOff)
    assert server.ladder() == ["15002 <- MuteOff c1 This=15002/Observer DNIS=15001 Ref=2"]


@pytest.mark.parametrize("agent_calls", [True, False])
def test_calls_that_the_agent_places_are_listened_in_to_as_well(*, agent_calls: bool) -> None:
    server = InMemoryServer()
    a, b, *_ = watching(server)
    (b if agent_calls else a).calls("15000" if agent_calls else "15001")
    (a if agent_calls else b).answers()
    assert sum("15002 <- Established" in line for line in server.ladder()) == 1


def test_a_supervisor_barges_in() -> None:
    server = InMemoryServer()
    _, _, s, _ = listening(server)
    s.does(m.RequestSetMuteOff)
    assert server.ladder() == [
        "15002 <- MuteOff c1 This=15002/Observer DNIS=15001 Ref=2",
        noticed("15000", "Origination"),
        noticed("15001", "Destination"),
    ]
    s.does(m.RequestSetMuteOn)
    s.does(m.RequestSetMuteOff)
    assert [line.partition(" c1")[0] for line in server.ladder()] == ["15002 <- MuteOn", "15002 <- MuteOff"]


def test_a_noticed_supervisor_is_missed_when_it_leaves() -> None:
    server = InMemoryServer()
    _, _, s, _ = listening(server, MonitorMode="connect")
    s.releases()
    assert server.ladder() == [
        "15002 <- Released c1 This=15002/Observer Other=15001/Destination CS=Ok DNIS=15001 Ref=2",
        (
            "15000 <- PartyDeleted c1 This=15000/Origination Other=15002/Observer 3rd=15002/DeletedBy CS=Ok "
            "DNIS=15001"
        ),
        (
            "15001 <- PartyDeleted c1 This=15001/Destination Other=15002/Observer 3rd=15002/DeletedBy CS=Ok "
            "DNIS=15001"
        ),
    ]
    assert len(server.tserver.switch.state.calls[FIRST].parties) == 2


def test_a_silent_supervisor_leaves_as_silently() -> None:
    server = InMemoryServer()
    _, _, s, _ = listening(server)
    s.releases()
    assert server.ladder() == [
        "15002 <- Released c1 This=15002/Observer Other=15001/Destination CS=Ok DNIS=15001 Ref=2",
    ]


def test_a_busy_supervisor_misses_the_call() -> None:
    server = InMemoryServer()
    a, b, s, d = watching(server, ONE)
    s.calls("15003")
    d.answers()
    a.calls("15001")
    b.answers()
    assert not any("Observer" in line for line in server.ladder())
    s.releases()
    a.releases()
    a.calls("15001")
    server.delivered.clear()
    b.answers()
    assert [line.partition(" c")[0] for line in server.ladder()][2:] == [
        "15002 <- Ringing",
        "15002 <- Established",
    ]


def test_a_call_that_has_begun_is_not_listened_in_to() -> None:
    server = InMemoryServer()
    a, b, s = server.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    monitors(s)
    server.delivered.clear()
    a.does(m.RequestHoldCall)
    a.does(m.RequestRetrieveCall)
    assert not any(line.startswith("15002") for line in server.ladder())


def test_two_supervisors_listen_in_to_one_agent() -> None:
    server = InMemoryServer()
    a, b, _, d = watching(server)
    monitors(d)
    a.calls("15001")
    server.delivered.clear()
    b.answers()
    assert [line.partition(" c1")[0] for line in server.ladder()] == [
        "15001 <- Established",
        "15000 <- Established",
        "15002 <- Ringing",
        "15002 <- Established",
        "15003 <- Ringing",
        "15003 <- Established",
    ]
    b.releases()
    assert server.tserver.switch.state.calls == {}


@pytest.mark.parametrize(("kind", "times"), [(ONE, 1), (ALL, 2)])
def test_one_call_or_all(kind: MonitorNextCallType, times: int) -> None:
    server = InMemoryServer()
    a, b, *_ = watching(server, kind)
    for _ in range(2):
        a.calls("15001")
        b.answers()
        b.releases()
    assert sum("15002 <- Established" in line for line in server.ladder()) == times


def test_cancelling_does_not_end_what_is_being_listened_in_to() -> None:
    server = InMemoryServer()
    a, _, s, _ = listening(server, ALL)
    s.asks(m.RequestCancelMonitoring(this_dn="15002", other_dn="15001", reference_id=2))
    assert not any("Released" in line for line in server.ladder())
    a.releases()
    assert server.ladder()[-1] == LEAVES


@pytest.mark.parametrize(
    "request_",
    [
        m.RequestHoldCall(this_dn="15002", conn_id=FIRST, reference_id=9),
        m.RequestClearCall(this_dn="15002", conn_id=FIRST, reference_id=9),
        m.RequestSingleStepTransfer(this_dn="15002", conn_id=FIRST, other_dn="15003", reference_id=9),
        m.RequestSendDTMF(this_dn="15002", conn_id=FIRST, dtmf_digits="1", reference_id=9),
        m.RequestCollectDigits(this_dn="15002", conn_id=FIRST, number_of_digits=1, reference_id=9),
        m.RequestListenDisconnect(this_dn="15002", conn_id=FIRST, other_dn="15000", reference_id=9),
    ],
    ids=lambda request: request.name,
)
def test_an_observer_changes_nothing_of_the_call(request_: m.Request) -> None:
    server = InMemoryServer()
    _, _, s, _ = listening(server)
    s.asks(request_)
    assert server.ladder() == ["15002 <- Error 496 15002 c1 Ref=9"]


def test_an_observer_hears_of_the_data_and_may_change_them() -> None:
    server = InMemoryServer()
    _, _, s, _ = listening(server)
    s.does(m.RequestAttachUserData, user_data=KVList.of(Note="good"))
    assert [line.partition(" <- ")[0] for line in server.ladder()] == ["15002", "15000", "15001"]
    server.client("15001", "15001").does(
        m.RequestAttachUserData, conn_id=FIRST, user_data=KVList.of(Note="better")
    )
    assert "15002 <- AttachedDataChanged" in server.ladder()[-1]


# --- transfers ----------------------------------------------------------------------------------------


def test_scope_call_stays_with_the_call_when_the_agent_goes() -> None:
    server = InMemoryServer()
    a, b, _, d = listening(server, MonitorScope="call")
    b.transfers("15003")
    d.answers()
    assert not any("15002 <-" in line for line in server.ladder())
    a.releases()
    assert server.ladder()[-1] == LEAVES
    assert server.tserver.switch.state.calls == {}


def test_scope_agent_goes_with_the_agent() -> None:
    server = InMemoryServer()
    _, b, _, _ = listening(server, MonitorScope="agent")
    b.transfers("15003")
    *_, last = server.ladder()
    assert last == LEAVES


def test_the_end_of_a_call_that_nobody_answers_ends_the_listening() -> None:
    server = InMemoryServer(ring_timeout=10)
    _, b, *_ = listening(server)
    b.transfers("15003")
    server.delivered.clear()
    server.clock.advance(10)
    assert server.ladder()[-1] == LEAVES
    assert server.tserver.switch.state.calls == {}


def test_a_consultation_that_is_listened_in_to_ends_with_its_completion() -> None:
    server = InMemoryServer()
    _, b, s, d = server.agents("15000", "15001", "15002", "15003")
    server.client("15000", "15000").calls("15001")
    b.answers()
    monitors(s)
    b.does(m.RequestInitiateTransfer, other_dn="15003")
    d.answers()
    assert sum("15002 <- Established c2" in line for line in server.ladder()) == 1
    b.does(m.RequestCompleteTransfer, conn_id=FIRST, transfer_conn_id=FIRST + 1)
    assert server.ladder()[-1] == (
        "15002 <- Released c2 Type=Consult This=15002/Observer CS=Ok Prev=c1 DNIS=15003"
    )
    assert list(server.tserver.switch.state.calls) == [FIRST]
    assert [party.dn for party in server.tserver.switch.state.calls[FIRST].parties] == ["15000", "15003"]


def test_an_observer_is_no_member_of_a_conference() -> None:
    server = InMemoryServer()
    a, b, _, d = listening(server)
    b.does(m.RequestSingleStepConference, other_dn="15003")
    d.answers()
    assert not any("15002" in line for line in server.ladder())
    d.releases()
    assert all("CS=Ok" in line for line in server.ladder())
    a.releases()
    assert server.ladder()[-1] == LEAVES


@pytest.mark.parametrize("number", ["15001", "15002"])
def test_a_phone_that_goes_out_of_service_leaves_nobody_behind(number: str) -> None:
    server = InMemoryServer()
    listening(server)
    server.tserver.switch.command(SetService(number, out=True), server.clock.now())
    left = {party.dn for call in server.tserver.switch.state.calls.values() for party in call.parties}
    assert left == ({"15000", "15001"} if number == "15002" else set())


# --- another mode -------------------------------------------------------------------------------------


def changes_mode(client: Client, mode: str) -> None:
    client.asks(
        m.RequestPrivateService(
            private_msg_id=PrivateMsgID.MonitorMode,
            this_dn=client.name,
            conn_id=client.last_conn_id,
            extensions=KVList.of(MonitorMode=mode),
            reference_id=client.next_reference(),
        )
    )


def test_a_supervisor_changes_the_mode() -> None:
    server = InMemoryServer()
    _, _, s, _ = listening(server)
    changes_mode(s, "coach")
    assert server.ladder() == [
        "15002 <- ACK UserEvent=149 Ref=2",
        "15002 <- PrivateInfo 4024 15002 c1 Ext=MonitorMode:coach Ref=2",
        "15001 <- PrivateInfo 4024 15001 c1 Ext=MonitorMode:coach",
        noticed("15001", "Destination"),
    ]
    changes_mode(s, "connect")
    assert server.ladder()[3:] == [noticed("15000", "Origination")]


def test_only_another_mode_of_a_supervisor_is_a_change() -> None:
    server = InMemoryServer()
    a, _, s, _ = listening(server)
    changes_mode(s, "mute")
    changes_mode(s, "loud")
    changes_mode(a, "coach")
    assert server.ladder() == [
        "15002 <- Error 43 15002 c1 Ref=2",
        "15002 <- Error 53 15002 c1 Ref=3",
        "15000 <- Error 496 15000 c1 Ref=2",
    ]


def test_a_snapshot_tells_an_observer() -> None:
    server = InMemoryServer()
    listening(server)
    watcher = server.client("watcher")
    watcher.asks(m.RequestRegisterAddress(this_dn="15002", reference_id=1))
    registered = watcher.events[-1]
    assert isinstance(registered, m.EventRegistered)
    assert registered.extensions is not None
    assert registered.extensions.first("ps-1") == 0x80 | 0x20 | 0xC
