"""Calls between two sites as ladders: the events at either site, in order.

The first digit of a DN is that of its site. `a1` is the first call that Switch A has named, `b1` that of B.
"""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import MergeType, RouteType, XRouteType
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import Client
from tests.tserver_sim.ladders import lines
from tests.tserver_sim.site_network import BASES, SiteNetwork

A1, A2 = BASES["A"] + 1, BASES["A"] + 2


def seated(**keys: dict[str, object]) -> tuple[SiteNetwork, list[Client]]:
    """Return two sites without calls."""
    sites = SiteNetwork(**keys)
    return sites, sites.agents("15000", "15001", "15002", "25000", "25001", "25002")


def talking(**keys: dict[str, object]) -> tuple[SiteNetwork, list[Client]]:
    """15000 talks to 15001, both at A."""
    sites, clients = seated(**keys)
    clients[0].calls("15001")
    clients[1].answers()
    sites.ladder()
    return sites, clients


def across() -> tuple[SiteNetwork, list[Client]]:
    """15000 at A talks to 25000 at B."""
    sites, clients = seated()
    clients[0].calls("25000", location="B")
    sites.flow()
    clients[3].answers()
    sites.ladder()
    return sites, clients


def nothing_is_left(sites: SiteNetwork) -> None:
    """Check that nothing is left: no call, no leg, no timer, no access number."""
    for server in sites.servers.values():
        state = server.tserver.switch.state
        assert not (state.calls)
        assert not (state.legs)
        assert not (state.remote_legs)
        assert not (state.timers)
        assert not (state.transactions)
        assert not (state.accesses)
        assert not (state.reservations)


# --- dialling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("location", ["B", "TB@B"])
def test_a_call_to_another_site(location: str) -> None:
    sites, (a0, _, _, b0, *_) = seated()

    a0.calls("25000", location=location, user_data=KVList.of(Topic="Billing"))
    assert sites.ladder() == lines("""
        15000 <- Dialing a1 Outbound This=15000 Other=25000 Data=Topic:Billing Ref=1
        25000 <- Ringing a1 Inbound This=25000 Other=15000 Home=A Data=Topic:Billing
        15000 <- RemoteConnectionSuccess a1 Outbound This=15000 Other=25000 Location=B RemoteConnID=a1 Ref=1
        """)
    ringing = b0.events[-1]
    assert isinstance(ringing, m.EventRinging)
    assert (ringing.call_id, ringing.call_uuid) == (1001, "01RCC3N118B1V0SL807GK2LAES000001")
    assert (ringing.dnis, ringing.ani) == ("25000", "15000")

    b0.answers()
    assert sites.ladder() == lines("""
        25000 <- Established a1 Inbound This=25000 Other=15000 Home=A Data=Topic:Billing Ref=1
        15000 <- Established a1 Outbound This=15000 Other=25000 Data=Topic:Billing
        """)
    b0.releases()
    assert sites.ladder() == lines("""
        25000 <- Released a1 Inbound This=25000 Other=15000 Home=A Data=Topic:Billing Ref=2
        15000 <- Released a1 Outbound This=15000 Other=25000 Data=Topic:Billing
        """)
    nothing_is_left(sites)


def test_the_caller_gives_up() -> None:
    sites, (a0, *_) = seated()
    a0.calls("25000", location="B")
    sites.ladder()
    a0.releases()
    assert sites.ladder() == [
        "15000 <- Released a1 Outbound This=15000 Other=25000 Ref=2",
        "25000 <- Abandoned a1 Inbound This=25000 Other=15000 Home=A",
    ]
    nothing_is_left(sites)


def test_the_caller_gives_up_before_the_call_has_arrived() -> None:
    sites, (a0, *_) = seated()
    a0.calls("25000", location="B")
    (wire,) = sites.wires
    wire.step("B")  # asks for an access number
    wire.step("A")
    a0.does(m.RequestReleaseCall, conn_id=A1)
    assert sites.ladder() == lines("""
        15000 <- Dialing a1 Outbound This=15000 Other=25000 Ref=1
        15000 <- Released a1 Outbound This=15000 Other=25000 Ref=2
        15000 <- RemoteConnectionFailed a1 Outbound This=15000 Other=25000 Location=B
         ErrorCode=CallDisconnected Ref=1
        25000 <- Ringing a1 Inbound This=25000 Other=15000 Home=A
        25000 <- Abandoned a1 Inbound This=25000 Other=15000 Home=A
        """)
    nothing_is_left(sites)


