"""Agents, features and the service of a DN, as a client is told of them."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import AgentStatus, AgentWorkMode, ForwardMode, PartyState
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.voice.model.pending import Cause, Step
from tests.voice.dn_harness import Seat
from tests.voice.fake_tserver import SWITCH, Failure, Leg

READY = {"id": "9430250E-0A1B-421F-B372-F29E69366DED", "displayName": "Ready", "state": "Ready"}
NOT_READY = {"id": "900D55CC-2BB0-431F-8BF9-D3525B383BE6", "displayName": "Not Ready", "state": "NotReady"}
AFTER_CALL_WORK = {
    "id": "D3663509-3D82-4DD3-A82E-2EA8EFA02AEF",
    "displayName": "AfterCallWork",
    "state": "NotReady",
    "workMode": "AfterCallWork",
}
AUX_WORK = {
    "id": "2B36138D-C564-4562-A8CB-3C32D564F296",
    "displayName": "AuxWork",
    "state": "NotReady",
    "workMode": "AuxWork",
}
OFFLINE = {"id": "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", "displayName": "Offline", "state": "LoggedOut"}


def told(seat: Seat, *events: tuple[type[t.Event], dict[str, Any]]) -> list[dict[str, Any]]:
    """Let the T-Server tell these events; give the devices that the client was told of."""
    seat.client.messages.clear()
    for kind, attributes in events:
        seat.line.tell(kind, **attributes)
        seat.settle()
    return [device for message in seat.client.messages for device in message["devices"]]


@pytest.mark.parametrize(
    ("kind", "attributes", "user_state"),
    [
        (t.EventAgentLogin, {"agent_id": "A1"}, {"state": "LoggedIn"}),
        (t.EventAgentReady, {}, READY),
        (t.EventAgentNotReady, {}, NOT_READY),
        (t.EventAgentNotReady, {"agent_work_mode": AgentWorkMode.WalkAway}, NOT_READY),
        (t.EventAgentNotReady, {"agent_work_mode": AgentWorkMode.AuxWork}, AUX_WORK),
        (t.EventAgentNotReady, {"agent_work_mode": AgentWorkMode.AfterCallWork}, AFTER_CALL_WORK),
        (t.EventAgentAfterCallWork, {}, AFTER_CALL_WORK),
        (t.EventAgentNotReady, {"reasons": KVList.of(ReasonCode="Lunch")}, NOT_READY | {"reason": "Lunch"}),
        (t.EventAgentNotReady, {"extensions": KVList.of(ReasonCode=7)}, NOT_READY | {"reason": "7"}),
        (t.EventAgentLogout, {}, OFFLINE),
    ],
)
def test_an_agents_state_is_told(
    kind: type[t.Event], attributes: dict[str, Any], user_state: dict[str, Any]
) -> None:
    (device,) = told(Seat(), (kind, attributes))
    assert device["userState"] == user_state
    assert device["deviceState"] == "Active"


def test_a_login_to_one_more_queue_leaves_the_state() -> None:
    seat = Seat()
    devices = told(
        seat,
        (t.EventAgentLogin, {"agent_id": "A1", "this_queue": "15600"}),
        (t.EventAgentReady, {"agent_id": "A1"}),
        (t.EventAgentLogin, {"agent_id": "A1", "this_queue": "15601"}),
        (t.EventQueueLogout, {"this_queue": "15600"}),
    )
    assert [device["userState"] for device in devices] == [{"state": "LoggedIn"}, READY, READY]
    (view,) = seat.desk.view()
    assert (view.agent_state, view.agent_id, view.queues) == ("Ready", "A1", ("15601",))


def test_another_agent_at_the_dn_begins_anew() -> None:
    seat = Seat()
    *_, device = told(
        seat,
        (t.EventAgentLogin, {"agent_id": "A1", "this_queue": "15600"}),
        (t.EventAgentReady, {}),
        (t.EventAgentLogin, {"agent_id": "A2"}),
    )
    (view,) = seat.desk.view()
    assert (device["userState"], view.agent_id, view.queues) == ({"state": "LoggedIn"}, "A2", ())


def test_features_are_told() -> None:
    forward = {"forward_mode": ForwardMode.Unconditional, "other_dn": "15009"}
    devices = told(
        Seat(),
        (t.EventDNDOn, {}),
        (t.EventForwardSet, forward),
        (t.EventDNDOff, {}),
        (t.EventForwardCancel, forward),
    )
    assert [(device["doNotDisturb"], device.get("forwardTo")) for device in devices] == [
        ("On", None),
        ("On", "15009"),
        ("Off", "15009"),
        ("Off", None),
    ]


def test_waiting_messages_are_seen_and_not_told() -> None:
    seat = Seat()
    assert told(seat, (t.EventMessageWaitingOn, {})) == []
    (view,) = seat.desk.view()
    assert view.message_waiting


def test_a_dn_out_of_service_is_inactive() -> None:
    devices = told(Seat(), (t.EventDNOutOfService, {}), (t.EventDNBackInService, {}))
    assert [device["deviceState"] for device in devices] == ["Inactive", "Active"]


def test_what_changed_at_the_dn_in_a_gap_is_one_message() -> None:
    seat = Seat()
    seat.gap_begins(keeps_connection=False)
    agent = seat.line.agent
    agent.status, agent.work_mode, agent.reason = AgentStatus.NotReady, AgentWorkMode.AuxWork, "Lunch"
    agent.do_not_disturb, agent.forward_to = True, "15009"
    seat.client.messages.clear()
    seat.gap_ends()
    seat.settle()

    service, message = seat.client.messages
    assert service["services"][0]["state"] == "Active"
    (device,) = message["devices"]
    assert device["deviceState"] == "Active"
    assert device["userState"] == AUX_WORK | {"reason": "Lunch"}
    assert (device["doNotDisturb"], device["forwardTo"]) == ("On", "15009")


def test_who_is_logged_in_where_is_known_from_a_snapshot() -> None:
    seat = Seat()
    pairs = KVList([("AgentStatus", 2), ("queue-1", "15600"), ("queue-2", "15601")])
    registered = t.EventRegistered(
        time_in_secs=1, time_in_usecs=0, this_dn="15000", agent_id="A1", extensions=pairs
    )
    seat.desk.received(SWITCH, registered, None)
    (view,) = seat.desk.view()
    assert (view.agent_state, view.agent_id, view.queues) == ("Ready", "A1", ("15600", "15601"))
    assert seat.client.device["userState"] == READY


def test_a_dn_that_is_out_of_service_after_a_gap_stays_inactive() -> None:
    seat = Seat()
    seat.gap_begins(keeps_connection=True)
    seat.line.agent.in_service = False
    seat.gap_ends()
    seat.settle()
    assert seat.client.device["deviceState"] == "Inactive"


def test_the_loss_and_the_return_of_a_link_are_told_once_to_each_user() -> None:
    seat = Seat()
    seat.client.messages.clear()
    seat.gap_begins(keeps_connection=False)
    lost, _ = seat.client.messages
    assert lost == {
        "messageType": "ServiceStateChangeMessage",
        "services": [
            {
                "id": "Switch_A",
                "name": "Switch_A",
                "type": "Voice",
                "state": "Inactive",
                "uri": "http://gws.example/api/v2/services/Switch_A",
                "path": "/services/Switch_A",
            }
        ],
    }
    seat.gap_ends()
    assert seat.client.services == ["Inactive", "Active"]


@pytest.mark.parametrize(
    ("code", "goes_on"),
    [
        (ErrorCode.SwitchNotConnected, True),
        (ErrorCode.LinkDown, True),
        (ErrorCode.Timeout, True),
        (ErrorCode.DNNotConfigured, False),
    ],
)
def test_a_dn_that_cannot_be_registered_again_loses_its_session_and_its_calls(
    code: ErrorCode,
    goes_on: bool,  # noqa: FBT001 (a parameter)
) -> None:
    seat = Seat()
    leg = seat.line.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    seat.line.tell(t.EventEstablished, leg)
    seat.settle()
    seat.gap_begins(keeps_connection=False)
    seat.gap_ends()
    _, cause = seat.line.requests.popleft()
    assert isinstance(cause, Cause)
    seat.desk.failed(SWITCH, cause, Failure(code))

    (view,) = seat.desk.view()
    assert view.in_session is goes_on
    assert bool(view.calls) is bool(seat.client.sees()) is goes_on


def test_nothing_is_heard_of_a_dn_after_the_session() -> None:
    seat = Seat()
    cause = Cause("StartContactCenterSession", seat.device, step=Step.REGISTER)
    seat.desk.failed(SWITCH, cause, Failure(ErrorCode.DNNotRegistered))
    seat.client.messages.clear()
    seat.line.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    seat.line.tell(t.EventEstablished, seat.line.legs[1])
    seat.line.tell(t.EventAgentReady)
    seat.line.send(SWITCH, t.RequestQueryCall(this_dn="15000", conn_id=1), Cause(None, seat.device, 1))
    seat.settle()
    assert seat.client.messages == []
