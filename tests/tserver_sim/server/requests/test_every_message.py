"""Every message number, sent by a client: its documented outcome, or EventError 51."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from bridge.runtime.clock import HeldClock
from bridge.tlib import messages as m
from bridge.tlib.enums import AddressInfoType, LocationInfoType, SwitchInfoType
from bridge.tlib.kv import KVList
from bridge.tlib.message_pack import frame
from bridge.tlib.numbers import EVENT_NUMBERS, REQUEST_NUMBERS, RESERVED_NUMBERS, MessageNumber
from bridge.tlib.private import PrivateMsgID
from tests.benchmarks.codec import example
from tests.loop import run
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, InMemoryServer
from tests.tserver_sim.wire import WireClient, connected, listening

C1, C2 = CONN_ID_BASE + 1, CONN_ID_BASE + 2
A, B, C, ROUTE_POINT, QUEUE = "15000", "15001", "15002", "15500", "15600"
REFERENCE = 77
NOT_SUPPORTED = "Error 51"

MAKE = m.RequestMakeCall(this_dn=A, other_dn=B)
RINGING = (MAKE,)
TALKING = (MAKE, m.RequestAnswerCall(this_dn=B, conn_id=C1))
HOLDING = (*TALKING, m.RequestHoldCall(this_dn=A, conn_id=C1))
CONSULTING = (
    *TALKING,
    m.RequestInitiateTransfer(this_dn=A, conn_id=C1, other_dn=C),
    m.RequestAnswerCall(this_dn=C, conn_id=C2),
)
CONFERENCE = (*CONSULTING, m.RequestCompleteConference(this_dn=A, conn_id=C1, conference_conn_id=C2))
ROUTING = (m.RequestMakeCall(this_dn=A, other_dn=ROUTE_POINT),)
LOGGED_IN = (m.RequestAgentLogin(this_dn=A, agent_id="7"),)

Case = tuple[str, Sequence[m.Request], dict[str, Any]]
"""The outcome, the requests before it, and the attributes of the message."""


def case(outcome: str, before: Sequence[m.Request] = (), **attributes: Any) -> Case:
    return outcome, before, {"this_dn": A, "conn_id": C1, "other_dn": B, "extensions": None, **attributes}


OUTCOMES: dict[type[m.Request], Case] = {
    # the session
    m.RequestRegisterClient: case(NOT_SUPPORTED),  # a second time
    m.RequestQueryServer: case("ServerInfo"),
    m.RequestQueryAddress: case("AddressInfo", address_info_type=AddressInfoType.CallsQuery),
    m.RequestRegisterAddress: case("Registered"),
    m.RequestUnregisterAddress: case("Unregistered"),
    m.RequestRegisterAll: case("RegisteredAll"),
    m.RequestUnregisterAll: case("UnregisteredAll"),
    m.RequestSetInputMask: case("ACK", input_mask=bytes(64)),
    m.RequestQueryCall: case("PartyInfo", TALKING),
    m.RequestQuerySwitch: case("SwitchInfo", switch_info_type=SwitchInfoType.DateTime),
    m.RequestQueryLocation: case("LocationInfo", location_info_type=LocationInfoType.AllLocations),
    m.RequestStartCallMonitoring: case("ACK", extensions=KVList()),
    m.RequestStopCallMonitoring: case(
        "ACK", (m.RequestStartCallMonitoring(extensions=KVList()),), extensions=KVList()
    ),
    # agents and DNs
    m.RequestAgentLogin: case("AgentLogin"),
    m.RequestAgentLogout: case("AgentLogout", LOGGED_IN),
    m.RequestAgentReady: case("AgentReady", LOGGED_IN),
    m.RequestAgentNotReady: case(
        "AgentNotReady", (*LOGGED_IN, m.RequestAgentReady(this_dn=A)), reasons=KVList.of(Why="lunch")
    ),
    m.RequestSetDNDOn: case("DNDOn"),
    m.RequestSetDNDOff: case("DNDOff", (m.RequestSetDNDOn(this_dn=A),)),
    m.RequestCallForwardSet: case("ForwardSet", forward_mode=1),
    m.RequestCallForwardCancel: case(
        "ForwardCancel",
        (m.RequestCallForwardSet(this_dn=A, other_dn=B, forward_mode=1),),  # type: ignore[arg-type] # its number
        forward_mode=1,
    ),
    m.RequestSetMessageWaitingOn: case("MessageWaitingOn"),
    m.RequestSetMessageWaitingOff: case("MessageWaitingOff", (m.RequestSetMessageWaitingOn(this_dn=A),)),
    m.RequestReserveAgent: case("AgentReserved", LOGGED_IN, timeout=1000, priority=1),
    m.RequestMonitorNextCall: case("MonitoringNextCall"),
    m.RequestCancelMonitoring: case(
        "MonitoringCancelled",
        (m.RequestMonitorNextCall(this_dn=A, other_dn=B, monitor_next_call_type=0),),  # type: ignore[arg-type] # its number
    ),
    # calls
    m.RequestMakeCall: case("Dialing"),
    m.RequestMakePredictiveCall: case("Dialing", this_dn=ROUTE_POINT, timeout=10),
    m.RequestAnswerCall: case("Established", RINGING, this_dn=B),
    m.RequestReleaseCall: case("Released", TALKING),
    m.RequestClearCall: case("Released", TALKING),
    m.RequestHoldCall: case("Held", TALKING),
    m.RequestRetrieveCall: case("Retrieved", HOLDING),
    m.RequestRedirectCall: case("Released", RINGING, this_dn=B, other_dn=C),
    m.RequestSendDTMF: case("DTMFSent", TALKING, dtmf_digits="12"),
    m.RequestCollectDigits: case(
        "Error 237", TALKING, number_of_digits=1, timeout=1
    ),  # nobody sends any before the call ends
    m.RequestSetMuteOn: case("MuteOn", TALKING),
    m.RequestSetMuteOff: case("MuteOff", (*TALKING, m.RequestSetMuteOn(this_dn=A, conn_id=C1))),
    m.RequestListenDisconnect: case("ListenDisconnected", CONFERENCE),
    m.RequestListenReconnect: case(
        "ListenReconnected", (*CONFERENCE, m.RequestListenDisconnect(this_dn=A, other_dn=B, conn_id=C1))
    ),
    m.RequestSingleStepTransfer: case("Released", TALKING, other_dn=C),
    m.RequestInitiateTransfer: case("Held", TALKING, other_dn=C),
    m.RequestMuteTransfer: case("Held", TALKING, other_dn=C),
    m.RequestCompleteTransfer: case("Released", CONSULTING, transfer_conn_id=C2),
    m.RequestMergeCalls: case("Released", CONSULTING, transfer_conn_id=C2, merge_type=0),
    m.RequestAlternateCall: case("Held", CONSULTING, conn_id=C2, previous_conn_id=C1),
    m.RequestReconnectCall: case("Released", CONSULTING, conn_id=C2, previous_conn_id=C1),
    m.RequestInitiateConference: case("Held", TALKING, other_dn=C),
    m.RequestCompleteConference: case("Released", CONSULTING, conference_conn_id=C2),
    m.RequestSingleStepConference: case("PartyAdded", TALKING, other_dn=C),
    m.RequestDeleteFromConference: case("PartyDeleted", CONFERENCE),
    # what a call carries
    m.RequestAttachUserData: case("AttachedDataChanged", TALKING, user_data=KVList.of(A=1)),
    m.RequestUpdateUserData: case("AttachedDataChanged", TALKING, user_data=KVList.of(A=1)),
    m.RequestDeletePair: case("AttachedDataChanged", TALKING, data_key="A"),
    m.RequestDeleteUserData: case("AttachedDataChanged", TALKING),
    m.RequestSetCallInfo: case(
        "CallInfoChanged", TALKING, set_operation=1, other_dn=None, call_type=None, user_data=None
    ),
    m.RequestDistributeUserEvent: case("ACK"),
    m.RequestDistributeEvent: case("Error 53", user_event=57),  # only a virtual queue has it told
    m.RequestPrivateService: case("ACK", TALKING, private_msg_id=int(PrivateMsgID.StartRecording)),
    m.RequestSendReturnReceipt: case("ReturnReceipt", return_receipt_dn=A),
    # routing
    m.RequestRouteCall: case("RouteUsed", ROUTING, this_dn=ROUTE_POINT),
    m.RequestApplyTreatment: case("TreatmentApplied", ROUTING, this_dn=ROUTE_POINT, treatment_type=2),
    m.RequestGiveMusicTreatment: case("TreatmentApplied", ROUTING, this_dn=ROUTE_POINT),
    m.RequestGiveSilenceTreatment: case("TreatmentApplied", ROUTING, this_dn=ROUTE_POINT),
    m.RequestGiveRingBackTreatment: case("TreatmentApplied", ROUTING, this_dn=ROUTE_POINT),
    # other sites
    m.RequestGetAccessNumber: case("AnswerAccessNumber", TALKING, reasons=None),
    m.RequestCancelReqGetAccessNumber: case(
        "ReqGetAccessNumberCanceled",
        (*TALKING, m.RequestGetAccessNumber(this_dn=A, conn_id=C1, other_dn=B)),
        x_reference_id=1,
    ),
    m.RequestReserveAgentAndGetAccessNumber: case(NOT_SUPPORTED, TALKING),
    m.RequestTransactionMonitoring: case(NOT_SUPPORTED),
    # legacy, between the members of a pair, and for network T-Servers
    **dict.fromkeys(
        (
            m.RequestLoginMailBox,
            m.RequestLogoutMailBox,
            m.RequestOpenVoiceFile,
            m.RequestCloseVoiceFile,
            m.RequestPlayVoiceFile,
            m.RequestAgentSetIdleReason,
            m.RequestLostBackupConnection,
            m.RequestSetDNInfo,
            m.RequestNetworkConsult,
            m.RequestNetworkAlternate,
            m.RequestNetworkTransfer,
            m.RequestNetworkMerge,
            m.RequestNetworkReconnect,
            m.RequestNetworkSingleStepTransfer,
            m.RequestNetworkPrivateService,
        ),
        case(NOT_SUPPORTED, TALKING),
    ),
}

THEN: dict[type[m.Request], m.Request] = {
    m.RequestCollectDigits: m.RequestReleaseCall(this_dn=A, conn_id=C1),
    m.RequestSingleStepConference: m.RequestAnswerCall(this_dn=C, conn_id=C1),
}
"""The request that must follow before the outcome comes."""


def message(kind: type[m.Message], attributes: dict[str, Any]) -> m.Message:
    """Return a message with those of the attributes that its type has, and this test's ReferenceID."""
    names = {field.name for field in msgspec.structs.fields(kind)}
    given = {name: value for name, value in attributes.items() if name in names}
    return msgspec.structs.replace(example(kind), **given, reference_id=REFERENCE)


