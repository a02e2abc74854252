"""The site of the game: a switch with everything that the site file can have, and its clients."""

from typing import Any

from tserver_sim.switch.state.phone_behaviour import MANUAL, Answers, Behaviour, Busy, Choice, Mix, Rejects

EXTENSIONS = tuple(str(number) for number in range(15000, 15016))
PRIVATE = EXTENSIONS[-2:]
"""One client has registered these in mode Private."""
QUEUES = ("15600", "15601", "15602")
ROUTE_POINTS = ("15500", "15501", "15502")
VIRTUAL_QUEUES = ("VQ",)
DNS = (*EXTENSIONS, *QUEUES, *ROUTE_POINTS, *VIRTUAL_QUEUES)
SHARED = tuple(dn for dn in DNS if dn not in PRIVATE)
AGENTS = tuple(f"A{number}" for number in range(6))

OUTSIDE = ("9201", "9203", "9204", "9301", "9302", "9401", "9402", "8301", "8203")
NUMBERS = (*DNS, *EXTENSIONS, *(*QUEUES, *ROUTE_POINTS) * 3, *OUTSIDE, "9202", "715001", "9911", "4711", "")
"""The numbers that are dialled."""

PHONES: tuple[Behaviour | None, ...] = (
    None,
    MANUAL,
    Answers(1.0),
    Answers(0.0, 20.0),
    Rejects(2.0),
    Busy(),
    Mix((Choice(1.0, Busy()), Choice(2.0, Answers(0.0)), Choice(1.0, Rejects(1.0)))),
)

_PHONES: dict[str, dict[str, Any]] = {
    "15008": {"answers_after": 1},
    "15009": {"answers_after": 0, "hangs_up_after": 15},
    "15010": {"rejects_after": 2},
    "15011": {"mix": [{"weight": 1, "busy": True}, {"weight": 2, "answers_after": 2}]},
}
_QUEUES: dict[str, dict[str, Any]] = {
    "15600": {"no_answer": 8, "overflow": {"after": 40, "to": "15601"}},
    "15601": {"max_waiting": 3, "overflow": {"after": 60, "to": "15500"}},
    "15602": {},
}
_ROUTING: dict[str, dict[str, Any]] = {
    "15500": {"default": "15602"},
    "15501": {
        "rules": [
            {"to": "15502", "percent": 40},
            {"to": "15600", "data": {"Kind": "sale"}, "treatment": {"type": "music", "seconds": 5}},
            {"to": "9301", "percent": 30},
        ],
        "default": "15000",
    },
    "15502": {"rules": [{"to": "15501", "percent": 50}]},
}


def switch(profile: str, seed: int) -> dict[str, Any]:
    """Return the switch as it stands in the site file."""
    dns: list[dict[str, Any]] = [{"number": dn, "phone": _PHONES.get(dn)} for dn in EXTENSIONS]
    dns += [{"number": dn, "type": "acd_queue", "queue": _QUEUES[dn]} for dn in QUEUES]
    dns += [{"number": dn, "type": "route_point", "routing": _ROUTING[dn]} for dn in ROUTE_POINTS]
    return {
        "profile": profile,
        "seed": seed,
        "ring_timeout": 30,
        "routing_timeout": 20,
        "dns": dns,
        "virtual_queues": VIRTUAL_QUEUES,
        "agents": [{"id": agent, "queues": [QUEUES[index % 3]]} for index, agent in enumerate(AGENTS)],
        "trunks": [
            {"name": "city", "lines": 4},
            {"name": "old", "lines": 2, "answer_supervision": False},
        ],
        "dial_plan": [
            {"pattern": "9911", "invalid": "SitIntercept"},
            {"prefix": "9", "strip": 1, "trunk": "city"},
            {"prefix": "8", "strip": 1, "trunk": "old"},
            {"prefix": "7", "strip": 1},
        ],
        "outside": [
            {"number": "201", "phone": {"busy": True}},
            {"number": "202", "phone": {"invalid": True}},
            {"number": "203", "phone": {"never": True}},
            {"number": "204", "phone": {"rejects_after": 3}},
            {"number": "401", "phone": {"answers_after": 1, "detected": "machine"}},
            {"number": "402", "phone": {"answers_after": 1, "detected": "fax"}},
            {"prefix": "30", "phone": {"answers_after": 1, "hangs_up_after": 25}},
        ],
    }
