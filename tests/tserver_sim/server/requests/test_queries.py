"""Queries of clients: about the T-Server, its switch, a DN, a call and other sites."""

from typing import Any

import pytest

from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as m
from bridge.tlib.enums import (
    AddressInfoType,
    AddressType,
    AgentWorkMode,
    CallInfoType,
    ForwardMode,
    LocationInfoType,
    MonitorNextCallType,
    RegisterMode,
    SwitchInfoType,
)
from bridge.tlib.kv import KVList
from tests.loop import reactor, run
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer, site
from tests.tserver_sim.ladders import C1, conference, consulting, talking
from tests.tserver_sim.wire import connected
from tserver_sim.embed import Simulator

T = AddressInfoType
UNTOUCHED = "dnd:0,fwd:0,mwl:0,status:1,AgentStatus:0,monitor-dn:"


def query_address(client: Client, dn: str, kind: AddressInfoType, **more: Any) -> None:
    client.asks(m.RequestQueryAddress(this_dn=dn, address_info_type=kind, reference_id=9, **more))


def status(server: InMemoryServer, client: Client, dn: str, kind: AddressInfoType, **more: Any) -> int:
    """Query a DN; return AddressInfoStatus, or the negative ErrorCode."""
    query_address(client, dn, kind, **more)
    ((delivered, event),) = server.delivered
    server.delivered.clear()
    assert delivered is client
    assert event.reference_id == 9
    if isinstance(event, m.EventError):
        return -event.error_code.value
    assert isinstance(event, m.EventAddressInfo)
    assert (event.this_dn, event.address_info_type) == (dn, kind)
    return event.address_info_status


# --- the T-Server and its switch ----------------------------------------------------------------------


def test_the_t_server_says_who_it_is_even_without_its_switch() -> None:
    server = InMemoryServer()
    client = server.client("crm")
    opening = client.events[0]
    server.tserver.dispatcher.link_down()
    client.asks(m.RequestQueryServer(reference_id=4))
    info = client.events[-1]
    assert isinstance(opening, m.EventServerInfo)
    assert isinstance(info, m.EventServerInfo)
    assert info.reference_id == 4
    for attribute in ("application_name", "server_role", "server_start_time", "server_capability_mask"):
        assert getattr(info, attribute) == getattr(opening, attribute)


def test_the_time_of_the_switch() -> None:
    server = InMemoryServer()
    client = server.client("crm")
    client.asks(m.RequestQuerySwitch(switch_info_type=SwitchInfoType.DateTime, reference_id=1))
    client.asks(m.RequestQuerySwitch(switch_info_type=SwitchInfoType.ClassifierStat, reference_id=2))
    assert server.ladder() == ["crm <- SwitchInfo SwitchInfoType=DateTime Ref=1", "crm <- Error 51 Ref=2"]
    assert client.events[-2].extensions == KVList.of(DateTime="2015-10-15T09:29:36Z")


# --- DNs ----------------------------------------------------------------------------------------------


def test_who_has_registered_a_dn() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    server.client("owner", "15002", mode=RegisterMode.Private)
    assert status(server, a, "15000", T.AssociationStatus) == 0
    assert status(server, b, "15000", T.AssociationStatus) == 1
    assert status(server, a, "15003", T.AssociationStatus) == 2
    assert status(server, a, "15002", T.AssociationStatus) == 3


def test_what_a_client_may_ask_about_a_dn_that_it_has_not_registered() -> None:
    server = InMemoryServer()
    client = server.client("crm")
    query_address(client, "15600", T.AddressType)
    assert server.ladder() == [
        "crm <- AddressInfo 15600 AddressInfoType=AddressType AddressInfoStatus=3 Ref=9"
    ]
    answered = {kind for kind in T if status(server, client, "15000", kind) >= 0}
    assert answered == {T.AssociationStatus, T.AddressType}
    assert status(server, client, "15000", T.CallsQuery) == -41
    assert status(server, client, "4711", T.CallsQuery) == -59
    assert status(server, client, "9" * 256, T.AddressType) == -53


def test_what_cannot_be_asked_of_which_dn() -> None:
    server = InMemoryServer()
    client = server.client("crm", "15000", "15500", "15600")
    refused = {
        dn: {kind.name: -delivered for kind in T if (delivered := status(server, client, dn, kind)) < 0}
        for dn in ("15000", "15500", "15600")
    }
    nowhere = {
        "NumberOfIdleClassifiers": 51,
        "NumberOfClassifiersInUse": 51,
        "NumberOfIdleTrunks": 51,
        "NumberOfTrunksInUse": 51,
        "DatabaseValue": 51,
    }
    of_queues = dict.fromkeys(
        ("NumberOfAgentsInQueue", "NumberOfAvailableAgentsInQueue", "QueueLoginAudit"), 53
    )
    of_lines = {"NumberOfCallsInQueue": 53, "QueueStatus": 53}
    of_phones = dict.fromkeys(
        ("MessageWaitingStatus", "CallForwardingStatus", "AgentStatus", "SendAllCallsStatus"), 53
    )
    assert refused == {
        "15000": nowhere | of_queues | of_lines,
        "15500": nowhere | of_queues | of_phones,
        "15600": nowhere | of_phones,
    }