async def outcome(client: WireClient, reference: int = REFERENCE) -> str:
    """Wait for the answer to a request."""
    while True:
        event = await client.receive()
        if isinstance(event, m.Event) and event.reference_id == reference:
            if isinstance(event, m.EventError):
                return f"Error {event.error_code.value}"
            return event.name.removeprefix("Event")


def asked(data: bytes, before: Sequence[m.Request] = (), then: m.Request | None = None) -> str:
    """Send bytes to a T-Server after other requests, and return the outcome."""

    async def scene() -> str:
        async with listening(InMemoryServer(), HeldClock()) as (port, _), connected(port) as client:
            await client.opens()
            await client.registers(A, B, C, ROUTE_POINT, QUEUE)
            for request in before:
                await client.send(request)
            await client.send(data)
            if then is not None:
                await client.send(then)
            delivered = await outcome(client)
            await client.send(m.RequestRegisterAddress(this_dn=A, reference_id=REFERENCE + 1))
            assert await outcome(client, REFERENCE + 1) == "Registered"  # it is still served
            return delivered

    return run(scene())


def packed(sent: m.Message) -> bytes:
    return frame(msgspec.msgpack.encode(sent))


@pytest.mark.parametrize("number", REQUEST_NUMBERS, ids=lambda number: number.name)
def test_a_request_has_its_outcome(number: MessageNumber) -> None:
    kind = next(kind for kind in m.REQUESTS if kind.number is number)
    delivered, before, attributes = OUTCOMES[kind]
    assert asked(packed(message(kind, attributes)), before, THEN.get(kind)) == delivered


