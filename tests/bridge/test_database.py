"""The program with a database: what is provisioned outlives it."""

import subprocess
import sys
from pathlib import Path

import httpx

from tests.agent import Agent
from tests.bridge.test_program import fails
from tests.bridge.test_provisioning import NEW
from tests.loop import run
from tests.processes import bridge
from tests.sites import quick_demo_site


def test_a_user_outlives_the_program(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'directory.db'}"

    async def scene() -> None:
        async with bridge(quick_demo_site(), "--database", database) as (process, url):
            async with httpx.AsyncClient(auth=("admin", "demo")) as http:
                api = f"{url}/api/v2"
                assert (await http.post(f"{api}/users", json=NEW)).status_code == 200
                assert (await http.delete(f"{api}/features/api-voice-recording")).status_code == 200
            process.kill()  # at any moment: what was answered is kept
            await process.ends()
        async with (
            bridge(quick_demo_site(), "--database", database) as (_, url),
            httpx.AsyncClient(auth=("zed", "secret")) as http,
        ):
            zed = Agent(http, f"{url}/api/v2")
            assert (await zed.get("/me")).json["user"]["lastName"] == "Zimmer"
            features = (await zed.get("/me/features")).json["uris"]
            assert not [uri for uri in features if "recording" in uri]

    run(scene())


def test_a_database_that_cannot_be_used_is_one_line() -> None:
    code, line = fails("serve", "--site", str(quick_demo_site()), "--port", "0", "--database", "mysql://h/d")
    assert code == 1
    assert line == "tserver-bridge: 'mysql' is no database that is served here; sqlite and postgresql are"


def test_what_a_database_needs_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, bridge.commands; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
