"""Ladders in tests: how they are written, and the calls that they begin with."""

from inspect import cleandoc
from typing import Any

from bridge.tlib import messages as m
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer

C1, C2 = CONN_ID_BASE + 1, CONN_ID_BASE + 2


def lines(text: str) -> list[str]:
    """Return the lines of a ladder, one per event. An indented line continues the one before."""
    ladder: list[str] = []
    for line in cleandoc(text).splitlines():
        if line.startswith(" "):
            ladder[-1] += " " + line.strip()
        else:
            ladder.append(line)
    return ladder


def talking(**switch: Any) -> tuple[InMemoryServer, list[Client]]:
    """15000 has called 15001, who has answered; 15002 to 15004 are free."""
    server = InMemoryServer(**switch)
    clients = server.agents("15000", "15001", "15002", "15003", "15004")
    clients[0].calls("15001")
    clients[1].answers()
    server.delivered.clear()
    return server, clients


def consulting(**switch: Any) -> tuple[InMemoryServer, list[Client]]:
    """15001 holds c1 with 15000 and talks to 15002 in c2."""
    server, clients = talking(**switch)
    clients[1].does(m.RequestInitiateTransfer, other_dn="15002")
    clients[2].answers()
    server.delivered.clear()
    return server, clients


def conference(**switch: Any) -> tuple[InMemoryServer, list[Client]]:
    """15000, 15001 and 15002 talk in c1."""
    server, clients = consulting(**switch)
    clients[1].does(m.RequestCompleteConference, call=1, conference_conn_id=C2)
    server.delivered.clear()
    return server, clients


def refused(server: InMemoryServer, client: Client, kind: type[m.CallRequest], **attributes: Any) -> str:
    """Send a request, check that it is refused and changes nothing, and return the error's code and text."""
    before = repr(server.tserver.switch.state.calls)
    client.does(kind, **attributes)
    (line,) = server.ladder()
    assert line.startswith(f"{client.name} <- Error ")
    assert repr(server.tserver.switch.state.calls) == before
    error = client.events[-1]
    assert isinstance(error, m.EventError)
    return f"{error.error_code.value} {error.error_message}"