@pytest.mark.parametrize("number", EVENT_NUMBERS, ids=lambda number: number.name)
def test_an_event_is_no_request(number: MessageNumber) -> None:
    kind = next(kind for kind in m.EVENTS if kind.number is number)
    assert asked(packed(message(kind, {}))) == NOT_SUPPORTED


@pytest.mark.parametrize("number", [*map(int, RESERVED_NUMBERS), -3, 183, 184, 400, 2**31])
def test_a_number_that_no_message_has(number: int) -> None:
    data = frame(msgspec.msgpack.encode({"Message": number, "ReferenceID": REFERENCE}))
    assert asked(data) == NOT_SUPPORTED


def test_every_number_has_been_asked() -> None:
    numbers = {*map(int, REQUEST_NUMBERS), *map(int, EVENT_NUMBERS), *map(int, RESERVED_NUMBERS)}
    assert numbers == set(range(183))
    assert {kind.number for kind in OUTCOMES} == set(REQUEST_NUMBERS)


def test_polls_are_answered_and_replies_taken_in_silence() -> None:
    async def scene() -> None:
        async with listening(InMemoryServer(), HeldClock()) as (port, _), connected(port) as client:
            await client.opens()
            await client.send(m.KeepAliveReply(token=4))
            assert await client.ask(m.KeepAlivePoll(token=5)) == m.KeepAliveReply(token=5)

    run(scene())


