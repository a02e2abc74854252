"""Virtual queues as ladders: the events that a router distributes there."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import CallType, DNRole
from bridge.tlib.kv import MAX_PACKED_BYTES, KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer

QUEUED, DIVERTED, ABANDONED, RELEASED = (
    event.number.value for event in (m.EventQueued, m.EventDiverted, m.EventAbandoned, m.EventReleased)
)
FIRST = CONN_ID_BASE + 1


def waiting() -> tuple[InMemoryServer, Client]:
    """A call of 15000 waits at the route point; a client watches the virtual queue."""
    server = InMemoryServer(virtual_queues=["VQ_Sales"])
    a, router = server.client("15000", "15000"), server.client("router", "15500")
    server.client("watcher", "VQ_Sales")
    a.calls("15500", user_data=KVList.of(Name="Miller"))
    server.delivered.clear()
    return server, router


def sends(client: Client, event: int, **attributes: Any) -> None:
    """Distribute an event about the call at the virtual queue."""
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
    server, router = waiting()
    sends(router, QUEUED)
    assert server.ladder() == [
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
    assert server.ladder() == [
        "router <- ACK UserEvent=49 Ref=2",
        (
            "watcher <- Diverted c1 This=VQ_Sales/Destination Queue=VQ_Sales Other=15000/Origination "
            "3rd=15001/Destination CS=Ok DNIS=15500 Data=Name:Miller Reasons=Reason:agent"
        ),
    ]


def test_a_call_that_is_gone_is_told_as_the_router_knew_it() -> None:
    server, router = waiting()
    server.client("15000", "15000").asks(m.RequestReleaseCall(this_dn="15000", conn_id=FIRST, reference_id=9))
    server.delivered.clear()
    sends(router, ABANDONED)
    assert server.ladder() == ["router <- Error 53 VQ_Sales c1 Ref=1"]
    sends(
        router,
        ABANDONED,
        call_id=1001,
        call_uuid="01RCC3N118B1V0SL807GK2LAES000001",
        call_type=CallType.Internal,
        dnis="15500",
    )
    assert server.ladder()[1:] == [
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
    server, router = waiting()
    sends(router, event, **attributes)
    (line,) = server.ladder()
    assert line.startswith("router <- Error 53 ")


def test_a_virtual_queue_takes_no_calls_and_no_agents() -> None:
    server = InMemoryServer(virtual_queues=["VQ_Sales"])
    a = server.client("15000", "15000")
    a.calls("VQ_Sales")
    assert "CS=SitInvalidNum" in server.ladder()[-1]
    a.releases()
    server.delivered.clear()
    a.asks(m.RequestAgentLogin(this_dn="15000", agent_id="A00", this_queue="VQ_Sales", reference_id=9))
    assert server.ladder() == ["15000 <- Error 53 15000 Ref=9"]


def test_a_virtual_queue_says_what_it_is() -> None:
    server = InMemoryServer(virtual_queues=["VQ_Sales"])
    client = server.client("watcher")
    client.asks(m.RequestRegisterAddress(this_dn="VQ_Sales", reference_id=1))
    assert server.ladder() == ["watcher <- Registered VQ_Sales AddressType=3 status:2 Ref=1"]
