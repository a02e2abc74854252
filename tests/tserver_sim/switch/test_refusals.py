"""What the T-Server refuses: the right number, only to the one who asked, and nothing else happens."""

from collections.abc import Callable
from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import RegisterMode
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.tlib.session import Refusal
from bridge.tlib.wire import OpenWire
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer
from tserver_sim.switch.operations import OPERATIONS

BIG = KVList.of(Text="x" * 16_001)
UNTOUCHED = "dnd:0,fwd:0,mwl:0,status:1,AgentStatus:0,monitor-dn:"
"""The snapshot of a DN without an agent and calls."""


def scene(server: InMemoryServer) -> dict[str, Client]:
    """15000 talks with 15001; 15002 rings for 15003; 15004 is free. 15500 and 15600 are no extensions."""
    agents = {dn: server.client(dn, dn) for dn in ("15000", "15001", "15002", "15003", "15004", "15500")}
    agents["15000"].calls("15001", user_data=KVList.of(Half="y" * 9_000))
    agents["15001"].answers()
    agents["15003"].calls("15002")
    server.delivered.clear()
    return agents


REFUSED: dict[str, tuple[str, Callable[[Client], None], str]] = {
    "call while busy": ("15000", lambda a: a.calls("15004"), "79 15000"),
    "call while dialing": ("15003", lambda a: a.calls("15004"), "79 15003"),
    "call while it rings": ("15002", lambda a: a.calls("15004"), "79 15002"),
    "call itself": ("15004", lambda a: a.calls("15004"), "415 15004"),
    "call nobody": ("15004", lambda a: a.calls(""), "415 15004"),
    "call a number without end": ("15004", lambda a: a.calls("1" * 256), "415 15004"),
    "call from a route point": ("15500", lambda a: a.calls("15004"), "53 15500"),
    "call with too much data": ("15004", lambda a: a.calls("15000", user_data=BIG), "53 15004"),
    "call with too many reasons": ("15004", lambda a: a.calls("15000", reasons=BIG), "53 15004"),
    "answer the answered": ("15001", lambda a: a.answers(), "1167 15001 c1"),
    "answer one's own call": ("15003", lambda a: a.answers(), "1167 15003 c2"),
    "answer another's call": ("15004", lambda a: a.answers(conn_id=CONN_ID_BASE + 2), "56 15004 c2"),
    "answer no call": ("15002", lambda a: a.answers(conn_id=CONN_ID_BASE + 9), "56 15002 c9"),
    "release another's call": ("15004", lambda a: a.releases(conn_id=CONN_ID_BASE + 1), "56 15004 c1"),
    "release no call": ("15000", lambda a: a.releases(conn_id=CONN_ID_BASE + 9), "56 15000 c9"),
    "transfer another's call": (
        "15004",
        lambda a: a.transfers("15000", conn_id=CONN_ID_BASE + 1),
        "56 15004 c1",
    ),
    "transfer no call": ("15000", lambda a: a.transfers("15004", conn_id=0), "56 15000 c0"),
    "transfer a ringing call": ("15002", lambda a: a.transfers("15004"), "496 15002 c2"),
    "transfer an unanswered call": ("15003", lambda a: a.transfers("15004"), "496 15003 c2"),
    "transfer to a number outside": ("15000", lambda a: a.transfers("4711"), "415 15000 c1"),
    "transfer to oneself": ("15000", lambda a: a.transfers("15000"), "415 15000 c1"),
    "transfer to the peer": ("15000", lambda a: a.transfers("15001"), "415 15000 c1"),
    "transfer to a busy phone": ("15000", lambda a: a.transfers("15002"), "231 15000 c1"),
    "transfer to a dialing phone": ("15000", lambda a: a.transfers("15003"), "231 15000 c1"),
    "transfer with too much data in all": (
        "15000",
        lambda a: a.transfers("15004", user_data=KVList.of(Other="z" * 9_000)),
        "53 15000 c1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_request_changes_nothing(case: str) -> None:
    server = InMemoryServer()
    agents = scene(server)
    dn, ask, error = REFUSED[case]
    before = state(server)

    ask(agents[dn])

    reference = agents[dn].events[-1].reference_id
    assert server.ladder() == [f"{dn} <- Error {error} Ref={reference}"]
    assert state(server) == before


def state(server: InMemoryServer) -> list[Any]:
    return [
        (conn_id, call.user_data, [(party.dn, party.role, party.state) for party in call.parties])
        for conn_id, call in server.tserver.switch.state.calls.items()
    ]


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("Switch_B", 1001),
        ("TServer_B@Switch_B", 1001),
        ("TServer_A@Switch_B", 1000),
        ("Switch_X", 1000),
        ("TServer_A", 1000),
        ("switch_a", 1000),
        ("", 1012),
        ("@Switch_A", 1012),
        ("TServer_A@", 1012),
        ("a@b@Switch_A", 1012),
        ("Switch_A\n", 1012),
        ("S" * 256, 1012),
    ],
)
def test_a_location_that_is_not_here(location: str, code: int) -> None:
    server = InMemoryServer()
    agents = scene(server)
    agents["15000"].transfers("15004", location=location)
    agents["15004"].calls("4711", location=location)
    assert server.ladder() == [f"15000 <- Error {code} 15000 c1 Ref=2", f"15004 <- Error {code} 15004 Ref=1"]


