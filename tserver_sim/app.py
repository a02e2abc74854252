"""The program `tserver-sim`."""

import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bridge.runtime import logs
from bridge.runtime.clock import Clock, HeldClock
from bridge.runtime.loop import CannotStartError, Runtime, bind, freeze_heap, run, serve_http
from bridge.runtime.settings import Parser, load
from bridge.runtime.sitefile import SiteFileError
from bridge.tlib.wire import WIRES
from tserver_sim.control.api import ROOT, control_app
from tserver_sim.embed import Simulator
from tserver_sim.server.pair.roles import ConfiguredRole
from tserver_sim.settings import SimulatorSettings
from tserver_sim.site import SimSite, read_site


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    flags = vars(_parser().parse_args(arguments))
    try:
        settings = load(SimulatorSettings, flags, flags.pop("config"))
        logs.configure(settings.log_level)
        site = read_site(settings.site)
        run(partial(_serve, site, settings))
    except (CannotStartError, SiteFileError) as error:
        print(f"tserver-sim: {error}", file=sys.stderr)  # noqa: T201 (what the program says to its user)
        return 1
    return 0


async def _serve(site: SimSite, settings: SimulatorSettings, runtime: Runtime) -> None:
    clock = HeldClock(time.time()) if settings.clock == "held" else runtime.clock
    simulator = _make_simulator(site, settings, clock, runtime)
    bound_ports = await simulator.listen(settings.host, settings.ports(tuple(simulator.tservers)))
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        control = bind(settings.host, settings.control_port)
        async with serve_http(control_app(clock, simulator.tservers), control):
            freeze_heap()
            for name, tserver in simulator.tservers.items():
                scheme = "tcp" if tserver.part.tserver.tls.certificate is None else "tls"
                _print(f"{tserver.member_part.application} for {name}: {scheme}://{host}:{bound_ports[name]}")
            _print(f"Control API: http://{host}:{control.getsockname()[1]}{ROOT}")
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


def _parser() -> Parser:
    parser = Parser(prog="tserver-sim", description="A simulated T-Server with a telephone switch behind it.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run all switches of a site")
    serve.add_argument(
        "--config", type=Path, help="settings in YAML; the environment and flags go before them"
    )
    serve.add_argument("--site", type=Path, help="the site file (deploy/sites/demo.yaml)")
    serve.add_argument("--host", help="address to listen on (127.0.0.1)")
    serve.add_argument(
        "--port",
        type=int,
        help="port of the first switch, instead of the site file's; 0 takes a free one for every switch",
    )
    serve.add_argument(
        "--member",
        choices=[member.value for member in ConfiguredRole],
        help="which T-Server of each pair to run (primary)",
    )
    serve.add_argument("--switches", help="the switches to run, separated by commas (all)")
    serve.add_argument("--control-port", type=int, help="port of the control API (7011); 0 takes a free one")
    serve.add_argument(
        "--clock", choices=("loop", "held"), help="held: time stands still until the control API advances it"
    )
    serve.add_argument(
        "--wire",
        choices=tuple(WIRES),
        help="how messages to clients are written (msgpack); json is for reading",
    )
    serve.add_argument("--log-level", choices=logs.LEVELS, help="the lowest level that is logged (warning)")
    return parser


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (what the program says to its user)
