"""Conferences as ladders: how they begin, which parties get which event, and how they end."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import MergeType
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE
from tests.tserver_sim.ladders import C1, C2, conference, consulting, lines, refused, talking

# --- by consultation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)])
def test_a_conference_by_consultation(first: int, second: int) -> None:
    server, (_, b, *_) = consulting()
    b.does(m.RequestCompleteConference, call=first, conference_conn_id=CONN_ID_BASE + second)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Conferenced
          Cause=Conference Prev=c1 DNIS=15002 Ref=3
        15001 <- Retrieved c1 This=15001/Destination CS=Conferenced DNIS=15001 Ref=3
        15001 <- PartyAdded c1 This=15001/Destination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=3
        15000 <- PartyAdded c1 This=15000/Origination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        15002 <- PartyChanged c1 This=15002/ConferenceMember 3rd=15001/ConferencedBy CS=Conferenced Prev=c2
          DNIS=15001
        """
    )


def test_a_conference_is_completed_while_the_consultation_is_held() -> None:
    server, (_, b, *_) = consulting()
    b.does(m.RequestAlternateCall, call=1, previous_conn_id=C2)
    server.delivered.clear()
    b.does(m.RequestCompleteConference, call=1, conference_conn_id=C2)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Conferenced
          Cause=Conference Prev=c1 DNIS=15002 Ref=4
        15001 <- PartyAdded c1 This=15001/Destination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=4
        15000 <- PartyAdded c1 This=15000/Origination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        15002 <- PartyChanged c1 This=15002/ConferenceMember 3rd=15001/ConferencedBy CS=Conferenced Prev=c2
          DNIS=15001
        """
    )


def test_two_calls_are_merged_to_a_conference() -> None:
    server, (_, b, c, *_) = talking()
    b.does(m.RequestHoldCall)
    c.calls("15001")
    b.does(m.RequestAnswerCall, call=2)
    server.delivered.clear()
    b.does(m.RequestMergeCalls, call=2, transfer_conn_id=C1, merge_type=MergeType.ForConference)
    assert server.ladder() == lines(
        """
        15001 <- Released c2 This=15001/Destination Other=15002/Origination CS=Conferenced Cause=Conference
          DNIS=15001 Ref=4
        15001 <- Retrieved c1 This=15001/Destination CS=Conferenced DNIS=15001 Ref=4
        15001 <- PartyAdded c1 This=15001/Destination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=4
        15000 <- PartyAdded c1 This=15000/Origination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        15002 <- PartyChanged c1 This=15002/ConferenceMember 3rd=15001/ConferencedBy CS=Conferenced Prev=c2
          DNIS=15001
        """
    )


def test_a_conference_grows_by_another_conference() -> None:
    server, (_, b, c, d, e) = conference()
    b.does(m.RequestInitiateConference, call=1, other_dn="15003")
    d.answers()
    d.does(m.RequestSingleStepConference, call=3, other_dn="15004")
    e.answers()
    server.delivered.clear()
    b.does(m.RequestCompleteConference, call=1, conference_conn_id=CONN_ID_BASE + 3)
    assert server.ladder() == lines(
        """
        15001 <- Released c3 Type=Consult This=15001/Origination CS=Conferenced Cause=Conference Prev=c1
          DNIS=15003 Ref=5
        15001 <- Retrieved c1 This=15001/Destination CS=Conferenced DNIS=15001 Ref=5
        15001 <- PartyAdded c1 This=15001/Destination Other=15003/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=5
        15001 <- PartyAdded c1 This=15001/Destination Other=15004/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=5
        15000 <- PartyAdded c1 This=15000/Origination Other=15003/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        15002 <- PartyAdded c1 This=15002/ConferenceMember Other=15003/NewParty 3rd=15001/AddedBy
          CS=Conferenced DNIS=15001
        15000 <- PartyAdded c1 This=15000/Origination Other=15004/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        15002 <- PartyAdded c1 This=15002/ConferenceMember Other=15004/NewParty 3rd=15001/AddedBy
          CS=Conferenced DNIS=15001
        15003 <- PartyChanged c1 This=15003/ConferenceMember 3rd=15001/ConferencedBy CS=Conferenced Prev=c3
          DNIS=15001
        15004 <- PartyChanged c1 This=15004/ConferenceMember 3rd=15001/ConferencedBy CS=Conferenced Prev=c3
          DNIS=15001
        """
    )
    c.does(m.RequestClearCall, call=1)
    assert server.ladder() == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember CS=Ok DNIS=15001 Ref=2
        15000 <- Released c1 This=15000/Origination Other=15002/ConferenceMember CS=Ok DNIS=15001
        15001 <- Released c1 This=15001/Destination Other=15002/ConferenceMember CS=Ok DNIS=15001
        15003 <- Released c1 This=15003/ConferenceMember Other=15002/ConferenceMember CS=Ok DNIS=15001
        15004 <- Released c1 This=15004/ConferenceMember Other=15002/ConferenceMember CS=Ok DNIS=15001
        """
    )
    assert server.tserver.switch.state.calls == {}


# --- leaving -----------------------------------------------------------------------------------------