@pytest.mark.parametrize("location", [None, "Switch_A", "TServer_A@Switch_A"])
def test_a_location_that_is_here(location: str | None) -> None:
    server = InMemoryServer()
    agents = scene(server)
    agents["15000"].transfers("15004", location=location)
    assert [line.split()[2] for line in server.ladder()] == ["Released", "Ringing", "PartyChanged"]


def test_data_that_replaces_may_fill_the_limit() -> None:
    server = InMemoryServer()
    agents = scene(server)
    agents["15000"].transfers("15004", user_data=KVList.of(Half="z" * 15_000))
    assert len(server.ladder()) == 3


def test_what_the_session_refuses_goes_to_the_requester() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.asks(Refusal(ErrorCode.InvalidAttribute, "ThisDN: expected `str`", 8))
    assert server.ladder() == ["15000 <- Error 53 Ref=8"]


def test_what_the_t_server_does_not_know() -> None:
    class RequestQuery(m.Request, number=m.Number.RequestQueryServer):
        """Something that this T-Server has no handler for."""

    server = InMemoryServer()
    (a,) = server.agents("15000")
    a.asks(RequestQuery(reference_id=4))
    assert server.ladder() == ["15000 <- Error 51 Ref=4"]


def test_an_error_is_never_longer_than_the_request() -> None:
    server = InMemoryServer()
    (a,) = server.agents("15000")
    a.asks(m.RequestUnregisterAddress(this_dn="9" * 500_000, reference_id=1))
    a.asks(m.RequestRegisterAddress(this_dn="9" * 500_000, reference_id=2))
    a.asks(m.RequestReleaseCall(this_dn="9" * 500_000, conn_id=1, reference_id=3))
    a.asks(Refusal(ErrorCode.InvalidAttribute, "x" * 500_000, 4))
    assert server.ladder() == [
        "15000 <- Error 53 Ref=1",
        "15000 <- Error 53 Ref=2",
        "15000 <- Error 53 c0 Ref=3",
        "15000 <- Error 53 Ref=4",
    ]
    assert all(len(error.error_message or "") <= 500 for error in a.events if isinstance(error, m.EventError))


# --- registration ------------------------------------------------------------------------------------


def register(client: Client, dn: str, mode: RegisterMode = RegisterMode.Share) -> None:
    client.asks(m.RequestRegisterAddress(this_dn=dn, register_mode=mode, reference_id=9))


def test_a_request_on_a_dn_that_is_not_registered() -> None:
    server = InMemoryServer()
    client = server.client("15000")
    client.calls("15001")
    client.asks(m.RequestUnregisterAddress(this_dn="15000", reference_id=2))
    register(client, "4711")
    assert server.ladder() == [
        "15000 <- Error 41 15000 Ref=1",
        "15000 <- Error 41 15000 Ref=2",
        "15000 <- Error 59 4711 Ref=9",
    ]


def test_registering_twice_answers_twice_and_tells_once() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    register(a, "15000")
    assert server.ladder() == [f"15000 <- Registered 15000 AddressType=1 {UNTOUCHED} Ref=9"]
    b.calls("15000")
    assert [line.split()[2] for line in server.ladder()] == ["Dialing", "Ringing"]


def test_unregistering() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    a.asks(m.RequestUnregisterAddress(this_dn="15000", reference_id=3))
    assert server.ladder() == ["15000 <- Unregistered 15000 Ref=3"]
    b.calls("15000")
    assert [line.split()[:3] for line in server.ladder()] == [["15001", "<-", "Dialing"]]


