"""Route points as ladders: a router, which is a client of the T-Server, sends calls on or turns them away."""

from bridge.tlib import messages as m
from bridge.tlib.enums import ForwardMode, RouteType, TreatmentType
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import AUTO_IN, Seat
from tests.tserver_sim.in_memory_server import Client, Desk
from tests.tserver_sim.ladders import lines
from tests.tserver_sim.route_points import (
    OTHER_RP,
    QUEUE,
    RP,
    at_route_point,
    no_timers,
    routes,
    rp_desk,
    rung,
    treats,
    waiting,
)

DATA = KVList.of(Name="Miller")

# --- the way through a route point ---------------------------------------------------------------------


def test_a_call_is_routed() -> None:
    desk = rp_desk()
    a, b, router = at_route_point(desk, "15000", "15001")
    a.calls(RP, user_data=DATA)
    assert desk.ladder() == lines(
        """
        15000 <- Dialing c1 This=15000/Origination Other=15500/Destination DNIS=15500 Data=Name:Miller Ref=1
        15500 <- Queued c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Name:Miller
        15500 <- RouteRequest c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Name:Miller
        """
    )
    routes(router, "15001", reasons=KVList.of(Why="free"))
    assert desk.ladder() == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          DNIS=15500 Data=Name:Miller RouteType=Unknown Reasons=Why:free Ref=1
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          CS=Ok DNIS=15500 Data=Name:Miller
        15001 <- Ringing c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500 Data=Name:Miller
        """
    )
    b.answers()
    assert desk.ladder() == lines(
        """
        15001 <- Established c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Name:Miller Ref=1
        15000 <- Established c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15500
          Data=Name:Miller
        """
    )
    b.releases()
    assert desk.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Name:Miller Ref=2
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15500 Data=Name:Miller
        """
    )


def test_a_switch_that_tells_no_queued_at_route_points() -> None:
    desk = rp_desk(profile="csta-pbx")
    a, b, router = at_route_point(desk, "15000", "15001")
    a.calls(RP)
    assert [line for line in desk.ladder() if line.startswith(RP)] == lines(
        """
        15500 <- RouteRequest c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
        """
    )
    routes(router, "15001")
    assert [line for line in desk.ladder() if "Hook" not in line] == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          DNIS=15500 RouteType=Unknown Ref=1
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          CS=Ok DNIS=15500
        15001 <- Ringing c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
        """
    )
    b.answers()
    assert [line.split()[2] for line in desk.ladder() if "Hook" not in line] == ["Established"] * 2


def test_only_the_router_is_told_its_reference() -> None:
    desk = rp_desk()
    desk.client("other", RP)
    _, _, router = waiting(desk)
    routes(router, "15001")
    assert [" Ref=1" in line for line in desk.ladder() if " RouteUsed " in line] == [False, True]


def test_the_caller_gives_up() -> None:
    desk = rp_desk()
    a, _, router = waiting(desk)
    treats(router, TreatmentType.PlayAnnouncement)
    desk.told.clear()
    a.releases()
    assert desk.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15500/Destination CS=Ok DNIS=15500 Ref=2
        15500 <- Abandoned c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
        """
    )
    assert no_timers(desk)
    routes(router, "15001")
    assert desk.ladder() == ["15500 <- Error 56 15500 c1 Ref=2"]


def test_the_caller_gives_up_while_it_rings_at_the_target() -> None:
    desk = rp_desk()
    a, _, router = waiting(desk)
    routes(router, "15001")
    desk.told.clear()
    a.releases()
    assert [line.split()[:3] for line in desk.ladder()] == [
        ["15000", "<-", "Released"],
        ["15001", "<-", "Abandoned"],
    ]


