"""Virtual queues: what a router has told there, as ladders."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import CallType, DNRole
from bridge.tlib.kv import MAX_PACKED_BYTES, KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, Desk

QUEUED, DIVERTED, ABANDONED, RELEASED = (
    event.number.value for event in (m.EventQueued, m.EventDiverted, m.EventAbandoned, m.EventReleased)
)
FIRST = CONN_ID_BASE + 1


def waiting() -> tuple[Desk, Client]:
    """A call of 15000 waits at the route point; a client watches the virtual queue."""
    desk = Desk(virtual_queues=["VQ_Sales"])
    a, router = desk.client("15000", "15000"), desk.client("router", "15500")
    desk.client("watcher", "VQ_Sales")
    a.calls("15500", user_data=KVList.of(Name="Miller"))
    desk.told.clear()
    return desk, router


def sends(client: Client, event: int, **attributes: Any) -> None:
    """Have an event told about the call at the virtual queue."""
    client.asks(
        m.RequestDistributeEvent(
            **{
                "user_event": event,
                "this_dn": "VQ_Sales",
                "conn_id": FIRST,
                "other_dn": "15000",
                "other_dn_role": DNRole.Origination,
                "reference_id": client.next_reference(),
                **attributes,
            }
        )
    )


def test_a_call_waits_in_a_virtual_queue_and_leaves_it() -> None:
    desk, router = waiting()
    sends(router, QUEUED)
    assert desk.ladder() == [
        "router <- ACK UserEvent=49 Ref=1",
        (
            "watcher <- Queued c1 This=VQ_Sales/Destination Queue=VQ_Sales Other=15000/Origination CS=Ok "
            "DNIS=15500 Data=Name:Miller"
        ),
    ]
    sends(
        router,
        DIVERTED,
        third_party_dn="15001",
        third_party_dn_role=DNRole.Destination,
        reasons=KVList.of(Reason="agent"),
    )
    assert desk.ladder() == [
        "router <- ACK UserEvent=49 Ref=2",
        (
            "watcher <- Diverted c1 This=VQ_Sales/Destination Queue=VQ_Sales Other=15000/Origination "
            "3rd=15001/Destination CS=Ok DNIS=15500 Data=Name:Miller Reasons=Reason:agent"
        ),
    ]


def test_a_call_that_is_gone_is_told_as_the_router_knew_it() -> None:
    desk, router = waiting()
    desk.client("15000", "15000").asks(m.RequestReleaseCall(this_dn="15000", conn_id=FIRST, reference_id=9))
    desk.told.clear()
    sends(router, ABANDONED)
    assert desk.ladder() == ["router <- Error 53 VQ_Sales c1 Ref=1"]
    sends(
        router,
        ABANDONED,
        call_id=1001,
        call_uuid="01RCC3N118B1V0SL807GK2LAES000001",
        call_type=CallType.Internal,
        dnis="15500",
    )
    assert desk.ladder()[1:] == [
        (
            "watcher <- Abandoned c1 This=VQ_Sales/Destination Queue=VQ_Sales Other=15000/Origination CS=Ok "
            "DNIS=15500"
        ),
    ]


@pytest.mark.parametrize(
    ("event", "attributes"),
    [
        (RELEASED, {}),
        (999, {}),
        (QUEUED, {"this_dn": "15600"}),
        (QUEUED, {"this_dn": "VQ_Other"}),
        (QUEUED, {"this_queue": "15600"}),
        (QUEUED, {"conn_id": None}),
        (QUEUED, {"user_data": KVList.of(Long="x" * MAX_PACKED_BYTES)}),
    ],
)
def test_nothing_else_can_be_told(event: int, attributes: dict[str, Any]) -> None:
    desk, router = waiting()
    sends(router, event, **attributes)
    (line,) = desk.ladder()
    assert line.startswith("router <- Error 53 ")


def test_a_virtual_queue_takes_no_calls_and_no_agents() -> None:
    desk = Desk(virtual_queues=["VQ_Sales"])
    a = desk.client("15000", "15000")
    a.calls("VQ_Sales")
    assert "CS=SitInvalidNum" in desk.ladder()[-1]
    a.releases()
    desk.told.clear()
    a.asks(m.RequestAgentLogin(this_dn="15000", agent_id="A00", this_queue="VQ_Sales", reference_id=9))
    assert desk.ladder() == ["15000 <- Error 53 15000 Ref=9"]


def test_a_virtual_queue_says_what_it_is() -> None:
    desk = Desk(virtual_queues=["VQ_Sales"])
    client = desk.client("watcher")
    client.asks(m.RequestRegisterAddress(this_dn="VQ_Sales", reference_id=1))
    assert desk.ladder() == ["watcher <- Registered VQ_Sales AddressType=3 status:2 Ref=1"]
