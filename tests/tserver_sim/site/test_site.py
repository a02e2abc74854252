"""The simulator's part of the site file: what is read, and what is refused."""

from pathlib import Path

import pytest

from bridge.runtime.sitefile import SiteFileError
from bridge.tlib.enums import AddressType, CallState
from bridge.tlib.kv import KVList
from tserver_sim.site import read_site
from tserver_sim.site.phones import PhonePart, phone_part_of
from tserver_sim.switch.numbering.dial_plan import Pattern, Rule
from tserver_sim.switch.numbering.locations import Location
from tserver_sim.switch.numbering.trunks import Outside, TrunkGroup
from tserver_sim.switch.state.phone_behaviour import (
    Answers,
    Behaviour,
    Busy,
    Choice,
    Invalid,
    Mix,
    Rejects,
    Rings,
)

SITE = """\
switches:
  - name: Switch_A
    tserver: {application: TServer_A, port: 7010}
    ids: {call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES, conn_id_base: "0071027198180000"}
    extensions: {BusinessCall: 0, Site: Lyon}
    ring_timeout: 30
    seed: 7
    trunks:
      - {name: city, lines: 10}
      - {name: old, lines: 1, answer_supervision: false}
    dial_plan:
      - {prefix: "9", strip: 1, prepend: "+33", trunk: city}
      - {pattern: "1XX", invalid: SitVacant}
      - {pattern: "08005551234", strip: 11, prepend: "15000"}
    outside:
      - {number: "+33201", phone: {busy: true}}
      - {prefix: "+", phone: {mix: [{weight: 3, answers_after: 2}, {weight: 1, invalid: true}]}}
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
    assert config.phones == {"15000": Answers(0.5)}
    assert site.switch_config(site.switches[1]).extensions is None


def test_the_numbers(path: Path) -> None:
    path.write_text(SITE)
    site = read_site(path)
    config = site.switch_config(site.switches[0])
    assert config.seed == 7
    assert config.trunks == {
        "city": TrunkGroup("city", 10),
        "old": TrunkGroup("old", 1, answer_supervision=False),
    }
    assert config.dial_plan == (
        Rule(Pattern("9."), 1, "+33", "city"),
        Rule(Pattern("1XX"), failure=CallState.SitVacant),
        Rule(Pattern("08005551234"), 11, "15000"),
    )
    assert config.outside == (
        Outside(Pattern("+33201"), Busy()),
        Outside(Pattern("+."), Mix((Choice(3, Answers(2)), Choice(1, Invalid())))),
    )
    assert site.switch_config(site.switches[1]).dial_plan == ()


@pytest.mark.parametrize(
    ("behaviour", "keys"),
    [
        (Rings(), {"never": True}),
        (Rings(4), {"never": True, "hangs_up_after": 4}),
        (Answers(2), {"answers_after": 2}),
        (Answers(2, 60), {"answers_after": 2, "hangs_up_after": 60}),
        (Rejects(1), {"rejects_after": 1}),
        (Busy(), {"busy": True}),
        (
            Mix((Choice(2, Busy()), Choice(1, Answers(3)))),
            {"mix": [{"weight": 2, "busy": True}, {"weight": 1, "answers_after": 3}]},
        ),
    ],
)
def test_a_phone_is_written_as_it_is_read(behaviour: Behaviour, keys: dict[str, object]) -> None:
    assert PhonePart.model_validate(keys).behaviour == behaviour
    assert phone_part_of(behaviour).model_dump(mode="json", exclude_none=True) == keys


FAULTS = {
    ("Switch_B", "Switch_A"): "22: switches[1].name: Switch_A is given twice",
    ("TServer_B", "TServer_A"): "23: switches[1].tserver.application: TServer_A is given twice",
    ("7020", "7010"): "23: switches[1].tserver.port: 7010 is given twice",
    ("02RCC", "01RCC"): ("24: switches[1].ids.call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES is given twice"),
    ('"15600"', '"15000"'): "21: switches[0].dns[2].number: 15000 is given twice",
    ('"15600"', "15600"): (
        "21: switches[0].dns[2].number: expected a string of up to 32 digits, got 15600 (an integer); "
        "put it in quotes"
    ),
    ("type: acd_queue", "type: acd_queue, phone: {answers_after: 1}"): (
        "21: switches[0].dns[2].phone: only an extension has a phone"
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
    ("strip: 1", "strip: one"): (
        "12: switches[0].dial_plan[0].strip: expected a number of digits, 0 to 32, got 'one'"
    ),
    ("trunk: city", "trunk: town"): (
        "12: switches[0].dial_plan[0].trunk: no such trunk group, known are city, old"
    ),
    ('prefix: "9", ', ""): "12: switches[0].dial_plan[0]: expected either prefix or pattern, got a mapping",
    ('prefix: "9"', "prefix: 9"): (
        "12: switches[0].dial_plan[0].prefix: expected a string of up to 32 digits, *, # and +, "
        "got 9 (an integer); put it in quotes"
    ),
    ("1XX", "1x"): (
        "13: switches[0].dial_plan[1].pattern: expected a string of digits, X for any digit, N for 2 to 9, "
        "and at the end . for what follows, got '1x'"
    ),
    ("SitVacant", "Vacant"): (
        "13: switches[0].dial_plan[1].invalid: expected one of SitInvalidNum, SitVacant, SitIntercept, "
        "SitUnknown, SitNoCircuit, SitReorder, Busy, AllTrunksBusy, got 'Vacant'"
    ),
    ("invalid: SitVacant", "invalid: SitVacant, trunk: city"): (
        "13: switches[0].dial_plan[1]: expected either trunk or invalid, or neither for a DN of the switch, "
        "got a mapping"
    ),
    ("seed: 7", "virtual_queues: [VQ_A, VQ_A]"): "7: switches[0].virtual_queues[1]: VQ_A is given twice",
    ("seed: 7", 'virtual_queues: ["15600"]'): "7: switches[0].virtual_queues[0]: 15600 is given twice",
    ("name: old", "name: city"): "10: switches[0].trunks[1].name: city is given twice",
    ("lines: 10", "lines: -1"): (
        "9: switches[0].trunks[0].lines: expected a number of lines, 0 to 100000, got -1 (an integer)"
    ),
    ('number: "+33201"', 'number: "+33201", prefix: "1"'): (
        "16: switches[0].outside[0]: expected exactly one of number, prefix, pattern, got a mapping"
    ),
    ("{busy: true}", "{busy: true, never: true}"): (
        "16: switches[0].outside[0].phone: expected exactly one of answers_after, rejects_after, never, "
        "busy, invalid, mix, got a mapping"
    ),
    ("{answers_after: 0.5}", "{invalid: true}"): (
        "19: switches[0].dns[0].phone.invalid: unknown key, known are answers_after, busy, hangs_up_after, "
        "mix, never, rejects_after"
    ),
    ("weight: 3", "weight: 0"): (
        "17: switches[0].outside[1].phone.mix[0].weight: expected a number above 0, up to 1000000, "
        "got 0 (an integer)"
    ),
    ("seed: 7", "profile: acd"): (
        "7: switches[0].profile: expected one of sip-server, csta-pbx, refer-phones, acd-switch, got 'acd'"
    ),
    ("seed: 7", "profile: {base: acd}"): (
        "7: switches[0].profile.base: expected one of sip-server, csta-pbx, refer-phones, acd-switch, "
        "got 'acd'"
    ),
    ("seed: 7", "profile: {recals: true}"): (
        "7: switches[0].profile.recals: unknown key, did you mean 'recalls'?"
    ),
    ("seed: 7", "profile: {recalls: 1}"): (
        "7: switches[0].profile.recalls: expected true or false, got 1 (an integer)"
    ),
    ("seed: 7", "profile: {transfer_order: last}"): (
        "7: switches[0].profile.transfer_order: expected one of released_first, released_last, "
        "changed_on_answer, got 'last'"
    ),
    ("seed: 7", "profile: [acd-switch]"): "7: switches[0].profile: expected a mapping, got a list",
    ("seed: 7", "seed: -7"): "7: switches[0].seed: expected an integer from 0 up, got -7 (an integer)",
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
