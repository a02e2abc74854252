"""Where the T-Servers of a site are, from its file and from `--switch`."""

from pathlib import Path

import pytest
from twisted.internet.task import Clock

from bridge import tservers
from bridge.commands import BridgeSettings
from bridge.directory.model import BackupConfig, RedundancyType, TlsConfig, TServerConfig
from bridge.link import Endpoint, PairEndpoints
from bridge.runtime.loop import CannotStartError
from tests.settings import settings

ALONE = TServerConfig("A", "TServer_A", 7010, "")
PAIR = TServerConfig("B", "TServer_B", 7020, "", backup=BackupConfig("TServer_B_B", 7022))
SERVED = TServerConfig(
    "C", "TServer_C", 7030, "", TlsConfig(is_served=True), BackupConfig("TServer_C_B", 7032, "spare")
)
SITE = (ALONE, PAIR, SERVED)


def found(*given: str, site: tuple[TServerConfig, ...] = SITE) -> dict[str, str]:
    """Say where T-Servers are, as `--switch` would say it."""
    return {switch: ",".join(map(str, where)) for switch, where in tservers.addresses(given, site).items()}


def test_what_is_not_given_is_at_the_same_host_as_the_site_file_says() -> None:
    assert found("tcp://host:1") == {
        "A": "tcp://host:1",
        "B": "tcp://host:7020,tcp://host:7022",
        "C": "tls://host:7030,tls://spare:7032",
    }


def test_nothing_given_is_nothing_found() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ("B=tls://one:1,tcp://two:2", "tls://one:1,tcp://two:2"),
        ("B=tcp://one:1", "tcp://one:1,tcp://one:7022"),
        ("B=tls://[::1]:1", "tls://[::1]:1,tls://[::1]:7022"),
    ],
)
def test_a_pair(given: str, where: str) -> None:
    assert found(given)["B"] == where


def test_a_backup_on_any_free_port_cannot_be_found() -> None:
    site = (TServerConfig("A", "TServer_A", 7010, "", backup=BackupConfig("TServer_A_B", 0)),)
    assert found("tcp://host:1", site=site) == {"A": "tcp://host:1"}


@pytest.mark.parametrize("given", ["", "B=", "B=tcp://a:1,", "tcp://a:1,tcp://b:2,tcp://c:3", "udp://a:1"])
def test_what_makes_no_sense(given: str) -> None:
    with pytest.raises(
        CannotStartError, match=rf"^--switch {given}: expected \[NAME=\]tcp://HOST:PORT, or tls"
    ):
        found(given)


def test_in_one_text_an_address_without_a_name_is_the_other_one_of_a_pair(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TSERVER_BRIDGE_SWITCH", "tcp://a:1,tcp://a:2,B=tcp://b:1,tcp://b:2,C=tls://c:1")
    given = settings(BridgeSettings).switch
    assert given == ("tcp://a:1,tcp://a:2", "B=tcp://b:1,tcp://b:2", "C=tls://c:1")


def test_the_kind_of_link_follows_from_the_addresses_and_the_site() -> None:
    warm = TServerConfig("D", "TServer_D", 7040, "", backup=PAIR.backup, redundancy=RedundancyType.WARM)
    site = (ALONE, PAIR, warm)
    make_endpoints = tservers.make_endpoints(tservers.addresses(("tcp://127.0.0.1:1",), site), site, Clock())  # type: ignore[arg-type] # connects nowhere
    a, b, d = make_endpoints.values()
    assert isinstance(a, Endpoint)
    assert isinstance(b, PairEndpoints)
    assert b.is_hot
    assert isinstance(d, PairEndpoints)
    assert not d.is_hot


def test_a_file_for_tls_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    site = (TServerConfig("A", "TServer_A", 7010, "", TlsConfig(ca=missing)),)
    where = tservers.addresses(("tls://host:1",), site)
    text = f"switch A: tserver.tls.ca: {missing} cannot be read"
    with pytest.raises(CannotStartError, match=text):
        tservers.make_endpoints(where, site, Clock())  # type: ignore[arg-type] # connects nowhere
