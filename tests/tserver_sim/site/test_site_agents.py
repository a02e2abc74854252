"""Agents and ACD queues in the site file: what is read, and what is refused."""

from pathlib import Path

import pytest

from bridge.runtime.sitefile import SiteFileError
from tserver_sim.site import read_site
from tserver_sim.switch.config.switch_config import AgentConfig, Overflow, QueueConfig

SITE = """\
switches:
  - name: Switch_A
    tserver: {application: TServer_A, port: 7010}
    ids: {call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES, conn_id_base: "0071027198180000"}
    dns:
      - {number: "15000"}
      - number: "15600"
        type: acd_queue
        queue: {no_answer: 12, max_waiting: 3, overflow: {after: 20, to: "15000"}}
      - {number: "15601", type: acd_queue}
    agents:
      - {id: "1001", password: secret, queues: ["15600", "15601"], wrap_up_time: 10}
      - {id: Miller}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def test_what_the_switch_knows_of_agents_and_queues(path: Path) -> None:
    path.write_text(SITE)
    site = read_site(path)
    config = site.switch_config(site.switches[0])
    assert config.agents == {
        "1001": AgentConfig("secret", ("15600", "15601"), 10.0),
        "Miller": AgentConfig(),
    }
    assert config.queues == {"15600": QueueConfig(12.0, 3, Overflow(20.0, "15000"))}
    assert "secret" not in repr(site)
    assert "secret" not in repr(config)


FAULTS = {
    ("Miller", '"1001"'): "13: switches[0].agents[1].id: 1001 is given twice",
    ("Miller", '""'): (
        "13: switches[0].agents[1].id: expected an AgentID, a string of 1 to 255 characters, got ''"
    ),
    ('["15600", "15601"]', '["15000"]'): (
        "12: switches[0].agents[0].queues[0]: 15000 is not an ACD queue of this switch"
    ),
    ('["15600", "15601"]', '["15600", "15600"]'): (
        "12: switches[0].agents[0].queues[1]: 15600 is given twice"
    ),
    ('number: "15000"', 'number: "15000", queue: {max_waiting: 1}'): (
        "6: switches[0].dns[0].queue: only an acd_queue has this"
    ),
    ("max_waiting: 3", "max_waiting: 0"): (
        "9: switches[0].dns[1].queue.max_waiting: expected a number from 1 to 100000, got 0 (an integer)"
    ),
    ("no_answer: 12", "no_answer: 0"): (
        "9: switches[0].dns[1].queue.no_answer: expected seconds, up to 86400, got 0 (an integer)"
    ),
    ("wrap_up_time: 10", "wrap_up_time: -1"): (
        "12: switches[0].agents[0].wrap_up_time: expected seconds, 0 to 86400, got -1 (an integer)"
    ),
    ("wrap_up_time: 10", "wrapup_time: 10"): (
        "12: switches[0].agents[0].wrapup_time: unknown key, did you mean 'wrap_up_time'?"
    ),
}


@pytest.mark.parametrize("change", FAULTS)
def test_a_fault_is_told_with_its_line(change: tuple[str, str], path: Path) -> None:
    path.write_text(SITE.replace(*change, 1))
    with pytest.raises(SiteFileError) as fault:
        read_site(path)
    assert str(fault.value).splitlines()[0] == f"{path}:{FAULTS[change]}"
