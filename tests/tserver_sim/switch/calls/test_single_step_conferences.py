"""Single-step conferences as ladders: invitations, the events of each party, and failed invitations."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.ladders import conference, lines, refused, talking


def test_a_conference_in_a_single_step() -> None:
    server, (_, b, c, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002", user_data=KVList.of(Topic="Billing"))
    assert server.ladder() == lines(
        """
        15002 <- Ringing c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Conferenced DNIS=15001
          Data=Topic:Billing
        """
    )
    c.answers()
    assert server.ladder() == lines(
        """
        15002 <- Established c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Conferenced DNIS=15001
          Data=Topic:Billing Ref=1
        15001 <- PartyAdded c1 This=15001/Destination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Data=Topic:Billing Ref=2
        15000 <- PartyAdded c1 This=15000/Origination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Data=Topic:Billing
        """
    )


def test_a_phone_joins_by_itself() -> None:
    server, (_, b, *_) = talking(phones={"15002": 2.0})
    b.does(m.RequestSingleStepConference, other_dn="15002")
    server.delivered.clear()
    server.clock.advance(2)
    assert server.ladder() == lines(
        """
        15002 <- Established c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Conferenced DNIS=15001
        15001 <- PartyAdded c1 This=15001/Destination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=2
        15000 <- PartyAdded c1 This=15000/Origination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        """
    )


def test_somebody_outside_joins() -> None:
    server, (_, b, *_) = talking(
        trunks=[{"name": "Trunk", "lines": 1}], dial_plan=[{"prefix": "0", "trunk": "Trunk"}]
    )
    b.does(m.RequestSingleStepConference, other_dn="0301234")
    assert server.ladder() == []
    server.clock.advance(2)
    assert server.ladder() == lines(
        """
        15001 <- PartyAdded c1 This=15001/Destination Other=0301234/NewParty 3rd=15001/AddedBy
          CS=Conferenced DNIS=15001 Ref=2
        15000 <- PartyAdded c1 This=15000/Origination Other=0301234/NewParty 3rd=15001/AddedBy
          CS=Conferenced DNIS=15001
        """
    )


def test_an_agent_of_a_queue_joins() -> None:
    server, (_, b, c, *_) = talking()
    server.client("Q", "15600")
    c.asks(m.RequestAgentLogin(this_dn="15002", agent_id="7", this_queue="15600", reference_id=1))
    c.asks(m.RequestAgentReady(this_dn="15002", reference_id=2))
    server.delivered.clear()
    b.does(m.RequestSingleStepConference, other_dn="15600")
    assert server.ladder() == lines(
        """
        Q <- Queued c1 This=15600/ConferenceMember Queue=15600 3rd=15001/AddedBy CS=Conferenced DNIS=15001
        Q <- Diverted c1 This=15600/ConferenceMember Queue=15600 3rd=15002/Destination CS=Ok DNIS=15001
        15002 <- Ringing c1 This=15002/ConferenceMember Queue=15600 3rd=15001/AddedBy CS=Ok Cause=ACD
          DNIS=15001 AgentID=7
        """
    )
    c.answers()
    assert server.ladder() == lines(
        """
        15002 <- Established c1 This=15002/ConferenceMember Queue=15600 3rd=15001/AddedBy CS=Ok DNIS=15001
          AgentID=7 Ref=1
        15001 <- PartyAdded c1 This=15001/Destination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=2
        15000 <- PartyAdded c1 This=15000/Origination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        """
    )


def test_who_has_invited_leaves_while_the_invitation_waits_in_a_queue() -> None:
    server, (_, b, *_) = talking()
    server.client("Q", "15600")
    b.does(m.RequestSingleStepConference, other_dn="15600")
    server.delivered.clear()
    b.releases()
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=3
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001
        Q <- Abandoned c1 This=15600/ConferenceMember Queue=15600 Other=15001/Destination CS=Ok DNIS=15001
        15001 <- Error 237 15001 c1 Ref=2
        """
    )


def test_the_invited_party_rejects() -> None:
    server, (_, b, c, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    server.delivered.clear()
    c.releases()
    assert server.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Ok DNIS=15001 Ref=1
        15001 <- Error 233 15001 c1 Ref=2
        """
    )
    error = b.events[-1]
    assert isinstance(error, m.EventError)
    assert error.error_message == "OtherDN: the call was rejected"


def test_the_invited_party_does_not_answer() -> None:
    server, (_, b, *_) = talking(ring_timeout=30)
    b.does(m.RequestSingleStepConference, other_dn="15002")
    server.delivered.clear()
    server.clock.advance(30)
    assert server.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=NoAnswer DNIS=15001
        15001 <- Error 232 15001 c1 Ref=2
        """
    )


