"""Who is told what: input masks, copies for others, and what comes whatever the mask says."""

from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as m
from bridge.tlib.enums import AddressInfoType, RegisterMode
from bridge.tlib.framing import frame
from bridge.tlib.kv import KVList
from bridge.tlib.session import capability_mask
from tests.loop import run
from tests.tserver_sim.in_memory_server import Client, Desk
from tests.tserver_sim.wire import CODEC, connected, listening


def wants(client: Client, *messages: type[m.Message]) -> None:
    client.asks(m.RequestSetInputMask(input_mask=capability_mask(messages), reference_id=0))


def short(desk: Desk) -> list[str]:
    return [" ".join(line.split()[:3]) for line in desk.ladder()]


# --- input masks --------------------------------------------------------------------------------------


def test_a_mask_is_acknowledged() -> None:
    desk = Desk()
    client = desk.client("crm")
    client.asks(m.RequestSetInputMask(input_mask=bytes(64), reference_id=5))
    assert desk.ladder() == ["crm <- ACK UserEvent=7 Ref=5"]


def test_a_client_is_told_what_its_mask_allows_and_the_others_everything() -> None:
    desk = Desk()
    a = desk.client("15000", "15000")
    picky = desk.client("picky", "15000", "15001")
    wants(picky, m.EventRinging, m.EventReleased)
    desk.told.clear()
    a.calls("15001")
    assert short(desk) == ["15000 <- Dialing", "picky <- Ringing"]
    a.releases()
    assert short(desk) == ["15000 <- Released", "picky <- Released"]


def test_a_mask_holds_for_the_requester_too() -> None:
    desk = Desk()
    a, second = desk.client("15000", "15000"), desk.client("second", "15000")
    wants(a, m.EventReleased)
    desk.told.clear()
    a.calls("4711")
    assert short(desk) == ["second <- Dialing", "second <- DestinationBusy"]
    assert isinstance(second.events[-1], m.EventDestinationBusy)
    a.releases(conn_id=second.last_conn_id)
    assert desk.ladder() == [
        "15000 <- Released c1 This=15000/Origination Other=4711/Destination CS=Ok DNIS=4711 Ref=2",
        "second <- Released c1 This=15000/Origination Other=4711/Destination CS=Ok DNIS=4711",
    ]


def test_answers_and_the_link_come_whatever_the_mask_says() -> None:
    desk = Desk()
    a = desk.client("15000", "15000")
    wants(a)
    desk.told.clear()
    a.asks(m.RequestRegisterAddress(this_dn="15001", reference_id=1))
    a.asks(m.RequestQueryServer(reference_id=2))
    a.asks(m.RequestQueryAddress(this_dn="15000", address_info_type=AddressInfoType.DNStatus, reference_id=3))
    a.asks(m.RequestAnswerCall(this_dn="15000", conn_id=1, reference_id=4))
    a.asks(m.RequestDistributeUserEvent(this_dn="15000", user_data=KVList.of(A=1), reference_id=5))
    desk.tserver.hub.link_down()
    desk.tserver.hub.link_up()
    assert short(desk) == [
        f"15000 <- {told}"
        for told in (
            *("Registered", "ServerInfo", "AddressInfo", "Error", "ACK"),
            *("LinkDisconnected", "LinkConnected"),
        )
    ]


def test_the_last_mask_counts() -> None:
    desk = Desk()
    a = desk.client("15000", "15000")
    wants(a)
    wants(a, *m.EVENTS)
    desk.told.clear()
    a.calls("15001")
    assert short(desk) == ["15000 <- Dialing"]


def test_a_mask_of_another_length_is_refused_and_changes_nothing() -> None:
    desk = Desk()
    a = desk.client("15000", "15000")
    for length in (0, 63, 65):
        a.asks(m.RequestSetInputMask(input_mask=bytes(length), reference_id=length))
    a.calls("15001")
    assert short(desk) == ["15000 <- Error"] * 3 + ["15000 <- Dialing"]
    assert [event.error_code for event in a.events if isinstance(event, m.EventError)] == [53] * 3


def test_a_mask_goes_with_its_client() -> None:
    desk = Desk()
    a = desk.client("15000", "15000")
    wants(a)
    a.leaves()
    a.asks(m.RequestRegisterClient(application_name="again", protocol_version="1"))
    a.asks(m.RequestRegisterAddress(this_dn="15000"))
    desk.told.clear()
    a.calls("15001")
    assert short(desk) == ["15000 <- Dialing"]


# --- copies -------------------------------------------------------------------------------------------


def test_others_are_told_neither_the_reference_nor_the_reasons_of_a_request_about_a_call() -> None:
    desk = Desk()
    a = desk.client("15000", "15000")
    desk.client("second", "15000")
    a.calls("15001", reasons=KVList.of(Why="sale"))
    assert [line.split(" DNIS=15001")[1] for line in desk.ladder()] == [" Reasons=Why:sale Ref=1", ""]


def test_why_an_agent_is_not_ready_is_told_to_everybody() -> None:
    desk = Desk()
    a = desk.client("15000", "15000")
    desk.client("supervisor", "15000", mode=RegisterMode.Monitor)
    a.asks(m.RequestAgentLogin(this_dn="15000", agent_id="7", reference_id=1))
    desk.told.clear()
    a.asks(m.RequestAgentNotReady(this_dn="15000", reasons=KVList.of(Why="lunch"), reference_id=2))
    assert [line.split("Reasons=")[1] for line in desk.ladder()] == ["Why:lunch Ref=2", "Why:lunch"]


def test_an_error_goes_to_the_requester_alone() -> None:
    desk = Desk()
    a = desk.client("15000", "15000")
    desk.client("second", "15000")
    a.answers(conn_id=1)
    assert short(desk) == ["15000 <- Error"]


# --- on a socket --------------------------------------------------------------------------------------


def test_what_many_requests_of_one_piece_bring_comes_in_order() -> None:
    async def scene() -> None:
        desk = Desk()
        async with (
            listening(desk, HeldClock()) as (port, _),
            connected(port) as a,
            connected(port) as b,
        ):
            await a.opens()
            await a.registers("15000")
            await b.opens()
            await b.registers("15000", "15001")
            requests: list[m.Request] = []
            for number in range(50):
                requests += [
                    m.RequestMakeCall(this_dn="15000", other_dn="4711", reference_id=2 * number),
                    m.RequestQueryServer(reference_id=2 * number + 1),
                ]
            await a.send(b"".join(frame(CODEC.encode(request)) for request in requests))
            told = [await a.receive() for _ in range(3 * 50)]
            kinds = [m.EventDialing, m.EventDestinationBusy, m.EventServerInfo]
            assert [type(event) for event in told] == kinds * 50
            assert [e.reference_id for e in told if isinstance(e, m.EventDialing)] == list(range(0, 100, 2))
            assert [type(await b.receive()) for _ in range(2 * 50)] == kinds[:2] * 50

    run(scene())
