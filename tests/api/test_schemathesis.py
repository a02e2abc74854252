"""What the API's own document says of it is true: schemathesis looks for anything that is not.

It reads the document of a running bridge, with the real simulator behind it, and sends what the document
allows and what it does not: every operation with data of every sort, and chains of them along the links.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests import processes
from tests.loop import run
from tests.sites import demo_site

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
CONFIG = Path(__file__).with_name("schemathesis.toml")

# Taking features away would leave all others nothing to find: it comes in a run of its own.
TAKES_AWAY = "DELETE /api/v2/(features|ops)/"
PROVISIONING = "/api/v2/(features|ops|system)"


MANY_REQUESTS = 280.0
"""Seconds after which a run counts as stuck: it is thousands of requests, on whatever machine."""


@asynccontextmanager
async def working(folder: Path) -> AsyncIterator[str]:
    """Run a bridge where an agent and a supervisor who is an administrator, too, are on the telephone."""
    site = demo_site(folder, changes={"roles: [agent, supervisor]": "roles: [agent, supervisor, admin]"})
    no_lockout = ("--lockout-after", "0", "--attempts-per-address", "0")
    async with processes.bridge(site, *no_lockout) as (_, url), httpx.AsyncClient() as http:
        for name in ("agent15000", "supervisor15009"):
            who = (name, "demo")
            me = f"{url}/api/v2/me"
            start = {"operationName": "StartContactCenterSession", "channels": ["voice"]}
            assert (await http.post(me, json=start, auth=who)).status_code == 200
            (device,) = (await http.get(f"{me}/devices?fields=id", auth=who)).json()["devices"]
            dial = {"operationName": "Dial", "destination": {"phoneNumber": "15001"}}
            answer = await http.post(f"{me}/devices/{device['id']}/calls", json=dial, auth=who)
            assert answer.json() == {"statusCode": 0}
        yield url


async def look(folder: Path, url: str, user: str, *selection: str) -> tuple[int, str]:
    """Let schemathesis look; gives its exit code and report. What it remembers stays in the folder."""
    process = await asyncio.create_subprocess_exec(
        SCHEMATHESIS,
        "--config-file",
        CONFIG,
        "run",
        f"{url}/openapi.json",
        "--checks=all",
        "--phases=examples,coverage,fuzzing,stateful",
        f"--auth={user}:demo",
        *selection,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return await process.wait(), printed.decode()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("user", "selection"),
    [
        ("agent15000", ()),
        ("supervisor15009", (f"--exclude-name-regex={TAKES_AWAY}",)),
        ("supervisor15009", (f"--include-path-regex={PROVISIONING}",)),
    ],
    ids=["an agent", "a supervisor who is administrator", "an administrator who takes features away"],
)
def test_schemathesis_finds_nothing(user: str, selection: tuple[str, ...], tmp_path: Path) -> None:
    async def scene() -> None:
        async with working(tmp_path) as url:
            code, printed = await look(tmp_path, url, user, *selection)
            assert code == 0, printed
            async with httpx.AsyncClient(auth=(user, "demo")) as http:
                answer = await http.get(f"{url}/api/v2/me")
                assert json.loads(answer.content)["statusCode"] == 0, "the user locked himself out"

    run(scene(), patience=MANY_REQUESTS)
