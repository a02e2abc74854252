"""Route points as ladders: a router, which is a client of the T-Server, sends calls on or turns them away."""

from bridge.tlib import messages as m
from bridge.tlib.enums import ForwardMode, RouteType, TreatmentType
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import AUTO_IN, AgentClient
from tests.tserver_sim.in_memory_server import Client, InMemoryServer
from tests.tserver_sim.ladders import lines
from tests.tserver_sim.route_points import (
    OTHER_RP,
    QUEUE,
    RP,
    at_route_point,
    no_timers,
    ringing_lines,
    route_point_server,
    routes,
    treats,
    waiting,
)

DATA = KVList.of(Name="Miller")

# --- the way through a route point ---------------------------------------------------------------------


def test_a_call_is_routed() -> None:
    server = route_point_server()
    a, b, router = at_route_point(server, "15000", "15001")
    a.calls(RP, user_data=DATA)
    assert server.ladder() == lines(
        """
        15000 <- Dialing c1 This=15000/Origination Other=15500/Destination DNIS=15500 Data=Name:Miller Ref=1
        15500 <- Queued c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Name:Miller
        15500 <- RouteRequest c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Name:Miller
        """
    )
    routes(router, "15001", reasons=KVList.of(Why="free"))
    assert server.ladder() == lines(
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
    assert server.ladder() == lines(
        """
        15001 <- Established c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Name:Miller Ref=1
        15000 <- Established c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15500
          Data=Name:Miller
        """
    )
    b.releases()
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Name:Miller Ref=2
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15500 Data=Name:Miller
        """
    )


def test_a_switch_that_tells_no_queued_at_route_points() -> None:
    server = route_point_server(profile="csta-pbx")
    a, b, router = at_route_point(server, "15000", "15001")
    a.calls(RP)
    assert [line for line in server.ladder() if line.startswith(RP)] == lines(
        """
        15500 <- RouteRequest c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
        """
    )
    routes(router, "15001")
    assert [line for line in server.ladder() if "Hook" not in line] == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          DNIS=15500 RouteType=Unknown Ref=1
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          CS=Ok DNIS=15500
        15001 <- Ringing c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
        """
    )
    b.answers()
    assert [line.split()[2] for line in server.ladder() if "Hook" not in line] == ["Established"] * 2


def test_only_the_router_is_told_its_reference() -> None:
    server = route_point_server()
    server.client("other", RP)
    _, _, router = waiting(server)
    routes(router, "15001")
    assert [" Ref=1" in line for line in server.ladder() if " RouteUsed " in line] == [False, True]


def test_the_caller_gives_up() -> None:
    server = route_point_server()
    a, _, router = waiting(server)
    treats(router, TreatmentType.PlayAnnouncement)
    server.delivered.clear()
    a.releases()
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15500/Destination CS=Ok DNIS=15500 Ref=2
        15500 <- Abandoned c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
        """
    )
    assert no_timers(server)
    routes(router, "15001")
    assert server.ladder() == ["15500 <- Error 56 15500 c1 Ref=2"]


def test_the_caller_gives_up_while_it_rings_at_the_target() -> None:
    server = route_point_server()
    a, _, router = waiting(server)
    routes(router, "15001")
    server.delivered.clear()
    a.releases()
    assert [line.split()[:3] for line in server.ladder()] == [
        ["15000", "<-", "Released"],
        ["15001", "<-", "Abandoned"],
    ]


def test_nobody_answers_at_the_target() -> None:
    server = route_point_server(ring_timeout=20)
    _, _, router = waiting(server)
    routes(router, "15001")
    server.delivered.clear()
    server.clock.advance(20)
    assert server.ladder() == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=NoAnswer DNIS=15500
        15001 <- Released c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=NoAnswer DNIS=15500
        """
    )


# --- where to -------------------------------------------------------------------------------------------


def test_to_another_route_point() -> None:
    server = route_point_server()
    _, b, router = waiting(server)
    other = server.client(OTHER_RP, OTHER_RP)
    routes(router, OTHER_RP)
    assert server.ladder()[2:] == lines(
        """
        15501 <- Queued c1 This=15501/Destination Queue=15501 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        15501 <- RouteRequest c1 This=15501/Destination Queue=15501 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        """
    )
    routes(other, "15001")
    assert server.ladder()[2:] == lines(
        """
        15001 <- Ringing c1 This=15001/Destination Queue=15501 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        """
    )
    assert b.last_conn_id == other.last_conn_id


