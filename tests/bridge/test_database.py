"""The program with a database: what is provisioned outlives it."""

import subprocess
import sys
from pathlib import Path

import httpx

from tests.agent import Agent
from tests.api.provisioning.test_provisioning import NEW
from tests.bridge.test_program import fails
from tests.loop import run
from tests.processes import bridge, program
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


WITHOUT_EXTRA = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("aiosqlite", "greenlet", "psycopg", "sqlalchemy"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refusing())
from bridge.cli import main
sys.exit(main())
"""
"""Runs the bridge as it is installed without the extra `database`."""


def test_without_a_database_provisioning_needs_nothing_of_the_extra() -> None:
    async def scene() -> None:
        site = str(quick_demo_site())
        async with (
            program("python", "-c", WITHOUT_EXTRA, "serve", "--site", site, "--port", "0") as service,
            httpx.AsyncClient(auth=("admin", "demo"), trust_env=False) as admin,
        ):
            api = (await service.prints(r"(http://127\.0\.0\.1:\d+/api/v2)"))[1]
            assert (await admin.post(f"{api}/users", json=NEW)).status_code == 200
            found = (await admin.get(f"{api}/users", params={"userName": "zed", "fields": "*"})).json()
            assert [user["userName"] for user in found["users"]] == ["zed"]

    run(scene())


def test_a_database_without_the_extra_is_one_line() -> None:
    command = ["serve", "--site", str(quick_demo_site()), "--port", "0", "--database", "sqlite://"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRA, *command], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        (
            "tserver-bridge: --database needs sqlalchemy, which is not installed: "
            "pip install 'tserver-bridge[database]'\n"
        ),
    )