def test_the_capability_mask_tells_exactly_what_works() -> None:
    server = InMemoryServer()
    info = server.client("crm").events[0]
    assert isinstance(info, m.EventServerInfo)
    supported = {n for n in range(512) if info.server_capability_mask[n // 8] >> n % 8 & 1}
    works = {kind.number.value for kind, (delivered, *_) in OUTCOMES.items() if delivered != NOT_SUPPORTED}
    assert supported & set(REQUEST_NUMBERS) == works | {m.RequestRegisterClient.number.value}


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"Message": 14, "ThisDN": A}, "OtherDN"),
        ({"Message": 16, "ThisDN": A, "ConnID": "c1"}, "ConnID"),
        ({"Message": 16, "ThisDN": A, "ConnID": -1}, "ConnID"),
        ({"Message": 3, "ThisDN": A, "RegisterMode": "shared"}, "RegisterMode"),
        ({"Message": 30, "ThisDN": A, "ConnID": 1, "UserData": {"A": 1}}, "UserData"),
        ({"Message": 7, "InputMask": "all"}, "InputMask"),
        ({"Message": 2, "ThisDN": A}, "AddressInfoType"),
        ({"Message": 8, "ThisDN": None, "AgentID": "7"}, "ThisDN"),
    ],
)
def test_an_attribute_that_is_missing_or_odd_is_named(attributes: dict[str, Any], text: str) -> None:
    async def scene() -> m.Message:
        async with listening(InMemoryServer(), HeldClock()) as (port, _), connected(port) as client:
            await client.opens()
            await client.send(frame(msgspec.msgpack.encode(attributes)))
            return await client.receive()

    error = run(scene())
    assert isinstance(error, m.EventError)
    assert error.error_code == 53
    assert text in (error.error_message or "")
