"""Faults in the bridge's part of the site file: one change to a good file, and the report that it makes."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.directory.directory import Directory
from bridge.runtime.sitefile import SiteFileError

DEMO = (Path(__file__).parents[2] / "deploy" / "sites" / "demo.yaml").read_text("utf-8")
HASH = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
GOOD = f"""\
switches:
  - name: Switch_A
    tserver: {{application: TServer_A, port: 7010}}
    dns: [{{number: "1", phone: {{answers_after: 1}}}}, {{number: "2"}}]
  - name: Switch_B
    tserver: {{application: TServer_B, port: 7020}}
    dns: [{{number: "1"}}, {{number: "3"}}]
contact_centers:
  - name: North
    id: 00000000-0000-4000-8000-000000000001
    features: [api-voice]
    devices:
      - {{number: "1", switch: Switch_A}}
      - {{number: "2", switch: Switch_A, id: 00000000-0000-4000-8000-00000000000a}}
    users:
      - {{name: ann, password: &p "{HASH}", devices: ["1"]}}
      - {{name: bob, password: *p, devices: ["2"], id: 0000000000000000000000000000000b}}
  - name: South
    id: 00000000-0000-4000-8000-000000000002
    devices:
      - {{number: "3", switch: Switch_B}}
    users:
      - {{name: cid, password: *p, roles: [agent]}}