def test_the_kind_of_address_must_be_right_or_unknown() -> None:
    server = InMemoryServer()
    client = server.client("crm", "15000")
    assert status(server, client, "15000", T.DNStatus, address_type=AddressType.DN) == 1
    assert status(server, client, "15000", T.DNStatus, address_type=AddressType.Queue) == -53


def test_who_only_watches_may_ask() -> None:
    server = InMemoryServer()
    client = server.client("crm", "15000", mode=RegisterMode.Monitor)
    assert status(server, client, "15000", T.AddressStatus) == 0


def test_how_a_phone_is_through_a_call() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    seen = []

    def look() -> None:
        server.delivered.clear()
        seen.append([status(server, client, client.name, T.AddressStatus) for client in (a, b)])

    look()
    a.calls("15001")
    look()
    b.answers()
    look()
    a.does(m.RequestHoldCall)
    look()
    a.releases()
    look()
    a.calls("4711")
    look()
    assert seen == [[0, 0], [2, 4], [3, 3], [5, 3], [0, 0], [7, 0]]


def test_the_features_of_a_dn() -> None:
    server = InMemoryServer()
    (a,) = server.agents("15000")
    kinds = (T.MessageWaitingStatus, T.CallForwardingStatus, T.SendAllCallsStatus)
    before = [status(server, a, "15000", kind) for kind in kinds]
    a.asks(m.RequestSetMessageWaitingOn(this_dn="15000"))
    a.asks(m.RequestCallForwardSet(this_dn="15000", other_dn="15001", forward_mode=ForwardMode.SendAllCalls))
    server.delivered.clear()
    after = [status(server, a, "15000", kind) for kind in kinds]
    assert (before, after) == ([1, 0, 0], [0, 5, 1])
    query_address(a, "15000", T.CallForwardingStatus)
    assert server.ladder() == [
        (
            "15000 <- AddressInfo 15000 AddressInfoType=CallForwardingStatus AddressInfoStatus=5 "
            "Ext=dnd:0,fwd:5,fwd-dn:15001,mwl:1,status:1,AgentStatus:0,monitor-dn: Ref=9"
        )
    ]


def test_the_agents_of_a_queue() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    queue = server.client("queue", "15600", "15000")
    for client, agent_id in ((a, "7"), (b, "8")):
        client.asks(m.RequestAgentLogin(this_dn=client.name, agent_id=agent_id, this_queue="15600"))
    a.asks(m.RequestAgentReady(this_dn="15000", agent_work_mode=AgentWorkMode.ManualIn))
    server.delivered.clear()
    assert status(server, queue, "15600", T.NumberOfAgentsInQueue) == 2
    assert status(server, queue, "15600", T.NumberOfAvailableAgentsInQueue) == 1
    assert status(server, queue, "15000", T.AgentStatus) == 2
    assert status(server, queue, "15000", T.AgentStatus, this_queue="15600") == 2
    assert status(server, queue, "15000", T.AgentStatus, this_queue="15000") == -53
    query_address(queue, "15600", T.QueueLoginAudit)
    assert server.ladder() == [
        (
            "queue <- AddressInfo 15600 AddressInfoType=QueueLoginAudit AddressInfoStatus=2 "
            "Ext=status:1,dn-1:15000,agent-1:7,dn-2:15001,agent-2:8 Ref=9"
        )
    ]


def test_the_calls_in_a_queue() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    queue = server.client("queue", "15600")
    a.calls("15600")
    server.delivered.clear()
    assert status(server, queue, "15600", T.NumberOfCallsInQueue) == 1
    assert status(server, queue, "15600", T.AddressStatus) == 9
    assert status(server, queue, "15600", T.QueueStatus) == 1


def test_the_calls_at_a_dn() -> None:
    server, (_, b, *_) = consulting()
    query_address(b, "15001", T.CallsQuery)
    assert server.ladder() == [
        (
            "15001 <- AddressInfo 15001 AddressInfoType=CallsQuery AddressInfoStatus=2 "
            f"ConnID={CONN_ID_BASE + 2} PreviousConnID={CONN_ID_BASE + 1} "
            "Ext=conn-1:0071027198180001,ps-1:14,ct-1:1,conn-2:0071027198180002,ps-2:12,ct-2:4,"
            f"{UNTOUCHED} Ref=9"
        )
    ]


