"""The control API: switches, phones, and calls with external parties."""

import json
from typing import Any

import pytest
from fastapi import FastAPI

from tests.tserver_sim.control.test_control_api import ask
from tests.tserver_sim.in_memory_server import InMemoryServer
from tests.tserver_sim.trunk_server import trunk_server
from tserver_sim.control.api import control_app

C1 = "0071027198180001"
C2 = "0071027198180002"


class Control:
    """The control API over one switch."""

    def __init__(self, server: InMemoryServer) -> None:
        self._app: FastAPI = control_app(server.clock, {"Switch_A": server.tserver})

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        """Send a request; return the body, preceded by the status if that is not 200."""
        answer = ask(self._app, method, path, None if body is None else json.dumps(body))
        return answer.json() if answer.status_code == 200 else (answer.status_code, answer.json()["error"])


def test_the_switches() -> None:
    server = trunk_server()
    a, _ = server.agents("15000", "15001")
    a.calls("9555")
    assert Control(server)("GET", "/switches") == [
        {
            "name": "Switch_A",
            "application": "TServer_A",
            "dns": 7,
            "calls": 1,
            "trunks": [
                {"name": "city", "lines": 2, "in_use": 1},
                {"name": "old", "lines": 1, "in_use": 0},
            ],
            "sites": [],
        }
    ]


def test_the_dns() -> None:
    server = trunk_server(phones={"15001": {"answers_after": 2, "hangs_up_after": 9}})
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    control = Control(server)
    dns = control("GET", "/switches/Switch_A/dns")
    assert [dn["number"] for dn in dns] == ["15000", "15001", "15002", "15003", "15004", "15500", "15600"]
    assert [dn["type"] for dn in dns[-2:]] == ["RouteDN", "Queue"]
    assert dns[1] == control("GET", "/switches/Switch_A/dns/15001")
    assert dns[1] == {
        "number": "15001",
        "type": "DN",
        "in_service": True,
        "dnd": False,
        "message_waiting": False,
        "forward": None,
        "agent": None,
        "phone": {
            "answers_after": 2.0,
            "hangs_up_after": 9.0,
            "rejects_after": None,
            "never": None,
            "busy": None,
            "mix": None,
        },
        "calls": [{"conn_id": C1, "state": "Alerting"}],
    }


def test_the_calls() -> None:
    server = trunk_server()
    server.agents("15000")
    control = Control(server)
    data = {"Topic": "Billing", "Tries": 2, "More": {"Deep": "x"}}
    call = {"switch": "Switch_A", "from": "0699", "to": "15600", "user_data": data}
    assert control("POST", "/calls", call) == {"outcome": "Ok", "conn_id": C1}
    assert control("GET", "/switches/Switch_A/calls") == [
        {
            "conn_id": C1,
            "call_id": 1001,
            "call_uuid": "01RCC3N118B1V0SL807GK2LAES000001",
            "type": "Inbound",
            "dnis": "15600",
            "ani": "0699",
            "main_call": None,
            "user_data": [["Topic", "Billing"], ["Tries", 2], ["More", [["Deep", "x"]]]],
            "parties": [
                {
                    "dn": "0699",
                    "role": "Origination",
                    "state": "Dialing",
                    "queue": None,
                    "trunk": "city",
                    "announced": True,
                },
                {
                    "dn": "15600",
                    "role": "Destination",
                    "state": "Queued",
                    "queue": "15600",
                    "trunk": None,
                    "announced": True,
                },
            ],
        }
    ]


def test_a_caller_outside_learns_why_nobody_was_reached() -> None:
    server = trunk_server()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    call = {"switch": "Switch_A", "from": "0699", "to": "15001"}
    assert Control(server)("POST", "/calls", call) == {"outcome": "Busy", "conn_id": None}
    assert server.ladder() == []


def test_people_outside_answer_and_hang_up() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    a.calls("9203")
    server.delivered.clear()
    control = Control(server)
    assert control("POST", f"/calls/{C1}/answer") == {"conn_id": C1}
    assert [line.split()[2] for line in server.ladder()] == ["Established"]
    who = {"number": "203", "switch": "Switch_A"}
    assert control("POST", f"/calls/{C1}/hang_up", who) == {"conn_id": C1}
    assert [line.split()[2] for line in server.ladder()] == ["Released"]