def test_a_busy_destination() -> None:
    sites, (a0, _, _, b0, b1, _) = seated()
    b1.calls("25002")
    sites.ladder()
    a0.calls("25001", location="B")
    assert sites.ladder() == lines("""
        15000 <- Dialing a1 Outbound This=15000 Other=25001 Ref=1
        15000 <- DestinationBusy a1 Outbound This=15000 Other=25001 CS=Busy
        15000 <- RemoteConnectionFailed a1 Outbound This=15000 Other=25001 Location=B ErrorCode=DNBusy Ref=1
        """)
    assert b0.events[-1].name == "EventRegistered"


def test_hold_is_local() -> None:
    sites, (a0, _, _, b0, *_) = across()
    b0.does(m.RequestHoldCall)
    assert sites.ladder() == ["25000 <- Held a1 Inbound This=25000 Other=15000 Home=A Ref=2"]
    a0.releases()
    assert sites.ladder() == [
        "15000 <- Released a1 Outbound This=15000 Other=25000 Ref=2",
        "25000 <- Released a1 Inbound This=25000 Other=15000 Home=A",
    ]
    nothing_is_left(sites)


# --- user data ------------------------------------------------------------------------------------


def test_user_data_are_the_same_at_both_sites() -> None:
    sites, (a0, _, _, b0, *_) = across()
    b0.does(m.RequestAttachUserData, user_data=KVList.of(B=1))
    assert sites.ladder() == lines("""
        25000 <- AttachedDataChanged a1 Inbound This=25000 3rd=25000/Destination Home=A Data=B:1 Ref=2
        15000 <- AttachedDataChanged a1 Outbound This=15000 3rd=25000/Destination Data=B:1
        """)
    a0.does(m.RequestDeletePair, data_key="B")
    assert sites.ladder() == lines("""
        15000 <- AttachedDataChanged a1 Outbound This=15000 3rd=15000/Origination Data= Ref=2
        25000 <- AttachedDataChanged a1 Inbound This=25000 3rd=15000/Origination Home=A Data=
        """)


def test_of_two_changes_at_the_same_time_one_wins_at_both_sites() -> None:
    sites, (a0, _, _, b0, *_) = across()
    a0.does(m.RequestAttachUserData, user_data=KVList.of(A=1))
    b0.does(m.RequestAttachUserData, user_data=KVList.of(B=1))
    assert sites.ladder() == lines("""
        15000 <- AttachedDataChanged a1 Outbound This=15000 3rd=15000/Origination Data=A:1 Ref=2
        25000 <- AttachedDataChanged a1 Inbound This=25000 3rd=25000/Destination Home=A Data=B:1 Ref=2
        15000 <- AttachedDataChanged a1 Outbound This=15000 3rd=25000/Destination Data=B:1
        """)


# --- transfers ------------------------------------------------------------------------------------


def test_a_single_step_transfer_to_another_site() -> None:
    sites, (a0, a1, _, b0, *_) = talking()
    a1.transfers("25000", location="B", user_data=KVList.of(Topic="Billing"))
    assert sites.ladder() == lines("""
        15001 <- Released a1 This=15001 Other=15000 3rd=25000/Destination CS=Transferred
         Data=Topic:Billing Ref=2
        15000 <- PartyChanged a1 This=15000 Other=25000 3rd=15001/TransferredBy CS=Transferred Prev=a1
         Home=A First=15001/a1 Last=15001/a1 Data=Topic:Billing
        25000 <- Ringing a1 Inbound This=25000 Other=15000 3rd=15001/TransferredBy CS=Transferred
         Home=A First=15001/a1 Last=15001/a1 Data=Topic:Billing
        15001 <- RemoteConnectionSuccess a1 This=15001 Other=25000 Location=B RemoteConnID=a1 Ref=2
        """)
    ringing = b0.events[-1]
    assert isinstance(ringing, m.EventRinging)
    assert (ringing.dnis, ringing.ani) == ("15001", "15000")

    b0.answers()
    assert sites.ladder() == lines("""
        25000 <- Established a1 Inbound This=25000 Other=15000 3rd=15001/TransferredBy CS=Transferred
         Home=A First=15001/a1 Last=15001/a1 Data=Topic:Billing Ref=1
        """)
    a0.releases()
    assert sites.ladder()[-1].startswith("25000 <- Released a1 Inbound This=25000 Other=15000")
    nothing_is_left(sites)