def test_the_invited_party_sends_the_call_on() -> None:
    server, (_, b, c, d, _) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    server.delivered.clear()
    c.does(m.RequestRedirectCall, other_dn="15003")
    assert server.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember 3rd=15003/Destination CS=Redirected Cause=Redirect
          DNIS=15001 Ref=1
        15003 <- Ringing c1 This=15003/ConferenceMember 3rd=15001/AddedBy CS=Redirected Cause=Redirect
          DNIS=15001
        """
    )
    d.answers()
    assert server.ladder() == lines(
        """
        15003 <- Established c1 This=15003/ConferenceMember 3rd=15001/AddedBy CS=Redirected DNIS=15001
          Ref=1
        15001 <- PartyAdded c1 This=15001/Destination Other=15003/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=2
        15000 <- PartyAdded c1 This=15000/Origination Other=15003/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        """
    )


def test_who_has_invited_leaves_before_the_answer() -> None:
    server, (_, b, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    server.delivered.clear()
    b.releases()
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=3
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001
        15002 <- Abandoned c1 This=15002/ConferenceMember Other=15001/Destination CS=Ok DNIS=15001
        15001 <- Error 237 15001 c1 Ref=2
        """
    )
    assert server.tserver.switch.state.calls == {}


def test_who_has_invited_leaves_a_conference_before_the_answer() -> None:
    server, (_, b, *_) = conference()
    b.does(m.RequestSingleStepConference, call=1, other_dn="15003")
    server.delivered.clear()
    b.does(m.RequestReleaseCall, call=1)
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination CS=Ok DNIS=15001 Ref=5
        15000 <- PartyDeleted c1 This=15000/Origination Other=15001/DeletedParty 3rd=15001/DeletedBy CS=Ok
          DNIS=15001
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15001/DeletedParty 3rd=15001/DeletedBy
          CS=Ok DNIS=15001
        15003 <- Abandoned c1 This=15003/ConferenceMember 3rd=15001/AddedBy CS=Ok DNIS=15001
        15001 <- Error 237 15001 c1 Ref=4
        """
    )


def test_another_party_leaves_a_conference_before_the_answer() -> None:
    server, (a, b, _, d, _) = conference()
    b.does(m.RequestSingleStepConference, call=1, other_dn="15003")
    server.delivered.clear()
    a.does(m.RequestReleaseCall, call=1)
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination CS=Ok DNIS=15001 Ref=2
        15001 <- PartyDeleted c1 This=15001/Destination Other=15000/DeletedParty 3rd=15000/DeletedBy CS=Ok
          DNIS=15001
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15000/DeletedParty 3rd=15000/DeletedBy
          CS=Ok DNIS=15001
        """
    )
    d.answers()
    assert server.ladder() == lines(
        """
        15003 <- Established c1 This=15003/ConferenceMember 3rd=15001/AddedBy CS=Conferenced DNIS=15001
          Ref=1
        15001 <- PartyAdded c1 This=15001/Destination Other=15003/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=4
        15002 <- PartyAdded c1 This=15002/ConferenceMember Other=15003/NewParty 3rd=15001/AddedBy
          CS=Conferenced DNIS=15001
        """
    )


def test_the_call_is_cleared_before_the_answer() -> None:
    server, (a, b, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    server.delivered.clear()
    a.does(m.RequestClearCall)
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001 Ref=2
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001
        15002 <- Abandoned c1 This=15002/ConferenceMember Other=15000/Origination CS=Ok DNIS=15001
        15001 <- Error 237 15001 c1 Ref=2
        """
    )


def test_only_who_has_invited_hears_of_the_refusal() -> None:
    server, (_, b, c, *_) = talking()
    server.client("watcher", "15001")
    b.does(m.RequestSingleStepConference, other_dn="15002")
    b.leaves()
    server.delivered.clear()
    c.releases()
    assert server.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Ok DNIS=15001 Ref=1
        """
    )


# --- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("4711", "415 OtherDN: not a DN of this switch"),
        ("15000", "415 OtherDN: 15000 is on the call already"),
        ("15004", "231 OtherDN is busy"),
    ],
)
def test_who_cannot_be_invited(number: str, error: str) -> None:
    server, (_, b, _, _, e) = conference()
    e.calls("15003")
    server.delivered.clear()
    assert refused(server, b, m.RequestSingleStepConference, call=1, other_dn=number) == error


def test_only_who_talks_can_invite() -> None:
    server, (a, b, *_) = talking()
    b.does(m.RequestHoldCall)
    server.delivered.clear()
    error = "496 both parties must be talking"
    assert refused(server, b, m.RequestSingleStepConference, other_dn="15002") == error
    a.releases()
    a.calls("15001")
    server.delivered.clear()
    assert refused(server, b, m.RequestSingleStepConference, other_dn="15002") == error