def test_a_phone_in_somebodys_hands() -> None:
    server = trunk_server()
    server.agents("15000", "15001")
    control = Control(server)
    phones = "/switches/Switch_A/phones"
    dialling = {"number": "15001", "user_data": {"A": 1}}
    assert control("POST", f"{phones}/15000/dial", dialling) == {"conn_id": C1}
    assert control("POST", f"{phones}/15001/answer") == {"conn_id": C1}
    assert control("POST", f"{phones}/15000/hold", {"conn_id": C1}) == {"conn_id": C1}
    assert control("POST", f"{phones}/15000/retrieve", {}) == {"conn_id": C1}
    assert control("POST", f"{phones}/15001/hang_up") == {"conn_id": C1}
    assert control("POST", f"{phones}/15000/dial", {"number": "15001"}) == {"conn_id": C2}
    assert control("POST", f"{phones}/15001/reject") == {"conn_id": C2}
    assert [line.split()[2] for line in server.ladder()] == [
        *("Dialing", "Ringing", "Established", "Established", "Held", "Retrieved", "Released", "Released"),
        *("Dialing", "Ringing", "Released", "Released"),
    ]


def test_a_phone_is_told_how_to_behave() -> None:
    server = trunk_server(phones={"15001": 1})
    (a,) = server.agents("15000")
    control = Control(server)
    phone = "/switches/Switch_A/phones/15001"
    mix = {"mix": [{"weight": 1, "busy": True}, {"weight": 2, "rejects_after": 3}]}
    delivered = control("PUT", phone, mix)["phone"]["mix"]
    assert [(choice["weight"], choice["busy"], choice["rejects_after"]) for choice in delivered] == [
        (1.0, True, None),
        (2.0, None, 3.0),
    ]
    assert control("PUT", phone, {"busy": True})["phone"]["busy"] is True
    a.calls("15001")
    assert [line.split()[2] for line in server.ladder()] == ["Dialing", "DestinationBusy"]
    assert control("PUT", phone, {"never": True, "hangs_up_after": 4})["phone"]["never"] is True
    assert control("DELETE", phone)["phone"]["answers_after"] == 1.0
    assert control("DELETE", "/switches/Switch_A/phones/15002")["phone"] is None


def test_a_dn_is_lost_and_found() -> None:
    server = trunk_server()
    a, _ = server.agents("15000", "15001")
    control = Control(server)
    service = "/switches/Switch_A/dns/15001/service"
    assert control("PUT", service, {"in_service": False})["in_service"] is False
    assert server.ladder() == ["15001 <- DNOutOfService 15001"]
    a.calls("15001")
    assert "CS=SitNoCircuit" in server.ladder()[-1]
    status, error = control("PUT", service, {"in_service": False})
    assert (status, error) == (409, "15001 is out of service already")
    assert control("PUT", service, {"in_service": True})["in_service"] is True


CALL = {"switch": "Switch_A", "from": "0699", "to": "15000"}
PHONE = "/switches/Switch_A/phones/15001"
WAYS = "answers_after, rejects_after, never, busy, mix"
DEEP: dict[str, Any] = {}
for _ in range(8):
    DEEP = {"x": DEEP}

