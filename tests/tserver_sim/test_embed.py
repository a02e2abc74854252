"""The simulator embedded in another process."""

import socket

import pytest

from bridge.runtime.clock import HeldClock
from bridge.runtime.loop import CannotStartError
from tests.loop import reactor, run
from tests.tserver_sim.in_memory_server import site
from tests.tserver_sim.wire import connected
from tserver_sim.embed import Simulator


def test_every_switch_has_its_own_t_server() -> None:
    async def scene() -> None:
        simulator = Simulator(site(), HeldClock(), reactor())
        ports = await simulator.listen("127.0.0.1", {})
        assert list(ports) == ["Switch_A", "Switch_B"]
        async with connected(ports["Switch_A"]) as a, connected(ports["Switch_B"]) as b:
            await a.opens()
            await b.opens()
            await a.registers("15000")
            await b.registers("25000")
            await simulator.close()
            assert await a.is_closed()
            assert await b.is_closed()
        for port in ports.values():
            socket.create_server(("127.0.0.1", port)).close()

    run(scene())


def test_if_one_port_cannot_be_had_none_is_kept() -> None:
    async def scene() -> None:
        simulator = Simulator(site(), HeldClock(), reactor())
        with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
            ports = {"Switch_A": free.getsockname()[1], "Switch_B": taken.getsockname()[1]}
            free.close()
            with pytest.raises(CannotStartError, match="the port is in use"):
                await simulator.listen("127.0.0.1", ports)
        socket.create_server(("127.0.0.1", ports["Switch_A"])).close()

    run(scene())


def test_two_simulators_do_not_know_each_other() -> None:
    first, second = (Simulator(site(), HeldClock(), reactor()) for _ in range(2))
    assert first.tservers["Switch_A"].switch.state is not second.tservers["Switch_A"].switch.state
