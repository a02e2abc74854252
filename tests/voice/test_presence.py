"""Agents, features and the service of a DN, as a client is told of them."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import AgentStatus, AgentWorkMode, ForwardMode, PartyState
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.voice.model.pending import PendingRequest, Purpose
from tests.voice.dn_harness import DNHarness
from tests.voice.fake_tserver import SWITCH, Leg, RequestFailure

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


def notified_devices(
    dn_harness: DNHarness, *events: tuple[type[t.Event], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Let the T-Server tell these events; give the devices that the client was told of."""
    dn_harness.client.messages.clear()
    for kind, attributes in events:
        dn_harness.tserver.send_event(kind, **attributes)
        dn_harness.settle()
    return [device for message in dn_harness.client.messages for device in message["devices"]]


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
    (device,) = notified_devices(DNHarness(), (kind, attributes))
    assert device["userState"] == user_state
    assert device["deviceState"] == "Active"


def test_a_login_to_one_more_queue_leaves_the_state() -> None:
    dn_harness = DNHarness()
    devices = notified_devices(
        dn_harness,
        (t.EventAgentLogin, {"agent_id": "A1", "this_queue": "15600"}),
        (t.EventAgentReady, {"agent_id": "A1"}),
        (t.EventAgentLogin, {"agent_id": "A1", "this_queue": "15601"}),
        (t.EventQueueLogout, {"this_queue": "15600"}),
    )
    assert [device["userState"] for device in devices] == [{"state": "LoggedIn"}, READY, READY]
    (snapshot,) = dn_harness.service.snapshot()
    assert (snapshot.agent_state, snapshot.agent_id, snapshot.queues) == ("Ready", "A1", ("15601",))


def test_another_agent_at_the_dn_begins_anew() -> None:
    dn_harness = DNHarness()
    *_, device = notified_devices(
        dn_harness,
        (t.EventAgentLogin, {"agent_id": "A1", "this_queue": "15600"}),
        (t.EventAgentReady, {}),
        (t.EventAgentLogin, {"agent_id": "A2"}),
    )
    (snapshot,) = dn_harness.service.snapshot()
    assert (device["userState"], snapshot.agent_id, snapshot.queues) == ({"state": "LoggedIn"}, "A2", ())


def test_features_are_told() -> None:
    forward = {"forward_mode": ForwardMode.Unconditional, "other_dn": "15009"}
    devices = notified_devices(
        DNHarness(),
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
    dn_harness = DNHarness()
    assert notified_devices(dn_harness, (t.EventMessageWaitingOn, {})) == []
    (snapshot,) = dn_harness.service.snapshot()
    assert snapshot.message_waiting


def test_a_dn_out_of_service_is_inactive() -> None:
    devices = notified_devices(DNHarness(), (t.EventDNOutOfService, {}), (t.EventDNBackInService, {}))
    assert [device["deviceState"] for device in devices] == ["Inactive", "Active"]


def test_what_changed_at_the_dn_in_a_gap_is_one_message() -> None:
    dn_harness = DNHarness()
    dn_harness.begin_gap(keeps_connection=False)
    agent = dn_harness.tserver.agent
    agent.status, agent.work_mode, agent.reason = AgentStatus.NotReady, AgentWorkMode.AuxWork, "Lunch"
    agent.do_not_disturb, agent.forward_to = True, "15009"
    dn_harness.client.messages.clear()
    dn_harness.end_gap()
    dn_harness.settle()

    service, message = dn_harness.client.messages
    assert service["services"][0]["state"] == "Active"
    (device,) = message["devices"]
    assert device["deviceState"] == "Active"
    assert device["userState"] == AUX_WORK | {"reason": "Lunch"}
    assert (device["doNotDisturb"], device["forwardTo"]) == ("On", "15009")


def test_who_is_logged_in_where_is_known_from_a_snapshot() -> None:
    dn_harness = DNHarness()
    pairs = KVList([("AgentStatus", 2), ("queue-1", "15600"), ("queue-2", "15601")])
    registered = t.EventRegistered(
        time_in_secs=1, time_in_usecs=0, this_dn="15000", agent_id="A1", extensions=pairs
    )
    dn_harness.service.received(SWITCH, registered, None)
    (snapshot,) = dn_harness.service.snapshot()
    assert (snapshot.agent_state, snapshot.agent_id, snapshot.queues) == ("Ready", "A1", ("15600", "15601"))
    assert dn_harness.client.device["userState"] == READY


def test_a_dn_that_is_out_of_service_after_a_gap_stays_inactive() -> None:
    dn_harness = DNHarness()
    dn_harness.begin_gap(keeps_connection=True)
    dn_harness.tserver.agent.in_service = False
    dn_harness.end_gap()
    dn_harness.settle()
    assert dn_harness.client.device["deviceState"] == "Inactive"


def test_the_loss_and_the_return_of_a_link_are_told_once_to_each_user() -> None:
    dn_harness = DNHarness()
    dn_harness.client.messages.clear()
    dn_harness.begin_gap(keeps_connection=False)
    lost, _ = dn_harness.client.messages
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
    dn_harness.end_gap()
    assert dn_harness.client.services == ["Inactive", "Active"]


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
    dn_harness = DNHarness()
    leg = dn_harness.tserver.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    dn_harness.tserver.send_event(t.EventEstablished, leg)
    dn_harness.settle()
    dn_harness.begin_gap(keeps_connection=False)
    dn_harness.end_gap()
    _, pending = dn_harness.tserver.requests.popleft()
    assert isinstance(pending, PendingRequest)
    dn_harness.service.failed(SWITCH, pending, RequestFailure(code))

    (snapshot,) = dn_harness.service.snapshot()
    assert snapshot.in_session is goes_on
    assert bool(snapshot.calls) is bool(dn_harness.client.visible_calls()) is goes_on


def test_nothing_is_heard_of_a_dn_after_the_session() -> None:
    dn_harness = DNHarness()
    pending = PendingRequest("StartContactCenterSession", dn_harness.device, purpose=Purpose.REGISTER)
    dn_harness.service.failed(SWITCH, pending, RequestFailure(ErrorCode.DNNotRegistered))
    dn_harness.client.messages.clear()
    dn_harness.tserver.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    dn_harness.tserver.send_event(t.EventEstablished, dn_harness.tserver.legs[1])
    dn_harness.tserver.send_event(t.EventAgentReady)
    dn_harness.tserver.send(
        SWITCH, t.RequestQueryCall(this_dn="15000", conn_id=1), PendingRequest(None, dn_harness.device, 1)
    )
    dn_harness.settle()
    assert dn_harness.client.messages == []
