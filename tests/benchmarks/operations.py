"""Part (i): whole operations of agents, through the bridge and a switch in a process of its own."""

from pathlib import Path

import msgspec

from tests.benchmarks import site
from tests.benchmarks.figures import OperationLoadFigures, Scale
from tests.benchmarks.operationload import AT_A_TIME, Question
from tests.benchmarks.processes import FIRST, LAST, ask, http_port, running, simulator
from tests.benchmarks.where import HOST
from tests.processes import PROGRAMS


def measure(scale: Scale, folder: Path) -> OperationLoadFigures:
    """Run the bridge on the first core, and the switch and the load program on the last."""
    file = site.write(folder, 3 * AT_A_TIME, phones_answer=False)
    with simulator(file, LAST) as (_, switch_port):
        command = [
            str(PROGRAMS / "tserver-bridge"),
            "serve",
            f"--site={file}",
            "--port=0",
            "--log-level=error",
        ]
        with running([*command, f"--switch=tcp://{HOST}:{switch_port}"], FIRST) as bridge:
            question = Question(http_port(bridge), bridge.pid, scale.seconds, scale.rounds)
            return msgspec.json.decode(ask("operationload", question, LAST), type=OperationLoadFigures)
