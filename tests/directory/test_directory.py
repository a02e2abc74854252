"""The directory of the demo site, and what a site file may leave out."""

from pathlib import Path
from uuid import UUID

import pytest

from bridge.directory.directory import Directory
from bridge.directory.model import (
    BackupConfig,
    ContactNumber,
    DirectoryDevice,
    DirectoryLogin,
    GwsConfig,
    RedundancyType,
    TlsConfig,
    TServerConfig,
    UserRole,
)
from bridge.directory.passwords import verify
from bridge.runtime.features import FEATURES
from tests.sites import demo_site

DEMO = Path(__file__).parents[2] / "deploy" / "sites" / "demo.yaml"
HASH = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture(scope="module")
def demo() -> Directory:
    return Directory.load(DEMO)


def test_the_demo_site_has_two_switches(demo: Directory) -> None:
    assert demo.switches == (
        TServerConfig("Switch_A", "TServer_A", 7010, ""),
        TServerConfig("Switch_B", "TServer_B", 7020, ""),
    )


def test_the_demo_site_has_a_contact_center_with_voice_and_one_without(demo: Directory) -> None:
    with_voice, without = demo.contact_centers

    assert (with_voice.name, with_voice.has("api-voice")) == ("Demo", True)
    assert (without.name, without.has("api-voice")) == ("Demo without voice", False)
    assert with_voice.features == {
        "api-voice",
        "api-voice-recording",
        "api-supervisor-monitoring",
        "api-supervisor-agent-control",
        "api-provisioning-read",
        "api-provisioning-write",
    }
    assert not without.features


def test_the_demo_site_has_an_agent_or_supervisor_on_every_telephone(demo: Directory) -> None:
    assert [(user.name, [device.number for device in user.devices]) for user in demo.users] == [
        *((f"agent{number}", [f"{number}"]) for number in range(15000, 15009)),
        ("supervisor15009", ["15009"]),
        *((f"agent{number}", [f"{number}"]) for number in range(25000, 25010)),
        ("admin", []),
        ("nodevice", []),
        ("novoice", ["15010"]),
    ]
    assert {user.name: user.roles for user in demo.users if user.roles != (UserRole.AGENT,)} == {
        "supervisor15009": (UserRole.AGENT, UserRole.SUPERVISOR),
        "admin": (UserRole.ADMIN,),
    }
    assert {user.name for user in demo.users if user.contact_center.name != "Demo"} == {"novoice"}


def test_every_demo_user_has_the_password_demo(demo: Directory) -> None:
    (password_hash,) = {user.password_hash for user in demo.users}

    assert verify(password_hash, "demo")


def test_agent15000_has_the_device_of_the_published_samples(demo: Directory) -> None:
    agent = demo.user("agent15000")

    assert agent is not None
    center = agent.contact_center.id
    assert agent.devices == (
        DirectoryDevice("631608b3-ceb1-472b-ba05-2ae39555b0d1", "15000", "Switch_A", contact_center=center),
    )
    assert (agent.first_name, agent.last_name, agent.email) == (
        "Alice",
        "Archer",
        "alice.archer@example.com",
    )


def test_the_demo_site_has_a_desk_that_nobody_has(demo: Directory) -> None:
    center = demo.contact_centers[0]
    hot, fixed = center.places
    agent = demo.user("agent15007")

    assert [(device.number, device.type, demo.owner(device.id)) for device in hot.devices] == [
        ("15011", "Extension", None),
        ("15012", "ACDPosition", None),
    ]
    assert hot.devices[1].settings == {"sip-cti-control": "talk,hold"}
    assert agent is not None
    assert (agent.place, fixed.devices) == (fixed.name, agent.devices)
    assert agent.logins == (DirectoryLogin("7007", "Switch_A", "15600"),)


def test_the_demo_site_has_agent_states_and_contacts_of_its_own(demo: Directory) -> None:
    center = demo.contact_centers[0]

    assert [(s.operation_name, s.state, s.work_mode, s.reason) for s in center.agent_states] == [
        ("Lunch", "NotReady", "AuxWork", "lunch"),
        ("Training", "NotReady", "AuxWork", "training"),
        ("Paperwork", "NotReady", "AfterCallWork", "paperwork"),
    ]
    assert [contact.last_name for contact in center.contacts] == [
        "Archer",
        "Jones",
        "Queue",
        "Customers",
        "Customer",
    ]
    assert center.contacts[1].phone_numbers == (ContactNumber("25000", "Desk", "Switch_B"),)
    assert (center.country, demo.gws) == ("US", GwsConfig("8.5.2", metrics=False))


