"""Two sites in two processes, joined over TCP, behind one bridge: a call goes from one to the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.interop.test_two_processes import (
    advance,
    agent_client,
    are_joined,
    call_state,
    dials,
    free_port,
    is_ready,
    starts_session,
)
from tests.loop import run
from tests.processes import bridge, simulator
from tests.sites import demo_site


@asynccontextmanager
async def both_sites(folder: Path) -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    """Start a process for each site and a bridge; gives its address and the control API of Switch_A."""
    here = "application: TServer_A, port: 7010"
    site = demo_site(folder, changes={here: f"{here}, peer_port: {free_port()}"})
    async with (
        simulator(site, "--switches", "Switch_A", "--clock", "held") as (sim_a, control_a),
        simulator(site, "--switches", "Switch_B") as (sim_b, control_b),
        httpx.AsyncClient(base_url=control_a) as a,
        httpx.AsyncClient(base_url=control_b) as b,
    ):
        of_a = (await sim_a.prints(r"Switch_A: (tcp://\S+)"))[1]
        of_b = (await sim_b.prints(r"Switch_B: (tcp://\S+)"))[1]
        await are_joined(a)
        await are_joined(b)
        async with bridge(site, "--switch", f"Switch_A={of_a}", "--switch", f"Switch_B={of_b}") as (_, url):
            await is_ready(url)
            yield url, a


def test_a_single_step_transfer_to_another_site(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            both_sites(tmp_path) as (url, control),
            agent_client(url) as alice,
            agent_client(url, "agent25001") as kevin,
        ):
            await starts_session(alice)
            await starts_session(kevin)
            call_id = await dials(alice)
            await advance(control, 1)
            await call_state(alice, "Established")

            # Alice posts; Kevin's phone, at the other site, rings with what she has given to the call
            transfer = {"destination": {"phoneNumber": "25001"}, "location": "Switch_B"}
            answer = await alice.post(
                f"/me/calls/{call_id}", "SingleStepTransfer", userData={"Topic": "Billing"}, **transfer
            )
            assert answer.json == {"statusCode": 0}
            assert (await call_state(alice, "Released"))["id"] == call_id
            ringing = await call_state(kevin, "Ringing")
            assert ringing["id"] == call_id
            assert ringing["userData"] == {"Topic": "Billing"}
            assert [each["phoneNumber"] for each in ringing["participants"]] == ["15001"]

            # Kevin answers and hangs up
            await kevin.post(f"/me/calls/{call_id}", "Answer")
            await call_state(kevin, "Established")
            await kevin.post(f"/me/calls/{call_id}", "Hangup")
            await call_state(kevin, "Released")

    run(scene())