def test_a_dn_may_be_held_by_one_client_alone() -> None:
    server = InMemoryServer()
    owner, other = server.client("owner"), server.client("other")
    register(owner, "15000", RegisterMode.Private)
    register(other, "15000")
    register(other, "15000", RegisterMode.Monitor)
    register(owner, "15000", RegisterMode.Private)
    owner.leaves()
    register(other, "15000")
    register(owner, "15000", RegisterMode.Private)
    assert server.ladder() == [
        f"owner <- Registered 15000 AddressType=1 {UNTOUCHED} Ref=9",
        "other <- Error 42 15000 Ref=9",
        "other <- Error 42 15000 Ref=9",
        f"owner <- Registered 15000 AddressType=1 {UNTOUCHED} Ref=9",
        f"other <- Registered 15000 AddressType=1 {UNTOUCHED} Ref=9",
        "owner <- Error 42 15000 Ref=9",
    ]


def test_a_monitor_sees_but_does_not_touch() -> None:
    server = InMemoryServer()
    b = server.client("15001", "15001")
    monitor = server.client("15000", "15000", mode=RegisterMode.Monitor)
    b.calls("15000")
    assert [line.split()[0] for line in server.ladder()] == ["15001", "15000"]
    monitor.answers()
    assert server.ladder() == ["15000 <- Error 41 15000 c1 Ref=1"]


# --- distribution ------------------------------------------------------------------------------------


def test_only_the_requesters_copy_has_the_reference() -> None:
    server = InMemoryServer()
    a, second = server.client("15000", "15000"), server.client("second", "15000")
    a.calls("15001")
    assert server.ladder() == [
        "15000 <- Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001 Ref=1",
        "second <- Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001",
    ]
    first, copy = a.events[-1], second.events[-1]
    assert first.event_sequence_number == copy.event_sequence_number


def test_each_form_of_an_event_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    for number in range(5):
        server.client(f"watcher{number}", "15000")
    encoded: list[type[m.Message]] = []
    encode = OpenWire.encode

    def recording(wire: OpenWire, event: m.Message) -> bytes:
        encoded.append(type(event))
        return encode(wire, event)

    monkeypatch.setattr(OpenWire, "encode", recording)
    a.calls("4711")
    assert encoded == [m.EventDialing, m.EventDialing, m.EventDestinationBusy]


def test_events_are_numbered_without_gaps() -> None:
    server = InMemoryServer()
    client = server.client("15000", "15000", "15001")
    client.calls("15001")
    client.calls("15001")
    client.releases()
    client.asks(m.RequestUnregisterAddress(this_dn="15001"))
    assert [event.event_sequence_number for event in client.events] == list(range(1, len(client.events) + 1))


def test_the_opening_tells_what_the_server_can_do() -> None:
    server = InMemoryServer()
    client = server.client("crm")
    info, link = client.events
    assert isinstance(info, m.EventServerInfo)
    assert isinstance(link, m.EventLinkConnected)
    assert (info.application_name, info.server_role.name, info.server_start_time) == (
        "TServer_A",
        "Primary",
        1_444_901_376,
    )
    supported = {n for n in range(512) if info.server_capability_mask[n // 8] >> n % 8 & 1}
    assert supported >= {message.number.value for message in OPERATIONS}
    assert supported <= {message.number.value for message in (*m.REQUESTS, *m.EVENTS)}


def test_the_link_to_the_switch_goes_and_comes() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    dispatcher = server.tserver.dispatcher
    dispatcher.link_down()
    dispatcher.link_down()
    a.calls("15001")
    register(b, "15002")
    b.asks(m.RequestUnregisterAddress(this_dn="15001", reference_id=7))
    assert sorted(server.ladder()[:2]) == ["15000 <- LinkDisconnected", "15001 <- LinkDisconnected"]
    late = Client(server, "late")
    late.asks(m.RequestRegisterClient(application_name="late", protocol_version="1"))
    assert server.ladder() == ["late <- ServerInfo", "late <- LinkDisconnected"]
    assert [event.error_code for event in a.events + b.events if isinstance(event, m.EventError)] == [54] * 3
    dispatcher.link_up()
    assert sorted(server.ladder()) == [f"{name} <- LinkConnected" for name in ("15000", "15001", "late")]
    a.calls("15001")
    assert [line.split()[2] for line in server.ladder()] == ["Dialing", "Ringing"]


def test_events_while_the_link_is_down_are_lost() -> None:
    server = InMemoryServer(phones={"15001": 1.0})
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.tserver.dispatcher.link_down()
    server.delivered.clear()
    server.clock.advance(1)
    assert server.ladder() == []
    assert [party.state.name for party in server.tserver.switch.state.calls[a.last_conn_id].parties] == [
        "CONNECTED",
        "CONNECTED",
    ]


def test_a_call_outlives_the_client_that_placed_it() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    a.leaves()
    server.delivered.clear()
    b.answers()
    assert [line.split()[:3] for line in server.ladder()] == [["15001", "<-", "Established"]]