def test_a_user_is_found_in_capitals_or_not(demo: Directory) -> None:
    assert demo.user("AGENT15000") is demo.user("agent15000") is not None
    assert demo.user("agent1500") is None


def test_ids_are_well_formed_distinct_and_the_same_every_time(demo: Directory) -> None:
    again = Directory.load(DEMO)
    users = [user.id for user in demo.users]
    devices = [device.id for user in demo.users for device in user.devices]

    assert users == [user.id for user in again.users]
    assert devices == [device.id for user in again.users for device in user.devices]
    assert len(set(users)) == len(users)
    assert len(set(devices)) == len(devices)
    assert all(UUID(each).hex == each for each in users)
    assert all(str(UUID(each)) == each for each in devices)


def test_no_secret_is_in_a_representation(demo: Directory) -> None:
    everything = repr((demo.users, TServerConfig("Switch_A", "TServer_A", 7010, "a secret")))

    assert "argon2" not in everything
    assert "a secret" not in everything


def test_ids_can_be_given_and_a_number_on_two_switches_is_told_by_its_id(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(f"""
        switches:
          - {{name: A, tserver: {{application: T_A, port: 0, password: a secret}}, dns: [{{number: "1"}}]}}
          - {{name: B, tserver: {{application: T_B, port: 65535}}, dns: [{{number: "1"}}]}}
        contact_centers:
          - name: Center
            id: 6F9C2D3E-52B7-4E6A-9D0C-3B1F7A2E8C41
            devices:
              - {{number: "1", switch: A}}
              - {{number: "1", switch: B, id: 631608B3-CEB1-472B-BA05-2AE39555B0D1}}
            users:
              - {{name: Ann, password: {HASH!r}, devices: [631608b3-ceb1-472b-ba05-2ae39555b0d1],
                 id: 0123456789abcdef0123456789abcdef}}
    """)

    directory = Directory.load(site)

    ann = directory.user("ann")
    assert ann is not None
    assert ann.id == "0123456789abcdef0123456789abcdef"
    center = "6f9c2d3e-52b7-4e6a-9d0c-3b1f7a2e8c41"
    assert ann.devices == (
        DirectoryDevice("631608b3-ceb1-472b-ba05-2ae39555b0d1", "1", "B", contact_center=center),
    )
    assert ann.contact_center.id == center
    assert [switch.password for switch in directory.switches] == ["a secret", ""]


def test_files_for_tls_are_where_the_site_file_is(tmp_path: Path) -> None:
    changes = {
        "{application: TServer_A, port: 7010}": "{application: TServer_A, port: 7010, redundancy: warm, "
        "tls: {certificate: a.pem, key: a.key, ca: ca.pem, client_certificate: /b.pem, client_key: b.key}, "
        "backup: {application: TServer_A_B, port: 7012, host: spare}}"
    }
    first, second = Directory.load(demo_site(tmp_path, changes=changes)).switches
    assert first.tls == TlsConfig(
        is_served=True,
        ca=tmp_path / "ca.pem",
        client_certificate=Path("/b.pem"),
        client_key=tmp_path / "b.key",
    )
    assert first.backup == BackupConfig("TServer_A_B", 7012, "spare")
    assert first.redundancy is RedundancyType.WARM
    assert (second.tls, second.backup, second.redundancy) == (TlsConfig(), None, RedundancyType.HOT)


def test_a_site_may_be_all_but_empty(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("{switches: [], contact_centers: []}")

    directory = Directory.load(site)

    assert (directory.switches, directory.contact_centers, directory.users) == ((), (), ())


def test_every_feature_is_known_by_its_own_id() -> None:
    assert len(FEATURES) == 19
    assert all(feature.id == feature_id for feature_id, feature in FEATURES.items())
    assert FEATURES["api-voice"].display_name == "Voice API"
    assert FEATURES["api-voice"].auto_assign
