"""The built-in router: rules of the site file, and the default of a route point."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.runtime.sitefile import SiteFileError
from bridge.tlib import messages as m
from bridge.tlib.enums import TreatmentType
from bridge.tlib.kv import KVList
from tests.tserver_sim.ladders import lines
from tests.tserver_sim.route_points import (
    OTHER_RP,
    RP,
    at_route_point,
    no_timers,
    ringing_lines,
    route_point_server,
    routes,
    treats,
    waiting,
)
from tests.tserver_sim.trunk_server import comes_in
from tserver_sim.site import read_site
from tserver_sim.switch.config.route_rules import RoutePlan, RouteRule, TimedTreatment, first_matching
from tserver_sim.switch.numbering.dial_plan import Pattern
from tserver_sim.switch.operations.routing.built_in_router import MAX_HOPS

# --- which rule fits ------------------------------------------------------------------------------------


def never() -> float:
    raise AssertionError("chance was asked")


def fitting(
    rules: list[RouteRule], dnis: str = "15500", draw: Callable[[], float] = never, **data: Any
) -> str:
    rule = first_matching(rules, dnis, KVList(data.items()), draw)
    return "" if rule is None else rule.to


def test_the_first_rule_that_fits_decides() -> None:
    rules = [RouteRule("1", dnis=Pattern("0800X")), RouteRule("2", dnis=Pattern("08.")), RouteRule("3")]
    assert [fitting(rules, dnis) for dnis in ("08001", "0800", "08", "15500")] == ["1", "2", "3", "3"]
    assert fitting([]) == ""


def test_all_the_data_that_a_rule_names_must_be_there() -> None:
    rules = [RouteRule("1", data=(("Tier", "gold"), ("Level", "2")))]
    assert fitting(rules, Tier="gold", Level=2, Name="Miller") == "1"
    assert fitting(rules, Tier="gold", Level="2") == "1"
    assert fitting(rules, Tier="gold") == ""
    assert fitting(rules, Tier="Gold", Level=2) == ""
    assert fitting(rules, Tier=b"gold", Level=KVList()) == ""


def test_of_repeated_keys_any_may_fit() -> None:
    rules = [RouteRule("1", data=(("Tier", "gold"),))]
    rule = first_matching(rules, "", KVList((("Tier", "tin"), ("Tier", "gold"))), never)
    assert rule is rules[0]


@given(st.floats(0, 1, exclude_max=True), st.floats(0.001, 99.999))
def test_a_rule_may_be_for_a_part_of_the_calls(chance: float, percent: float) -> None:
    rules = [RouteRule("1", percent=percent), RouteRule("2")]
    assert fitting(rules, draw=lambda: chance) == ("1" if chance * 100 < percent else "2")


# --- by the rules ---------------------------------------------------------------------------------------

BY_DATA = {"rules": [{"data": {"Tier": "gold"}, "to": "15001"}, {"to": "15002", "dnis": "0."}]}


def test_a_call_is_routed_by_a_rule() -> None:
    server = route_point_server(BY_DATA)
    a, _, _ = at_route_point(server, "15000", "15001")
    a.calls(RP, user_data=KVList.of(Tier="gold"))
    assert server.ladder()[2:] == lines(
        """
        15500 <- RouteRequest c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
          Data=Tier:gold
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          DNIS=15500 Data=Tier:gold RouteType=Unknown
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          CS=Ok DNIS=15500 Data=Tier:gold
        15001 <- Ringing c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500 Data=Tier:gold
        """
    )


def test_a_call_from_outside_is_routed_by_its_number() -> None:
    server = route_point_server(
        {"rules": [{"to": "15001", "dnis": "0800X"}]},
        dial_plan=[{"pattern": "0800X", "strip": 5, "prepend": RP}],
    )
    at_route_point(server, "15001")
    comes_in(server, "08001")
    assert ringing_lines(server) == ["15001"]


def test_a_call_without_a_rule_waits_for_a_router_outside() -> None:
    server = route_point_server(BY_DATA)
    _, _, router = waiting(server)
    assert server.ladder() == []
    routes(router, "15001")
    assert ringing_lines(server) == ["15001"]


def test_a_rule_whose_target_cannot_be_reached_leaves_the_call_waiting() -> None:
    server = route_point_server({"rules": [{"to": "15001"}], "default": "15002"}, routing_timeout=10)
    a, b, router = at_route_point(server, "15000", "15001")
    server.client("15002", "15002")
    b.calls("15003")
    a.calls(RP)
    assert ringing_lines(server) == []
    server.clock.advance(10)
    assert ringing_lines(server) == ["15002"]
    assert router.events[-1].name == "EventDiverted"


def test_a_rule_does_not_bring_a_call_back_to_its_caller() -> None:
    server = route_point_server({"rules": [{"to": "15000"}]})
    waiting(server)
    assert [party.dn for party in server.tserver.switch.engine.parties_of(RP).values()] == [RP]


def test_chance_divides_the_calls_and_can_be_repeated() -> None:
    rules = {"rules": [{"percent": 30, "to": "15001"}, {"to": "15002"}]}

    def targets(seed: int) -> list[str]:
        server = route_point_server(rules, seed=seed)
        a, _, _ = at_route_point(server, "15000", "15001")
        server.client("15002", "15002")
        found = []
        for _ in range(200):
            a.calls(RP)
            found += ringing_lines(server)
            a.releases()
        return found

    first = targets(1)
    assert first == targets(1)
    assert first != targets(2)
    assert 40 <= first.count("15001") <= 80


def test_rules_that_go_in_a_circle_come_to_an_end() -> None:
    server = route_point_server({"rules": [{"to": OTHER_RP}]}, {"rules": [{"to": RP}]})
    a, router = at_route_point(server, "15000")
    server.client(OTHER_RP, OTHER_RP)
    a.calls(RP)
    asked = [line.split()[0] for line in server.ladder() if " RouteRequest " in line]
    assert asked == [RP, OTHER_RP] * ((MAX_HOPS + 1) // 2)
    assert router.events


# --- a treatment first ----------------------------------------------------------------------------------

MUSIC_FIRST = {"rules": [{"to": "15001", "treatment": {"type": "music", "seconds": 5}}]}


def test_a_call_hears_something_before_it_is_routed() -> None:
    server = route_point_server(MUSIC_FIRST)
    waiting(server)
    server.clock.advance(5)
    assert server.ladder() == lines(
        """
        15500 <- TreatmentEnd c1 This=15500/Destination Queue=15500 Other=15000/Origination DNIS=15500
          TreatmentType=Music
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          DNIS=15500 RouteType=Unknown
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          CS=Ok DNIS=15500
        15001 <- Ringing c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        """
    )
    assert no_timers(server)


def test_the_treatment_of_a_rule_is_told() -> None:
    server = route_point_server(MUSIC_FIRST)
    a, _ = at_route_point(server, "15000")
    a.calls(RP)
    assert server.ladder()[-1].endswith("DNIS=15500 TreatmentType=Music")


def test_a_router_outside_is_free_to_do_something_else() -> None:
    server = route_point_server(MUSIC_FIRST)
    _, _, router = waiting(server)
    treats(router, TreatmentType.Silence)
    assert [line.split()[2] for line in server.ladder()] == ["TreatmentEnd", "TreatmentApplied"]
    server.clock.advance(5)
    assert server.ladder() == []
    server.client("15002", "15002")
    routes(router, "15002")
    assert ringing_lines(server) == ["15002"]


def test_after_the_treatment_nobody_can_be_reached() -> None:
    server = route_point_server({**MUSIC_FIRST, "default": "15002"}, routing_timeout=10)
    _, b, _ = waiting(server)
    server.client("15002", "15002")
    b.calls("15003")
    server.delivered.clear()
    server.clock.advance(5)
    assert [line.split()[2] for line in server.ladder()] == ["TreatmentEnd"]
    server.clock.advance(10)
    assert ringing_lines(server) == ["15002"]


# --- the default ----------------------------------------------------------------------------------------

DEFAULT = {"default": "15001"}


def test_no_router_does_anything() -> None:
    server = route_point_server(DEFAULT, routing_timeout=10)
    waiting(server)
    server.clock.advance(9)
    assert server.ladder() == []
    server.clock.advance(1)
    assert server.ladder() == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          DNIS=15500 RouteType=Default
        15500 <- Diverted c1 This=15500/Destination Queue=15500 Other=15000/Origination 3rd=15001/Destination
          CS=Ok DNIS=15500
        15001 <- Ringing c1 This=15001/Destination Queue=15500 Other=15000/Origination CS=Ok Cause=Route
          DNIS=15500
        """
    )
    assert no_timers(server)