def test_the_target_of_a_transfer_does_not_take_it() -> None:
    sites, (_, a1, _, b0, *_) = talking()
    a1.transfers("25000", location="B")
    sites.ladder()
    b0.releases()
    assert sites.ladder() == lines("""
        25000 <- Released a1 Inbound This=25000 Other=15000 Home=A First=15001/a1 Last=15001/a1 Ref=1
        15000 <- Released a1 This=15000 Other=25000 Home=A First=15001/a1 Last=15001/a1
        """)
    nothing_is_left(sites)


def test_somebody_else_takes_over_at_the_other_end() -> None:
    sites, (a0, _, a2, *_) = across()
    a0.transfers("15002")
    a2.answers()
    assert sites.ladder() == lines("""
        15000 <- Released a1 Outbound This=15000 Other=25000 3rd=15002/Destination CS=Transferred Ref=2
        15002 <- Ringing a1 Outbound This=15002 Other=25000 3rd=15000/TransferredBy CS=Transferred
        15002 <- Established a1 Outbound This=15002 Other=25000 3rd=15000/TransferredBy CS=Transferred
         Home=A First=15000/a1 Last=15000/a1 Ref=1
        25000 <- PartyChanged a1 Inbound This=25000 Other=15002 3rd=15000/TransferredBy CS=Transferred
         Prev=a1 Home=A First=15000/a1 Last=15000/a1
        """)


def test_a_call_comes_back_and_goes_on() -> None:
    """Its ConnID is in use at A when it comes back: it gets another one, with the first as PreviousConnID."""
    sites, (_, a1, _, b0, b1, _) = across()
    b0.transfers("15001", location="TA@A")
    assert sites.ladder() == lines("""
        25000 <- Released a1 Inbound This=25000 Other=15000 3rd=15001/Destination CS=Transferred
         Home=A Ref=2
        15001 <- Ringing a2 Inbound This=15001 Other=15000 3rd=25000/TransferredBy CS=Transferred
         Prev=a1 Home=A First=25000/a1 Last=25000/a1
        15000 <- PartyChanged a1 Outbound This=15000 Other=15001 3rd=25000/TransferredBy CS=Transferred
         Prev=a1 Home=A First=25000/a1 Last=25000/a1
        25000 <- RemoteConnectionSuccess a1 Inbound This=25000 Other=15001 Location=A RemoteConnID=a2 Ref=2
        """)
    a1.answers()
    sites.ladder()
    a1.transfers("25001", location="B")
    assert sites.ladder() == lines("""
        15001 <- Released a2 Inbound This=15001 Other=15000 3rd=25001/Destination CS=Transferred
         Prev=a1 Home=A First=25000/a1 Last=25000/a1 Ref=2
        25001 <- Ringing a2 Inbound This=25001 Other=15000 3rd=15001/TransferredBy CS=Transferred
         Home=A First=25000/a1 Last=15001/a2
        15001 <- RemoteConnectionSuccess a2 Inbound This=15001 Other=25001 Location=B RemoteConnID=a2 Ref=2
        15000 <- PartyChanged a1 Outbound This=15000 Other=25001 3rd=15001/TransferredBy CS=Transferred
         Prev=a1 Home=A First=25000/a1 Last=15001/a2
        """)
    b1.answers()
    sites.ladder()
    b1.releases()
    assert sites.ladder() == lines("""
        25001 <- Released a2 Inbound This=25001 Other=15000 Home=A First=25000/a1 Last=15001/a2 Ref=2
        15000 <- Released a1 Outbound This=15000 Other=25001 Home=A First=25000/a1 Last=15001/a2
        """)
    nothing_is_left(sites)


