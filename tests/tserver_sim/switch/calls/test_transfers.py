"""Transfers by consultation as ladders: before and after the answer, mute, and by merging."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import MergeType
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer
from tests.tserver_sim.ladders import C1, C2, consulting, lines, talking

# --- after consultation ------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_a_transfer_after_the_answer(first: int, second: int) -> None:
    server, (a, b, *_) = consulting()
    b.does(m.RequestCompleteTransfer, call=first, transfer_conn_id=CONN_ID_BASE + second)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Transferred
          Prev=c1 DNIS=15002 Ref=3
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Transferred DNIS=15001 Ref=3
        15002 <- PartyChanged c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=c2 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )
    a.releases()
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15002/Destination CS=Ok DNIS=15001 Ref=2
        15002 <- Released c1 This=15002/Destination Other=15000/Origination CS=Ok DNIS=15001
        """
    )
    assert server.tserver.switch.state.calls == {}


def test_a_transfer_before_the_answer() -> None:
    server, (_, b, c, *_) = talking()
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    server.delivered.clear()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Transferred
          Prev=c1 DNIS=15002 Ref=3
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Transferred DNIS=15001 Ref=3
        15002 <- PartyChanged c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=c2 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )
    c.answers()
    assert server.ladder() == lines(
        """
        15002 <- Established c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15001 Ref=1
        """
    )


def test_a_transfer_before_the_answer_that_never_comes() -> None:
    server, (_, b, *_) = talking(ring_timeout=30)
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    server.clock.advance(10)
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    server.delivered.clear()
    server.clock.advance(20)
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15002/Destination CS=NoAnswer DNIS=15001
        15002 <- Released c1 This=15002/Destination Other=15000/Origination CS=NoAnswer DNIS=15001
        """
    )


def test_a_transfer_by_the_originator() -> None:
    server, (a, *_) = talking()
    a.does(m.RequestInitiateTransfer, other_dn="15002")
    server.delivered.clear()
    a.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    assert server.ladder() == lines(
        """
        15000 <- Released c2 Type=Consult This=15000/Origination Other=15002/Destination CS=Transferred
          Prev=c1 DNIS=15002 Ref=3
        15000 <- Released c1 This=15000/Origination Other=15001/Destination 3rd=15002/Destination
          CS=Transferred DNIS=15001 Ref=3
        15002 <- PartyChanged c1 This=15002/Destination Other=15001/Destination 3rd=15000/TransferredBy
          CS=Transferred Prev=c2 DNIS=15001
        15001 <- PartyChanged c1 This=15001/Destination Other=15002/Destination 3rd=15000/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )


def test_the_main_call_survives_also_when_the_consultation_is_held() -> None:
    server, (_, b, *_) = consulting()
    b.does(m.RequestAlternateCall, call=1, previous_conn_id=C2)
    server.delivered.clear()
    b.does(m.RequestCompleteTransfer, call=2, transfer_conn_id=C1)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Transferred
          Prev=c1 DNIS=15002 Ref=4
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Transferred DNIS=15001 Ref=4
        15002 <- PartyChanged c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=c2 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )


def test_all_who_were_consulted_come_along() -> None:
    server, (_, b, _, d, _) = consulting()
    b.does(m.RequestSingleStepConference, call=2, other_dn="15003")
    d.answers()
    server.delivered.clear()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination CS=Transferred Prev=c1 DNIS=15002 Ref=4
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Transferred DNIS=15001 Ref=4
        15002 <- PartyChanged c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=c2 DNIS=15001
        15003 <- PartyChanged c1 This=15003/ConferenceMember Other=15000/Origination
          3rd=15001/TransferredBy CS=Transferred Prev=c2 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination 3rd=15001/TransferredBy CS=Transferred Prev=same
          DNIS=15001
        """
    )


def test_a_transfer_out_of_a_conference() -> None:
    server, (_, b, _, d, _) = consulting()
    b.does(m.RequestCompleteConference, call=1, conference_conn_id=C2)
    b.does(m.RequestInitiateTransfer, call=1, other_dn="15003")
    d.answers()
    server.delivered.clear()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=CONN_ID_BASE + 3)
    assert server.ladder() == lines(
        """
        15001 <- Released c3 Type=Consult This=15001/Origination Other=15003/Destination CS=Transferred
          Prev=c1 DNIS=15003 Ref=5
        15001 <- Released c1 This=15001/Destination 3rd=15003/Destination CS=Transferred DNIS=15001 Ref=5
        15003 <- PartyChanged c1 This=15003/ConferenceMember 3rd=15001/TransferredBy CS=Transferred Prev=c3
          DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15003/ConferenceMember
          3rd=15001/TransferredBy CS=Transferred Prev=same DNIS=15001
        15002 <- PartyChanged c1 This=15002/ConferenceMember Other=15003/ConferenceMember
          3rd=15001/TransferredBy CS=Transferred Prev=same DNIS=15001
        """
    )


def test_a_phone_that_answers_by_itself_is_transferred_while_it_rings() -> None:
    server, (_, b, *_) = talking(phones={"15002": 5.0})
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    server.delivered.clear()
    server.clock.advance(5)
    assert server.ladder() == lines(
        """
        15002 <- Established c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15001
        """
    )


# --- mute transfer -----------------------------------------------------------------------------------


def test_a_mute_transfer() -> None:
    server, (_, b, c, *_) = talking()
    b.does(m.RequestMuteTransfer, other_dn="15002", user_data=KVList.of(Topic="Billing"))
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Ref=2
        15001 <- Dialing c2 Type=Consult This=15001/Origination Other=15002/Destination Prev=c1 DNIS=15002
          Data=Topic:Billing Ref=2
        15002 <- Ringing c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002 Data=Topic:Billing
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Transferred
          Prev=c1 DNIS=15002 Data=Topic:Billing Ref=2
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Transferred DNIS=15001 Data=Topic:Billing Ref=2
        15002 <- PartyChanged c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=c2 DNIS=15001 Data=Topic:Billing
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001 Data=Topic:Billing
        """
    )
    c.answers()
    assert server.ladder() == lines(
        """
        15002 <- Established c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15001 Data=Topic:Billing Ref=1
        """
    )