PROBLEMS: list[tuple[str, str, object, int, str]] = [
    ("GET", "/switches/Switch_C/dns", None, 404, "there is no switch Switch_C"),
    ("GET", "/switches/Switch_A/dns/4711", None, 404, "4711 is not a DN of this switch"),
    ("GET", "/switches/Switch_C/calls", None, 404, "there is no switch Switch_C"),
    ("PUT", "/switches/Switch_A/phones/4711", {"busy": True}, 404, "4711 has no phone"),
    ("PUT", "/switches/Switch_A/phones/15600", {"busy": True}, 404, "15600 has no phone"),
    ("PUT", PHONE, {}, 400, f"body: expected exactly one of {WAYS}"),
    ("PUT", PHONE, {"busy": True, "never": True}, 400, f"body: expected exactly one of {WAYS}"),
    ("PUT", PHONE, {"answers_after": -1}, 400, "answers_after: expected seconds, 0 to 86400"),
    ("PUT", PHONE, {"busy": False}, 400, "busy: expected true, or no such key"),
    ("PUT", PHONE, {"invalid": True}, 400, "invalid: Extra inputs are not permitted"),
    (
        "PUT",
        PHONE,
        {"busy": True, "hangs_up_after": 1},
        400,
        "body: expected a phone that talks; one with busy has no use for hangs_up_after",
    ),
    ("PUT", PHONE, {"mix": [{"busy": True}]}, 400, "mix.weight: Field required"),
    ("PUT", PHONE, {"mix": []}, 400, "mix: expected a list with at least one entry"),
    ("POST", "/switches/Switch_A/phones/4711/answer", None, 404, "4711 is not a DN of this switch"),
    ("POST", f"{PHONE}/answer", None, 409, "15001 has no call to answer"),
    ("POST", f"{PHONE}/hang_up", {"conn_id": C1}, 409, "15001 has no call to hang up"),
    ("POST", f"{PHONE}/answer", {"conn_id": "1"}, 400, "conn_id: expected a ConnID of 16 hex digits"),
    (
        "POST",
        f"{PHONE}/sing",
        None,
        400,
        "act: Input should be 'answer', 'reject', 'hang_up', 'hold' or 'retrieve'",
    ),
    ("POST", "/switches/Switch_A/phones/15000/dial", {"number": "15001"}, 409, "15000 is busy"),
    ("POST", f"{PHONE}/dial", {"number": ""}, 400, "number: String should have at least 1 character"),
    ("POST", "/calls", {**CALL, "switch": "Switch_C"}, 404, "there is no switch Switch_C"),
    ("POST", "/calls", {**CALL, "trunk": "new"}, 400, "the switch has no trunk group new"),
    (
        "POST",
        "/calls",
        {**CALL, "from": "15001"},
        400,
        "the caller's number is missing, or a DN of this switch",
    ),
    ("POST", "/calls", {"switch": "Switch_A", "to": "15000"}, 400, "from: Field required"),
    (
        "POST",
        "/calls",
        {**CALL, "user_data": DEEP},
        400,
        "user_data: expected strings, 32-bit integers and objects of these, at most 8 deep",
    ),
    ("POST", f"/calls/{C2}/answer", None, 404, "there is no such call"),
    ("POST", f"/calls/{C1}/answer", None, 409, "nobody outside can answer in this call"),
    ("POST", f"/calls/{C1}/answer", {"switch": "Switch_C"}, 404, "there is no switch Switch_C"),
    ("POST", "/calls/zz/answer", None, 400, "conn_id: expected a ConnID of 16 hex digits"),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: f"{problem[0]} {problem[1]} {problem[4]}")
def test_a_problem(problem: tuple[str, str, object, int, str]) -> None:
    method, path, body, status, error = problem
    server = trunk_server()
    a, _ = server.agents("15000", "15001")
    a.calls("15002")
    server.delivered.clear()
    assert Control(server)(method, path, body) == (status, error)
    assert server.ladder() == []


def test_all_lines_are_taken() -> None:
    server = trunk_server()
    control = Control(server)
    assert control("POST", "/calls", {**CALL, "trunk": "old"})["outcome"] == "Ok"
    again = {**CALL, "to": "15001", "trunk": "old"}
    assert control("POST", "/calls", again) == (409, "all lines of old are busy")


def test_two_switches_have_a_call_with_the_same_conn_id() -> None:
    servers = [trunk_server(), trunk_server()]
    app = control_app(servers[0].clock, {"One": servers[0].tserver, "Two": servers[1].tserver})
    for name in ("One", "Two"):
        ask(app, "POST", "/calls", json.dumps({**CALL, "switch": name}))
    answer = ask(app, "POST", f"/calls/{C1}/hang_up")
    assert (answer.status_code, answer.json()) == (409, {"error": "say which switch is meant: One, Two"})
    assert ask(app, "POST", f"/calls/{C1}/hang_up", '{"switch": "Two"}').status_code == 200
    assert [len(server.tserver.switch.state.calls) for server in servers] == [1, 0]
