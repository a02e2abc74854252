"""Part (c): SingleStepTransfer, from POST to answer and to notification, beside the yardsticks."""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec

from tests.benchmarks import site
from tests.benchmarks.desktops import ORIGIN, ClientKind
from tests.benchmarks.figures import Scale, TransferFigures
from tests.benchmarks.load import YARDSTICK, Contender, Plan
from tests.benchmarks.processes import FIRST, LAST, ask, started, when_serving
from tests.benchmarks.where import HOST

INSIDE: Final = "bridge, switch inside"
CLIENT_KINDS: Final = {
    f"{INSIDE}, browser": ClientKind.BROWSER,
    f"{INSIDE}, Basic": ClientKind.BASIC,
    f"{INSIDE}, CSRF": ClientKind.CSRF,
}


def measure(scale: Scale, folder: Path) -> TransferFigures:
    """Run all contenders on the first core, and switch and load program on the last; load them in turns."""
    file = str(site.write(folder, scale.desktops))
    with ExitStack() as running:
        switch = when_serving(running.enter_context(started("servers", "switch", file)), LAST)
        servers = {
            "bridge": ("bridge", file, f"--switch=tcp://{HOST}:{switch.switch_port}"),
            INSIDE: ("bridge", file),
            f"{INSIDE}, browser": ("bridge", file, f"--allowed-origin={ORIGIN}"),
            f"{INSIDE}, Basic": ("bridge", file),
            f"{INSIDE}, CSRF": ("bridge", file, "--csrf"),
            YARDSTICK: ("fastapi", file),
            "bare ASGI": ("asgi", file),
        }
        starting = {name: running.enter_context(started("servers", *a)) for name, a in servers.items()}
        serving = {name: when_serving(process, FIRST) for name, process in starting.items()}
        contenders = tuple(
            Contender(name, starting[name].pid, where, CLIENT_KINDS.get(name, ClientKind.PROGRAM))
            for name, where in serving.items()
        )
        answer = ask("load", Plan(scale, contenders), LAST)
    return msgspec.json.decode(answer, type=TransferFigures)
