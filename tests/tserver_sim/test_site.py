"""The simulator's part of the site file: what is taken, and what is refused."""

from pathlib import Path

import pytest

from bridge.runtime.sitefile import SiteFileError
from bridge.tlib.enums import AddressType
from bridge.tlib.kv import KVList
from tserver_sim.site import read_site
from tserver_sim.switch.locations import Location

SITE = """\
switches:
  - name: Switch_A
    tserver: {application: TServer_A, port: 7010}
    ids: {call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES, conn_id_base: "0071027198180000"}
    extensions: {BusinessCall: 0, Site: Lyon}
    ring_timeout: 30
    dns:
      - {number: "15000", phone: {answers_after: 0.5}}
      - {number: "15500", type: route_point}
      - {number: "15600", type: acd_queue}
  - name: Switch_B
    tserver: {application: TServer_B, port: 7020}
    ids: {call_uuid_prefix: 02RCC3N118B1V0SL807GK2LAES, conn_id_base: "0072027198180000"}
    dns: []
contact_centers: [whatever]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def test_what_a_switch_is_built_from(path: Path) -> None:
    path.write_text(SITE)
    site = read_site(path)
    config = site.switch_config(site.switches[0])
    assert config.location == Location("Switch_A", "TServer_A")
    assert config.dns == {
        "15000": AddressType.DN,
        "15500": AddressType.RouteDN,
        "15600": AddressType.Queue,
    }
    assert config.extensions == KVList.of(BusinessCall=0, Site="Lyon")
    assert config.ring_timeout == 30
    assert config.other_locations == (Location("Switch_B", "TServer_B"),)
    assert site.switches[0].answering_times == {"15000": 0.5}
    assert site.switch_config(site.switches[1]).extensions is None


FAULTS = {
    ("Switch_B", "Switch_A"): "11: switches[1].name: Switch_A is given twice",
    ("TServer_B", "TServer_A"): "12: switches[1].tserver.application: TServer_A is given twice",
    ("7020", "7010"): "12: switches[1].tserver.port: 7010 is given twice",
    ("02RCC", "01RCC"): ("13: switches[1].ids.call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES is given twice"),
    ('"15600"', '"15000"'): "10: switches[0].dns[2].number: 15000 is given twice",
    ('"15600"', "15600"): (
        "10: switches[0].dns[2].number: expected a string of up to 32 digits, got 15600 (an integer); "
        "put it in quotes"
    ),
    ("type: acd_queue", "type: acd_queue, phone: {answers_after: 1}"): (
        "10: switches[0].dns[2].phone: only an extension has a phone"
    ),
    ("BusinessCall: 0", "BusinessCall: 1.5"): (
        "5: switches[0].extensions.BusinessCall: expected a string or a 32-bit integer, got 1.5 (a number); "
        "put it in quotes"
    ),
    ("BusinessCall: 0", "BusinessCall: true"): (
        "5: switches[0].extensions.BusinessCall: expected a string or a 32-bit integer, got true "
        "(a boolean); put it in quotes"
    ),
    ("ring_timeout: 30", "ring_timeout: 0"): (
        "6: switches[0].ring_timeout: expected seconds, up to 86400, got 0 (an integer)"
    ),
    ("LAES,", "LAET,"): (
        "4: switches[0].ids.call_uuid_prefix: expected a string of 26 digits 0-9 and A-V, the last one of "
        "048CGKOS, got '01RCC3N118B1V0SL807GK2LAET'"
    ),
    ("port: 7010", "port: 70100"): (
        "3: switches[0].tserver.port: expected a port, 0 to 65535, got 70100 (an integer)"
    ),
    (
        "ring_timeout",
        "ring_timeouts",
    ): "6: switches[0].ring_timeouts: unknown key, did you mean 'ring_timeout'?",
}


@pytest.mark.parametrize("change", FAULTS)
def test_a_fault_is_told_with_its_line(change: tuple[str, str], path: Path) -> None:
    path.write_text(SITE.replace(*change, 1))
    with pytest.raises(SiteFileError) as fault:
        read_site(path)
    assert str(fault.value).splitlines()[0] == f"{path}:{FAULTS[change]}"
