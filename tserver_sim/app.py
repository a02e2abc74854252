"""The program `tserver-sim`."""

import importlib.metadata
import time
from collections.abc import Sequence
from functools import partial

from bridge.runtime import logs
from bridge.runtime.clock import Clock, HeldClock
from bridge.runtime.loop import CannotStartError, Runtime, bind, freeze_heap, run, serve_http
from bridge.runtime.program import Program
from bridge.tlib.wire import WIRES
from tserver_sim.control.api import ROOT, control_app
from tserver_sim.control.guard import AddressGuard
from tserver_sim.embed import Simulator
from tserver_sim.settings import SimulatorSettings
from tserver_sim.site import SimSite, read_site


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    program = Program(
        "tserver-sim",
        "A simulated T-Server with a telephone switch behind it.",
        importlib.metadata.version("tserver-bridge"),
    )
    program.add_serving_command("serve", "run all switches of a site", SimulatorSettings, _run)
    return program.main(arguments)


def _run(settings: SimulatorSettings) -> None:
    logs.configure(settings.log_level)
    run(partial(_serve, read_site(settings.site), settings))


async def _serve(site: SimSite, settings: SimulatorSettings, runtime: Runtime) -> None:
    clock = HeldClock(time.time()) if settings.clock == "held" else runtime.clock
    simulator = _make_simulator(site, settings, clock, runtime)
    bound_ports = await simulator.listen(settings.host, settings.ports(tuple(simulator.tservers)))
    host = _url_host(settings.host)
    try:
        control = bind(settings.control_host, settings.control_port)
        guarded = AddressGuard(control_app(clock, simulator.tservers), settings.allowed_names)
        async with serve_http(guarded, control):
            freeze_heap()
            for name, tserver in simulator.tservers.items():
                scheme = "tcp" if tserver.part.tserver.tls.certificate is None else "tls"
                _print(f"{tserver.member_part.application} for {name}: {scheme}://{host}:{bound_ports[name]}")
            control_host = _url_host(settings.control_host)
            _print(f"Control API: http://{control_host}:{control.getsockname()[1]}{ROOT}")
            await runtime.stop.wait()
    finally:
        await simulator.close()


def _make_simulator(site: SimSite, settings: SimulatorSettings, clock: Clock, runtime: Runtime) -> Simulator:
    chosen = settings.chosen
    unknown = (chosen or set()) - {part.name for part in site.switches}
    if unknown:
        raise CannotStartError(f"the site file has no switch {', '.join(sorted(unknown))}")
    simulator = Simulator(site, clock, runtime.reactor, settings.member, chosen, WIRES[settings.wire])
    if not simulator.tservers:
        raise CannotStartError("nothing to run: no switch of the site file has a backup")
    return simulator


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (what the program says to its user)
