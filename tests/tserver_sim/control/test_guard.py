"""The control API answers programs, and pages of its own address; nothing that a foreign page can send."""

import httpx
import pytest

from bridge.runtime.clock import HeldClock
from tests.loop import run
from tserver_sim.control.api import control_app
from tserver_sim.control.guard import AddressGuard


def advance(**headers: str) -> httpx.Response:
    """Advance the clock of a simulator that may be called `sim`, too."""
    app = AddressGuard(control_app(HeldClock(1000.0), {}), ["Sim"])

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7011") as client:
            return await client.post("/control/v1/clock/advance", json={"seconds": 1}, headers=headers)

    return run(exchange())


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7011", "localhost:7011", "LOCALHOST", "[::1]:7011", "192.0.2.7", "sim:7011", "sim."]
)
def test_names_of_this_address(host: str) -> None:
    assert advance(host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:7011", "localhost.attacker.example", ""]
)
def test_a_name_that_an_attacker_points_here(host: str) -> None:
    answer = advance(host=host)
    name = host.partition(":")[0]
    text = f"Host: the control API is not called {name}; --control-names allows names"
    assert (answer.status_code, answer.json()) == (403, {"error": text})


@pytest.mark.parametrize("origin", ["http://attacker.example", "http://127.0.0.1:8080", "null"])
def test_a_page_of_another_origin(origin: str) -> None:
    answer = advance(origin=origin)
    text = f"Origin: pages of {origin} may not use the control API"
    assert (answer.status_code, answer.json()) == (403, {"error": text})


def test_a_page_of_its_own_origin() -> None:
    assert advance(origin="http://127.0.0.1:7011").status_code == 200
