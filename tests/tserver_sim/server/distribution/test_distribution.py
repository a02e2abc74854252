"""Distribution of events: input masks, the copies of an event, and events that masks do not stop."""

from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as m
from bridge.tlib.enums import AddressInfoType, RegisterMode
from bridge.tlib.kv import KVList
from bridge.tlib.session import capability_mask
from bridge.tlib.wire import MESSAGE_PACK
from tests.loop import run
from tests.tserver_sim.in_memory_server import Client, InMemoryServer
from tests.tserver_sim.wire import connected, listening


def set_mask(client: Client, *messages: type[m.Message]) -> None:
    client.asks(
        m.RequestSetInputMask(input_mask=capability_mask([each.number for each in messages]), reference_id=0)
    )


def short_lines(server: InMemoryServer) -> list[str]:
    return [" ".join(line.split()[:3]) for line in server.ladder()]


# --- input masks --------------------------------------------------------------------------------------


def test_a_mask_is_acknowledged() -> None:
    server = InMemoryServer()
    client = server.client("crm")
    client.asks(m.RequestSetInputMask(input_mask=bytes(64), reference_id=5))
    assert server.ladder() == ["crm <- ACK UserEvent=7 Ref=5"]


def test_a_client_is_told_what_its_mask_allows_and_the_others_everything() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    picky = server.client("picky", "15000", "15001")
    set_mask(picky, m.EventRinging, m.EventReleased)
    server.delivered.clear()
    a.calls("15001")
    assert short_lines(server) == ["15000 <- Dialing", "picky <- Ringing"]
    a.releases()
    assert short_lines(server) == ["15000 <- Released", "picky <- Released"]


def test_a_mask_holds_for_the_requester_too() -> None:
    server = InMemoryServer()
    a, second = server.client("15000", "15000"), server.client("second", "15000")
    set_mask(a, m.EventReleased)
    server.delivered.clear()
    a.calls("4711")
    assert short_lines(server) == ["second <- Dialing", "second <- DestinationBusy"]
    assert isinstance(second.events[-1], m.EventDestinationBusy)
    a.releases(conn_id=second.last_conn_id)
    assert server.ladder() == [
        "15000 <- Released c1 This=15000/Origination Other=4711/Destination CS=Ok DNIS=4711 Ref=2",
        "second <- Released c1 This=15000/Origination Other=4711/Destination CS=Ok DNIS=4711",
    ]


def test_answers_and_the_link_come_whatever_the_mask_says() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    set_mask(a)
    server.delivered.clear()
    a.asks(m.RequestRegisterAddress(this_dn="15001", reference_id=1))
    a.asks(m.RequestQueryServer(reference_id=2))
    a.asks(m.RequestQueryAddress(this_dn="15000", address_info_type=AddressInfoType.DNStatus, reference_id=3))
    a.asks(m.RequestAnswerCall(this_dn="15000", conn_id=1, reference_id=4))
    a.asks(m.RequestDistributeUserEvent(this_dn="15000", user_data=KVList.of(A=1), reference_id=5))
    server.tserver.dispatcher.link_down()
    server.tserver.dispatcher.link_up()
    assert short_lines(server) == [
        f"15000 <- {delivered}"
        for delivered in (
            *("Registered", "ServerInfo", "AddressInfo", "Error", "ACK"),
            *("LinkDisconnected", "LinkConnected"),
        )
    ]


def test_the_last_mask_counts() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    set_mask(a)
    set_mask(a, *m.EVENTS)
    server.delivered.clear()
    a.calls("15001")
    assert short_lines(server) == ["15000 <- Dialing"]


def test_a_mask_that_is_too_short_or_too_long_is_refused_and_changes_nothing() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    for length in (0, 63, 8193):
        a.asks(m.RequestSetInputMask(input_mask=bytes(length), reference_id=length))
    a.calls("15001")
    assert short_lines(server) == ["15000 <- Error"] * 3 + ["15000 <- Dialing"]
    assert [event.error_code for event in a.events if isinstance(event, m.EventError)] == [53] * 3


def test_a_mask_goes_with_its_client() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    set_mask(a)
    a.leaves()
    a.asks(m.RequestRegisterClient(application_name="again", protocol_version="1"))
    a.asks(m.RequestRegisterAddress(this_dn="15000"))
    server.delivered.clear()
    a.calls("15001")
    assert short_lines(server) == ["15000 <- Dialing"]


# --- copies -------------------------------------------------------------------------------------------


def test_others_are_told_neither_the_reference_nor_the_reasons_of_a_request_about_a_call() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    server.client("second", "15000")
    a.calls("15001", reasons=KVList.of(Why="sale"))
    assert [line.split(" DNIS=15001")[1] for line in server.ladder()] == [" Reasons=Why:sale Ref=1", ""]


def test_why_an_agent_is_not_ready_is_told_to_everybody() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    server.client("supervisor", "15000", mode=RegisterMode.Monitor)
    a.asks(m.RequestAgentLogin(this_dn="15000", agent_id="7", reference_id=1))
    server.delivered.clear()
    a.asks(m.RequestAgentNotReady(this_dn="15000", reasons=KVList.of(Why="lunch"), reference_id=2))
    assert [line.split("Reasons=")[1] for line in server.ladder()] == ["Why:lunch Ref=2", "Why:lunch"]


def test_an_error_goes_to_the_requester_alone() -> None:
    server = InMemoryServer()
    a = server.client("15000", "15000")
    server.client("second", "15000")
    a.answers(conn_id=1)
    assert short_lines(server) == ["15000 <- Error"]


# --- on a socket --------------------------------------------------------------------------------------


def test_what_many_requests_of_one_piece_bring_comes_in_order() -> None:
    async def scene() -> None:
        server = InMemoryServer()
        async with (
            listening(server, HeldClock()) as (port, _),
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
            await a.send(b"".join(map(MESSAGE_PACK.encode, requests)))
            delivered = [await a.receive() for _ in range(3 * 50)]
            kinds = [m.EventDialing, m.EventDestinationBusy, m.EventServerInfo]
            assert [type(event) for event in delivered] == kinds * 50
            assert [e.reference_id for e in delivered if isinstance(e, m.EventDialing)] == list(
                range(0, 100, 2)
            )
            assert [type(await b.receive()) for _ in range(2 * 50)] == kinds[:2] * 50

    run(scene())