def test_no_calls_at_a_dn() -> None:
    server = InMemoryServer()
    (a,) = server.agents("15000")
    query_address(a, "15000", T.CallsQuery)
    assert server.ladder() == [
        f"15000 <- AddressInfo 15000 AddressInfoType=CallsQuery AddressInfoStatus=0 Ext={UNTOUCHED} Ref=9"
    ]


def test_the_lines_of_a_trunk_group() -> None:
    server = InMemoryServer(
        trunks=[{"name": "city", "lines": 3}], dial_plan=[{"prefix": "9", "strip": 1, "trunk": "city"}]
    )
    (a,) = server.agents("15000")
    a.calls("9100")
    server.delivered.clear()
    assert status(server, a, "city", T.NumberOfIdleTrunks) == 2
    assert status(server, a, "city", T.NumberOfTrunksInUse) == 1
    assert status(server, a, "city", T.AddressType, address_type=AddressType.Trunk) == 5
    assert status(server, a, "city", T.CallsQuery) == -51
    assert status(server, a, "city", T.AddressType, address_type=AddressType.DN) == -53


# --- calls --------------------------------------------------------------------------------------------


def party_info(client: Client, conn_id: int = C1, **more: Any) -> m.EventPartyInfo:
    client.asks(m.RequestQueryCall(this_dn=client.name, conn_id=conn_id, reference_id=9, **more))
    info = client.events[-1]
    assert isinstance(info, m.EventPartyInfo)
    assert (info.this_dn, info.conn_id, info.reference_id) == (client.name, conn_id, 9)
    return info


def test_who_is_on_a_call() -> None:
    _, (a, *_) = talking()
    info = party_info(a)
    assert info.extensions == KVList(
        (
            *(("party-1", "15000"), ("role-1", 1), ("ps-1", 0xC)),
            *(("party-2", "15001"), ("role-2", 2), ("ps-2", 0xC)),
        )
    )
    assert (info.other_dn, info.dnis, info.call_type) == ("15001", "15001", 1)
    established = a.events[-2]
    assert isinstance(established, m.EventEstablished)
    assert (info.call_id, info.call_uuid) == (established.call_id, established.call_uuid)


def test_how_a_dn_is_on_a_call() -> None:
    _, (a, *_) = talking()
    a.does(m.RequestSetMuteOn)
    info = party_info(a, call_info_type=CallInfoType.StatusQuery)
    assert info.extensions == KVList((("party-1", "15000"), ("role-1", 1), ("ps-1", 0x2C)))


def test_a_consultation_names_the_call_that_it_is_about() -> None:
    _, (_, b, *_) = consulting()
    assert party_info(b, C1 + 1).previous_conn_id == C1
    assert party_info(b, C1).previous_conn_id is None


def test_a_conference_has_no_other_party() -> None:
    _, (a, *_) = conference()
    info = party_info(a)
    assert info.other_dn is None
    assert [value for key, value in info.extensions if key.startswith("party-")] == [
        "15000",
        "15001",
        "15002",
    ]


def test_who_is_only_invited_to_a_conference_is_not_known_to_the_others() -> None:
    _, (a, b, c, *_) = talking()

    def parties(client: Client) -> list[object]:
        return [value for key, value in party_info(client).extensions if key.startswith("party-")]

    b.does(m.RequestSingleStepConference, other_dn="15002")
    assert parties(a) == ["15000", "15001"]
    assert parties(c) == ["15000", "15001", "15002"]
    c.answers()
    assert parties(a) == ["15000", "15001", "15002"]


def test_user_data_are_told() -> None:
    _, (a, *_) = talking()
    assert party_info(a).user_data is None
    a.does(m.RequestAttachUserData, user_data=KVList.of(Color="red"))
    assert party_info(a).user_data == KVList.of(Color="red")


@pytest.mark.parametrize(("mode", "known"), [("mute", False), ("connect", True)])
def test_a_supervisor_who_listens_in_is_told_of_where_known(mode: str, known: bool) -> None:  # noqa: FBT001 (a case)
    server = InMemoryServer()
    a, b, supervisor = server.agents("15000", "15001", "15002")
    supervisor.asks(
        m.RequestMonitorNextCall(
            this_dn="15002",
            other_dn="15001",
            monitor_next_call_type=MonitorNextCallType.OneCall,
            extensions=KVList.of(MonitorMode=mode),
        )
    )
    a.calls("15001")
    b.answers()

    def parties(client: Client) -> list[object]:
        return [value for key, value in party_info(client).extensions if key.startswith("party-")]

    assert "15002" in parties(supervisor)
    assert ("15002" in parties(a)) is known


