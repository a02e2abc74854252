"""Call-based notifications: the events that a subscriber receives during the life of a call."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from bridge.tlib.session import capability_mask
from tests.tserver_sim.in_memory_server import UUID_PREFIX, Client, InMemoryServer
from tests.tserver_sim.ladders import C1, C2
from tests.tserver_sim.server_pair import A, B, ServerPair
from tserver_sim.server.pair.roles import PairRole

EXTENSIONS = KVList()


def subscriber(server: InMemoryServer, name: str = "subscriber", **named: Any) -> Client:
    """Return a client that has subscribed to calls, and registered no DN."""
    client = server.client(name)
    client.asks(m.RequestStartCallMonitoring(extensions=KVList(named.items()), reference_id=1))
    server.delivered.clear()
    return client


def event_lines(client: Client, server: InMemoryServer) -> list[str]:
    """Return the events that a client has received since the last call, one line each."""
    delivered = [event for each, event in server.delivered if each is client]
    server.delivered.clear()
    return [_text(event) for event in delivered]


def _text(event: m.Event) -> str:
    assert isinstance(event, m.CallMonitoringEvent)
    assert event.call_uuid.startswith(UUID_PREFIX)
    assert event.reference_id is None
    words = [
        event.name.removeprefix("EventCall"),
        f"c{int(event.call_uuid[26:])}",
        f"#{event.update_revision}",
    ]
    if isinstance(event, m.CallPartyEvent):
        assert event.party_uuid == f"{event.call_uuid}.{event.this_dn}"
        role = event.this_dn_role.name if event.this_dn_role is not None else None
        words.append(f"{event.this_dn}/{role} ps={event.party_state:X}")
    if isinstance(event, m.EventCallPartyMoved):
        assert event.previous_call_uuid is not None
        words.append(f"from=c{int(event.previous_call_uuid[26:])}")
        assert event.ref_party == f"{event.previous_call_uuid}.{event.this_dn}"
    if event.user_data is not None:
        words.append("Data=" + ",".join(f"{key}:{value!s}" for key, value in event.user_data))
    return " ".join(words)


# --- the life of a call -------------------------------------------------------------------------------


def test_a_call_from_its_first_party_to_its_last() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    everything = subscriber(server)
    a.calls("15001", user_data=KVList.of(Color="red"))
    assert event_lines(everything, server) == [
        "Created c1 #1 Data=Color:red",
        "PartyAdded c1 #2 15000/Origination ps=1",
        "PartyAdded c1 #3 15001/Destination ps=A",
    ]
    b.answers()
    assert event_lines(everything, server) == [
        "PartyState c1 #4 15001/Destination ps=C",
        "PartyState c1 #5 15000/Origination ps=C",
    ]
    a.does(m.RequestHoldCall)
    a.does(m.RequestRetrieveCall)
    a.does(m.RequestSetMuteOn)
    assert event_lines(everything, server) == [
        "PartyState c1 #6 15000/Origination ps=E",
        "PartyState c1 #7 15000/Origination ps=C",
        "PartyState c1 #8 15000/Origination ps=2C",
    ]
    b.does(m.RequestAttachUserData, user_data=KVList.of(Size="big"))
    assert event_lines(everything, server) == ["DataChanged c1 #9 Data=Color:red,Size:big"]
    a.releases()
    assert event_lines(everything, server) == [
        "PartyDeleted c1 #10 15000/Origination ps=20",
        "PartyDeleted c1 #11 15001/Destination ps=0",
        "Deleted c1 #12",
    ]


def test_a_single_step_transfer() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    everything = subscriber(server)
    a.transfers("15002", user_data=KVList.of(Color="red"))
    assert event_lines(everything, server) == [
        "PartyDeleted c1 #1 15000/Origination ps=0",
        "DataChanged c1 #2 Data=Color:red",
        "PartyAdded c1 #3 15002/Destination ps=A",
    ]


def test_a_transfer_moves_a_party_from_call_to_call() -> None:
    server = InMemoryServer()
    a, b, c = server.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    everything = subscriber(server)
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    assert event_lines(everything, server) == [
        "PartyState c1 #1 15001/Destination ps=E",
        "Created c2 #1",
        "PartyAdded c2 #2 15001/Origination ps=1",
        "PartyAdded c2 #3 15002/Destination ps=A",
    ]
    c.answers()
    server.delivered.clear()
    b.does(m.RequestCompleteTransfer, conn_id=C1, transfer_conn_id=C2)
    delivered = event_lines(everything, server)
    assert sorted(delivered[:2]) == [
        "PartyDeleted c1 #2 15001/Destination ps=0",
        "PartyDeleted c2 #6 15001/Origination ps=0",
    ]
    assert delivered[2:] == ["PartyMoved c1 #3 15002/Destination ps=C from=c2", "Deleted c2 #7"]


def test_what_happens_by_itself_is_told_too() -> None:
    server = InMemoryServer(phones={"15001": 2.0})
    (a,) = server.agents("15000")
    everything = subscriber(server)
    a.calls("15001")
    server.delivered.clear()
    server.clock.advance(2)
    assert event_lines(everything, server) == [
        "PartyState c1 #4 15001/Destination ps=C",
        "PartyState c1 #5 15000/Origination ps=C",
    ]


# --- subscriptions ------------------------------------------------------------------------------------


def test_what_a_subscription_answers() -> None:
    server = InMemoryServer()
    client = server.client("crm")
    client.asks(m.RequestStartCallMonitoring(extensions=EXTENSIONS, reference_id=1))
    client.asks(m.RequestStopCallMonitoring(extensions=EXTENSIONS, reference_id=2))
    client.asks(m.RequestStopCallMonitoring(extensions=EXTENSIONS, reference_id=3))
    assert server.ladder() == [
        "crm <- ACK UserEvent=167 Ref=1",
        "crm <- ACK UserEvent=168 Ref=2",
        "crm <- Error 43 Ref=3",
    ]


def test_a_subscription_may_name_the_calls_it_is_about() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15002")
    second = subscriber(server, CallUUID=UUID_PREFIX + "000002")
    a.calls("15001")
    b.calls("15003")
    a.releases()
    assert event_lines(second, server) == [
        "Created c2 #1",
        "PartyAdded c2 #2 15002/Origination ps=1",
        "PartyAdded c2 #3 15003/Destination ps=A",
    ]


@pytest.mark.parametrize(
    "extensions",
    [KVList.of(CallUUID=7), KVList(("CallUUID", str(number)) for number in range(1001))],
    ids=["no string", "too many"],
)
def test_a_subscription_that_makes_no_sense(extensions: KVList) -> None:
    server = InMemoryServer()
    client = server.client("crm")
    client.asks(m.RequestStartCallMonitoring(extensions=extensions, reference_id=1))
    assert server.ladder() == ["crm <- Error 53 Ref=1"]


def test_a_mask_holds_for_subscribers() -> None:
    server = InMemoryServer()
    (a,) = server.agents("15000")
    everything = subscriber(server)
    everything.asks(m.RequestSetInputMask(input_mask=capability_mask([m.EventCallCreated.number])))
    server.delivered.clear()
    a.calls("15001")
    assert event_lines(everything, server) == ["Created c1 #1"]


def test_nothing_is_watched_when_nobody_is_left() -> None:
    server = InMemoryServer()
    (a,) = server.agents("15000")
    one, two = subscriber(server, "one"), subscriber(server, "two")
    one.asks(m.RequestStopCallMonitoring(extensions=EXTENSIONS))
    a.calls("15001")
    assert len(event_lines(two, server)) == 3
    two.leaves()
    assert server.tserver.switch.engine.on_transition is None
    a.releases()
    assert [line.split()[0] for line in server.ladder()] == ["15000"]


def test_each_event_is_numbered_after_those_at_the_dns() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000", "15001")
    a.asks(m.RequestStartCallMonitoring(extensions=EXTENSIONS))
    a.calls("15001")
    a.releases()
    assert [event.event_sequence_number for event in a.events] == list(range(1, len(a.events) + 1))


def test_while_the_link_is_down_nothing_is_told() -> None:
    server = InMemoryServer(phones={"15001": 2.0})
    (a,) = server.agents("15000")
    everything = subscriber(server)
    a.calls("15001")
    server.tserver.dispatcher.link_down()
    server.clock.advance(2)
    server.tserver.dispatcher.link_up()
    server.delivered.clear()
    a.releases()
    assert [line.split()[0] for line in event_lines(everything, server)] == [
        "PartyDeleted",
        "PartyDeleted",
        "Deleted",
    ]


def test_both_members_of_a_pair_tell_their_own_subscribers() -> None:
    servers = ServerPair()
    wire = servers.meet()
    a = servers.client(A, "15000", "15000")
    subscribers = [servers.client(member, "subscriber") for member in (A, B)]
    for each in subscribers:
        each.asks(m.RequestStartCallMonitoring(extensions=EXTENSIONS))
    wire.flow()
    servers.delivered.clear()
    a.calls("15001")
    wire.flow()
    delivered = [
        [_text(event) for client, event in servers.delivered if client is each] for each in subscribers
    ]
    assert delivered[0] == delivered[1]
    assert [line.split()[0] for line in delivered[0]] == ["Created", "PartyAdded", "PartyAdded"]
    assert all(event.event_sequence_number == 0 for event in subscribers[1].events[-3:])
    assert servers.roles == (PairRole.PRIMARY_REPLICATING, PairRole.BACKUP_IN_SYNC)
    a.releases()
    wire.flow()
    assert servers.a.image == servers.b.image