def test_to_a_queue_whose_agent_gets_it() -> None:
    server = route_point_server()
    _, b, router = waiting(server)
    server.client(QUEUE, QUEUE)
    AgentClient(b).logs_in(QUEUE, AUTO_IN)
    server.delivered.clear()
    routes(router, QUEUE)
    assert server.ladder()[2:] == lines(
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
    server = route_point_server()
    _, _, router = waiting(server)
    routes(router, "9555")
    assert server.ladder() == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=9555/Destination
          DNIS=15500 RouteType=Unknown Ref=1
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=9555/Destination
          CS=Ok DNIS=15500
        15000 <- NetworkReached c1 This=15000/Origination Other=9555/Destination DNIS=15500
        """
    )
    server.clock.advance(2)
    assert server.ladder() == [
        "15000 <- Established c1 This=15000/Origination Other=9555/Destination CS=Ok DNIS=15500"
    ]


def test_a_forwarded_target() -> None:
    server = route_point_server()
    _, b, router = waiting(server)
    c = server.client("15002", "15002")
    b.asks(m.RequestCallForwardSet(this_dn="15001", other_dn="15002", forward_mode=ForwardMode.Unconditional))
    server.delivered.clear()
    routes(router, "15001")
    assert ringing_lines(server) == ["15002"]
    assert c.last_conn_id == router.last_conn_id


def test_with_another_dnis() -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    routes(router, "15001", route_type=RouteType.OverwriteDNIS, dnis="0800")
    assert server.ladder() == lines(
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
    server = route_point_server()
    _, _, router = waiting(server)
    routes(router, "15001", route_type=RouteType.Label, dnis="0800")
    assert all("DNIS=15500" in line for line in server.ladder())


def test_with_more_user_data() -> None:
    server = route_point_server()
    _, _, router = waiting(server, user_data=DATA)
    routes(router, "15001", user_data=KVList.of(Skill="gold"))
    assert server.ladder()[:3] == lines(
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
    server = route_point_server()
    _, b, router = waiting(server)
    AgentClient(b).logs_in(agent_id="Jo")
    server.delivered.clear()
    routes(router, "Jo", route_type=RouteType.AgentID)
    assert ringing_lines(server) == ["15001"]


def test_to_the_default() -> None:
    server = route_point_server({"default": "15001"})
    _, _, router = waiting(server)
    routes(router, "", route_type=RouteType.Default)
    assert server.ladder()[0].endswith("3rd=15001/Destination DNIS=15500 RouteType=Default Ref=1")


def test_the_default_may_be_told() -> None:
    server = route_point_server({"default": "15001"})
    _, _, router = waiting(server)
    server.client("15002", "15002")
    routes(router, "15002", route_type=RouteType.Default)
    assert ringing_lines(server) == ["15002"]


# --- transfers and consultations ------------------------------------------------------------------------


def test_a_transferred_call_is_routed() -> None:
    server = route_point_server()
    a, b, router = at_route_point(server, "15000", "15001")
    c = server.client("15002", "15002")
    a.calls("15001")
    b.answers()
    b.transfers(RP)
    server.delivered.clear()
    routes(router, "15002")
    assert server.ladder()[2:] == lines(
        """
        15002 <- Ringing c1 This=15002/Destination Queue=15500 Other=15000/Origination
          3rd=15001/TransferredBy CS=Ok Cause=Route DNIS=15001
        """
    )
    c.answers()
    assert server.ladder() == lines(
        """
        15002 <- Established c1 This=15002/Destination Queue=15500 Other=15000/Origination
          3rd=15001/TransferredBy CS=Ok DNIS=15001 Ref=1
        """
    )


def consulting(server: InMemoryServer) -> tuple[Client, Client, Client, Client]:
    """15000 and 15001 talk in c1, and 15001 consults the route point in c2."""
    a, b, router = at_route_point(server, "15000", "15001")
    c = server.client("15002", "15002")
    a.calls("15001")
    b.answers()
    b.does(m.RequestInitiateTransfer, other_dn=RP)
    return a, b, c, router


def test_a_consultation_is_routed() -> None:
    server = route_point_server()
    _, b, c, router = consulting(server)
    assert (
        server.ladder()[-1]
        == lines(
            """
        15500 <- RouteRequest c2 Type=Consult This=15500/Destination Queue=15500 Other=15001/Origination CS=Ok
          Prev=c1 DNIS=15500
        """
        ).pop()
    )
    routes(router, "15002")
    assert all("Type=Consult" in line and "Prev=c1" in line for line in server.ladder())
    c.answers()
    server.delivered.clear()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=c.last_conn_id)
    assert [line.split()[:4] for line in server.ladder()] == [
        ["15001", "<-", "Released", "c2"],
        ["15001", "<-", "Released", "c1"],
        ["15002", "<-", "PartyChanged", "c1"],
        ["15000", "<-", "PartyChanged", "c1"],
    ]


def test_a_transfer_is_completed_before_the_call_is_routed() -> None:
    """The route point hears of it, and what was begun there goes on in the call that remains."""
    server = route_point_server()
    _, b, _, router = consulting(server)
    treats(router, TreatmentType.PlayAnnouncement, DURATION=5)
    server.delivered.clear()
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=router.last_conn_id)
    assert server.ladder()[2:] == lines(
        """
        15500 <- PartyChanged c1 This=15500/Destination Queue=15500 Other=15000/Origination
          3rd=15001/TransferredBy CS=Transferred Prev=c2 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15500/Destination 3rd=15001/TransferredBy
          CS=Transferred Prev=same DNIS=15001
        """
    )
    server.clock.advance(5)
    assert [line.split()[:4] for line in server.ladder()] == [["15500", "<-", "TreatmentEnd", "c1"]]
    routes(router, "15002")
    assert ringing_lines(server) == ["15002"]