def test_which_calls_cannot_be_asked_about() -> None:
    server, (a, *_) = talking()
    stranger = server.client("stranger")
    for client, dn, conn_id in ((a, "15000", 4), (a, "15001", C1), (stranger, "15000", C1)):
        client.asks(m.RequestQueryCall(this_dn=dn, conn_id=conn_id, reference_id=9))
    assert [line.split(" Ref")[0] for line in server.ladder()] == [
        "15000 <- Error 56 15000 c0",
        "15000 <- Error 41 15001 c1",
        "stranger <- Error 41 15000 c1",
    ]


# --- other sites --------------------------------------------------------------------------------------


def query_location(client: Client, kind: LocationInfoType, location: str | None = None) -> None:
    client.asks(m.RequestQueryLocation(location_info_type=kind, location=location, reference_id=9))


def location_lines(server: InMemoryServer) -> list[str]:
    """Return the events about other sites, one line each, with their Extensions."""
    lines = []
    for client, event in server.delivered:
        pairs = ",".join(f"{key}:{value!s}" for key, value in event.extensions or ())
        lines.append(f"{client.name} <- {pairs}")
    kinds = [line.split(" ", 3)[3] for line in server.ladder()]
    return [f"{line} {kind}" for line, kind in zip(lines, kinds, strict=True)]


def test_which_other_sites_there_are() -> None:
    server = InMemoryServer()
    client = server.client("crm")
    query_location(client, LocationInfoType.AllLocations)
    query_location(client, LocationInfoType.LocationData, "Switch_B")
    site = "location-1:TServer_B@Switch_B,state-1:0"
    assert location_lines(server) == [
        f"crm <- {site} LocationInfoType=AllLocations Ref=9",
        f"crm <- {site} LocationInfoType=LocationData Location=Switch_B Ref=9",
    ]


def test_a_site_comes_and_goes() -> None:
    server = InMemoryServer()
    dispatcher, sites = server.tserver.dispatcher, server.tserver.switch.state.sites
    one, every, other = server.client("one"), server.client("every"), server.client("other")
    query_location(one, LocationInfoType.MonitorLocation, "Switch_B")
    query_location(every, LocationInfoType.MonitorAllLocations)
    server.delivered.clear()
    sites.append("Switch_B")
    dispatcher.notify_subscribers()
    dispatcher.notify_subscribers()
    query_location(one, LocationInfoType.CancelMonitorLocation, "TServer_B@Switch_B")
    query_location(every, LocationInfoType.CancelMonitorAllLocations)
    sites.clear()
    dispatcher.notify_subscribers()
    other.leaves()
    b = "location-1:TServer_B@Switch_B"
    assert location_lines(server) == [
        f"every <- {b},state-1:1 LocationInfoType=MonitorAllLocations Location=TServer_B@Switch_B",
        f"one <- {b},state-1:1 LocationInfoType=MonitorLocation Location=TServer_B@Switch_B",
        f"one <- {b},state-1:1 LocationInfoType=LocationMonitorCanceled Location=TServer_B@Switch_B Ref=9",
        f"every <- {b},state-1:1 LocationInfoType=AllLocationsMonitorCanceled Ref=9",
    ]


@pytest.mark.parametrize(
    ("kind", "location", "code"),
    [
        ("LocationData", None, 1012),
        ("LocationData", "a@b@c", 1012),
        ("LocationData", "Switch_X", 1000),
        ("LocationData", "Switch_A", 1000),
        ("CancelMonitorLocation", "Switch_B", 43),
        ("CancelMonitorAllLocations", None, 43),
        ("LocationMonitorCanceled", None, 53),
        ("AllLocationsMonitorCanceled", None, 53),
    ],
)
def test_a_question_about_sites_that_makes_no_sense(kind: str, location: str | None, code: int) -> None:
    server = InMemoryServer()
    query_location(server.client("crm"), LocationInfoType[kind], location)
    assert server.ladder() == [f"crm <- Error {code} Ref=9"]


def test_a_site_that_can_really_be_reached() -> None:
    async def scene() -> None:
        simulator = Simulator(site(), HeldClock(), reactor())
        ports = await simulator.listen("127.0.0.1", {})
        async with connected(ports["Switch_A"]) as client:
            await client.opens()
            delivered = await client.ask(
                m.RequestQueryLocation(location_info_type=LocationInfoType.MonitorAllLocations)
            )
            assert isinstance(delivered, m.EventLocationInfo)
            if delivered.extensions is not None and delivered.extensions.first("state-1") == 0:
                delivered = await client.receive()
            assert isinstance(delivered, m.EventLocationInfo)
            reached = KVList((("location-1", "TServer_B@Switch_B"), ("state-1", 1)))
            assert delivered.extensions == reached
        await simulator.close()

    run(scene())
