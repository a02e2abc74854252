"""The dial plan: which numbers lead where."""

from typing import Any

import pytest

from tests.tserver_sim.in_memory_server import InMemoryServer
from tserver_sim.switch.numbering.dial_plan import Pattern, Rule, rule_for

FITS = {
    "0": ("0",),
    "9.": ("91", "9911", "9#*"),
    "1XX": ("100", "199"),
    "N00": ("200", "900"),
    ".": ("1", "+49"),
    "*1#.": ("*1#2",),
    "+33.": ("+331",),
}
FITS_NOT = {
    "0": ("", "1", "00"),
    "9.": ("9", "8", "19"),
    "1XX": ("10", "1000", "1a0", "1٣0"),
    "N00": ("100", "000"),
    ".": ("",),
    "*1#.": ("1#2", "*1#"),
    "+33.": ("331", "+33"),
}


@pytest.mark.parametrize("pattern", FITS)
def test_a_pattern(pattern: str) -> None:
    assert all(Pattern(pattern).matches(number) for number in FITS[pattern])
    assert not any(Pattern(pattern).matches(number) for number in FITS_NOT[pattern])


def test_a_rule_rewrites_the_number() -> None:
    assert Rule(Pattern("9."), strip=1, prepend="+33").rewrite("9123") == "+33123"
    assert Rule(Pattern("."), strip=4, prepend="15000").rewrite("123") == "15000"


def test_the_first_rule_that_fits_decides() -> None:
    rules = (Rule(Pattern("91."), trunk="a"), Rule(Pattern("9."), trunk="b"))
    assert rule_for(rules, "912") is rules[0]
    assert rule_for(rules, "921") is rules[1]
    assert rule_for(rules, "8") is None


PLAN: dict[str, Any] = {
    "trunks": [{"name": "city", "lines": 1}, {"name": "none", "lines": 0}],
    "dial_plan": [
        {"prefix": "15", "trunk": "city"},
        {"prefix": "90", "strip": 1, "trunk": "none"},
        {"prefix": "9", "strip": 1, "trunk": "city"},
        {"pattern": "08005551XX", "strip": 10, "prepend": "15001"},
        {"pattern": "0800.", "strip": 4},
        {"pattern": "1XX", "invalid": "SitVacant"},
    ],
}


@pytest.mark.parametrize(
    ("number", "last"),
    [
        pytest.param("15001", "15001 <- Ringing c1 This=15001/Destination", id="a DN comes before any rule"),
        pytest.param("0800555123", "15001 <- Ringing c1 This=15001/Destination", id="another name of a DN"),
        pytest.param("080015001", "15001 <- Ringing c1 This=15001/Destination", id="a prefix before a DN"),
        pytest.param("080099", "CS=SitInvalidNum DNIS=080099", id="it leads to no DN"),
        pytest.param("110", "CS=SitVacant DNIS=110", id="a number that the plan refuses"),
        pytest.param("4711", "CS=SitInvalidNum DNIS=4711", id="no rule"),
        pytest.param("9", "CS=SitInvalidNum DNIS=9", id="nothing after the prefix"),
        pytest.param("90123", "Other=90123/Destination CS=AllTrunksBusy DNIS=90123", id="no line"),
        pytest.param("9123", "Other=9123/Destination DNIS=9123", id="outside"),
        pytest.param("15999", "Other=15999/Destination DNIS=15999", id="no DN, but a rule"),
    ],
)
def test_where_a_number_leads(number: str, last: str) -> None:
    server = InMemoryServer(**PLAN)
    a, _ = server.agents("15000", "15001")
    a.calls(number)
    dialing, *rest = server.ladder()
    assert dialing.startswith("15000 <- Dialing c1 ")
    assert last in rest[-1]


def test_a_single_step_operation_is_refused_if_all_trunks_are_busy() -> None:
    server = InMemoryServer(**PLAN)
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    a.transfers("90123")
    assert server.ladder() == ["15000 <- Error 452 15000 c1 Ref=2"]
    a.transfers("110")
    assert server.ladder() == ["15000 <- Error 415 15000 c1 Ref=3"]


def test_nobody_calls_himself_by_another_name() -> None:
    server = InMemoryServer(**PLAN)
    a, b = server.agents("15000", "15001")
    b.calls("0800555123")
    assert "CS=Busy" in server.ladder()[-1]
    assert [party.state.name for party in server.tserver.switch.engine.parties_of("15001").values()] == [
        "FAILED"
    ]
    a.calls("15001")
    assert server.ladder()[-1].startswith("15001 <- Ringing")
