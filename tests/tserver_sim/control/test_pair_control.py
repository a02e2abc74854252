"""Pairs in the control API and in the site file, and the table of roles."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.runtime.clock import HeldClock
from bridge.runtime.sitefile import SiteFileError
from bridge.tlib.enums import ServerRole
from tests.loop import run
from tests.tserver_sim.in_memory_server import InMemoryServer
from tests.tserver_sim.server_pair import A, B, ServerPair
from tserver_sim.control.api import control_app
from tserver_sim.server.pair.roles import (
    INFORMED_ROLES,
    INITIAL_ROLES,
    PRIMARY_ROLES,
    ROLE_TRANSITIONS,
    PairRole,
    RoleEffect,
    StandbyType,
)
from tserver_sim.server.requests.server_info import ServerInfo, ServerNotice, server_notices
from tserver_sim.site import read_site


def ask(
    server: InMemoryServer, method: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    async def exchange() -> httpx.Response:
        app = control_app(HeldClock(), {"Switch_A": server.tserver})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sim") as client:
            return await client.request(method, f"/control/v1/switches/Switch_A{path}", json=body)

    answer = run(exchange())
    return answer.status_code, answer.json()


# --- the control API ----------------------------------------------------------------------------------


def test_a_t_server_tells_how_it_stands() -> None:
    servers = ServerPair()
    servers.meet()
    delivered = [ask(server, "GET", "/member")[1] for server in (servers.a, servers.b)]
    assert delivered == [
        {
            "application": "TServer_A",
            "role": "primary",
            "link_up": True,
            "state": "leads; the backup has all it knows",
            "peer": True,
            "epoch": 1,
        },
        {
            "application": "TServer_A_2",
            "role": "backup",
            "link_up": True,
            "state": "backup; knows all that the primary has told anybody",
            "peer": True,
            "epoch": 1,
        },
    ]
    alone = ask(InMemoryServer(), "GET", "/member")[1]
    assert (alone["role"], alone["state"], alone["peer"]) == ("primary", None, False)


@pytest.mark.parametrize(("member", "command"), [(A, "demote"), (B, "promote")])
def test_the_role_moves_by_command(member: Any, command: str) -> None:
    servers = ServerPair()
    wire = servers.meet()
    assert ask(servers.members[member], "POST", f"/{command}")[0] == 202
    wire.flow()
    assert servers.roles == (PairRole.BACKUP_IN_SYNC, PairRole.PRIMARY_REPLICATING)


def test_a_command_that_cannot_be() -> None:
    servers = ServerPair()
    servers.meet()
    assert ask(servers.a, "POST", "/promote") == (409, {"error": "TServer_A: it is the primary already"})
    assert ask(servers.b, "POST", "/demote") == (409, {"error": "TServer_A_2: it is not the primary"})
    assert ask(InMemoryServer(), "POST", "/demote") == (409, {"error": "TServer_A is no member of a pair"})


def test_the_link_flaps_by_command() -> None:
    server = InMemoryServer()
    server.client("15000", "15000")
    assert ask(server, "POST", "/link", {"up": False})[1]["link_up"] is False
    assert ask(server, "POST", "/link", {"up": False})[0] == 200
    assert ask(server, "POST", "/link", {"up": True})[1]["link_up"] is True
    assert server.ladder() == ["15000 <- LinkDisconnected", "15000 <- LinkConnected"]
    assert ask(server, "POST", "/link", {"up": "yes"})[0] == 400


# --- the table of roles -------------------------------------------------------------------------------


@pytest.mark.parametrize("redundancy", StandbyType)
def test_the_table_of_roles(redundancy: StandbyType) -> None:
    table = ROLE_TRANSITIONS[redundancy]
    for (before, _), (after, effects) in table.items():
        begins = bool({RoleEffect.BEGIN, RoleEffect.TAKE_OVER} & set(effects))
        assert begins == (before not in PRIMARY_ROLES and after in PRIMARY_ROLES), (
            "who leads has begun or taken over"
        )
        assert (RoleEffect.SEND_IMAGE in effects) <= (after is PairRole.PRIMARY_REPLICATING)
        assert (before is PairRole.PRIMARY_REPLICATING and after is PairRole.PRIMARY) <= (
            RoleEffect.RELEASE in effects
        )
    reached = set(INITIAL_ROLES.values()) | {step.role for step in table.values()}
    expected = (
        set(PairRole)
        if redundancy is StandbyType.HOT
        else {PairRole.STARTING, PairRole.PRIMARY, PairRole.BACKUP_NOT_SYNCED}
    )
    assert reached == expected
    for role in reached - PRIMARY_ROLES:
        assert any(start is role and step.role in INFORMED_ROLES for (start, _), step in table.items())


UP = ServerInfo("A", 1)
BACKUP = ServerInfo("A", 1, ServerRole.Backup)
IDLE = ServerInfo("A", 1, ServerRole.Backup, is_informed=False)
_N = ServerNotice

NOTICES = {
    "nothing new": (UP, UP, ()),
    "promoted, in step": (BACKUP, UP, (_N.LINK_DOWN, _N.INFO, _N.PRIMARY, _N.LINK_UP)),
    "demoted, in step": (UP, BACKUP, (_N.LINK_DOWN, _N.INFO, _N.PRIMARY, _N.LINK_UP)),
    "promoted, knew nothing": (IDLE, UP, (_N.INFO, _N.PRIMARY, _N.LINK_UP)),
    "demoted, knows nothing": (UP, IDLE, (_N.INFO, _N.PRIMARY, _N.LINK_DOWN)),
    "in step now": (IDLE, BACKUP, (_N.LINK_UP,)),
    "no longer in step": (BACKUP, IDLE, (_N.LINK_DOWN,)),
    "in step with another": (
        IDLE,
        ServerInfo("A", 2, ServerRole.Backup),
        (_N.INFO, _N.LINK_UP),
    ),
}


@pytest.mark.parametrize("case", NOTICES)
def test_what_clients_are_told_of_a_change(case: str) -> None:
    before, after, expected = NOTICES[case]
    assert server_notices(before, after) == expected


# --- the site file ------------------------------------------------------------------------------------

SITE = """
switches:
  - name: Switch_A
    tserver:
      application: TServer_A
      port: 7010
      peer_port: 7011
      backup:
        {application: APPLICATION, port: PORT, peer_port: PEER_PORT}
      redundancy: REDUNDANCY
    ids: {call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES, conn_id_base: "0071027198180000"}
    dns: [{number: "15000"}]
