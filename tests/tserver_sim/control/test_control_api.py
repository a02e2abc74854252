"""The control API."""

import httpx
import pytest
from fastapi import FastAPI

from bridge.runtime.clock import HeldClock
from bridge.runtime.loopclock import LoopClock
from tests.loop import loop, run
from tserver_sim.control.api import control_app


def ask(app: FastAPI, method: str, path: str, content: str | None = None) -> httpx.Response:
    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
            return await client.request(
                method,
                f"/control/v1{path}",
                content=content,
                headers={"Content-Type": "application/json"},
            )

    return run(exchange())


def test_the_clock_is_advanced_when_everything_due_was_carried_out() -> None:
    clock = HeldClock(1000.0)
    happened: list[float] = []
    clock.call_at(1005.0, lambda: happened.append(clock.now()))
    app = control_app(clock, {})
    assert ask(app, "GET", "/clock").json() == {"now": 1000.0, "held": True}
    assert ask(app, "POST", "/clock/advance", '{"seconds": 20}').json() == {"now": 1020.0, "held": True}
    assert happened == [1005.0]


def test_a_running_clock_cannot_be_advanced() -> None:
    app = control_app(LoopClock(loop()), {})
    assert ask(app, "GET", "/clock").json()["held"] is False
    answer = ask(app, "POST", "/clock/advance", '{"seconds": 20}')
    assert answer.status_code == 409
    assert answer.json() == {"error": "the clock is not held: start the simulator with --clock held"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"seconds": -1}', "seconds: Input should be greater than or equal to 0"),
        ('{"seconds": 1e9}', "seconds: Input should be less than or equal to 31622400"),
        ('{"seconds": 1e999}', "seconds: Input should be a finite number"),
        ('{"seconds": "20"}', "seconds: Input should be a valid number"),
        ('{"seconds": null}', "seconds: Input should be a valid number"),
        ("{}", "seconds: Field required"),
        ('{"seconds": 1, "minutes": 1}', "minutes: Extra inputs are not permitted"),
        ("[]", "body: Input should be a valid dictionary or object to extract fields from"),
        ("{", "body: JSON decode error"),
        ("", "body: Field required"),
    ],
)
def test_a_bad_advance(body: str, error: str) -> None:
    clock = HeldClock(1000.0)
    answer = ask(control_app(clock, {}), "POST", "/clock/advance", body)
    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert clock.now() == 1000.0


def test_the_clock_stays_within_what_an_event_can_tell() -> None:
    clock = HeldClock(2.0**32 - 10)
    answer = ask(control_app(clock, {}), "POST", "/clock/advance", '{"seconds": 20}')
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "seconds: the clock cannot pass 4294967295"},
    )


def test_health_and_description_and_what_is_not_there() -> None:
    app = control_app(HeldClock(), {})
    assert ask(app, "GET", "/health").json() == {"status": "ok"}
    assert set(ask(app, "GET", "/openapi.json").json()["paths"]) >= {
        "/control/v1/health",
        "/control/v1/clock",
        "/control/v1/clock/advance",
        "/control/v1/switches",
        "/control/v1/switches/{switch}/phones/{dn}",
        "/control/v1/calls",
    }
    answer = ask(app, "GET", "/nothing")
    assert (answer.status_code, answer.json()) == (404, {"error": "Not Found"})
