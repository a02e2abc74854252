"""Supervisors who listen in, and who change the state of others, against the simulated switch."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import MonitorNextCallType
from bridge.tlib.kv import KVList
from bridge.tlib.private import PrivateMsgID
from bridge.voice.gws.bodies import READERS
from bridge.voice.model.agents import Agent
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.operations import Resource
from tests.voice.service_harness import (
    API,
    CENTER,
    CENTER_FEATURES,
    ServiceHarness,
    harness_in_session,
    phone,
    restart_bridge,
)

A, B, S = "15000", "15001", "15002"
AGENT, OTHER, SUPERVISOR = f"u{A}", f"u{B}", f"u{S}"


def watching(operation: str = "ListenIn", **parameters: Any) -> ServiceHarness:
    """Let a supervisor arrange to listen in to A."""
    harness = harness_in_session(A, B, S, supervisors=(S,))
    harness.execute_device_operation(
        SUPERVISOR, S, operation, targetDeviceUri=f"{API}/devices/{A}", **parameters
    )
    return harness


def on_a_call(operation: str = "ListenIn", **parameters: Any) -> tuple[ServiceHarness, str]:
    """Let B call A, whom the supervisor listens in to."""
    harness = watching(operation, **parameters)
    call = harness.dial(OTHER, B, A)
    harness.execute_call_operation(AGENT, call, "Answer")
    harness.clear()
    return harness, call


def refused(code: StatusCode, action: Any, *arguments: Any, **parameters: Any) -> str:
    """Do what must be refused with this code; gives the text."""
    with pytest.raises(ApiError) as caught:
        action(*arguments, **parameters)
    assert caught.value.code is code
    return str(caught.value)


# --- arranging it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [f"{API}/devices/{A}", f"/devices/{A}", A])
@pytest.mark.parametrize(
    ("operation", "mode"), [("ListenIn", "mute"), ("Coach", "coach"), ("BargeIn", "connect")]
)
def test_an_arrangement_is_asked_for_and_shown(operation: str, mode: str, target: str) -> None:
    harness = harness_in_session(A, B, S, supervisors=(S,))
    assert harness.device(SUPERVISOR)["capabilities"][-3:] == ["ListenIn", "Coach", "BargeIn"]
    harness.execute_device_operation(
        SUPERVISOR,
        S,
        operation,
        targetDeviceUri=target,
        supervisorMonitoringScope="Agent",
        supervisorMonitoringMode="NextCall",
    )
    (request,) = harness.requests
    assert isinstance(request, t.RequestMonitorNextCall)
    assert (request.this_dn, request.other_dn, request.monitor_next_call_type.name) == (S, A, "OneCall")
    assert request.extensions == KVList.of(MonitorMode=mode, MonitorScope="agent")

    (message,) = harness.notifications(SUPERVISOR)
    (device,) = message["devices"]
    assert device["supervisorMonitoringState"] == {
        "state": operation,
        "mode": "NextCall",
        "scope": "Agent",
        "targetDeviceUri": f"{API}/devices/{A}",
    }
    assert device["capabilities"][-1] == "CancelSupervisorMonitoring"
    assert harness.notifications(AGENT) == []


def test_an_arrangement_is_cancelled() -> None:
    harness = watching()
    harness.execute_device_operation(SUPERVISOR, S, "CancelSupervisorMonitoring")
    assert harness.requests[-1].name == "RequestCancelMonitoring"
    assert "supervisorMonitoringState" not in harness.device(SUPERVISOR)
    refused(StatusCode.INVALID, harness.execute_device_operation, SUPERVISOR, S, "CancelSupervisorMonitoring")


def test_another_number_than_the_devices_may_be_monitored() -> None:
    harness = harness_in_session(A, B, S, supervisors=(S,))
    harness.execute_device_operation(SUPERVISOR, S, "ListenIn", targetDeviceUri=A, phoneNumber="15500")
    (error,) = harness.notifications(SUPERVISOR)  # this switch monitors phones only
    assert (error["operationName"], error["errorCode"]) == ("ListenIn", 459)
    assert "ListenIn" in harness.device(SUPERVISOR)["capabilities"]


@pytest.mark.parametrize(
    ("target", "code", "text"),
    [
        ("nobody", StatusCode.NOT_FOUND, "targetDeviceUri: the contact center has no device nobody"),
        ("15004", StatusCode.NOT_FOUND, "targetDeviceUri: the contact center has no device 15004"),
        (S, StatusCode.INVALID, "targetDeviceUri: 15002 monitors others of Switch_A, not 15002"),
        ("15003", StatusCode.INVALID, "targetDeviceUri: 15003 is monitored already by 15001"),
    ],
)
def test_a_target_that_cannot_be_monitored_is_refused(target: str, code: StatusCode, text: str) -> None:
    harness = harness_in_session(A, B, S, "15003", supervisors=(B, S))
    harness.service.add_or_update_device(phone("15004", contact_center="another"))
    harness.execute_device_operation(OTHER, B, "ListenIn", targetDeviceUri="15003")
    harness.clear()
    assert (
        refused(code, harness.execute_device_operation, SUPERVISOR, S, "Coach", targetDeviceUri=target)
        == text
    )
    assert harness.requests == []


def test_only_supervisors_can_listen_in() -> None:
    harness = harness_in_session(A, B)
    refused(StatusCode.INVALID, harness.execute_device_operation, AGENT, A, "ListenIn", targetDeviceUri=B)


def test_the_arrangement_ends_with_the_session_of_the_agent_or_the_supervisor() -> None:
    harness = watching()
    harness.execute_me_operation(AGENT, "EndContactCenterSession")
    harness.settle()
    assert "supervisorMonitoringState" not in harness.device(SUPERVISOR)

    harness = watching()
    harness.execute_me_operation(SUPERVISOR, "EndContactCenterSession")
    harness.settle()
    harness.start_session(SUPERVISOR)
    harness.execute_device_operation(SUPERVISOR, S, "ListenIn", targetDeviceUri=A)
    assert harness.device(SUPERVISOR)["supervisorMonitoringState"]["state"] == "ListenIn"


def test_an_arrangement_that_the_switch_has_forgotten_is_forgotten_here() -> None:
    harness = watching(supervisorMonitoringMode="NextCall")
    other = harness.switch.client("other", S)
    other.asks(t.RequestCancelMonitoring(this_dn=S, other_dn=A))
    harness.execute_device_operation(SUPERVISOR, S, "CancelSupervisorMonitoring")  # before that is heard of
    assert "supervisorMonitoringState" not in harness.device(SUPERVISOR)
    assert harness.ladder(SUPERVISOR)[-1].startswith("Error CancelSupervisorMonitoring")


def held_by_switch(harness: ServiceHarness) -> str | None:
    """Return the DN whose calls the switch lets the supervisor listen in to."""
    monitoring = harness.switch.tserver.switch.state.devices[S].monitoring
    return None if monitoring is None else monitoring.dn


def shown_target(harness: ServiceHarness) -> str | None:
    """Return the DN that the bridge shows as monitored by the supervisor."""
    shown = harness.device(SUPERVISOR).get("supervisorMonitoringState")
    return None if shown is None else shown["targetDeviceUri"].rpartition("/")[2]


@pytest.mark.parametrize("mode", ["AllCalls", "NextCall"])
@pytest.mark.parametrize("settled", [True, False], ids=["settled", "at once"])
@pytest.mark.parametrize("offline", [True, False], ids=["logged out", "logged in"])
def test_the_end_of_the_session_cancels_what_the_switch_still_holds(
    mode: str,
    *,
    settled: bool,
    offline: bool,
) -> None:
    harness = harness_in_session(A, B, S, supervisors=(S,))
    if offline:  # then the logout at the end of the session cannot cancel it
        harness.change_state(SUPERVISOR, "Offline")
    harness.execute_device_operation(
        SUPERVISOR, S, "ListenIn", targetDeviceUri=A, supervisorMonitoringMode=mode
    )
    harness.execute_me_operation(SUPERVISOR, "EndContactCenterSession")
    if settled:
        harness.settle()
        assert held_by_switch(harness) is None
    harness.start_session(SUPERVISOR)
    assert shown_target(harness) == held_by_switch(harness)
    assert "Error" not in " ".join(harness.ladder(SUPERVISOR))

    harness.execute_device_operation(SUPERVISOR, S, "Coach", targetDeviceUri=B)
    assert shown_target(harness) == held_by_switch(harness) == B
    harness.execute_device_operation(SUPERVISOR, S, "CancelSupervisorMonitoring")
    assert shown_target(harness) is held_by_switch(harness) is None


def test_a_request_on_its_way_is_cancelled_with_the_session() -> None:
    harness = harness_in_session(A, B, S, supervisors=(S,))
    harness.change_state(SUPERVISOR, "Offline")
    body = READERS[Resource.DEVICE].read(b'{"operationName":"ListenIn","targetDeviceUri":"15000"}')
    harness.service.execute_device_operation(SUPERVISOR, S, body)  # the answer is not heard yet
    harness.execute_me_operation(SUPERVISOR, "EndContactCenterSession")
    harness.settle()
    assert held_by_switch(harness) is None
    harness.start_session(SUPERVISOR)
    assert shown_target(harness) is None


def test_the_end_of_the_session_cancels_before_it_unregisters() -> None:
    harness = watching()
    harness.clear()
    harness.execute_me_operation(SUPERVISOR, "EndContactCenterSession")
    names = [request.name for request in harness.requests]
    assert names == ["RequestCancelMonitoring", "RequestAgentLogout", "RequestUnregisterAddress"]
    harness.settle()
    assert harness.ladder(SUPERVISOR) == ["Inactive Offline"]


@pytest.mark.parametrize("mode", ["AllCalls", "NextCall"])
@pytest.mark.parametrize("scope", ["Call", "Agent"])
@pytest.mark.parametrize("operation", ["ListenIn", "Coach", "BargeIn"])
def test_a_bridge_that_was_killed_knows_the_arrangement_again(operation: str, mode: str, scope: str) -> None:
    harness = watching(operation, supervisorMonitoringMode=mode, supervisorMonitoringScope=scope)
    known = harness.device(SUPERVISOR)["supervisorMonitoringState"]
    restart_bridge(harness, A, B, S, supervisors=(S,))
    harness.start_session(SUPERVISOR)
    assert harness.device(SUPERVISOR)["supervisorMonitoringState"] == known
    assert harness.device(SUPERVISOR)["capabilities"][-1] == "CancelSupervisorMonitoring"

    harness.execute_device_operation(SUPERVISOR, S, "CancelSupervisorMonitoring")
    assert held_by_switch(harness) is shown_target(harness) is None
    harness.execute_device_operation(SUPERVISOR, S, "ListenIn", targetDeviceUri=B)
    assert shown_target(harness) == held_by_switch(harness) == B


def test_a_bridge_that_was_killed_knows_the_leg_again() -> None:
    harness, call = on_a_call("Coach")
    restart_bridge(harness, A, B, S, supervisors=(S,))
    for user in (SUPERVISOR, AGENT):
        harness.start_session(user)
    (leg,) = harness.service.calls(SUPERVISOR)
    assert (leg.id, leg.monitoring) == (call, True)
    assert leg.supervisor_monitoring_state is not None
    assert leg.supervisor_monitoring_state.state == "Coach"


def test_an_arrangement_that_ended_during_a_gap_is_no_ghost() -> None:
    harness = watching()
    other = harness.switch.client("other", S)
    harness.lose_link()
    other.asks(t.RequestCancelMonitoring(this_dn=S, other_dn=A))
    harness.regain_link()
    assert shown_target(harness) is held_by_switch(harness) is None
    assert "ListenIn" in harness.device(SUPERVISOR)["capabilities"]


def test_an_arrangement_that_was_made_during_a_gap_is_known() -> None:
    harness = harness_in_session(A, B, S, supervisors=(S,))
    other = harness.switch.client("other", S)
    harness.lose_link()
    request = t.RequestMonitorNextCall(
        this_dn=S, other_dn=B, monitor_next_call_type=MonitorNextCallType.AllCalls
    )
    other.asks(request)
    harness.regain_link()
    assert shown_target(harness) == held_by_switch(harness) == B


def test_a_request_that_was_lost_with_the_link_is_shown_as_the_switch_has_it() -> None:
    harness = harness_in_session(A, B, S, supervisors=(S,))
    body = READERS[Resource.DEVICE].read(b'{"operationName":"ListenIn","targetDeviceUri":"15000"}')
    harness.service.execute_device_operation(SUPERVISOR, S, body)
    harness.lose_link()  # the switch has done it, and the answer is lost
    assert harness.ladder(SUPERVISOR)[-1].startswith("Error ListenIn")
    harness.regain_link()
    assert shown_target(harness) == held_by_switch(harness) == A


# --- listening in ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "leg", "agents"),
    [
        ("ListenIn", "mute=On monitoring ListenIn", "mute=Off listened-in ListenIn"),
        ("Coach", "mute=Off monitoring Coach", "mute=Off Coach"),
        ("BargeIn", "mute=Off monitoring BargeIn", "mute=Off BargeIn"),
    ],
)
def test_a_supervisors_leg_comes_and_goes_with_the_call(operation: str, leg: str, agents: str) -> None:
    harness = watching(operation)
    call = harness.dial(OTHER, B, A)
    harness.clear()
    harness.execute_call_operation(AGENT, call, "Answer")
    assert harness.ladder(SUPERVISOR) == [f"StatusChange Ringing {leg}", f"StatusChange Established {leg}"]
    assert harness.ladder(AGENT)[:2] == [
        "StatusChange Established mute=Off",
        f"StatusChange Established {agents}",
    ]

    harness.execute_call_operation(AGENT, call, "Hangup")
    assert harness.ladder(SUPERVISOR)[-1] == f"StatusChange Released {leg}"
    assert harness.service.calls(SUPERVISOR) == []
    assert harness.device(SUPERVISOR)["supervisorMonitoringState"]["state"] == operation


def test_the_next_call_is_the_only_one() -> None:
    harness, call = on_a_call(supervisorMonitoringMode="NextCall")
    harness.execute_call_operation(AGENT, call, "Hangup")
    assert "supervisorMonitoringState" not in harness.device(SUPERVISOR)
    assert "ListenIn" in harness.device(SUPERVISOR)["capabilities"]


def test_a_supervisor_who_leaves_is_seen_no_more() -> None:
    harness, call = on_a_call()
    harness.execute_call_operation(SUPERVISOR, call, "Hangup")
    assert harness.ladder(AGENT) == ["StatusChange Established mute=Off"]


def test_a_supervisor_whose_session_ends_is_seen_no_more() -> None:
    harness, _ = on_a_call()
    harness.execute_me_operation(SUPERVISOR, "EndContactCenterSession")
    harness.settle()
    assert harness.ladder(AGENT) == ["StatusChange Established mute=Off"]


def test_a_supervisor_follows_a_call_that_is_transferred() -> None:
    harness, call = on_a_call()
    harness.execute_call_operation(OTHER, call, "SingleStepTransfer", destination={"phoneNumber": "15003"})
    assert "StatusChange Released" not in " ".join(harness.ladder(SUPERVISOR))
    assert harness.service.calls(AGENT)[0].supervisor_listening_in


def test_a_supervisor_barges_in_and_listens_again() -> None:
    harness, call = on_a_call()
    assert "SwitchToBargeIn" in harness.service.calls(SUPERVISOR)[0].capabilities
    assert "SwitchToListenIn" not in harness.service.calls(SUPERVISOR)[0].capabilities
    harness.execute_call_operation(SUPERVISOR, call, "SwitchToBargeIn")
    assert harness.ladder(SUPERVISOR) == ["StatusChange Established mute=Off monitoring BargeIn"]
    assert harness.ladder(AGENT)[0] == "StatusChange Established mute=Off BargeIn"

    harness.execute_call_operation(SUPERVISOR, call, "SwitchToListenIn")
    assert harness.ladder(SUPERVISOR) == ["StatusChange Established mute=On monitoring ListenIn"]
    assert harness.ladder(AGENT) == ["StatusChange Established mute=Off listened-in ListenIn"]
    assert [request.name for request in harness.requests] == ["RequestSetMuteOff", "RequestSetMuteOn"]


def test_what_the_switch_calls_so_already_is_taken_for_done() -> None:
    harness, call = on_a_call("BargeIn")  # this switch lets every supervisor begin muted
    harness.execute_call_operation(SUPERVISOR, call, "SwitchToListenIn")
    assert harness.ladder(SUPERVISOR) == ["StatusChange Established mute=On monitoring ListenIn"]


def test_a_supervisor_mutes_the_agent() -> None:
    harness, call = on_a_call("BargeIn")
    harness.execute_call_operation(SUPERVISOR, call, "MuteMonitoredUser")
    assert harness.ladder(SUPERVISOR) == [
        "MonitoredUserMutedStateChange Established mute=Off monitoring user-muted BargeIn"
    ]
    assert harness.ladder(AGENT) == [
        "StatusChange Established mute=On BargeIn",
        "MonitoredUserMutedStateChange Established mute=On user-muted BargeIn",
    ]
    assert "UnmuteMonitoredUser" in harness.service.calls(SUPERVISOR)[0].capabilities

    harness.execute_call_operation(SUPERVISOR, call, "UnmuteMonitoredUser")
    assert harness.ladder(SUPERVISOR) == [
        "MonitoredUserMutedStateChange Established mute=Off monitoring BargeIn"
    ]
    assert harness.ladder(AGENT)[-1] == "MonitoredUserMutedStateChange Established mute=Off BargeIn"
    assert "MuteMonitoredUser" in harness.service.calls(SUPERVISOR)[0].capabilities


def test_an_agent_who_speaks_up_again_is_shown_so_to_both() -> None:
    harness, call = on_a_call("BargeIn")
    harness.execute_call_operation(SUPERVISOR, call, "MuteMonitoredUser")
    harness.clear()
    harness.execute_call_operation(AGENT, call, "UnmuteCall")
    assert harness.ladder(SUPERVISOR) == [
        "MonitoredUserMutedStateChange Established mute=Off monitoring BargeIn"
    ]


def test_an_agent_who_mutes_the_own_microphone_is_not_muted_by_the_supervisor() -> None:
    harness, call = on_a_call("BargeIn")
    harness.execute_call_operation(AGENT, call, "MuteCall")
    assert harness.ladder(AGENT) == ["StatusChange Established mute=On BargeIn"]
    assert harness.ladder(SUPERVISOR) == []


def test_another_mode_told_by_the_switch_is_shown_to_both() -> None:
    harness, call = on_a_call()
    conn_id = int(harness.service.calls(SUPERVISOR)[0].conn_id or "", 16)
    other = harness.switch.client("other", S)
    for mode, state in (("coach", "Coach"), ("mute", "ListenIn")):
        other.asks(
            t.RequestPrivateService(
                private_msg_id=PrivateMsgID.MonitorMode,
                this_dn=S,
                conn_id=conn_id,
                extensions=KVList.of(MonitorMode=mode),
            )
        )
        harness.settle()
        assert harness.ladder(SUPERVISOR)[0].endswith(f"monitoring {state}")
        assert harness.ladder(AGENT)[0].endswith(state)
    assert call == harness.service.calls(SUPERVISOR)[0].id


# --- the state of others -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "shown"),
    [("Ready", "Ready"), ("NotReady", "Not Ready"), ("AuxWork", "AuxWork"), ("Offline", "Offline")],
)
def test_a_supervisor_changes_the_state_of_an_agent(operation: str, shown: str) -> None:
    harness = harness_in_session(A, S, supervisors=(S,))
    harness.change_state_of(SUPERVISOR, AGENT, operation)
    assert harness.state(AGENT) == shown
    assert harness.ladder(AGENT) == [f"Active {shown}"]
    assert harness.notifications(SUPERVISOR) == []


def test_the_supervisor_is_told_of_what_fails() -> None:
    harness = harness_in_session(A, S, supervisors=(S,))
    harness.service.add_or_update_agent(Agent(AGENT, CENTER))
    harness.switch.client("other", A).asks(t.RequestAgentLogout(this_dn=A))
    harness.change_state_of(SUPERVISOR, AGENT, "Ready")  # before that is heard of
    (error,) = harness.notifications(SUPERVISOR)
    assert (error["operationName"], error["phoneNumber"]) == ("Ready", A)
    assert harness.ladder(AGENT) == ["Active Offline"]


@pytest.mark.parametrize(
    ("supervisor", "code", "text"),
    [
        (None, StatusCode.INVALID, "the contact center has no feature api-supervisor-agent-control"),
        (Agent(SUPERVISOR, CENTER, is_supervisor=True), StatusCode.INVALID, "has no feature"),
        (
            Agent(SUPERVISOR, CENTER, features=CENTER_FEATURES),
            StatusCode.NOT_PERMITTED,
            "is for supervisors only",
        ),
        (
            Agent(SUPERVISOR, "another", is_supervisor=True, features=CENTER_FEATURES),
            StatusCode.NOT_FOUND,
            f"The contact center has no user {AGENT}",
        ),
    ],
)
def test_nobody_else_changes_the_state_of_an_agent(
    supervisor: Agent | None, code: StatusCode, text: str
) -> None:
    harness = harness_in_session(A, S)
    harness.service.remove_agent(SUPERVISOR)
    if supervisor is not None:
        harness.service.add_or_update_agent(supervisor)
    harness.clear()
    assert text in refused(code, harness.change_state_of, SUPERVISOR, AGENT, "Ready")
    assert harness.requests == []
