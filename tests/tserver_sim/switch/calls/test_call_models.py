"""The call models as ladders: the events of each party, in order, with every attribute."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressInfoType, CallState, CallType, Cause, DNRole, RegisterMode
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer
from tserver_sim.switch.models import MODELS
from tserver_sim.switch.models.vocabulary import ARRIVALS, LEAVINGS, Move
from tserver_sim.switch.state.switch_data import NO_REQUESTER


def talking(server: InMemoryServer) -> list[Client]:
    """15000 has called 15001, who has answered; 15002 is free."""
    a, b, c = server.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    return [a, b, c]


def test_a_simple_call() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")

    a.calls("15001")
    assert server.ladder() == [
        "15000 <- Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001 Ref=1",
        "15001 <- Ringing c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
    ]
    b.answers()
    assert server.ladder() == [
        "15001 <- Established c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=1",
        "15000 <- Established c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
    ]
    b.releases()
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=2",
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
    ]
    assert server.tserver.switch.state.calls == {}


def test_a_transfer_by_the_originator() -> None:
    server = InMemoryServer()
    a, b, c = talking(server)

    a.transfers("15002")
    assert server.ladder() == [
        (
            "15000 <- Released c1 This=15000/Origination Other=15001/Destination 3rd=15002/Destination "
            "CS=Transferred Cause=SingleStepTransfer DNIS=15001 Ref=2"
        ),
        (
            "15002 <- Ringing c1 This=15002/Destination Other=15001/Destination 3rd=15000/TransferredBy "
            "CS=Transferred Cause=SingleStepTransfer DNIS=15001"
        ),
        (
            "15001 <- PartyChanged c1 This=15001/Destination Other=15002/Destination 3rd=15000/TransferredBy "
            "CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001"
        ),
    ]
    c.answers()
    assert server.ladder() == [
        (
            "15002 <- Established c1 This=15002/Destination Other=15001/Destination 3rd=15000/TransferredBy "
            "CS=Transferred DNIS=15001 Ref=1"
        ),
    ]
    b.releases()
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15002/Destination CS=Ok DNIS=15001 Ref=2",
        "15002 <- Released c1 This=15002/Destination Other=15001/Destination CS=Ok DNIS=15001",
    ]


def test_a_transfer_by_the_destination() -> None:
    server = InMemoryServer()
    _, b, c = talking(server)

    b.transfers("15002")
    assert server.ladder() == [
        (
            "15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination "
            "CS=Transferred Cause=SingleStepTransfer DNIS=15001 Ref=2"
        ),
        (
            "15002 <- Ringing c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy "
            "CS=Transferred Cause=SingleStepTransfer DNIS=15001"
        ),
        (
            "15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination 3rd=15001/TransferredBy "
            "CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001"
        ),
    ]
    c.answers()
    assert server.ladder() == [
        (
            "15002 <- Established c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy "
            "CS=Transferred DNIS=15001 Ref=1"
        ),
    ]


def test_the_answer_to_a_transfer_whole() -> None:
    server = InMemoryServer()
    a, *_ = server.agents("15000", "15001", "15002")
    for _ in range(12):
        a.calls("99")
        a.releases()
    a.calls("15001", user_data=KVList.of(Customer="Miller"))
    server.tserver.switch.execute_request(
        m.RequestAnswerCall(this_dn="15001", conn_id=a.last_conn_id), NO_REQUESTER, server.clock.now()
    )
    server.clock.advance(20)
    a.transfers("15002", user_data=KVList.of(Topic="Billing"), reasons=KVList.of(Why="lunch"))
    assert a.events[-1] == m.EventReleased(
        time_in_secs=1_444_901_396,
        time_in_usecs=250_000,
        event_sequence_number=a.events[-1].event_sequence_number,
        reference_id=26,
        reasons=KVList.of(Why="lunch"),
        extensions=KVList.of(BusinessCall=0),
        this_dn="15000",
        this_dn_role=DNRole.Origination,
        other_dn="15001",
        other_dn_role=DNRole.Destination,
        third_party_dn="15002",
        third_party_dn_role=DNRole.Destination,
        conn_id=0x007102719818000D,
        call_id=1013,
        call_uuid="01RCC3N118B1V0SL807GK2LAES00000D",
        call_type=CallType.Internal,
        call_state=CallState.Transferred,
        cause=Cause.SingleStepTransfer,
        dnis="15001",
        user_data=KVList.of(Customer="Miller", Topic="Billing"),
    )


def test_the_data_of_a_transfer_is_merged_before_anybody_is_told() -> None:
    server = InMemoryServer()
    a, b, _ = server.agents("15000", "15001", "15002")
    a.calls("15001", user_data=KVList.of(Name="Miller", Topic="Sales"))
    b.answers()
    assert all(line.endswith("Data=Name:Miller,Topic:Sales") or "Ref" in line for line in server.ladder())

    b.transfers("15002", user_data=KVList.of(Topic="Billing"))
    assert [line.rpartition("Data=")[2] for line in server.ladder()] == [
        "Name:Miller,Topic:Billing Ref=2",
        "Name:Miller,Topic:Billing",
        "Name:Miller,Topic:Billing",
    ]


def test_a_call_can_be_transferred_on_and_back() -> None:
    server = InMemoryServer()
    a, b, c = talking(server)
    a.transfers("15002")
    c.answers()
    server.delivered.clear()

    b.transfers("15000")
    assert server.ladder() == [
        (
            "15001 <- Released c1 This=15001/Destination Other=15002/Destination 3rd=15000/Destination "
            "CS=Transferred Cause=SingleStepTransfer DNIS=15001 Ref=2"
        ),
        (
            "15000 <- Ringing c1 This=15000/Destination Other=15002/Destination 3rd=15001/TransferredBy "
            "CS=Transferred Cause=SingleStepTransfer DNIS=15001"
        ),
        (
            "15002 <- PartyChanged c1 This=15002/Destination Other=15000/Destination 3rd=15001/TransferredBy "
            "CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001"
        ),
    ]


def test_the_requests_reasons_come_back_in_the_answer_only() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001", reasons=KVList.of(Code=7))
    first, second = server.ladder()
    assert first.endswith("DNIS=15001 Reasons=Code:7 Ref=1")
    assert "Reasons" not in second


# --- calls that reach nobody -------------------------------------------------------------------------


def test_a_busy_destination() -> None:
    server = InMemoryServer()
    talking(server)
    d = server.client("15003", "15003")

    d.calls("15001")
    assert server.ladder() == [
        "15003 <- Dialing c2 This=15003/Origination Other=15001/Destination DNIS=15001 Ref=1",
        "15003 <- DestinationBusy c2 This=15003/Origination Other=15001/Destination CS=Busy DNIS=15001",
    ]
    d.releases()
    assert server.ladder() == [
        "15003 <- Released c2 This=15003/Origination Other=15001/Destination CS=Ok DNIS=15001 Ref=2",
    ]
    assert list(server.tserver.switch.state.calls) == [CONN_ID_BASE + 1]


def test_a_number_that_does_not_exist() -> None:
    server = InMemoryServer()
    (a,) = server.agents("15000")
    a.calls("4711")
    assert server.ladder() == [
        "15000 <- Dialing c1 This=15000/Origination Other=4711/Destination DNIS=4711 Ref=1",
        (
            "15000 <- DestinationBusy c1 This=15000/Origination Other=4711/Destination CS=SitInvalidNum "
            "DNIS=4711"
        ),
    ]


def test_the_caller_gives_up() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    a.releases()
    assert server.ladder() == [
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001 Ref=2",
        "15001 <- Abandoned c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
    ]


def test_the_called_party_rejects() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    b.releases()
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=1",
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok Cause=Reject DNIS=15001",
    ]


def test_nobody_answers_in_time() -> None:
    server = InMemoryServer(ring_timeout=30)
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.clock.advance(29)
    server.delivered.clear()
    server.clock.advance(1)
    assert server.ladder() == [
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=NoAnswer DNIS=15001",
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=NoAnswer DNIS=15001",
    ]


@pytest.mark.parametrize("end", ["answer", "give up"])
def test_a_call_that_is_answered_or_given_up_is_not_cleared_later(end: str) -> None:
    server = InMemoryServer(ring_timeout=30)
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers() if end == "answer" else a.releases()
    server.delivered.clear()
    server.clock.advance(31)
    assert server.ladder() == []


def test_the_transfer_target_does_not_answer_in_time() -> None:
    server = InMemoryServer(ring_timeout=30)
    a, *_ = talking(server)
    a.transfers("15002")
    server.delivered.clear()
    server.clock.advance(30)
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15002/Destination CS=NoAnswer DNIS=15001",
        "15002 <- Released c1 This=15002/Destination Other=15001/Destination CS=NoAnswer DNIS=15001",
    ]


def test_the_transferred_party_gives_up() -> None:
    server = InMemoryServer()
    a, b, _ = talking(server)
    a.transfers("15002")
    server.delivered.clear()
    b.releases()
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15002/Destination CS=Ok DNIS=15001 Ref=2",
        "15002 <- Abandoned c1 This=15002/Destination Other=15001/Destination CS=Ok DNIS=15001",
    ]


def test_the_transfer_target_rejects() -> None:
    server = InMemoryServer()
    a, _, c = talking(server)
    a.transfers("15002")
    server.delivered.clear()
    c.releases()
    assert server.ladder() == [
        "15002 <- Released c1 This=15002/Destination Other=15001/Destination CS=Ok DNIS=15001 Ref=1",
        "15001 <- Released c1 This=15001/Destination Other=15002/Destination CS=Ok Cause=Reject DNIS=15001",
    ]


# --- phones ------------------------------------------------------------------------------------------


def test_a_phone_answers_by_itself() -> None:
    server = InMemoryServer(phones={"15001": 1.0})
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    server.clock.advance(0.5)
    assert server.ladder() == []
    server.clock.advance(0.5)
    assert server.ladder() == [
        "15001 <- Established c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
        "15000 <- Established c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
    ]


@pytest.mark.parametrize("end", ["answer", "give up"])
def test_a_phone_stops_ringing_when_the_call_is_answered_or_gone(end: str) -> None:
    server = InMemoryServer(phones={"15001": 1.0})
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers() if end == "answer" else a.releases()
    server.delivered.clear()
    server.clock.advance(2)
    assert server.ladder() == []


def test_a_phone_answers_a_transferred_call() -> None:
    server = InMemoryServer(phones={"15002": 0.0})
    a, *_ = talking(server)
    a.transfers("15002")
    server.delivered.clear()
    server.clock.advance(0)
    assert server.ladder() == [
        (
            "15002 <- Established c1 This=15002/Destination Other=15001/Destination 3rd=15000/TransferredBy "
            "CS=Transferred DNIS=15001"
        ),
    ]


# --- the tables --------------------------------------------------------------------------------------


MOVES = {
    Move.ARRIVES: {event for kind in ARRIVALS.values() for event in kind},
    Move.LEAVES: set(LEAVINGS.values()),
}


def test_every_line_of_every_model_makes_a_complete_event() -> None:
    for lines in MODELS.values():
        for line in lines:
            events = MOVES[line.event] if isinstance(line.event, Move) else {line.event}
            delivered = line.call_state is not None or "call_state" in line.details
            assert delivered or not any(issubclass(event, m.QualifiedEvent) for event in events)
            assert (m.EventPartyChanged in events) == (line.previous is not None)


def test_a_dn_tells_its_calls_when_it_is_registered() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    watcher = server.client("watcher")
    watcher.asks(
        m.RequestRegisterAddress(this_dn="15001", register_mode=RegisterMode.Monitor, reference_id=5)
    )
    assert server.ladder() == [
        (
            "watcher <- Registered 15001 AddressType=1 conn-1:0071027198180001,ps-1:10,ct-1:1,"
            "dnd:0,fwd:0,mwl:0,status:1,AgentStatus:0,monitor-dn: Ref=5"
        )
    ]
    watcher.asks(m.RequestRegisterAddress(this_dn="15600", reference_id=6))
    assert server.ladder() == ["watcher <- Registered 15600 AddressType=3 status:1 Ref=6"]
    registered = watcher.events[-1]
    assert isinstance(registered, m.EventRegistered)
    assert registered.address_info_type is AddressInfoType.AddressType
    assert registered.extensions == KVList.of(status=1)