"""
GOOD = {"APPLICATION": "TServer_A_2", "PEER_PORT": "7013", "PORT": "7012", "REDUNDANCY": "warm"}

FAULTS = {
    "the same name": (
        {"APPLICATION": "TServer_A"},
        "switches[0].tserver.backup.application: TServer_A is given twice",
    ),
    "the same port": ({"PORT": "7010"}, "switches[0].tserver.backup.port: 7010 is given twice"),
    "the same peer port": (
        {"PEER_PORT": "7011"},
        "switches[0].tserver.backup.peer_port: 7011 is given twice",
    ),
    "any peer port": (
        {"PEER_PORT": "0"},
        "switches[0].tserver.backup.peer_port: expected a port, 1 to 65535, got 0",
    ),
    "lukewarm": (
        {"REDUNDANCY": "tepid"},
        "switches[0].tserver.redundancy: expected hot or warm, got 'tepid'",
    ),
}


def written(folder: Path, values: dict[str, str]) -> Path:
    text = SITE
    for key in sorted(GOOD, key=len, reverse=True):
        text = text.replace(key, (GOOD | values)[key])
    path = folder / "site.yaml"
    path.write_text(text)
    return path


def test_a_pair_in_the_site_file(tmp_path: Path) -> None:
    part = read_site(written(tmp_path, {})).switches[0].tserver
    assert part.redundancy is StandbyType.WARM
    assert part.backup is not None
    assert (part.member(A), part.member(B)) == (part, part.backup)
    assert (part.backup.host, part.backup.peer_port) == ("127.0.0.1", 7013)


@pytest.mark.parametrize("case", FAULTS)
def test_a_pair_that_cannot_be(case: str, tmp_path: Path) -> None:
    values, text = FAULTS[case]
    with pytest.raises(SiteFileError) as error:
        read_site(written(tmp_path, values))
    assert text in str(error.value)


def test_a_switch_without_a_backup_has_no_such_member() -> None:
    server = InMemoryServer()
    with pytest.raises(ValueError, match="TServer_A has no backup"):
        server.tserver.part.tserver.member(B)
