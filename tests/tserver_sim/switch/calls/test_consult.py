"""Consultations as ladders: a held call and another one beside it, and what they know of each other."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE
from tests.tserver_sim.ladders import C1, C2, consulting, lines, talking


@pytest.mark.parametrize("kind", [m.RequestInitiateTransfer, m.RequestInitiateConference])
def test_a_consultation(kind: type[m.CallRequest]) -> None:
    server, (_, b, c, *_) = talking()

    b.does(kind, other_dn="15002", reasons=KVList.of(Why="help"))
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Reasons=Why:help Ref=2
        15001 <- Dialing c2 Type=Consult This=15001/Origination Other=15002/Destination Prev=c1 DNIS=15002
          Reasons=Why:help Ref=2
        15002 <- Ringing c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002
        """
    )
    c.answers()
    assert server.ladder() == lines(
        """
        15002 <- Established c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002 Ref=1
        15001 <- Established c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002
        """
    )
    b.does(m.RequestReleaseCall, call=2)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002 Ref=3
        15002 <- Released c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002
        """
    )
    b.does(m.RequestRetrieveCall, call=1)
    assert server.ladder() == lines(
        """
        15001 <- Retrieved c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=4
        """
    )


# --- nobody is reached -------------------------------------------------------------------------------


def test_the_consulted_party_is_busy() -> None:
    server, (_, b, c, *_) = talking()
    c.calls("15003")
    server.delivered.clear()

    b.does(m.RequestInitiateTransfer, other_dn="15002")
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Ref=2
        15001 <- Dialing c3 Type=Consult This=15001/Origination Other=15002/Destination Prev=c1 DNIS=15002
          Ref=2
        15001 <- DestinationBusy c3 Type=Consult This=15001/Origination Other=15002/Destination CS=Busy
          Prev=c1 DNIS=15002
        """
    )
    b.does(m.RequestReconnectCall, call=1, previous_conn_id=CONN_ID_BASE + 3)
    assert server.ladder() == lines(
        """
        15001 <- Released c3 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002 Ref=3
        15001 <- Retrieved c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=3
        """
    )


def test_the_consulted_number_does_not_exist() -> None:
    server, (_, b, *_) = talking()
    b.does(m.RequestInitiateConference, other_dn="4711")
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Ref=2
        15001 <- Dialing c2 Type=Consult This=15001/Origination Other=4711/Destination Prev=c1 DNIS=4711
          Ref=2
        15001 <- DestinationBusy c2 Type=Consult This=15001/Origination Other=4711/Destination
          CS=SitInvalidNum Prev=c1 DNIS=4711
        """
    )


def test_the_consulted_party_rejects() -> None:
    server, (_, b, c, *_) = talking()
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    server.delivered.clear()
    c.releases()
    assert server.ladder() == lines(
        """
        15002 <- Released c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002 Ref=1
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Cause=Reject
          Prev=c1 DNIS=15002
        """
    )


def test_the_consulted_party_does_not_answer() -> None:
    server, (_, b, *_) = talking(ring_timeout=30)
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    server.delivered.clear()
    server.clock.advance(30)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=NoAnswer
          Prev=c1 DNIS=15002
        15002 <- Released c2 Type=Consult This=15002/Destination Other=15001/Origination CS=NoAnswer
          Prev=c1 DNIS=15002
        """
    )


def test_the_consulted_party_leaves() -> None:
    server, (_, _, c, *_) = consulting()
    c.releases()
    assert server.ladder() == lines(
        """
        15002 <- Released c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002 Ref=2
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002
        """
    )


def test_a_consultation_outlives_its_main_call() -> None:
    server, (a, b, c, *_) = consulting()
    a.releases()
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001 Ref=2
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001
        """
    )
    b.does(m.RequestSendDTMF, call=2, dtmf_digits="1")
    c.releases()
    assert server.ladder() == lines(
        """
        15001 <- DTMFSent c2 Type=Consult This=15001/Origination Prev=c1 DNIS=15002 DTMFDigits=1 Ref=3
        15002 <- Released c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002 Ref=2
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002
        """
    )
    assert server.tserver.switch.state.calls == {}


def test_a_consultation_is_put_through_a_queue() -> None:
    server, (_, b, c, *_) = talking()
    server.client("Q", "15600")
    c.asks(m.RequestAgentLogin(this_dn="15002", agent_id="7", this_queue="15600", reference_id=1))
    c.asks(m.RequestAgentReady(this_dn="15002", reference_id=2))
    server.delivered.clear()

    b.does(m.RequestInitiateTransfer, other_dn="15600")
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Ref=2
        15001 <- Dialing c2 Type=Consult This=15001/Origination Other=15600/Destination Prev=c1 DNIS=15600
          Ref=2
        Q <- Queued c2 Type=Consult This=15600/Destination Queue=15600 Other=15001/Origination CS=Ok
          Prev=c1 DNIS=15600
        Q <- Diverted c2 Type=Consult This=15600/Destination Queue=15600 Other=15001/Origination
          3rd=15002/Destination CS=Ok Prev=c1 DNIS=15600
        15002 <- Ringing c2 Type=Consult This=15002/Destination Queue=15600 Other=15001/Origination CS=Ok
          Cause=ACD Prev=c1 DNIS=15600 AgentID=7
        """
    )
    c.answers()
    assert server.ladder() == lines(
        """
        15002 <- Established c2 Type=Consult This=15002/Destination Queue=15600 Other=15001/Origination
          CS=Ok Prev=c1 DNIS=15600 AgentID=7 Ref=1
        15001 <- Established c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15600
        """
    )


