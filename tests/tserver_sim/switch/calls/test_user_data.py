"""What a call carries: user data and call information, as ladders."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import CallType, SetOperation
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import MAX_PACKED_BYTES, KVList
from tests.tserver_sim.in_memory_server import Client, InMemoryServer


def talking(server: InMemoryServer, **user_data: str) -> list[Client]:
    """15000 has called 15001, who has answered; 15002 is free."""
    a, b, c = server.agents("15000", "15001", "15002")
    a.calls("15001", user_data=KVList.of(**user_data))
    b.answers()
    server.delivered.clear()
    return [a, b, c]


def data(server: InMemoryServer) -> list[str]:
    """Return the client of each line, and its attributes after DNIS."""
    return [line.partition(" <- ")[0] + " " + line.partition("DNIS=15001 ")[2] for line in server.ladder()]


def test_attached_data_are_told_to_every_party() -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestAttachUserData, user_data=KVList.of(Name="Miller"))
    assert server.ladder() == [
        (
            "15000 <- AttachedDataChanged c1 This=15000/Origination 3rd=15000/Origination DNIS=15001 "
            "Data=Name:Miller Ref=2"
        ),
        (
            "15001 <- AttachedDataChanged c1 This=15001/Destination 3rd=15000/Origination DNIS=15001 "
            "Data=Name:Miller"
        ),
    ]


def test_attaching_adds_even_what_is_there() -> None:
    server = InMemoryServer()
    _, b, _ = talking(server, Name="Miller", Topic="Sales")
    b.does(m.RequestAttachUserData, user_data=KVList.of(Name="Smith"))
    assert data(server) == [
        "15001 Data=Name:Miller,Topic:Sales,Name:Smith Ref=2",
        "15000 Data=Name:Miller,Topic:Sales,Name:Smith",
    ]


def test_updating_replaces_and_adds() -> None:
    server = InMemoryServer()
    a, *_ = talking(server, Name="Miller", Topic="Sales")
    a.does(m.RequestAttachUserData, user_data=KVList.of(Name="Smith"))
    server.delivered.clear()
    a.does(m.RequestUpdateUserData, user_data=KVList.of(Name="Jones", Level=3))
    assert data(server) == [
        "15000 Data=Topic:Sales,Name:Jones,Level:3 Ref=3",
        "15001 Data=Topic:Sales,Name:Jones,Level:3",
    ]


def test_deleting_a_key_deletes_all_its_pairs() -> None:
    server = InMemoryServer()
    a, *_ = talking(server, Name="Miller", Topic="Sales")
    a.does(m.RequestAttachUserData, user_data=KVList.of(Name="Smith"))
    server.delivered.clear()
    a.does(m.RequestDeletePair, data_key="Name")
    assert data(server) == ["15000 Data=Topic:Sales Ref=3", "15001 Data=Topic:Sales"]


def test_deleting_a_key_that_is_not_there_answers_with_the_data_as_they_are() -> None:
    server = InMemoryServer()
    a, *_ = talking(server, Topic="Sales")
    a.does(m.RequestDeletePair, data_key="Name")
    assert data(server) == ["15000 Data=Topic:Sales Ref=2", "15001 Data=Topic:Sales"]


def test_deleting_all_tells_an_empty_list() -> None:
    server = InMemoryServer()
    a, b, _ = talking(server, Name="Miller")
    a.does(m.RequestDeleteUserData)
    assert data(server) == ["15000 Data= Ref=2", "15001 Data="]
    b.releases()
    assert "Data" not in " ".join(server.ladder())


def test_a_route_point_hears_of_the_data_and_may_change_them() -> None:
    server = InMemoryServer()
    a, router = server.client("15000", "15000"), server.client("15500", "15500")
    a.calls("15500")
    server.delivered.clear()
    router.does(m.RequestUpdateUserData, user_data=KVList.of(Segment="Gold"))
    assert server.ladder() == [
        (
            "15500 <- AttachedDataChanged c1 This=15500/Destination Queue=15500 3rd=15500/Destination "
            "DNIS=15500 Data=Segment:Gold Ref=1"
        ),
        (
            "15000 <- AttachedDataChanged c1 This=15000/Origination 3rd=15500/Destination DNIS=15500 "
            "Data=Segment:Gold"
        ),
    ]


def test_a_ringing_party_hears_of_the_data() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    a.does(m.RequestAttachUserData, user_data=KVList.of(Name="Miller"))
    assert data(server) == ["15000 Data=Name:Miller Ref=2", "15001 Data=Name:Miller"]


def consulting(server: InMemoryServer, sharing: str) -> list[Client]:
    """15001 consults 15002 about its call with 15000; the calls share their data in this way."""
    clients = talking(server, Name="Miller")
    clients[1].does(
        m.RequestInitiateTransfer, other_dn="15002", extensions=KVList.of(ConsultUserData=sharing)
    )
    server.delivered.clear()
    return clients


def test_joint_data_are_changed_in_both_calls() -> None:
    server = InMemoryServer()
    *_, c = consulting(server, "joint")
    c.does(m.RequestAttachUserData, user_data=KVList.of(Topic="Sales"))
    data_now = "Data=Name:Miller,Topic:Sales"
    third = "3rd=15002/Destination"
    consult = f"{third} Prev=c1 DNIS=15002 {data_now}"
    assert server.ladder() == [
        f"15002 <- AttachedDataChanged c2 Type=Consult This=15002/Destination {consult} Ref=1",
        f"15001 <- AttachedDataChanged c2 Type=Consult This=15001/Origination {consult}",
        f"15000 <- AttachedDataChanged c1 This=15000/Origination {third} DNIS=15001 {data_now}",
        f"15001 <- AttachedDataChanged c1 This=15001/Destination {third} DNIS=15001 {data_now}",
    ]


@pytest.mark.parametrize("sharing", ["separate", "inherited"])
def test_other_data_are_changed_in_one_call(sharing: str) -> None:
    server = InMemoryServer()
    a, *_ = consulting(server, sharing)
    a.does(m.RequestAttachUserData, user_data=KVList.of(Topic="Sales"))
    assert [line.partition(" This")[0] for line in server.ladder()] == [
        "15000 <- AttachedDataChanged c1",
        "15001 <- AttachedDataChanged c1",
    ]


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        (m.RequestAttachUserData, {"user_data": KVList.of(Long="x" * MAX_PACKED_BYTES)}),
        (m.RequestUpdateUserData, {"user_data": KVList.of(Long="x" * MAX_PACKED_BYTES)}),
        (m.RequestAttachUserData, {"user_data": KVList.of(_ISCC_TRACKING_NUMBER_="1")}),
        (m.RequestUpdateUserData, {"user_data": KVList.of(_ISCC_ORIGIN_LOCATION_="1")}),
        (m.RequestDeletePair, {"data_key": "_ISCC_TRACKING_NUMBER_"}),
        (m.RequestSingleStepTransfer, {"other_dn": "15002", "user_data": KVList.of(_ISCC_X_="1")}),
    ],
)
def test_data_that_a_call_cannot_take_change_nothing(
    kind: type[m.DNRequest], attributes: dict[str, object]
) -> None:
    server = InMemoryServer()
    a, *_ = talking(server, Name="Miller")
    a.does(kind, **attributes)
    assert server.ladder() == ["15000 <- Error 53 15000 c1 Ref=2"]
    a.does(m.RequestAttachUserData, user_data=KVList.of(A="b"))
    assert data(server)[0] == "15000 Data=Name:Miller,A:b Ref=3"


def test_many_small_additions_reach_the_limit_too() -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    for _ in range(4):
        a.does(m.RequestAttachUserData, user_data=KVList.of(Part="x" * (MAX_PACKED_BYTES // 4)))
    refused = a.events[-1]
    assert isinstance(refused, m.EventError)
    assert refused.error_code is ErrorCode.InvalidAttribute
    (call,) = server.tserver.switch.state.calls.values()
    assert len(call.user_data) == 3


# --- call information ----------------------------------------------------------------------------------


def test_dnis_and_ani_can_be_corrected() -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestSetCallInfo, set_operation=SetOperation.SetCallInfo, dnis="0800", ani="07")
    assert server.ladder() == [
        "15000 <- CallInfoChanged c1 This=15000/Origination DNIS=0800 ANI=07 SetOperation=SetCallInfo Ref=2",
        "15001 <- CallInfoChanged c1 This=15001/Destination DNIS=0800 ANI=07 SetOperation=SetCallInfo",
    ]


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        (51, {"set_operation": SetOperation.AddParty, "dnis": "1"}),
        (51, {"set_operation": SetOperation(77), "dnis": "1"}),
        (53, {"set_operation": SetOperation.SetCallInfo}),
        (53, {"set_operation": SetOperation.SetCallInfo, "dnis": ""}),
        (53, {"set_operation": SetOperation.SetCallInfo, "ani": "1" * 256}),
        (53, {"set_operation": SetOperation.CallInfoUpdate, "dnis": "1", "other_dn": "15002"}),
        (53, {"set_operation": SetOperation.CallInfoUpdate, "dnis": "1", "call_type": CallType.Inbound}),
        (53, {"set_operation": SetOperation.CallInfoUpdate, "dnis": "1", "user_data": KVList.of(A=1)}),
        (56, {"set_operation": SetOperation.SetCallInfo, "dnis": "1", "conn_id": 7}),
    ],
)
def test_other_call_information_cannot_be_set(code: int, attributes: dict[str, object]) -> None:
    server = InMemoryServer()
    a, *_ = talking(server)
    a.does(m.RequestSetCallInfo, **attributes)
    (line,) = server.ladder()
    assert line.startswith(f"15000 <- Error {code} ")


def test_a_call_that_reached_nobody_keeps_its_dnis() -> None:
    server = InMemoryServer()
    (a,) = server.agents("15000")
    a.calls("4711")
    server.delivered.clear()
    a.does(m.RequestSetCallInfo, set_operation=SetOperation.SetCallInfo, dnis="1")
    assert server.ladder() == ["15000 <- Error 496 15000 c1 Ref=2"]