def test_a_mute_transfer_to_another_site() -> None:
    sites, (_, a1, *_) = talking()
    a1.does(m.RequestMuteTransfer, other_dn="25000", location="B")
    assert sites.ladder() == lines("""
        15001 <- Held a1 This=15001 Other=15000 Ref=2
        15001 <- Dialing a2 Consult This=15001 Other=25000 Prev=a1 Ref=2
        15001 <- Released a2 Consult This=15001 Other=25000 CS=Transferred Prev=a1 Ref=2
        15001 <- Released a1 This=15001 Other=15000 3rd=25000/Destination CS=Transferred Ref=2
        15000 <- PartyChanged a1 This=15000 Other=25000 3rd=15001/TransferredBy CS=Transferred Prev=a1
         Home=A First=15001/a1 Last=15001/a1
        25000 <- Ringing a1 Inbound This=25000 Other=15000 3rd=15001/TransferredBy CS=Transferred
         Home=A First=15001/a1 Last=15001/a1
        15001 <- RemoteConnectionSuccess a1 This=15001 Other=25000 Location=B RemoteConnID=a1 Ref=2
        """)


# --- consulting -----------------------------------------------------------------------------------


def consulting() -> tuple[SiteNetwork, list[Client]]:
    """15001 holds a1 with 15000 and talks to 25000 at B in a2."""
    sites, clients = talking()
    clients[1].does(m.RequestInitiateTransfer, other_dn="25000", location="B")
    assert sites.ladder() == lines("""
        15001 <- Held a1 This=15001 Other=15000 Ref=2
        15001 <- Dialing a2 Consult This=15001 Other=25000 Prev=a1 Ref=2
        25000 <- Ringing a2 Consult This=25000 Other=15001 Prev=a1 Home=A
        15001 <- RemoteConnectionSuccess a2 Consult This=15001 Other=25000 Location=B RemoteConnID=a2 Ref=2
        """)
    clients[3].answers()
    sites.ladder()
    return sites, clients


def test_a_consultation_becomes_a_transfer() -> None:
    """At B the call becomes the main call, too."""
    sites, (a0, a1, _, b0, *_) = consulting()
    a1.does(m.RequestCompleteTransfer, conn_id=A1, transfer_conn_id=A2)
    assert sites.ladder() == lines("""
        15001 <- Released a2 Consult This=15001 Other=25000 CS=Transferred Prev=a1 Ref=3
        15001 <- Released a1 This=15001 Other=15000 3rd=25000/Destination CS=Transferred Ref=3
        15000 <- PartyChanged a1 This=15000 Other=25000 3rd=15001/TransferredBy CS=Transferred Prev=a1
         Home=A First=15001/a1 Last=15001/a1
        25000 <- PartyChanged a1 Inbound This=25000 Other=15000 3rd=15001/TransferredBy CS=Transferred
         Prev=a2 Home=A First=15001/a1 Last=15001/a1
        """)
    b0.releases()
    assert sites.ladder() == lines("""
        25000 <- Released a1 Inbound This=25000 Other=15000 Home=A First=15001/a1 Last=15001/a1 Ref=2
        15000 <- Released a1 This=15000 Other=25000 Home=A First=15001/a1 Last=15001/a1
        """)
    assert a0.events[-1].name == "EventReleased"
    nothing_is_left(sites)


def test_a_consultation_becomes_a_conference() -> None:
    sites, (a0, a1, *_) = consulting()
    a1.does(m.RequestCompleteConference, conn_id=A1, conference_conn_id=A2)
    assert sites.ladder()[-1] == (
        "25000 <- PartyChanged a1 Inbound This=25000 Other=15001 3rd=15001/ConferencedBy CS=Conferenced "
        "Prev=a2 Home=A"
    )
    a1.does(m.RequestReleaseCall, conn_id=A1)
    assert sites.ladder() == lines("""
        15001 <- Released a1 This=15001 Ref=4
        15000 <- PartyDeleted a1 This=15000 Other=15001 3rd=15001/DeletedBy
        25000 <- PartyChanged a1 Inbound This=25000 Other=15000 3rd=15001/DeletedBy
         Prev=a1 Home=A
        """)
    a0.releases()
    sites.ladder()
    nothing_is_left(sites)


