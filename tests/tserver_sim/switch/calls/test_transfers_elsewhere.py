"""Transfers as ladders: to queues, route points and outside, and out of conferences.

Single-step transfers between two phones are in `test_call_models`.
"""

from typing import Any

from bridge.tlib import messages as m
from tests.tserver_sim.ladders import C2, consulting, lines, talking

OUTSIDE = {
    "trunks": [{"name": "Trunk", "lines": 5}],
    "dial_plan": [{"prefix": "0", "trunk": "Trunk"}],
}
"""Numbers that begin with 0 lead outside."""


def outside(**behaviour: Any) -> dict[str, Any]:
    return {**OUTSIDE, "outside": [{"prefix": "0", "phone": behaviour}]}


def test_a_single_step_transfer_to_a_queue() -> None:
    server, (_, b, c, *_) = talking()
    server.client("Q", "15600")
    b.transfers("15600")
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15600/Destination
          CS=Transferred Cause=SingleStepTransfer DNIS=15001 Ref=2
        Q <- Queued c1 This=15600/Destination Queue=15600 Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15600/Destination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001
        """
    )
    c.asks(m.RequestAgentLogin(this_dn="15002", agent_id="7", this_queue="15600", reference_id=1))
    server.delivered.clear()
    c.asks(m.RequestAgentReady(this_dn="15002", reference_id=2))
    c.answers()
    assert server.ladder() == lines(
        """
        15002 <- AgentReady 15002 AgentID=7 AgentWorkMode=Unknown Ref=2
        Q <- Diverted c1 This=15600/Destination Queue=15600 Other=15000/Origination 3rd=15002/Destination
          CS=Ok DNIS=15001
        15002 <- Ringing c1 This=15002/Destination Queue=15600 Other=15000/Origination
          3rd=15001/TransferredBy CS=Ok Cause=ACD DNIS=15001 AgentID=7
        15002 <- Established c1 This=15002/Destination Queue=15600 Other=15000/Origination
          3rd=15001/TransferredBy CS=Ok DNIS=15001 AgentID=7 Ref=1
        """
    )


def test_a_single_step_transfer_to_a_route_point() -> None:
    server, (a, b, *_) = talking()
    server.client("R", "15500")
    b.transfers("15500")
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15500/Destination
          CS=Transferred Cause=SingleStepTransfer DNIS=15001 Ref=2
        R <- Queued c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer DNIS=15001
        R <- RouteRequest c1 This=15500/Destination Queue=15500 Other=15000/Origination
          3rd=15001/TransferredBy CS=Transferred Cause=SingleStepTransfer DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15500/Destination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001
        """
    )
    a.releases()
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15500/Destination CS=Ok DNIS=15001 Ref=2
        R <- Abandoned c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15001
        """
    )


def test_a_single_step_transfer_to_somebody_outside() -> None:
    server, (a, b, *_) = talking(**outside(answers_after=2))
    b.transfers("0301234")
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=0301234/Destination
          CS=Transferred Cause=SingleStepTransfer DNIS=15001 Ref=2
        15000 <- PartyChanged c1 This=15000/Origination Other=0301234/Destination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001
        """
    )
    server.clock.advance(2)
    assert server.ladder() == []
    a.releases()
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=0301234/Destination CS=Ok DNIS=15001 Ref=2
        """
    )
    assert server.tserver.switch.state.legs == {}


def test_somebody_outside_turns_out_to_be_busy_after_a_single_step_transfer() -> None:
    server, (_, b, *_) = talking(**outside(busy=True))
    b.transfers("0301234")
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=0301234/Destination
          CS=Transferred Cause=SingleStepTransfer DNIS=15001 Ref=2
        15000 <- PartyChanged c1 This=15000/Origination Other=0301234/Destination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001
        15000 <- Released c1 This=15000/Origination Other=0301234/Destination CS=Busy DNIS=15001
        """
    )
    assert server.tserver.switch.state.legs == {}


