"""What `make run` prints is true, can be pasted into a shell as it is, and shows a whole transfer."""

import re
from collections.abc import Iterator
from itertools import islice

import httpx
import pytest

from tests.deploy.programs import (
    BIN,
    GREETING,
    ROOT,
    becomes_ready,
    commands,
    pasted,
    running,
    shows_a_transfer,
)

SERVE = [
    str(BIN / "tserver-bridge"),
    "serve",
    "--site",
    "deploy/sites/demo.yaml",
    "--port",
    "0",
    "--greeting",
    "deploy/sites/demo.txt",
    "--embedded-switch",
]


@pytest.fixture
def greeting() -> Iterator[str]:
    height = len(GREETING.read_text().splitlines())
    with running(SERVE, cwd=ROOT) as printed:
        yield "".join(islice(printed, height))


def row(greeting: str, name: str) -> list[str]:
    found = re.search(rf"^  {name} +(http.+)$", greeting, re.MULTILINE)
    assert found
    return found[1].split()


def test_its_lines_show_a_transfer_each_time_they_are_pasted(greeting: str) -> None:
    (api,) = row(greeting, "API")
    becomes_ready(api.removesuffix("/api/v2"))

    shows_a_transfer(pasted(commands(greeting)), api)
    shows_a_transfer(pasted(commands(greeting), "bash"), api)


def test_its_addresses_and_users_are_true(greeting: str) -> None:
    assert "{" not in greeting.partition("paste these lines")[0]
    (api,) = row(greeting, "API")
    assert row(greeting, "CometD") == [f"{api}/notifications"]
    becomes_ready(api.removesuffix("/api/v2"))
    with httpx.Client(trust_env=False) as http:
        for address in [*row(greeting, "API page"), *row(greeting, "health")]:
            assert http.get(address).status_code == 200
        users = re.findall(r"\b(?:agent|supervisor)\d+", greeting.partition("password")[0])
        assert len(users) == 5
        for user in users:
            assert http.get(f"{api}/me", auth=(user, "demo")).status_code == 200
