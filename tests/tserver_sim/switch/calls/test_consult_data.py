"""User data of a consultation: what it begins with, and what it brings to its main call."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer
from tests.tserver_sim.ladders import C2, lines, talking


def data_of(server: InMemoryServer, *numbers: int) -> list[KVList]:
    return [server.tserver.switch.state.calls[CONN_ID_BASE + number].user_data for number in numbers]


def sharing(value: str | None) -> dict[str, Any]:
    return {} if value is None else {"extensions": KVList.of(ConsultUserData=value)}


MAIN = KVList.of(Name="Miller", Topic="Sales")


def consulting_with_data(value: str | None) -> tuple[InMemoryServer, list[Client]]:
    server = InMemoryServer()
    clients = server.agents("15000", "15001", "15002")
    a, b, c = clients
    a.calls("15001", user_data=MAIN)
    b.answers()
    b.does(
        m.RequestInitiateTransfer, other_dn="15002", user_data=KVList.of(Topic="Billing"), **sharing(value)
    )
    c.answers()
    server.delivered.clear()
    return server, clients


BILLING = KVList.of(Name="Miller", Topic="Billing")


@pytest.mark.parametrize(
    ("value", "main", "consult"),
    [
        (None, MAIN, BILLING),
        ("inherited", MAIN, BILLING),
        ("separate", MAIN, KVList.of(Topic="Billing")),
        ("joint", BILLING, BILLING),
    ],
)
def test_what_data_a_consultation_begins_with(value: str | None, main: KVList, consult: KVList) -> None:
    server, *_ = consulting_with_data(value)
    assert data_of(server, 1, 2) == [main, consult]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("inherited", KVList.of(Name="Miller", Place="Lyon", Topic="Billing", Note="urgent")),
        ("separate", KVList.of(Name="Miller", Topic="Sales", Place="Lyon")),
        ("joint", KVList.of(Name="Miller", Topic="Billing", Note="urgent", Place="Lyon")),
    ],
)
def test_what_data_a_consultation_brings_to_its_main_call(value: str, result: KVList) -> None:
    server, (a, b, c, *_) = consulting_with_data(value)
    c.does(m.RequestUpdateUserData, call=2, user_data=KVList.of(Note="urgent"))
    a.does(m.RequestUpdateUserData, call=1, user_data=KVList.of(Place="Lyon"))
    server.delivered.clear()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    assert data_of(server, 1) == [result]
    assert [event.user_data for _, event in server.delivered if isinstance(event, m.EventPartyChanged)] == [
        result
    ] * 2


def test_joint_data_is_told_in_both_calls() -> None:
    server, (_, b, c, *_) = talking()
    b.does(
        m.RequestInitiateTransfer, other_dn="15002", user_data=KVList.of(Topic="Billing"), **sharing("joint")
    )
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Data=Topic:Billing Ref=2
        15001 <- Dialing c2 Type=Consult This=15001/Origination Other=15002/Destination Prev=c1 DNIS=15002
          Data=Topic:Billing Ref=2
        15002 <- Ringing c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002 Data=Topic:Billing
        15000 <- AttachedDataChanged c1 This=15000/Origination 3rd=15001/Destination DNIS=15001
          Data=Topic:Billing
        15001 <- AttachedDataChanged c1 This=15001/Destination 3rd=15001/Destination DNIS=15001
          Data=Topic:Billing
        """
    )
    c.answers()
    server.delivered.clear()
    c.does(m.RequestUpdateUserData, call=2, user_data=KVList.of(Note="urgent"))
    assert server.ladder() == lines(
        """
        15002 <- AttachedDataChanged c2 Type=Consult This=15002/Destination 3rd=15002/Destination Prev=c1
          DNIS=15002 Data=Topic:Billing,Note:urgent Ref=2
        15001 <- AttachedDataChanged c2 Type=Consult This=15001/Origination 3rd=15002/Destination Prev=c1
          DNIS=15002 Data=Topic:Billing,Note:urgent
        15000 <- AttachedDataChanged c1 This=15000/Origination 3rd=15002/Destination DNIS=15001
          Data=Topic:Billing,Note:urgent
        15001 <- AttachedDataChanged c1 This=15001/Destination 3rd=15002/Destination DNIS=15001
          Data=Topic:Billing,Note:urgent
        """
    )
    b.does(m.RequestAlternateCall, call=1, previous_conn_id=C2)
    server.delivered.clear()
    b.does(m.RequestSingleStepTransfer, call=1, other_dn="15003", user_data=KVList.of(Note="done"))
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15003/Destination
          CS=Transferred Cause=SingleStepTransfer DNIS=15001 Data=Topic:Billing,Note:done Ref=4
        15003 <- Ringing c1 This=15003/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer DNIS=15001 Data=Topic:Billing,Note:done
        15000 <- PartyChanged c1 This=15000/Origination Other=15003/Destination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001 Data=Topic:Billing,Note:done
        15001 <- AttachedDataChanged c2 Type=Consult This=15001/Origination 3rd=15001/Destination Prev=c1
          DNIS=15002 Data=Topic:Billing,Note:done
        15002 <- AttachedDataChanged c2 Type=Consult This=15002/Destination 3rd=15001/Destination Prev=c1
          DNIS=15002 Data=Topic:Billing,Note:done
        """
    )


def test_joint_data_is_the_same_in_a_chain_of_consultations() -> None:
    server, (a, b, c, *_) = talking()
    b.does(m.RequestInitiateTransfer, other_dn="15002", **sharing("joint"))
    c.answers()
    c.does(m.RequestInitiateTransfer, other_dn="15003", **sharing("joint"))
    a.does(m.RequestUpdateUserData, call=1, user_data=KVList.of(Note="urgent"))
    assert data_of(server, 1, 2, 3) == [KVList.of(Note="urgent")] * 3


def test_data_is_no_longer_joint_when_nobody_is_on_both_calls() -> None:
    server, (a, b, c, *_) = consulting_with_data("joint")
    d = server.client("15003", "15003")
    a.does(m.RequestSingleStepConference, call=1, other_dn="15003")
    d.answers()
    b.does(m.RequestReleaseCall, call=1)
    c.does(m.RequestUpdateUserData, call=2, user_data=KVList.of(Note="urgent"))
    a.does(m.RequestUpdateUserData, call=1, user_data=KVList.of(Place="Lyon"))
    assert data_of(server, 1, 2) == [
        KVList.of(Name="Miller", Topic="Billing", Place="Lyon"),
        KVList.of(Name="Miller", Topic="Billing", Note="urgent"),
    ]