def test_a_party_leaves_a_conference_of_three() -> None:
    server, (a, b, *_) = conference()
    b.does(m.RequestReleaseCall, call=1)
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination CS=Ok DNIS=15001 Ref=4
        15000 <- PartyDeleted c1 This=15000/Origination Other=15001/DeletedParty 3rd=15001/DeletedBy CS=Ok
          DNIS=15001
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15001/DeletedParty 3rd=15001/DeletedBy
          CS=Ok DNIS=15001
        """
    )
    a.does(m.RequestReleaseCall, call=1)
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15002/ConferenceMember CS=Ok DNIS=15001 Ref=2
        15002 <- Released c1 This=15002/ConferenceMember Other=15000/Origination CS=Ok DNIS=15001
        """
    )
    assert server.tserver.switch.state.calls == {}


def test_a_party_leaves_a_conference_of_four() -> None:
    server, (a, b, _, d, _) = conference()
    a.does(m.RequestSingleStepConference, call=1, other_dn="15003")
    d.answers()
    server.delivered.clear()
    b.does(m.RequestReleaseCall, call=1)
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination CS=Ok DNIS=15001 Ref=4
        15000 <- PartyDeleted c1 This=15000/Origination Other=15001/DeletedParty 3rd=15001/DeletedBy
          CS=Conferenced DNIS=15001
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15001/DeletedParty 3rd=15001/DeletedBy
          CS=Conferenced DNIS=15001
        15003 <- PartyDeleted c1 This=15003/ConferenceMember Other=15001/DeletedParty 3rd=15001/DeletedBy
          CS=Conferenced DNIS=15001
        """
    )


def test_a_party_is_removed() -> None:
    server, (a, *_) = conference()
    a.does(m.RequestDeleteFromConference, call=1, other_dn="15001", reasons=KVList.of(Why="rude"))
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination 3rd=15000/DeletedBy CS=Ok DNIS=15001
        15000 <- PartyDeleted c1 This=15000/Origination Other=15001/DeletedParty 3rd=15000/DeletedBy CS=Ok
          DNIS=15001 Reasons=Why:rude Ref=2
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15001/DeletedParty 3rd=15000/DeletedBy
          CS=Ok DNIS=15001
        """
    )


def test_a_party_is_removed_while_its_invitation_is_open() -> None:
    server, (a, b, *_) = conference()
    b.does(m.RequestSingleStepConference, call=1, other_dn="15003")
    server.delivered.clear()
    a.does(m.RequestDeleteFromConference, call=1, other_dn="15001")
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination 3rd=15000/DeletedBy CS=Ok DNIS=15001
        15000 <- PartyDeleted c1 This=15000/Origination Other=15001/DeletedParty 3rd=15000/DeletedBy CS=Ok
          DNIS=15001 Ref=2
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15001/DeletedParty 3rd=15000/DeletedBy
          CS=Ok DNIS=15001
        15003 <- Abandoned c1 This=15003/ConferenceMember 3rd=15001/AddedBy CS=Ok DNIS=15001
        15001 <- Error 237 15001 c1 Ref=4
        """
    )


def test_holding_a_conference() -> None:
    server, (_, b, *_) = conference()
    b.does(m.RequestHoldCall, call=1)
    b.does(m.RequestRetrieveCall, call=1)
    assert server.ladder() == lines(
        """
        15001 <- Held c1 This=15001/Destination DNIS=15001 Ref=4
        15001 <- Retrieved c1 This=15001/Destination CS=Ok DNIS=15001 Ref=5
        """
    )


def test_a_conference_is_cleared() -> None:
    server, (a, *_) = conference()
    a.does(m.RequestClearCall, call=1)
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination CS=Ok DNIS=15001 Ref=2
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001
        15002 <- Released c1 This=15002/ConferenceMember Other=15000/Origination CS=Ok DNIS=15001
        """
    )
    assert server.tserver.switch.state.calls == {}


# --- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("15000", "415 OtherDN: 15000 cannot remove itself"),
        ("15003", "470 OtherDN: 15003 is not in the conference"),
        ("15004", "470 OtherDN: 15004 is not in the conference"),
    ],
)
def test_who_cannot_be_removed(number: str, error: str) -> None:
    server, (a, b, *_) = conference()
    b.does(m.RequestSingleStepConference, call=1, other_dn="15003")
    server.delivered.clear()
    assert refused(server, a, m.RequestDeleteFromConference, call=1, other_dn=number) == error


def test_nobody_is_removed_from_a_call_of_two() -> None:
    server, (a, b, *_) = talking()
    b.does(m.RequestSingleStepConference, other_dn="15002")
    server.delivered.clear()
    error = refused(server, a, m.RequestDeleteFromConference, call=1, other_dn="15001")
    assert error == "496 the call is no conference"


def test_only_who_talks_can_remove() -> None:
    server, (a, *_) = conference()
    a.does(m.RequestHoldCall, call=1)
    server.delivered.clear()
    error = refused(server, a, m.RequestDeleteFromConference, call=1, other_dn="15001")
    assert error == "496 only who talks can remove a party"