def test_without_a_time_or_a_default_a_call_waits_for_ever() -> None:
    for server in (route_point_server(DEFAULT), route_point_server(routing_timeout=10)):
        waiting(server)
        assert no_timers(server)


def test_while_a_treatment_lasts_the_time_does_not_begin() -> None:
    server = route_point_server(DEFAULT, routing_timeout=10)
    _, _, router = waiting(server)
    server.clock.advance(9)
    treats(router, TreatmentType.Music, DURATION=60)
    server.delivered.clear()
    server.clock.advance(60)
    assert [line.split()[2] for line in server.ladder()] == ["TreatmentEnd"]
    server.clock.advance(9)
    assert server.ladder() == []
    server.clock.advance(1)
    assert ringing_lines(server) == ["15001"]


def test_the_default_cannot_be_reached_yet() -> None:
    server = route_point_server(DEFAULT, routing_timeout=10)
    _, b, _ = waiting(server)
    b.calls("15003")
    server.delivered.clear()
    server.clock.advance(10)
    assert server.ladder() == []
    b.releases()
    server.delivered.clear()
    server.clock.advance(10)
    assert ringing_lines(server) == ["15001"]


@pytest.mark.parametrize("leave", ["releases", "routes"])
def test_the_time_ends_with_the_waiting(leave: str) -> None:
    server = route_point_server(DEFAULT, routing_timeout=10)
    a, _, router = waiting(server)
    if leave == "releases":
        a.releases()
    else:
        routes(router, "15001")
    assert no_timers(server)