def test_a_mute_transfer_to_a_queue_waits_there_for_an_agent() -> None:
    server, (_, b, c, *_) = talking()
    server.client("Q", "15600")
    b.does(m.RequestMuteTransfer, other_dn="15600")
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Ref=2
        15001 <- Dialing c2 Type=Consult This=15001/Origination Other=15600/Destination Prev=c1 DNIS=15600
          Ref=2
        Q <- Queued c2 Type=Consult This=15600/Destination Queue=15600 Other=15001/Origination CS=Ok
          Prev=c1 DNIS=15600
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15600/Destination CS=Transferred
          Prev=c1 DNIS=15600 Ref=2
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15600/Destination
          CS=Transferred DNIS=15001 Ref=2
        Q <- PartyChanged c1 This=15600/Destination Queue=15600 Other=15000/Origination
          3rd=15001/TransferredBy CS=Transferred Prev=c2 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15600/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )
    c.asks(m.RequestAgentLogin(this_dn="15002", agent_id="7", this_queue="15600", reference_id=1))
    server.delivered.clear()
    c.asks(m.RequestAgentReady(this_dn="15002", reference_id=2))
    assert server.ladder() == lines(
        """
        15002 <- AgentReady 15002 AgentID=7 AgentWorkMode=Unknown Ref=2
        Q <- Diverted c1 This=15600/Destination Queue=15600 Other=15000/Origination 3rd=15002/Destination
          CS=Ok DNIS=15001
        15002 <- Ringing c1 This=15002/Destination Queue=15600 Other=15000/Origination
          3rd=15001/TransferredBy CS=Ok Cause=ACD DNIS=15001 AgentID=7
        """
    )


# --- merging -----------------------------------------------------------------------------------------


def two_calls() -> tuple[InMemoryServer, list[Client]]:
    """15001 holds c1 with 15000, and talks in c2 to 15002 who has called."""
    server, clients = talking()
    _, b, c, *_ = clients
    b.does(m.RequestHoldCall)
    c.calls("15001", user_data=KVList.of(Name="Smith", Place="Lyon"))
    b.does(m.RequestAnswerCall, call=2)
    b.does(m.RequestUpdateUserData, call=1, user_data=KVList.of(Name="Miller"))
    server.delivered.clear()
    return server, clients


def test_two_calls_are_merged_by_transfer() -> None:
    server, (_, b, *_) = two_calls()
    b.does(m.RequestMergeCalls, call=1, transfer_conn_id=C2, merge_type=MergeType.ForTransfer)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 This=15001/Destination Other=15002/Origination CS=Transferred DNIS=15001
          Data=Name:Smith,Place:Lyon Ref=5
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Transferred DNIS=15001 Data=Name:Miller,Place:Lyon Ref=5
        15002 <- PartyChanged c1 This=15002/Origination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=c2 DNIS=15001 Data=Name:Miller,Place:Lyon
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001 Data=Name:Miller,Place:Lyon
        """
    )


def test_of_two_calls_the_held_one_survives() -> None:
    server, (_, b, *_) = two_calls()
    b.does(m.RequestAlternateCall, call=1, previous_conn_id=C2)
    server.delivered.clear()
    b.does(m.RequestMergeCalls, call=1, transfer_conn_id=C2, merge_type=MergeType.ForTransfer)
    assert list(server.tserver.switch.state.calls) == [C2]
    assert [line.split(" DNIS")[0] for line in server.ladder()] == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Transferred
        15001 <- Released c2 This=15001/Destination Other=15002/Origination 3rd=15000/Destination
          CS=Transferred
        15000 <- PartyChanged c2 This=15000/Origination Other=15002/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=c1
        15002 <- PartyChanged c2 This=15002/Origination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=same
        """
    )


def test_a_consultation_is_merged_by_transfer() -> None:
    server, (_, b, *_) = consulting()
    b.does(m.RequestMergeCalls, call=1, transfer_conn_id=C2, merge_type=MergeType.ForTransfer)
    merged = server.ladder()
    server, (_, b, *_) = consulting()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    assert merged == server.ladder()