def test_nobody_answers_at_the_target() -> None:
    desk = rp_desk(ring_timeout=20)
    _, _, router = waiting(desk)
    routes(router, "15001")
    desk.told.clear()
    desk.clock.advance(20)
    assert desk.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=NoAnswer DNIS=15500
        15001 <- Released c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=NoAnswer DNIS=15500
        """
    )


# --- where to -------------------------------------------------------------------------------------------


def test_to_another_route_point() -> None:
    desk = rp_desk()
    _, b, router = waiting(desk)
    other = desk.client(OTHER_RP, OTHER_RP)
    routes(router, OTHER_RP)
    assert desk.ladder()[2:] == lines(
        """
        15501 <- Queued c1 This=15501/Destination Queue=15501 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        15501 <- RouteRequest c1 This=15501/Destination Queue=15501 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        """
    )
    routes(other, "15001")
    assert desk.ladder()[2:] == lines(
        """
        15001 <- Ringing c1 This=15001/Destination Queue=15501 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        """
    )
    assert b.last_conn_id == other.last_conn_id


def test_to_a_queue_whose_agent_gets_it() -> None:
    desk = rp_desk()
    _, b, router = waiting(desk)
    desk.client(QUEUE, QUEUE)
    Seat(b).logs_in(QUEUE, AUTO_IN)
    desk.told.clear()
    routes(router, QUEUE)
    assert desk.ladder()[2:] == lines(
        """
        15600 <- Queued c1 This=15600/Destination Queue=15600 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        15600 <- Diverted c1 This=15600/Destination Queue=15600 Other=15000/Origination 3rd=15001/Destination
          CS=Ok DNIS=15500
        15001 <- Ringing c1 This=15001/Destination Queue=15600 Other=15000/Origination CS=Ok Cause=ACD
          DNIS=15500 AgentID=A01
        """
    )


def test_to_somebody_outside() -> None:
    desk = rp_desk()
    _, _, router = waiting(desk)
    routes(router, "9555")
    assert desk.ladder() == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=9555/Destination
          DNIS=15500 RouteType=Unknown Ref=1
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=9555/Destination
          CS=Ok DNIS=15500
        15000 <- NetworkReached c1 This=15000/Origination Other=9555/Destination DNIS=15500
        """
    )
    desk.clock.advance(2)
    assert desk.ladder() == [
        "15000 <- Established c1 This=15000/Origination Other=9555/Destination CS=Ok DNIS=15500"
    ]


def test_a_forwarded_target() -> None:
    desk = rp_desk()
    _, b, router = waiting(desk)
    c = desk.client("15002", "15002")
    b.asks(m.RequestCallForwardSet(this_dn="15001", other_dn="15002", forward_mode=ForwardMode.Unconditional))
    desk.told.clear()
    routes(router, "15001")
    assert rung(desk) == ["15002"]
    assert c.last_conn_id == router.last_conn_id