def test_somebody_outside_is_consulted_and_gets_the_call() -> None:
    server, (_, b, *_) = talking(**outside(answers_after=2))
    b.does(m.RequestInitiateTransfer, other_dn="0301234")
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Ref=2
        15001 <- Dialing c2 Type=Consult This=15001/Origination Other=0301234/Destination Prev=c1
          DNIS=0301234 Ref=2
        15001 <- NetworkReached c2 Type=Consult This=15001/Origination Other=0301234/Destination Prev=c1
          DNIS=0301234
        """
    )
    server.clock.advance(2)
    assert server.ladder() == lines(
        """
        15001 <- Established c2 Type=Consult This=15001/Origination Other=0301234/Destination CS=Ok Prev=c1
          DNIS=0301234
        """
    )
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=0301234/Destination CS=Transferred
          Prev=c1 DNIS=0301234 Ref=3
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=0301234/Destination
          CS=Transferred DNIS=15001 Ref=3
        15000 <- PartyChanged c1 This=15000/Origination Other=0301234/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )


def test_somebody_outside_answers_a_call_that_was_transferred_meanwhile() -> None:
    server, (_, b, *_) = talking(**outside(answers_after=2, hangs_up_after=60))
    b.does(m.RequestMuteTransfer, other_dn="0301234")
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination Other=15000/Origination DNIS=15001 Ref=2
        15001 <- Dialing c2 Type=Consult This=15001/Origination Other=0301234/Destination Prev=c1
          DNIS=0301234 Ref=2
        15001 <- Released c2 Type=Consult This=15001/Origination Other=0301234/Destination CS=Transferred
          Prev=c1 DNIS=0301234 Ref=2
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=0301234/Destination
          CS=Transferred DNIS=15001 Ref=2
        15000 <- PartyChanged c1 This=15000/Origination Other=0301234/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )
    server.clock.advance(2)
    assert server.ladder() == []
    server.clock.advance(60)
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=0301234/Destination CS=Ok DNIS=15001
        """
    )
    assert server.tserver.switch.state.legs == {}


def test_a_single_step_transfer_out_of_a_conference() -> None:
    server, (a, b, c, d, _) = consulting()
    b.does(m.RequestCompleteConference, call=1, conference_conn_id=C2)
    server.delivered.clear()
    b.does(m.RequestSingleStepTransfer, call=1, other_dn="15003")
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination 3rd=15003/Destination CS=Transferred
          Cause=SingleStepTransfer DNIS=15001 Ref=4
        15003 <- Ringing c1 This=15003/ConferenceMember 3rd=15001/TransferredBy CS=Transferred
          Cause=SingleStepTransfer DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15003/ConferenceMember
          3rd=15001/TransferredBy CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001
        15002 <- PartyChanged c1 This=15002/ConferenceMember Other=15003/ConferenceMember
          3rd=15001/TransferredBy CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001
        """
    )
    a.does(m.RequestReleaseCall, call=1)
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination CS=Ok DNIS=15001 Ref=2
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15000/DeletedParty 3rd=15000/DeletedBy
          CS=Ok DNIS=15001
        15003 <- PartyDeleted c1 This=15003/ConferenceMember Other=15000/DeletedParty 3rd=15000/DeletedBy
          CS=Ok DNIS=15001
        """
    )
    d.answers()
    assert server.ladder() == lines(
        """
        15003 <- Established c1 This=15003/ConferenceMember Other=15002/ConferenceMember
          3rd=15001/TransferredBy CS=Transferred DNIS=15001 Ref=1
        """
    )
    c.does(m.RequestReleaseCall, call=1)
    assert server.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember Other=15003/ConferenceMember CS=Ok DNIS=15001
          Ref=2
        15003 <- Released c1 This=15003/ConferenceMember Other=15002/ConferenceMember CS=Ok DNIS=15001
        """
    )


def test_the_target_of_a_transfer_out_of_a_conference_rejects() -> None:
    server, (_, b, _, d, _) = consulting()
    b.does(m.RequestCompleteConference, call=1, conference_conn_id=C2)
    b.does(m.RequestSingleStepTransfer, call=1, other_dn="15003")
    server.delivered.clear()
    d.releases()
    assert server.ladder() == lines(
        """
        15003 <- Released c1 This=15003/ConferenceMember CS=Ok DNIS=15001 Ref=1
        15000 <- PartyDeleted c1 This=15000/Origination Other=15003/DeletedParty 3rd=15003/DeletedBy CS=Ok
          DNIS=15001
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15003/DeletedParty 3rd=15003/DeletedBy
          CS=Ok DNIS=15001
        """
    )


def test_the_target_of_a_transfer_sends_the_call_on() -> None:
    server, (_, b, c, d, _) = talking()
    b.transfers("15002")
    server.delivered.clear()
    c.does(m.RequestRedirectCall, other_dn="15003")
    assert server.ladder() == lines(
        """
        15002 <- Released c1 This=15002/Destination Other=15000/Origination 3rd=15003/Destination
          CS=Redirected Cause=Redirect DNIS=15001 Ref=1
        15003 <- Ringing c1 This=15003/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Redirected Cause=Redirect DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15003/Destination 3rd=15002/TransferredBy
          CS=Redirected Cause=Redirect Prev=same DNIS=15001
        """
    )
    d.answers()
    assert server.ladder() == lines(
        """
        15003 <- Established c1 This=15003/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Redirected DNIS=15001 Ref=1
        """
    )
