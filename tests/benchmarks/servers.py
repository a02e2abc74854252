"""The programs under load: `python -m tests.benchmarks.servers KIND SITE`; prints where it is as JSON."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bridge.app import serving
from bridge.options import ServeOptions
from bridge.runtime import logs
from bridge.runtime.loop import Runtime, bind, freeze_heap, run, serve_http
from tests.benchmarks.copier import Copier
from tests.benchmarks.sampler import Sampler
from tests.benchmarks.where import HOST, Where
from tests.benchmarks.yardsticks import bare_asgi, bare_fastapi
from tserver_sim.embed import Simulator
from tserver_sim.site import read_site


def _print_where(where: Where) -> None:
    freeze_heap()  # as the programs do
    print(msgspec.json.encode(where).decode(), flush=True)


async def _bridge(runtime: Runtime, options: ServeOptions) -> None:
    async with serving(options, runtime) as running:
        ((_, port),) = running.tservers.values()
        http_port = urlsplit(running.url).port
        assert http_port is not None
        _print_where(Where(http_port, port))
        await runtime.stop.wait()


async def _yardstick(runtime: Runtime, app: Any) -> None:
    listener = bind(HOST, 0)
    async with serve_http(app, listener):
        _print_where(Where(http_port=listener.getsockname()[1]))
        await runtime.stop.wait()


async def _switch(runtime: Runtime, site: Path, sampler: Sampler | None) -> None:
    parts = read_site(site)
    simulator = Simulator(parts, runtime.clock, runtime.reactor)
    ports: Mapping[str, int] = await simulator.listen(HOST, {part.name: 0 for part in parts.switches})
    try:
        (port,) = ports.values()
        _print_where(Where(switch_port=port))
        if sampler is not None:
            sampler.start()
        await runtime.stop.wait()
    finally:
        await simulator.close()


async def _copier(runtime: Runtime) -> None:
    port = runtime.reactor.listenTCP(0, Copier(), interface=HOST)
    _print_where(Where(switch_port=port.getHost().port))
    await runtime.stop.wait()


def main() -> None:
    """Run one of the programs until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("bridge", "fastapi", "asgi", "switch", "copier"))
    parser.add_argument("site", type=Path)
    parser.add_argument("--switch", default="", help="of a bridge: tcp://HOST:PORT; embedded without it")
    parser.add_argument("--allowed-origin", default="", help="of a bridge: an origin that may use it")
    parser.add_argument("--csrf", action="store_true", help="of a bridge: protect against CSRF")
    parser.add_argument("--shares", type=Path, help="of a switch: where to write where its time went")
    arguments = parser.parse_args()
    logs.configure("error")
    sampler = Sampler() if arguments.shares else None

    async def serve(runtime: Runtime) -> None:
        match arguments.kind:
            case "bridge":
                switches = (arguments.switch,) if arguments.switch else ()
                origins = (arguments.allowed_origin,) if arguments.allowed_origin else ()
                options = ServeOptions(
                    site=arguments.site,
                    port=0,
                    switch=switches,
                    allowed_origins=origins,
                    csrf=arguments.csrf,
                    csrf_cometd=arguments.csrf,
                )
                await _bridge(runtime, options)
            case "switch":
                await _switch(runtime, arguments.site, sampler)
            case "copier":
                await _copier(runtime)
            case kind:
                await _yardstick(runtime, bare_fastapi() if kind == "fastapi" else bare_asgi)

    run(serve)
    if sampler is not None:
        arguments.shares.write_bytes(msgspec.json.encode(sampler.figures()))


if __name__ == "__main__":
    main()
