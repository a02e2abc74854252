"""The compose file: what it promises, and that its commands work together."""

from pathlib import Path

import pytest
import yaml

from tests.deploy import composefile
from tests.deploy.programs import (
    BIN,
    DEPLOY,
    commands,
    environment,
    greeting,
    pasted,
    shows_a_transfer,
)

SERVICES = composefile.services()


def test_there_are_two_services_apart() -> None:
    assert set(SERVICES) == {"tserver-sim", "bridge"}
    assert [service["command"][0] for service in SERVICES.values()] == ["tserver-sim", "tserver-bridge"]
    assert SERVICES["bridge"]["depends_on"] == {"tserver-sim": {"condition": "service_healthy"}}


def test_only_the_bridge_is_published() -> None:
    assert "ports" not in SERVICES["tserver-sim"]
    assert SERVICES["bridge"]["ports"] == ["127.0.0.1:8080:8080"]


@pytest.mark.parametrize("name", SERVICES)
def test_neither_has_rights_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["networks"] == ["link"]
    assert "--host=0.0.0.0" in service["command"]


@pytest.mark.parametrize("name", SERVICES)
def test_both_are_built_by_the_container_file(name: str) -> None:
    build = SERVICES[name]["build"]
    context = DEPLOY / build["context"]
    assert (context / build["dockerfile"]).samefile(DEPLOY / "Containerfile")


def test_the_bridge_is_led_to_the_first_switch_of_the_site() -> None:
    site = yaml.safe_load((DEPLOY / "sites" / "demo.yaml").read_text())
    port = site["switches"][0]["tserver"]["port"]
    assert f"--switch=tcp://tserver-sim:{port}" in SERVICES["bridge"]["command"]


def test_together_they_carry_out_a_transfer(tmp_path: Path) -> None:
    env = environment(PATH=f"{BIN}:/usr/bin:/bin")
    check = SERVICES["tserver-sim"]["healthcheck"]["test"]
    assert check[0] == "CMD"

    with composefile.up(in_the_project, tmp_path, env) as started:
        assert composefile.is_healthy(check[1:], 7011, started.sim_control, env)
        shows_a_transfer(
            pasted(commands(greeting(f"http://127.0.0.1:{started.bridge}"))), "http://127.0.0.1:8080/api/v2"
        )
    assert not composefile.is_healthy(check[1:], 7011, started.sim_control, env)


def in_the_project(text: str) -> str:
    return text.replace("/etc/tserver-bridge/sites", str(DEPLOY / "sites"))
