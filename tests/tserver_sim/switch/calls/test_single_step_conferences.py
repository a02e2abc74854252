"""Single-step conferences as ladders: who is invited, who is told, and who is not to come after all."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.ladders import conference, lines, refused, talking


def test_a_conference_in_a_single_step() -> None:
    desk, (_, b, c, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002", user_data=KVList.of(Topic="Billing"))
    assert desk.ladder() == lines(
        """
        15002 <- Ringing c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Conferenced DNIS=15001
          Data=Topic:Billing
        """
    )
    c.answers()
    assert desk.ladder() == lines(
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
    desk, (_, b, *_) = talking(phones={"15002": 2.0})
    b.does(m.RequestSingleStepConference, other_dn="15002")
    desk.told.clear()
    desk.clock.advance(2)
    assert desk.ladder() == lines(
        """
        15002 <- Established c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Conferenced DNIS=15001
        15001 <- PartyAdded c1 This=15001/Destination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=2
        15000 <- PartyAdded c1 This=15000/Origination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        """
    )


def test_somebody_outside_joins() -> None:
    desk, (_, b, *_) = talking(
        trunks=[{"name": "Trunk", "lines": 1}], dial_plan=[{"prefix": "0", "trunk": "Trunk"}]
    )
    b.does(m.RequestSingleStepConference, other_dn="0301234")
    assert desk.ladder() == []
    desk.clock.advance(2)
    assert desk.ladder() == lines(
        """
        15001 <- PartyAdded c1 This=15001/Destination Other=0301234/NewParty 3rd=15001/AddedBy
          CS=Conferenced DNIS=15001 Ref=2
        15000 <- PartyAdded c1 This=15000/Origination Other=0301234/NewParty 3rd=15001/AddedBy
          CS=Conferenced DNIS=15001
        """
    )


def test_an_agent_of_a_queue_joins() -> None:
    desk, (_, b, c, *_) = talking()
    desk.client("Q", "15600")
    c.asks(m.RequestAgentLogin(this_dn="15002", agent_id="7", this_queue="15600", reference_id=1))
    c.asks(m.RequestAgentReady(this_dn="15002", reference_id=2))
    desk.told.clear()
    b.does(m.RequestSingleStepConference, other_dn="15600")
    assert desk.ladder() == lines(
        """
        Q <- Queued c1 This=15600/ConferenceMember Queue=15600 3rd=15001/AddedBy CS=Conferenced DNIS=15001
        Q <- Diverted c1 This=15600/ConferenceMember Queue=15600 3rd=15002/Destination CS=Ok DNIS=15001
        15002 <- Ringing c1 This=15002/ConferenceMember Queue=15600 3rd=15001/AddedBy CS=Ok Cause=ACD
          DNIS=15001 AgentID=7
        """
    )
    c.answers()
    assert desk.ladder() == lines(
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
    desk, (_, b, *_) = talking()
    desk.client("Q", "15600")
    b.does(m.RequestSingleStepConference, other_dn="15600")
    desk.told.clear()
    b.releases()
    assert desk.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=3
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001
        Q <- Abandoned c1 This=15600/ConferenceMember Queue=15600 Other=15001/Destination CS=Ok DNIS=15001
        15001 <- Error 237 15001 c1 Ref=2
        """
    )


def test_the_invited_party_rejects() -> None:
    desk, (_, b, c, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    desk.told.clear()
    c.releases()
    assert desk.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Ok DNIS=15001 Ref=1
        15001 <- Error 233 15001 c1 Ref=2
        """
    )
    error = b.events[-1]
    assert isinstance(error, m.EventError)
    assert error.error_message == "OtherDN: the call was rejected"


def test_the_invited_party_does_not_answer() -> None:
    desk, (_, b, *_) = talking(ring_timeout=30)
    b.does(m.RequestSingleStepConference, other_dn="15002")
    desk.told.clear()
    desk.clock.advance(30)
    assert desk.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=NoAnswer DNIS=15001
        15001 <- Error 232 15001 c1 Ref=2
        """
    )


def test_the_invited_party_sends_the_call_on() -> None:
    desk, (_, b, c, d, _) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    desk.told.clear()
    c.does(m.RequestRedirectCall, other_dn="15003")
    assert desk.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember 3rd=15003/Destination CS=Redirected Cause=Redirect
          DNIS=15001 Ref=1
        15003 <- Ringing c1 This=15003/ConferenceMember 3rd=15001/AddedBy CS=Redirected Cause=Redirect
          DNIS=15001
        """
    )
    d.answers()
    assert desk.ladder() == lines(
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
    desk, (_, b, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    desk.told.clear()
    b.releases()
    assert desk.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=3
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001
        15002 <- Abandoned c1 This=15002/ConferenceMember Other=15001/Destination CS=Ok DNIS=15001
        15001 <- Error 237 15001 c1 Ref=2
        """
    )
    assert desk.tserver.switch.state.calls == {}


def test_who_has_invited_leaves_a_conference_before_the_answer() -> None:
    desk, (_, b, *_) = conference()
    b.does(m.RequestSingleStepConference, call=1, other_dn="15003")
    desk.told.clear()
    b.does(m.RequestReleaseCall, call=1)
    assert desk.ladder() == lines(
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
    desk, (a, b, _, d, _) = conference()
    b.does(m.RequestSingleStepConference, call=1, other_dn="15003")
    desk.told.clear()
    a.does(m.RequestReleaseCall, call=1)
    assert desk.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination CS=Ok DNIS=15001 Ref=2
        15001 <- PartyDeleted c1 This=15001/Destination Other=15000/DeletedParty 3rd=15000/DeletedBy CS=Ok
          DNIS=15001
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15000/DeletedParty 3rd=15000/DeletedBy
          CS=Ok DNIS=15001
        """
    )
    d.answers()
    assert desk.ladder() == lines(
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
    desk, (a, b, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    desk.told.clear()
    a.does(m.RequestClearCall)
    assert desk.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001 Ref=2
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001
        15002 <- Abandoned c1 This=15002/ConferenceMember Other=15000/Origination CS=Ok DNIS=15001
        15001 <- Error 237 15001 c1 Ref=2
        """
    )


def test_only_who_has_invited_hears_of_the_refusal() -> None:
    desk, (_, b, c, *_) = talking()
    desk.client("watcher", "15001")
    b.does(m.RequestSingleStepConference, other_dn="15002")
    b.leaves()
    desk.told.clear()
    c.releases()
    assert desk.ladder() == lines(
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
    desk, (_, b, _, _, e) = conference()
    e.calls("15003")
    desk.told.clear()
    assert refused(desk, b, m.RequestSingleStepConference, call=1, other_dn=number) == error


def test_only_who_talks_can_invite() -> None:
    desk, (a, b, *_) = talking()
    b.does(m.RequestHoldCall)
    desk.told.clear()
    error = "496 both parties must be talking"
    assert refused(desk, b, m.RequestSingleStepConference, other_dn="15002") == error
    a.releases()
    a.calls("15001")
    desk.told.clear()
    assert refused(desk, b, m.RequestSingleStepConference, other_dn="15002") == error