def test_somebody_of_another_site_is_invited() -> None:
    sites, (_, a1, _, b0, *_) = talking()
    a1.does(m.RequestSingleStepConference, other_dn="25000", location="B")
    assert sites.ladder() == lines("""
        25000 <- Ringing a1 Inbound This=25000 Other=15001 3rd=15001/AddedBy CS=Conferenced Home=A
        15001 <- RemoteConnectionSuccess a1 This=15001 Other=25000 Location=B RemoteConnID=a1 Ref=2
        """)
    b0.answers()
    assert sites.ladder() == lines("""
        25000 <- Established a1 Inbound This=25000 Other=15001 3rd=15001/AddedBy CS=Conferenced Home=A Ref=1
        15001 <- PartyAdded a1 This=15001 Other=25000 3rd=15001/AddedBy CS=Conferenced Ref=2
        15000 <- PartyAdded a1 This=15000 Other=25000 3rd=15001/AddedBy CS=Conferenced
        """)


def test_a_call_that_only_joins_another_one_with_itself_ends() -> None:
    """15000 comes to be twice in the conference of 25000 and 25001, and joins its two calls."""
    sites, (a0, a1, _, b0, b1, _) = across()
    a0.does(m.RequestHoldCall)
    b0.does(m.RequestSingleStepConference, other_dn="25001")
    b1.answers()
    sites.flow()
    b1.does(m.RequestSingleStepConference, other_dn="15001", location="A")
    sites.flow()
    a1.answers()
    sites.flow()
    a1.does(m.RequestInitiateTransfer, other_dn="15000")
    a0.answers()
    sites.flow()
    a1.does(m.RequestCompleteTransfer, conn_id=A2, transfer_conn_id=a1.last_conn_id)
    sites.ladder()
    first, second = sites.servers["A"].tserver.switch.engine.parties_of("15000")
    merged = {"conn_id": first, "transfer_conn_id": second, "merge_type": MergeType.ForTransfer}
    a0.does(m.RequestMergeCalls, **merged)
    assert sites.ladder()[-1].startswith("25001 <- PartyDeleted a1 Inbound This=25001")
    (call,) = sites.servers["B"].tserver.switch.state.calls.values()
    assert [party.dn for party in call.parties] == ["25000", "25001"]
    assert sites.servers["A"].tserver.switch.state.calls == {}
    assert not any(server.tserver.switch.state.legs for server in sites.servers.values())


# --- routing --------------------------------------------------------------------------------------


def test_a_router_sends_a_call_to_another_site() -> None:
    sites, (a0, _, _, b0, *_) = seated()
    (router,) = sites.agents("15500")
    a0.calls("15500")
    sites.ladder()
    router.does(m.RequestRouteCall, conn_id=A1, other_dn="25000", location="B", route_type=RouteType.Unknown)
    b0_rings = sites.ladder()
    assert b0_rings == lines("""
        15500 <- RouteUsed a1 This=15500 Other=15000 3rd=25000/Destination ThisQueue=15500
         RouteType=Unknown Ref=1
        15500 <- Diverted a1 This=15500 Other=15000 3rd=25000/Destination ThisQueue=15500
        25000 <- Ringing a1 Inbound This=25000 Other=15000 Home=A
        15500 <- RemoteConnectionSuccess a1 This=15500 Other=25000 Location=B RemoteConnID=a1 Ref=1
        """)
    b0.answers()
    assert sites.ladder()[-1] == "15000 <- Established a1 This=15000 Other=25000"


# --- access numbers for clients -------------------------------------------------------------------


