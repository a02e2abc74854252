"""Private services, events that clients send each other, receipts and reservations, as ladders."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.kv import MAX_PACKED_BYTES, KVList
from bridge.tlib.private import PrivateMsgID
from tests.tserver_sim.acd import AUTO_IN, AgentClient, acd_server
from tests.tserver_sim.in_memory_server import Client, InMemoryServer

START, STOP = PrivateMsgID.StartRecording, PrivateMsgID.StopRecording
PAUSE, RESUME = PrivateMsgID.PauseRecording, PrivateMsgID.ResumeRecording


def talking(server: InMemoryServer) -> list[Client]:
    """15000 has called 15001, who has answered."""
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    return [a, b]


def serves(client: Client, number: int, **attributes: Any) -> None:
    """Ask for a private service about the last call."""
    client.asks(
        m.RequestPrivateService(
            **{
                "private_msg_id": number,
                "this_dn": client.name,
                "conn_id": client.last_conn_id,
                "reference_id": client.next_reference(),
                **attributes,
            }
        )
    )


# --- recording ----------------------------------------------------------------------------------------


def test_a_recording_is_told_to_all_parties() -> None:
    server = InMemoryServer()
    a, _ = talking(server)
    serves(a, START, reasons=KVList.of(Why="law"))
    assert server.ladder() == [
        "15000 <- ACK UserEvent=149 Ref=2",
        f"15000 <- PrivateInfo {START} 15000 c1 Ext=RecordingState:on Reasons=Why:law Ref=2",
        f"15001 <- PrivateInfo {START} 15001 c1 Ext=RecordingState:on",
    ]


def test_who_watches_is_told_too_but_not_acknowledged() -> None:
    server = InMemoryServer()
    a, _ = talking(server)
    server.client("watcher", "15000")
    serves(a, START)
    assert [line.partition(" Ext")[0] for line in server.ladder()] == [
        "15000 <- ACK UserEvent=149 Ref=2",
        f"15000 <- PrivateInfo {START} 15000 c1",
        f"watcher <- PrivateInfo {START} 15000 c1",
        f"15001 <- PrivateInfo {START} 15001 c1",
    ]


def test_a_recording_is_paused_resumed_and_stopped() -> None:
    server = InMemoryServer()
    a, b = talking(server)
    for client, number in ((a, START), (b, PAUSE), (a, RESUME), (b, PAUSE), (a, STOP), (a, START)):
        serves(client, number)
    states = [line.partition("RecordingState:")[2].partition(" ")[0] for line in server.ladder()[1::3]]
    assert states == ["on", "paused", "on", "paused", "off", "on"]


@pytest.mark.parametrize(
    ("before", "asked", "code"),
    [
        ([START], START, 43),
        ([START, PAUSE], PAUSE, 43),
        ([START], RESUME, 43),
        ([START, PAUSE], START, 496),
        ([], STOP, 43),
        ([], PAUSE, 496),
        ([], RESUME, 496),
    ],
)
def test_a_step_that_does_not_fit_is_refused(before: list[int], asked: int, code: int) -> None:
    server = InMemoryServer()
    a, b = talking(server)
    for number in before:
        serves(a, number)
    server.delivered.clear()
    serves(b, asked)
    assert server.ladder() == [f"15001 <- Error {code} 15001 c1 Ref=2"]


def test_a_call_that_rings_is_not_recorded() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    serves(a, START)
    assert server.ladder() == ["15000 <- Error 496 15000 c1 Ref=2"]


@pytest.mark.parametrize(
    ("code", "number", "attributes"),
    [
        (51, 1, {}),
        (53, START, {"this_dn": None}),
        (53, START, {"conn_id": None}),
        (56, START, {"conn_id": 7}),
        (41, START, {"this_dn": "15001"}),
    ],
)
def test_other_private_services_are_refused(code: int, number: int, attributes: dict[str, Any]) -> None:
    server = InMemoryServer()
    a, _ = talking(server)
    serves(a, number, **attributes)
    (line,) = server.ladder()
    assert line.startswith(f"15000 <- Error {code} ")


# --- user events --------------------------------------------------------------------------------------


def test_user_data_are_sent_round() -> None:
    server = InMemoryServer()
    a, _, c = server.agents("15000", "15001", "15002")
    server.client("watcher", "15001", "15500")
    c.asks(
        m.RequestDistributeUserEvent(
            this_dn="15001",
            communication_dn="15500",
            user_data=KVList.of(Say="hello"),
            reasons=KVList.of(Why="so"),
            reference_id=7,
        )
    )
    delivered = "UserEvent ThisDN=15001 CommunicationDN=15500 UserData=Say:hello Reasons=Why:so"
    assert server.ladder() == [
        "15002 <- ACK UserEvent=48 Ref=7",
        f"15001 <- {delivered}",
        f"watcher <- {delivered}",
    ]
    assert not any(isinstance(event, m.EventUserEvent) for event in a.events)


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        (53, {}),
        (59, {"this_dn": "4711"}),
        (59, {"communication_dn": "4711"}),
        (53, {"this_dn": "15000", "user_data": KVList.of(Long="x" * MAX_PACKED_BYTES)}),
    ],
)
def test_a_user_event_for_nobody_is_refused(code: int, attributes: dict[str, Any]) -> None:
    server = InMemoryServer()
    (a,) = server.agents("15000")
    a.asks(m.RequestDistributeUserEvent(**{"user_data": KVList.of(A=1), "reference_id": 7, **attributes}))
    (line,) = server.ladder()
    assert line.startswith(f"15000 <- Error {code}")


# --- receipts -----------------------------------------------------------------------------------------


def test_a_receipt_reaches_the_dn_and_its_sender() -> None:
    server = InMemoryServer()
    a, _, c = server.agents("15000", "15001", "15002")
    c.asks(m.RequestSendReturnReceipt(return_receipt=61, return_receipt_dn="15001", reference_id=7))
    assert server.ladder() == [
        "15001 <- ReturnReceipt ReturnReceipt=61 ReturnReceiptDN=15001",
        "15002 <- ReturnReceipt ReturnReceipt=61 ReturnReceiptDN=15001 Ref=7",
    ]
    a.asks(m.RequestSendReturnReceipt(return_receipt=61, return_receipt_dn="15000", reference_id=8))
    assert server.ladder() == ["15000 <- ReturnReceipt ReturnReceipt=61 ReturnReceiptDN=15000 Ref=8"]
    a.asks(m.RequestSendReturnReceipt(return_receipt=61, return_receipt_dn="4711", reference_id=9))
    assert server.ladder() == ["15000 <- Error 59 Ref=9"]


# --- reservations -------------------------------------------------------------------------------------


def reserves(client: Client, **attributes: Any) -> None:
    client.asks(
        m.RequestReserveAgent(
            **{"timeout": 5000, "priority": 3, "reference_id": client.next_reference(), **attributes}
        )
    )


def with_agent(server: InMemoryServer) -> list[Client]:
    """A01 is ready at 15001 for the queue; 15000 may call; a router is connected."""
    a, b = server.agents("15000", "15001")
    AgentClient(b).logs_in("15600", AUTO_IN)
    router = server.client("router")
    return [a, b, router]


@pytest.mark.parametrize(
    ("named", "delivered"),
    [
        ({"this_dn": "15001"}, "ThisDN=15001"),
        ({"agent_id": "A01"}, "AgentID=A01"),
        ({"this_dn": "15001", "agent_id": "A01"}, "ThisDN=15001 AgentID=A01"),
    ],
)
def test_an_agent_is_reserved_once(named: dict[str, str], delivered: str) -> None:
    server = acd_server()
    _, _, router = with_agent(server)
    reserves(router, **named)
    assert server.ladder() == [f"router <- AgentReserved Timeout=5000 {delivered} Priority=3 Ref=1"]
    reserves(router, this_dn="15001")
    assert [line.partition(" Ref")[0] for line in server.ladder()] == ["router <- Error 1700 15001"]
    server.clock.advance(5)
    reserves(router, this_dn="15001")
    assert "AgentReserved" in server.ladder()[0]


def test_a_reserved_agent_gets_no_call_of_a_queue_until_it_is_over() -> None:
    server = acd_server()
    a, _, router = with_agent(server)
    reserves(router, this_dn="15001")
    a.calls("15600")
    assert not any("Ringing" in line for line in server.ladder())
    server.clock.advance(4)
    assert server.ladder() == []
    server.clock.advance(1)
    (ringing,) = [line for line in server.ladder() if "Ringing" in line]
    assert ringing.startswith("15001 <- Ringing c1 This=15001/Destination Queue=15600 Other=15000")


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        (53, {}),
        (53, {"place": "Desk1"}),
        (53, {"this_dn": "15001", "timeout": 0}),
        (53, {"this_dn": "15001", "timeout": 86_400_001}),
        (59, {"this_dn": "4711"}),
        (1707, {"this_dn": "15000"}),
        (1707, {"agent_id": "A09"}),
        (1703, {"this_dn": "15001", "agent_id": "A02"}),
    ],
)
def test_a_reservation_of_nobody_is_refused(code: int, attributes: dict[str, Any]) -> None:
    server = acd_server()
    _, _, router = with_agent(server)
    other = server.client("15002", "15002")
    AgentClient(other).logs_in()
    server.delivered.clear()
    reserves(router, **attributes)
    (line,) = server.ladder()
    assert line.startswith(f"router <- Error {code} ")
