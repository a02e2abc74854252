"""A switch with trunks, and the external parties at their other end."""

from typing import Any

from tests.tserver_sim.in_memory_server import InMemoryServer
from tserver_sim.switch.interface.commands import CallIn, Done

SITE: dict[str, Any] = {
    "trunks": [
        {"name": "city", "lines": 2},
        {"name": "old", "lines": 1, "answer_supervision": False},
    ],
    "dial_plan": [
        {"prefix": "9", "strip": 1, "trunk": "city"},
        {"prefix": "8", "strip": 1, "trunk": "old"},
    ],
    "outside": [
        {"number": "201", "phone": {"busy": True}},
        {"number": "202", "phone": {"invalid": True}},
        {"number": "203", "phone": {"never": True}},
        {"number": "204", "phone": {"rejects_after": 3}},
        {"prefix": "30", "phone": {"answers_after": 1, "hangs_up_after": 10}},
    ],
}


def trunk_server(**switch: Any) -> InMemoryServer:
    """Return a server with two trunk groups: prefix 9, and prefix 8 without answer supervision."""
    return InMemoryServer(**{**SITE, **switch})


def comes_in(trunk_server: InMemoryServer, number: str, caller: str = "0699", **more: Any) -> Done:
    """Make a call from outside."""
    return trunk_server.tserver.command(CallIn(caller, number, **more))


def lines(trunk_server: InMemoryServer) -> dict[str, int]:
    """Return the lines in use by trunk group, after checking that each belongs to a party."""
    state = trunk_server.tserver.switch.state
    parties = {p.leg: (p.trunk, c.conn_id) for c in state.calls.values() for p in c.parties if p.leg}
    assert {number: (leg.trunk, leg.conn_id) for number, leg in state.legs.items()} == parties
    trunks = [trunk for trunk, _ in parties.values()]
    assert state.lines_in_use == {trunk: trunks.count(trunk) for trunk in trunks}
    return state.lines_in_use