def test_a_client_calls_an_access_number_by_itself() -> None:
    sites, (a0, a1, a2, *_) = talking(B={"access_numbers": ["29900"]})
    access = {"other_dn": "25001", "location": "B"}
    a1.does(m.RequestGetAccessNumber, **access, user_data=KVList.of(Topic="Billing"))
    a0.does(m.RequestGetAccessNumber, **access)
    assert sites.ladder() == lines("""
        15001 <- AnswerAccessNumber This=15001 a1 AccessNumber=29900 XReferenceID=1 Location=B
         XRouteType=Default Ref=2
        15000 <- Error This=15000 a1 ErrorCode=NoAccessNumber Ref=2
        """)
    a2.calls("29900")
    assert sites.ladder() == lines("""
        15002 <- Dialing a2 Outbound This=15002 Other=25001 Ref=1
        25001 <- Ringing a2 Inbound This=25001 Other=15002 Home=A Data=Topic:Billing
        15002 <- AttachedDataChanged a2 Outbound This=15002 3rd=25001/Destination Data=Topic:Billing
        """)


def test_an_access_number_is_given_up() -> None:
    sites, (_, a1, *_) = talking(B={"access_numbers": ["29900"]})
    a1.does(m.RequestGetAccessNumber, other_dn="25001", location="B")
    sites.ladder()
    a1.does(m.RequestCancelReqGetAccessNumber, x_reference_id=1)
    assert sites.ladder() == ["15001 <- ReqGetAccessNumberCanceled This=15001 a1 XReferenceID=1 Ref=3"]
    assert sites.servers["B"].tserver.switch.state.reservations == {}
    a1.does(m.RequestCancelReqGetAccessNumber, x_reference_id=1)
    assert sites.ladder() == ["15001 <- Error This=15001 a1 ErrorCode=InvalidAttribute Ref=4"]


def test_an_access_number_of_the_own_switch() -> None:
    sites, (_, a1, a2, *_) = talking()
    a1.does(m.RequestGetAccessNumber, other_dn="15003")
    assert sites.ladder() == lines("""
        15001 <- AnswerAccessNumber This=15001 a1 AccessNumber=A.1 XReferenceID=1 XRouteType=Default Ref=2
        """)
    a2.calls("A.1")
    assert sites.ladder() == ["15002 <- Dialing a2 This=15002 Other=15003 Ref=1"]


def test_an_access_number_that_nobody_calls_is_free_again() -> None:
    sites, (_, a1, a2, *_) = talking(B={"access_numbers": ["29900"]})
    a1.does(m.RequestGetAccessNumber, other_dn="25001", location="B")
    sites.ladder()
    sites.clock.advance(10)
    a2.calls("29900")
    assert sites.ladder() == lines("""
        15002 <- Dialing a2 This=15002 Other=29900 Ref=1
        15002 <- DestinationBusy a2 This=15002 Other=29900 CS=SitInvalidNum
        """)
    assert sites.servers["B"].tserver.switch.state.reservations == {}


# --- refused, and nothing has changed -------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "attributes", "error"),
    [
        (m.RequestSingleStepTransfer, {"other_dn": "4711", "location": "B"}, 1021),
        (m.RequestSingleStepTransfer, {"other_dn": "25002", "location": "B"}, 231),
        (m.RequestSingleStepTransfer, {"other_dn": "25000", "location": "C"}, 1000),
        (m.RequestSingleStepTransfer, {"other_dn": "25000", "location": "TX@B"}, 1000),
        (m.RequestSingleStepTransfer, {"other_dn": "25000", "location": "a@b@c"}, 1012),
        (m.RequestSingleStepTransfer, {"other_dn": "25000", "location": "B", "conn_id": 7}, 56),
        (m.RequestInitiateTransfer, {"other_dn": "4711", "location": "B"}, 1021),
        (m.RequestCompleteTransfer, {"transfer_conn_id": 7}, 56),
        (
            m.RequestGetAccessNumber,
            {"other_dn": "25000", "location": "B", "x_route_type": XRouteType.PullBack},
            1009,
        ),
        (m.RequestGetAccessNumber, {"other_dn": "25000", "location": "B", "reasons": KVList.of(A=1)}, 53),
        (
            m.RequestGetAccessNumber,
            {"other_dn": "25000", "location": "B", "user_data": KVList.of(_ISCC_X=1)},
            53,
        ),
        (m.RequestGetAccessNumber, {"other_dn": "4711"}, 1021),
    ],
)
def test_refusals(kind: type[m.CallRequest], attributes: dict[str, object], error: int) -> None:
    sites, (_, a1, _, _, b1, _) = talking()
    b1.calls("25002")
    sites.ladder()
    before = repr(sites.servers["A"].tserver.switch.state.calls)
    a1.does(kind, **attributes)
    (line,) = sites.ladder()
    assert line.startswith("15001 <- Error This=15001")
    refusal = a1.events[-1]
    assert isinstance(refusal, m.EventError)
    assert refusal.error_code.value == error
    assert refusal.reference_id == 2
    assert repr(sites.servers["A"].tserver.switch.state.calls) == before