def test_with_another_dnis() -> None:
    desk = rp_desk()
    _, _, router = waiting(desk)
    routes(router, "15001", route_type=RouteType.OverwriteDNIS, dnis="0800")
    assert desk.ladder() == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          DNIS=0800 RouteType=OverwriteDNIS Ref=1
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          CS=Ok DNIS=0800
        15001 <- Ringing c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok Cause=Route
          DNIS=0800
        """
    )


def test_another_route_type_leaves_the_dnis() -> None:
    desk = rp_desk()
    _, _, router = waiting(desk)
    routes(router, "15001", route_type=RouteType.Label, dnis="0800")
    assert all("DNIS=15500" in line for line in desk.ladder())


def test_with_more_user_data() -> None:
    desk = rp_desk()
    _, _, router = waiting(desk, user_data=DATA)
    routes(router, "15001", user_data=KVList.of(Skill="gold"))
    assert desk.ladder()[:3] == lines(
        """
        15500 <- AttachedDataChanged c1 This=15500/Destination Queue=15500 3rd=15500/Destination DNIS=15500
          Data=Name:Miller,Skill:gold
        15000 <- AttachedDataChanged c1 This=15000/Origination 3rd=15500/Destination DNIS=15500
          Data=Name:Miller,Skill:gold
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          DNIS=15500 Data=Name:Miller,Skill:gold RouteType=Unknown Ref=1
        """
    )


def test_to_an_agent_wherever_that_is() -> None:
    desk = rp_desk()
    _, b, router = waiting(desk)
    Seat(b).logs_in(agent_id="Jo")
    desk.told.clear()
    routes(router, "Jo", route_type=RouteType.AgentID)
    assert rung(desk) == ["15001"]


def test_to_the_default() -> None:
    desk = rp_desk({"default": "15001"})
    _, _, router = waiting(desk)
    routes(router, "", route_type=RouteType.Default)
    assert desk.ladder()[0].endswith("3rd=15001/Destination DNIS=15500 RouteType=Default Ref=1")


def test_the_default_may_be_told() -> None:
    desk = rp_desk({"default": "15001"})
    _, _, router = waiting(desk)
    desk.client("15002", "15002")
    routes(router, "15002", route_type=RouteType.Default)
    assert rung(desk) == ["15002"]


# --- transfers and consultations ------------------------------------------------------------------------


def test_a_transferred_call_is_routed() -> None:
    desk = rp_desk()
    a, b, router = at_route_point(desk, "15000", "15001")
    c = desk.client("15002", "15002")
    a.calls("15001")
    b.answers()
    b.transfers(RP)
    desk.told.clear()
    routes(router, "15002")
    assert desk.ladder()[2:] == lines(
        """
        15002 <- Ringing c1 This=15002/Destination Queue=15500 Other=15000/Origination
          3rd=15001/TransferredBy CS=Ok Cause=Route DNIS=15001
        """
    )
    c.answers()
    assert desk.ladder() == lines(
        """
        15002 <- Established c1 This=15002/Destination Queue=15500 Other=15000/Origination
          3rd=15001/TransferredBy CS=Ok DNIS=15001 Ref=1
        """
    )


def consulting(desk: Desk) -> tuple[Client, Client, Client, Client]:
    """15000 and 15001 talk in c1, and 15001 consults the route point in c2."""
    a, b, router = at_route_point(desk, "15000", "15001")
    c = desk.client("15002", "15002")
    a.calls("15001")
    b.answers()
    b.does(m.RequestInitiateTransfer, other_dn=RP)
    return a, b, c, router


def test_a_consultation_is_routed() -> None:
    desk = rp_desk()
    _, b, c, router = consulting(desk)
    assert (
        desk.ladder()[-1]
        == lines(
            """
        15500 <- RouteRequest c2 Type=Consult This=15500/Destination Queue=15500 Other=15001/Origination CS=Ok
          Prev=c1 DNIS=15500
        """
        ).pop()
    )
    routes(router, "15002")
    assert all("Type=Consult" in line and "Prev=c1" in line for line in desk.ladder())
    c.answers()
    desk.told.clear()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=c.last_conn_id)
    assert [line.split()[:4] for line in desk.ladder()] == [
        ["15001", "<-", "Released", "c2"],
        ["15001", "<-", "Released", "c1"],
        ["15002", "<-", "PartyChanged", "c1"],
        ["15000", "<-", "PartyChanged", "c1"],
    ]


def test_a_transfer_is_completed_before_the_call_is_routed() -> None:
    """The route point hears of it, and what was begun there goes on in the call that remains."""
    desk = rp_desk()
    _, b, _, router = consulting(desk)
    treats(router, TreatmentType.PlayAnnouncement, DURATION=5)
    desk.told.clear()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=router.last_conn_id)
    assert desk.ladder()[2:] == lines(
        """
        15500 <- PartyChanged c1 This=15500/Destination Queue=15500 Other=15000/Origination
          3rd=15001/TransferredBy CS=Transferred Prev=c2 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15500/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )
    desk.clock.advance(5)
    assert [line.split()[:4] for line in desk.ladder()] == [["15500", "<-", "TreatmentEnd", "c1"]]
    routes(router, "15002")
    assert rung(desk) == ["15002"]
