"""Registering DNs: what kind of address, how many clients, one by one or all at once, and by force."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, ControlMode, RegisterMode
from tests.tserver_sim.in_memory_server import Client, InMemoryServer


def register(client: Client, dn: str, **attributes: Any) -> None:
    request: dict[str, Any] = {"this_dn": dn, "reference_id": client.next_reference(), **attributes}
    client.asks(m.RequestRegisterAddress(**request))


def unregister(client: Client, dn: str, **attributes: Any) -> None:
    request: dict[str, Any] = {"this_dn": dn, "reference_id": client.next_reference(), **attributes}
    client.asks(m.RequestUnregisterAddress(**request))


def short_lines(server: InMemoryServer) -> list[str]:
    """Return the events, one line each, without the snapshot in Extensions."""
    return [" ".join(line.split()[:4]) for line in server.ladder()]


@pytest.mark.parametrize(
    ("dn", "said", "delivered"),
    [
        ("15000", AddressType.DN, "Registered 15000"),
        ("15000", AddressType.Unknown, "Registered 15000"),
        ("15000", AddressType.Queue, "Error 53"),
        ("15600", AddressType.Queue, "Registered 15600"),
        ("15600", AddressType.RouteDN, "Error 53"),
        ("15500", AddressType.RouteDN, "Registered 15500"),
        ("15500", AddressType.DN, "Error 53"),
        ("4711", AddressType.DN, "Error 59"),
        ("9" * 256, AddressType.DN, "Error 53"),
    ],
)
def test_the_kind_of_address_must_be_right_or_unknown(dn: str, said: AddressType, delivered: str) -> None:
    server = InMemoryServer()
    register(server.client("crm"), dn, address_type=said)
    assert short_lines(server) == [f"crm <- {delivered}"]


@pytest.mark.parametrize("mode", ControlMode)
def test_the_control_mode_makes_no_difference_when_registering(mode: ControlMode) -> None:
    server = InMemoryServer()
    server.client("15000", "15000")
    register(server.client("crm"), "15000", control_mode=mode)
    assert short_lines(server) == ["crm <- Registered 15000"]


def test_two_clients_on_one_dn_are_told_alike_until_one_unregisters() -> None:
    server = InMemoryServer()
    a, second = server.client("15000", "15000"), server.client("second", "15000")
    a.calls("4711")
    failed = "c1 This=15000/Origination Other=4711/Destination CS=SitInvalidNum DNIS=4711"
    assert server.ladder() == [
        "15000 <- Dialing c1 This=15000/Origination Other=4711/Destination DNIS=4711 Ref=1",
        "second <- Dialing c1 This=15000/Origination Other=4711/Destination DNIS=4711",
        f"15000 <- DestinationBusy {failed}",
        f"second <- DestinationBusy {failed}",
    ]
    unregister(second, "15000")
    a.releases()
    assert server.ladder() == [
        "second <- Unregistered 15000 Ref=1",
        "15000 <- Released c1 This=15000/Origination Other=4711/Destination CS=Ok DNIS=4711 Ref=2",
    ]


def test_unregistering_by_force_ends_it_for_everybody() -> None:
    server = InMemoryServer()
    a, second = server.client("15000", "15000"), server.client("second", "15000", "15001")
    unregister(second, "15000", control_mode=ControlMode.Force)
    assert server.ladder() == ["second <- Unregistered 15000 Ref=1", "15000 <- Unregistered 15000"]
    a.calls("15001")
    assert server.ladder() == ["15000 <- Error 41 15000 Ref=1"]


def test_who_only_watches_cannot_use_force() -> None:
    server = InMemoryServer()
    server.client("15000", "15000")
    watcher = server.client("watcher", "15000", mode=RegisterMode.Monitor)
    unregister(watcher, "15000", control_mode=ControlMode.Force)
    unregister(watcher, "15000")
    assert server.ladder() == ["watcher <- Error 41 15000 Ref=1", "watcher <- Unregistered 15000 Ref=2"]


def test_all_dns_at_once() -> None:
    server = InMemoryServer()
    server.client("owner", "15002", mode=RegisterMode.Private)
    everywhere = server.client("everywhere")
    a = server.client("15000", "15000")
    everywhere.asks(m.RequestRegisterAll(reference_id=7))
    assert server.ladder() == ["everywhere <- RegisteredAll Ref=7"]
    a.calls("15001")
    assert short_lines(server) == [
        "15000 <- Dialing c1",
        "everywhere <- Dialing c1",
        "everywhere <- Ringing c1",
    ]
    a.releases()
    server.delivered.clear()
    a.calls("15002")
    assert short_lines(server) == ["15000 <- Dialing c2", "everywhere <- Dialing c2", "owner <- Ringing c2"]
    everywhere.asks(m.RequestUnregisterAll(reference_id=8))
    a.releases()
    assert short_lines(server)[:2] == ["everywhere <- UnregisteredAll Ref=8", "15000 <- Released c2"]


def test_all_at_once_leaves_what_is_registered_as_it_is() -> None:
    server = InMemoryServer()
    client = server.client("15000", "15000", mode=RegisterMode.Monitor)
    client.asks(m.RequestRegisterAll(reference_id=7))
    client.calls("15001")
    assert server.ladder() == ["15000 <- RegisteredAll Ref=7", "15000 <- Error 41 15000 Ref=1"]


def test_without_the_switch_nothing_is_registered() -> None:
    server = InMemoryServer()
    client = server.client("crm")
    server.tserver.dispatcher.link_down()
    server.delivered.clear()
    client.asks(m.RequestRegisterAll(reference_id=1))
    client.asks(m.RequestUnregisterAll(reference_id=2))
    register(client, "15000")
    assert server.ladder() == [
        "crm <- Error 54 Ref=1",
        "crm <- Error 54 Ref=2",
        "crm <- Error 54 15000 Ref=1",
    ]


def test_a_snapshot_of_the_calls_at_a_dn() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    register(server.client("crm"), "15001")
    assert server.ladder() == [
        (
            "crm <- Registered 15001 AddressType=1 conn-1:0071027198180001,ps-1:10,ct-1:1,"
            "dnd:0,fwd:0,mwl:0,status:1,AgentStatus:0,monitor-dn: Ref=1"
        )
    ]


def test_modes_that_nobody_knows_are_refused() -> None:
    server = InMemoryServer()
    client = server.client("crm", "15000")
    register(client, "15001", register_mode=RegisterMode(7))
    register(client, "15001", control_mode=ControlMode(7))
    unregister(client, "15000", control_mode=ControlMode(7))
    assert server.ladder() == [
        "crm <- Error 53 15001 Ref=1",
        "crm <- Error 53 15001 Ref=2",
        "crm <- Error 53 15000 Ref=3",
    ]