def test_the_time_goes_on_when_a_transfer_is_completed() -> None:
    server = route_point_server({"default": "15002"}, routing_timeout=10)
    a, b, router = at_route_point(server, "15000", "15001")
    server.client("15002", "15002")
    a.calls("15001")
    b.answers()
    b.does(m.RequestInitiateTransfer, other_dn=RP)
    server.clock.advance(6)
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=router.last_conn_id)
    server.delivered.clear()
    server.clock.advance(4)
    assert ringing_lines(server) == ["15002"]


# --- the site file --------------------------------------------------------------------------------------

SITE = """\
switches:
  - name: Switch_A
    tserver: {application: TServer_A, port: 7010}
    ids: {call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES, conn_id_base: "0071027198180000"}
    routing_timeout: 10
    treatment_time: 4
    dns:
      - {number: "15600", type: acd_queue}
      - number: "15500"
        type: route_point
        routing:
          default: "15600"
          rules:
            - {dnis: "0800X", percent: 25, to: "9555"}
            - {data: {Tier: gold, Level: 2}, treatment: {type: ring_back, seconds: 3}, to: "15600"}
"""


def test_what_a_route_point_is_built_from(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    site = read_site(path)
    config = site.switch_config(site.switches[0])
    assert (config.routing_timeout, config.treatment_time) == (10, 4)
    assert config.routing == {
        "15500": RoutePlan(
            (
                RouteRule("9555", dnis=Pattern("0800X"), percent=25),
                RouteRule(
                    "15600",
                    data=(("Tier", "gold"), ("Level", "2")),
                    treatment=TimedTreatment(TreatmentType.RingBack, 3),
                ),
            ),
            "15600",
        )
    }


FAULTS = {
    ("type: acd_queue", "type: acd_queue, routing: {}"): (
        "8: switches[0].dns[0].routing: only a route_point has this"
    ),
    ("percent: 25", "percent: 0"): (
        "14: switches[0].dns[1].routing.rules[0].percent: expected a percentage above 0, up to 100, "
        "got 0 (an integer)"
    ),
    ("ring_back", "jazz"): (
        "15: switches[0].dns[1].routing.rules[1].treatment.type: expected one of music, ring_back, silence, "
        "announcement, ivr, got 'jazz'"
    ),
    (', to: "9555"', ""): "14: switches[0].dns[1].routing.rules[0].to: this key is required and is missing",
    ("routing_timeout: 10", "routing_timeout: 0"): (
        "5: switches[0].routing_timeout: expected seconds, up to 86400, got 0 (an integer)"
    ),
}


@pytest.mark.parametrize("change", FAULTS)
def test_a_fault_is_told_with_its_line(change: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(SITE.replace(*change, 1))
    with pytest.raises(SiteFileError) as fault:
        read_site(path)
    assert str(fault.value).splitlines()[0].startswith(f"{path}:{FAULTS[change]}")