def test_a_request_that_cannot_be_about_another_site() -> None:
    sites, (a0, *_) = seated()
    (queue,) = sites.agents("15600")
    request = m.RequestMakePredictiveCall(
        this_dn="15600", other_dn="25000", timeout=5, location="B", reference_id=1
    )
    queue.asks(request)
    assert sites.ladder() == ["15600 <- Error This=15600 ErrorCode=FeatureNotInitialised Ref=1"]
    assert a0.last_conn_id == 0


def test_what_was_possible_is_so_no_more_when_the_other_site_has_answered() -> None:
    sites, (a0, a1, *_) = talking()
    a1.transfers("25000", location="B")
    a0.releases()
    assert sites.ladder() == lines("""
        15000 <- Released a1 This=15000 Other=15001 Ref=2
        15001 <- Released a1 This=15001 Other=15000
        15001 <- Error This=15001 a1 ErrorCode=InvalidConnID Ref=2
        """)
    nothing_is_left(sites)


# --- when a site is lost, or silent ---------------------------------------------------------------


def test_a_site_that_cannot_be_reached() -> None:
    sites, (a0, *_) = seated()
    sites.wires[0].cut()
    a0.calls("25000", location="B")
    assert sites.ladder() == ["15000 <- Error This=15000 ErrorCode=LocationDisconnected Ref=1"]
    sites.join()
    a0.calls("25000", location="B")
    assert len(sites.ladder()) == 3


def test_the_connection_is_lost_during_a_call() -> None:
    sites, _ = across()
    sites.wires[0].cut()
    assert sites.ladder() == [
        "15000 <- Released a1 Outbound This=15000 Other=25000",
        "25000 <- Released a1 Inbound This=25000 Other=15000 Home=A",
    ]
    nothing_is_left(sites)


def test_the_connection_is_lost_while_it_rings_and_while_a_site_is_asked() -> None:
    sites, (a0, _, a2, *_) = seated()
    a0.calls("25000", location="B")
    sites.ladder()
    a2.calls("25001", location="B")
    sites.wires[0].cut()
    assert sites.ladder() == [
        "15002 <- Error This=15002 ErrorCode=LocationDisconnected Ref=1",
        "15000 <- DestinationBusy a1 Outbound This=15000 Other=25000 CS=SitNoCircuit",
        "25000 <- Abandoned a1 Inbound This=25000 Other=15000 Home=A",
    ]


def test_the_other_site_does_not_answer() -> None:
    sites, (a0, _, a2, *_) = seated()
    a0.calls("25000", location="B")
    sites.clock.advance(5)
    assert sites.ladder() == ["15000 <- Error This=15000 ErrorCode=TransactionExpired Ref=1"]
    assert sites.servers["B"].tserver.switch.state.reservations == {}

    a2.calls("25001", location="B")
    (wire,) = sites.wires
    wire.step("B")
    wire.step("A")
    sites.clock.advance(5)  # the call is on its way
    assert [line.split(" Other")[0] for line in sites.ladder()] == [
        "15002 <- Dialing a1 Outbound This=15002",
        "15002 <- DestinationBusy a1 Outbound This=15002",
        "15002 <- RemoteConnectionFailed a1 Outbound This=15002",
        "25001 <- Ringing a1 Inbound This=25001",
        "25001 <- Abandoned a1 Inbound This=25001",
    ]


def test_the_other_t_server_has_lost_its_switch() -> None:
    sites, (a0, *_) = seated()
    sites.servers["B"].tserver.dispatcher.link_down()
    sites.ladder()
    a0.calls("25000", location="B")
    assert sites.ladder() == ["15000 <- Error This=15000 ErrorCode=RemoteLinkDown Ref=1"]