"""

# What is changed in the good file, into what, and the report.
CHANGES = [
    # The shape
    (
        "switches:\n",
        "users: []\nswitches:\n",
        "1: users: unknown key, known are contact_centers, gws, switches",
    ),
    (
        "    features:",
        "    feature:",
        "11: contact_centers[0].feature: unknown key, did you mean 'features'?",
    ),
    (
        "roles: [agent]",
        "role: agent",
        "23: contact_centers[1].users[0].role: unknown key, did you mean 'roles'?",
    ),
    (
        "application: TServer_B",
        "aplication: TServer_B",
        (
            "6: switches[1].tserver.application: this key is required and is missing\n"
            "6: switches[1].tserver.aplication: unknown key, did you mean 'application'?"
        ),
    ),
    ("name: North", "name: ''", "9: contact_centers[0].name: expected a name, not empty, got ''"),
    (
        "name: ann",
        "name: a:b",
        "16: contact_centers[0].users[0].name: expected a login name, with no colon in it, got 'a:b'",
    ),
    (
        '{number: "3"}]',
        "{number: 3}]",
        "7: switches[1].dns[1].number: expected a string of digits, got 3 (an integer); put it in quotes",
    ),
    (
        'number: "3", switch',
        "number: three, switch",
        "21: contact_centers[1].devices[0].number: expected a string of digits, got 'three'",
    ),
    (
        "id: 00000000-0000-4000-8000-00000000000a",
        "id: a",
        "14: contact_centers[0].devices[1].id: expected a UUID, got 'a'",
    ),
    (
        "id: 0000000000000000000000000000000b",
        "id: b",
        "17: contact_centers[0].users[1].id: expected 32 hexadecimal digits in lower case, got 'b'",
    ),
    # Values
    *(
        (
            "port: 7020",
            f"port: {port}",
            f"6: switches[1].tserver.port: expected a port, an integer from 0 to 65535, got {shown}",
        )
        for port, shown in [
            ("-1", "-1 (an integer)"),
            ("65536", "65536 (an integer)"),
            ("yes", "yes (a boolean)"),
            ("'7020'", "'7020'"),
            ("7020.5", "7020.5 (a number)"),
            ("", "nothing"),
        ]
    ),
    (
        "[agent]",
        "[agent, superviser]",
        (
            "23: contact_centers[1].users[0].roles[1]:"
            " expected 'agent', 'supervisor' or 'admin', got 'superviser'"
        ),
    ),
    (
        "[api-voice]",
        "[api-voice, api-vioce-recording]",
        (
            "11: contact_centers[0].features[1]:"
            " expected the id of a feature (did you mean 'api-voice-recording'?), got 'api-vioce-recording'"
        ),
    ),
    (
        f'&p "{HASH}"',
        "&p tiger",
        "\n".join(
            f"{line}: contact_centers[{place}].password:"
            " expected an argon2 hash (`tserver-bridge hash-password` makes one),"
            " got a value that is not shown here"
            for line, place in [(16, "0].users[0"), (17, "0].users[1"), (23, "1].users[0")]
        ),
    ),
    (
        "password: *p, roles",
        f"password: {HASH}, roles",
        (
            "23: contact_centers[1].users[0].password:"
            " expected an argon2 hash (`tserver-bridge hash-password` makes one),"
            " got a value that is not shown here\n"
            "23: contact_centers[1].users[0]:"
            " unknown key, not shown here; it may be part of a password that needs quotes\n"
            "23: contact_centers[1].users[0]:"
            " unknown key, not shown here; it may be part of a password that needs quotes"
        ),
    ),
    # Twice
    (
        "contact_centers:\n",
        "  - {name: Switch_A, tserver: {application: TServer_C, port: 7030}}\ncontact_centers:\n",
        "8: switches[2].name: this switch is given twice, first at switches[0].name",
    ),
    (
        "name: South",
        "name: North",
        "18: contact_centers[1].name: this contact center is given twice, first at contact_centers[0].name",
    ),
    (
        "000000000002",
        "000000000001",
        "19: contact_centers[1].id: this contact center id is given twice, first at contact_centers[0].id",
    ),
    (
        "name: cid",
        "name: ANN",
        (
            "23: contact_centers[1].users[0].name:"
            " this user is given twice, first at contact_centers[0].users[0].name"
        ),
    ),
    (
        "name: bob",
        "name: Ann",
        (
            "17: contact_centers[0].users[1].name:"
            " this user is given twice, first at contact_centers[0].users[0].name"
        ),
    ),
    (
        "name: cid,",
        "name: cid, id: 0000000000000000000000000000000b,",
        (
            "23: contact_centers[1].users[0].id:"
            " this user id is given twice, first at contact_centers[0].users[1].id"
        ),
    ),
    (
        '"3", switch: Switch_B',
        '"3", switch: Switch_B, id: 00000000-0000-4000-8000-00000000000A',
        (
            "21: contact_centers[1].devices[0].id:"
            " this device id is given twice, first at contact_centers[0].devices[1].id"
        ),
    ),
    (
        '"3", switch: Switch_B',
        '"1", switch: Switch_A',
        "21: contact_centers[1].devices[0]: this DN is given twice, first at contact_centers[0].devices[0]",
    ),
    # What does not exist, or belongs to somebody else
    (
        "switch: Switch_B",
        "switch: Swich_B",
        "21: contact_centers[1].devices[0].switch: no such switch, did you mean 'Switch_B'?",
    ),
    (
        "switch: Switch_B",
        "switch: Switch_A",
        "21: contact_centers[1].devices[0].number: Switch_A has no DN '3'",
    ),
    (
        "roles: [agent]",
        'devices: ["1"]',
        "23: contact_centers[1].users[0].devices[0]: this contact center has no such device",
    ),
    (
        'devices: ["2"]',
        'devices: ["2", "1"]',
        "17: contact_centers[0].users[1].devices[1]: this device belongs to 'ann' already",
    ),
    (
        'devices: ["2"]',
        'devices: ["2", 00000000-0000-4000-8000-00000000000a]',
        "17: contact_centers[0].users[1].devices[1]: this device belongs to 'bob' already",
    ),
    (
        'devices:\n      - {number: "1"',
        'devices:\n      - {number: "1", switch: Switch_B}\n      - {number: "1"',
        (
            "17: contact_centers[0].users[0].devices[0]:"
            " this number is on Switch_B and Switch_A; give the id of the device instead"
        ),
    ),
    # Several at once, in the order of the file
    (
        "switch: Switch_B}\n    users:\n",
        "switch: Switch_C}\n    users:\n      - {name: bob, password: *p, devices: [x]}\n",
        (
            "21: contact_centers[1].devices[0].switch: no such switch, did you mean 'Switch_B'?\n"
            "23: contact_centers[1].users[0].name:"
            " this user is given twice, first at contact_centers[0].users[1].name\n"
            "23: contact_centers[1].users[0].devices[0]: this contact center has no such device"
        ),
    ),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def error_in(path: Path, text: str) -> SiteFileError | None:
    path.write_text(text, "utf-8")
    try:
        Directory.load(path)
    except SiteFileError as error:
        return error
    return None


def test_the_good_file_is_good(path: Path) -> None:
    assert error_in(path, GOOD) is None


@pytest.mark.parametrize(("good", "bad", "report"), CHANGES, ids=[bad for _, bad, _ in CHANGES])
def test_a_fault_is_reported_with_its_line(path: Path, good: str, bad: str, report: str) -> None:
    assert GOOD.count(good) == 1

    error = error_in(path, GOOD.replace(good, bad))

    assert str(error) == "\n".join(f"{path}:{line}" for line in report.split("\n"))


PAIR = """{
      application: TServer_A,
      port: 7010,
      tls: {client_certificate: bridge.pem, client_key: bridge.key},
      backup: {application: TServer_A_B, port: 7012},
      redundancy: hot,
    }"""


@pytest.mark.parametrize(
    ("good", "bad", "report"),
    [
        ("hot", "tepid", "8: switches[0].tserver.redundancy: expected hot or warm, got 'tepid'"),
        (
            ", client_key: bridge.key",
            "",
            "6: switches[0].tserver.tls: client_certificate and client_key belong together",
        ),
        (
            "application: TServer_A_B, ",
            "",
            "7: switches[0].tserver.backup.application: this key is required and is missing",
        ),
    ],
)
def test_a_fault_in_a_pair_is_reported_with_its_line(path: Path, good: str, bad: str, report: str) -> None:
    site = GOOD.replace("{application: TServer_A, port: 7010}", PAIR)
    assert error_in(path, site) is None
    assert str(error_in(path, site.replace(good, bad))) == f"{path}:{report}"


# The good file with everything that a contact center can have.
FULL = GOOD.replace(
    "    users:\n      - {name: ann, ",
    """\
    country: DE
    places: [{name: Desk, devices: ["1"]}]
    agent_states:
      - {operation_name: Lunch, display_name: Lunch, state: NotReady, work_mode: AuxWork, reason: "7"}
      - {operation_name: Tea, display_name: Tea, state: NotReady}
    contacts:
      - {first_name: Zoe, phone_numbers: [{phone_number: "3", switch: Switch_B}]}
      - {first_name: Zac}
    users:
      - {name: ann, place: Desk, logins: [{code: a1, switch: Switch_A, queue: "2"}], """,
)
FULL_CHANGES = [
    (
        "country: DE",
        "country: GERMANY",
        (
            "15: contact_centers[0].country:"
            " expected a country's code of two letters (ISO 3166), such as US, got 'GERMANY'"
        ),
    ),
    (
        'name: Desk, devices: ["1"]',
        'name: Desk, devices: ["1", "3"]',
        "16: contact_centers[0].places[0].devices[1]: this contact center has no such device",
    ),
    (
        '[{name: Desk, devices: ["1"]}]',
        "[{name: Desk}, {name: Desk}]",
        (
            "16: contact_centers[0].places[1].name:"
            " this place is given twice, first at contact_centers[0].places[0].name"
        ),
    ),
    (
        "place: Desk",
        "place: Disk",
        "24: contact_centers[0].users[0].place: this contact center has no such place, did you mean 'Desk'?",
    ),
    (
        "code: a1, switch: Switch_A",
        "code: a1, switch: Switch_C",
        "24: contact_centers[0].users[0].logins[0].switch: no such switch, did you mean 'Switch_B'?",
    ),
    (
        'phone_number: "3", switch: Switch_B',
        'phone_number: "3", switch: Elsewhere',
        (
            "21: contact_centers[0].contacts[0].phone_numbers[0].switch:"
            " no such switch, known are Switch_A, Switch_B"
        ),
    ),
    (
        "name: Tea, display",
        "name: Lunch, display",
        (
            "19: contact_centers[0].agent_states[1].operation_name:"
            " this agent state is given twice, first at contact_centers[0].agent_states[0].operation_name"
        ),
    ),
    *(
        (
            "name: Tea, display",
            f"name: {name}, display",
            (
                "19: contact_centers[0].agent_states[1].operation_name:"
                f" every agent has the operation {name} already"
            ),
        )
        for name in ("Ready", "Offline", "StartContactCenterSession")
    ),
    (
        "name: Tea, display",
        "name: a tea, display",
        (
            "19: contact_centers[0].agent_states[1].operation_name:"
            " expected a name of at most 64 letters and digits, got 'a tea'"
        ),
    ),
    (
        "state: NotReady, work_mode",
        "state: Ready, work_mode",
        "18: contact_centers[0].agent_states[0].work_mode: only an agent who is NotReady has a work mode",
    ),
    (
        "work_mode: AuxWork",
        "work_mode: Work",
        ("18: contact_centers[0].agent_states[0].work_mode: expected AuxWork or AfterCallWork, got 'Work'"),
    ),
    (
        "first_name: Zac",
        "first_name: Zoe, phone_numbers: [{phone_number: '3'}]",
        (
            "22: contact_centers[0].contacts[1]:"
            " this contact is given twice, first at contact_centers[0].contacts[0]"
        ),
    ),
    (
        "switch: Switch_A}\n",
        "switch: Switch_A, type: Fax}\n",
        "13: contact_centers[0].devices[0].type: expected Extension or ACDPosition, got 'Fax'",
    ),
    (
        "contact_centers:\n",
        "gws: {version: '9'}\ncontact_centers:\n",
        "8: gws.version: expected '8.5.2' or '8.5.2-early', got '9'",
    ),
]


@pytest.mark.parametrize(("good", "bad", "report"), FULL_CHANGES, ids=[bad for _, bad, _ in FULL_CHANGES])
def test_a_fault_in_what_a_contact_center_has_is_reported_with_its_line(
    path: Path, good: str, bad: str, report: str
) -> None:
    assert error_in(path, FULL) is None
    assert FULL.count(good) == 1
    assert str(error_in(path, FULL.replace(good, bad))) == f"{path}:{report}"


def test_what_the_simulator_alone_understands_is_not_looked_at(path: Path) -> None:
    assert error_in(path, GOOD.replace("answers_after: 1", "no: matter")) is None
    assert error_in(path, GOOD.replace("    dns:", "    ring_timeout: x\n    dns:")) is None


# Every value in the demo file that is not a mapping or a list; the keys are left out.
SCALARS = [
    token
    for token in yaml.scan(DEMO)
    if isinstance(token, yaml.ScalarToken) and not DEMO.startswith(":", token.end_mark.index)
]
OURS = [token for token in SCALARS if token.start_mark.index > DEMO.index("contact_centers:")]
without_fixture_check = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def spoilt(token: yaml.ScalarToken, bad: str) -> str:
    return DEMO[: token.start_mark.index] + bad + DEMO[token.end_mark.index :]


@given(st.sampled_from(OURS), st.sampled_from(["1.5", "yes", "*nobody", "!tag x", '"\\ud800"', "\x07"]))
@without_fixture_check
def test_what_can_stand_nowhere_is_reported_where_it_stands(
    path: Path, token: yaml.ScalarToken, bad: str
) -> None:
    error = error_in(path, spoilt(token, bad))

    assert error is not None
    assert error.faults[0].line == token.start_mark.line + 1


@given(st.sampled_from(SCALARS), st.sampled_from(["", "~", "7", "-1", "70000.0"]))
@without_fixture_check
def test_what_can_stand_somewhere_is_taken_or_reported_where_it_stands(
    path: Path, token: yaml.ScalarToken, bad: str
) -> None:
    error = error_in(path, spoilt(token, bad))

    assert error is None or error.faults[0].line == token.start_mark.line + 1


@given(st.sampled_from(SCALARS), st.text(max_size=20))
@without_fixture_check
def test_no_value_does_worse_than_a_report(path: Path, token: yaml.ScalarToken, bad: str) -> None:
    error = error_in(path, spoilt(token, bad))

    assert error is None or len(str(error).split("\n")) == len(error.faults) > 0