# --- to and fro --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_alternating(first: int, second: int) -> None:
    server, (_, b, *_) = consulting()
    b.does(m.RequestAlternateCall, call=first, previous_conn_id=CONN_ID_BASE + second)
    assert server.ladder() == lines(
        """
        15001 <- Held c2 Type=Consult This=15001/Origination Other=15002/Destination Prev=c1 DNIS=15002
          Ref=3
        15001 <- Retrieved c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=3
        """
    )
    b.does(m.RequestAlternateCall, call=first, previous_conn_id=CONN_ID_BASE + second)
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Ref=4
        15001 <- Retrieved c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002 Ref=4
        """
    )


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_reconnecting(first: int, second: int) -> None:
    server, (_, b, *_) = consulting()
    b.does(m.RequestReconnectCall, call=first, previous_conn_id=CONN_ID_BASE + second)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002 Ref=3
        15002 <- Released c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002
        15001 <- Retrieved c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=3
        """
    )


def test_reconnecting_while_the_consulted_phone_rings() -> None:
    server, (_, b, *_) = talking()
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    server.delivered.clear()
    b.does(m.RequestReconnectCall, call=1, previous_conn_id=C2)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002 Ref=3
        15002 <- Abandoned c2 Type=Consult This=15002/Destination Other=15001/Origination CS=Ok Prev=c1
          DNIS=15002
        15001 <- Retrieved c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=3
        """
    )


def test_reconnecting_leaves_those_who_were_consulted_to_each_other() -> None:
    server, (_, b, c, d, _) = consulting()
    b.does(m.RequestSingleStepConference, call=2, other_dn="15003")
    d.answers()
    server.delivered.clear()
    b.does(m.RequestReconnectCall, call=1, previous_conn_id=C2)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination CS=Ok Prev=c1 DNIS=15002 Ref=4
        15002 <- PartyDeleted c2 Type=Consult This=15002/Destination Other=15001/DeletedParty
          3rd=15001/DeletedBy CS=Ok Prev=c1 DNIS=15002
        15003 <- PartyDeleted c2 Type=Consult This=15003/ConferenceMember Other=15001/DeletedParty
          3rd=15001/DeletedBy CS=Ok Prev=c1 DNIS=15002
        15001 <- Retrieved c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=4
        """
    )
    c.releases()
    assert server.ladder() == lines(
        """
        15002 <- Released c2 Type=Consult This=15002/Destination Other=15003/ConferenceMember CS=Ok Prev=c1
          DNIS=15002 Ref=2
        15003 <- Released c2 Type=Consult This=15003/ConferenceMember Other=15002/Destination CS=Ok Prev=c1
          DNIS=15002
        """
    )


def test_a_consultation_about_a_consultation() -> None:
    server, (_, b, c, *_) = consulting()
    c.does(m.RequestInitiateTransfer, call=2, other_dn="15003")
    assert server.ladder() == lines(
        """
        15002 <- Held c2 Type=Consult This=15002/Destination Other=15001/Origination Prev=c1 DNIS=15002
          Ref=2
        15002 <- Dialing c3 Type=Consult This=15002/Origination Other=15003/Destination Prev=c2 DNIS=15003
          Ref=2
        15003 <- Ringing c3 Type=Consult This=15003/Destination Other=15002/Origination CS=Ok Prev=c2
          DNIS=15003
        """
    )
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    server.delivered.clear()
    c.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=CONN_ID_BASE + 3)
    assert server.ladder() == lines(
        """
        15002 <- Released c3 Type=Consult This=15002/Origination Other=15003/Destination CS=Transferred
          Prev=c1 DNIS=15003 Ref=3
        15002 <- Released c1 This=15002/Destination Other=15000/Origination 3rd=15003/Destination
          CS=Transferred DNIS=15001 Ref=3
        15003 <- PartyChanged c1 This=15003/Destination Other=15000/Origination 3rd=15002/TransferredBy
          CS=Transferred Prev=c3 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15003/Destination 3rd=15002/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )


def test_data_that_are_no_longer_in_common_never_are_again() -> None:
    """15001 leaves c1; when 15000 comes to c2 later, the two calls keep the data that they have."""
    server, (a, b, c, d, _) = consulting(profile="acd-switch")
    b.does(m.RequestHoldCall, call=2)
    b.does(m.RequestRetrieveCall, call=1)
    b.does(m.RequestSingleStepTransfer, call=1, other_dn="15003")
    d.answers()
    c.does(m.RequestUpdateUserData, call=2, user_data=KVList.of(Kind="sale"))
    a.does(m.RequestHoldCall, call=1)
    c.does(m.RequestSingleStepTransfer, call=2, other_dn="15000")
    a.does(m.RequestAnswerCall, call=2)
    a.does(m.RequestUpdateUserData, call=2, user_data=KVList.of(Place="Wien"))
    delivered = {event.conn_id: event.user_data for event in a.events if isinstance(event, m.TelephonyEvent)}
    assert delivered == {C1: None, C2: KVList.of(Kind="sale", Place="Wien")}
    d.does(m.RequestUpdateUserData, call=1, user_data=KVList.of(Place="Graz"))
    data = [call.user_data for call in server.tserver.switch.state.calls.values()]
    assert data == [KVList.of(Place="Graz"), KVList.of(Kind="sale", Place="Wien")]
