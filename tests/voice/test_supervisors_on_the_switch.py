"""Supervisors who listen in, and who change the state of others, against the simulated switch."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from bridge.tlib.private import PrivateMsgID
from bridge.voice.model.agents import Agent
from bridge.voice.model.errors import RefusedError, StatusCode
from tests.voice.service_harness import API, CENTER, Office, in_session, phone

A, B, S = "15000", "15001", "15002"
AGENT, OTHER, SUPERVISOR = f"u{A}", f"u{B}", f"u{S}"


def watching(operation: str = "ListenIn", **parameters: Any) -> Office:
    """Let a supervisor arrange to listen in to A."""
    at = in_session(A, B, S, supervisors=(S,))
    at.does_on_device(SUPERVISOR, S, operation, targetDeviceUri=f"{API}/devices/{A}", **parameters)
    return at


def on_a_call(operation: str = "ListenIn", **parameters: Any) -> tuple[Office, str]:
    """Let B call A, whom the supervisor listens in to."""
    at = watching(operation, **parameters)
    call = at.dials(OTHER, B, A)
    at.does(AGENT, call, "Answer")
    at.forget()
    return at, call


def refused(code: StatusCode, action: Any, *arguments: Any, **parameters: Any) -> str:
    """Do what must be refused with this code; gives the text."""
    with pytest.raises(RefusedError) as caught:
        action(*arguments, **parameters)
    assert caught.value.code is code
    return str(caught.value)


# --- arranging it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [f"{API}/devices/{A}", f"/devices/{A}", A])
@pytest.mark.parametrize(
    ("operation", "mode"), [("ListenIn", "mute"), ("Coach", "coach"), ("BargeIn", "connect")]
)
def test_an_arrangement_is_asked_for_and_shown(operation: str, mode: str, target: str) -> None:
    at = in_session(A, B, S, supervisors=(S,))
    assert at.device(SUPERVISOR)["capabilities"][-3:] == ["ListenIn", "Coach", "BargeIn"]
    at.does_on_device(
        SUPERVISOR,
        S,
        operation,
        targetDeviceUri=target,
        supervisorMonitoringScope="Agent",
        supervisorMonitoringMode="NextCall",
    )
    (request,) = at.requests
    assert isinstance(request, t.RequestMonitorNextCall)
    assert (request.this_dn, request.other_dn, request.monitor_next_call_type.name) == (S, A, "OneCall")
    assert request.extensions == KVList.of(MonitorMode=mode, MonitorScope="agent")

    (message,) = at.takes(SUPERVISOR)
    (device,) = message["devices"]
    assert device["supervisorMonitoringState"] == {
        "state": operation,
        "mode": "NextCall",
        "scope": "Agent",
        "targetDeviceUri": f"{API}/devices/{A}",
    }
    assert device["capabilities"][-1] == "CancelSupervisorMonitoring"
    assert at.takes(AGENT) == []


def test_an_arrangement_is_cancelled() -> None:
    at = watching()
    at.does_on_device(SUPERVISOR, S, "CancelSupervisorMonitoring")
    assert at.requests[-1].name == "RequestCancelMonitoring"
    assert "supervisorMonitoringState" not in at.device(SUPERVISOR)
    refused(StatusCode.INVALID, at.does_on_device, SUPERVISOR, S, "CancelSupervisorMonitoring")


def test_another_number_than_the_devices_may_be_monitored() -> None:
    at = in_session(A, B, S, supervisors=(S,))
    at.does_on_device(SUPERVISOR, S, "ListenIn", targetDeviceUri=A, phoneNumber="15500")
    (error,) = at.takes(SUPERVISOR)  # this switch monitors phones only
    assert (error["operationName"], error["errorCode"]) == ("ListenIn", 459)
    assert "ListenIn" in at.device(SUPERVISOR)["capabilities"]


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
    at = in_session(A, B, S, "15003", supervisors=(B, S))
    foreign = phone("15004")
    foreign.contact_center = "another"
    at.desk.put_device(foreign)
    at.does_on_device(OTHER, B, "ListenIn", targetDeviceUri="15003")
    at.forget()
    assert refused(code, at.does_on_device, SUPERVISOR, S, "Coach", targetDeviceUri=target) == text
    assert at.requests == []


def test_only_supervisors_can_listen_in() -> None:
    at = in_session(A, B)
    refused(StatusCode.INVALID, at.does_on_device, AGENT, A, "ListenIn", targetDeviceUri=B)


def test_the_arrangement_ends_with_the_session_of_the_agent_or_the_supervisor() -> None:
    at = watching()
    at.does_on_me(AGENT, "EndContactCenterSession")
    at.settle()
    assert "supervisorMonitoringState" not in at.device(SUPERVISOR)

    at = watching()
    at.does_on_me(SUPERVISOR, "EndContactCenterSession")
    at.settle()
    at.starts(SUPERVISOR)
    at.does_on_device(SUPERVISOR, S, "ListenIn", targetDeviceUri=A)
    assert at.device(SUPERVISOR)["supervisorMonitoringState"]["state"] == "ListenIn"


def test_an_arrangement_that_the_switch_has_forgotten_is_forgotten_here() -> None:
    at = watching(supervisorMonitoringMode="NextCall")
    other = at.switch.client("other", S)
    other.asks(t.RequestCancelMonitoring(this_dn=S, other_dn=A))
    at.does_on_device(SUPERVISOR, S, "CancelSupervisorMonitoring")  # before that is heard of
    assert "supervisorMonitoringState" not in at.device(SUPERVISOR)
    assert at.ladder(SUPERVISOR)[-1].startswith("Error CancelSupervisorMonitoring")


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
    at = watching(operation)
    call = at.dials(OTHER, B, A)
    at.forget()
    at.does(AGENT, call, "Answer")
    assert at.ladder(SUPERVISOR) == [f"StatusChange Ringing {leg}", f"StatusChange Established {leg}"]
    assert at.ladder(AGENT)[:2] == ["StatusChange Established mute=Off", f"StatusChange Established {agents}"]

    at.does(AGENT, call, "Hangup")
    assert at.ladder(SUPERVISOR)[-1] == f"StatusChange Released {leg}"
    assert at.desk.calls(SUPERVISOR) == []
    assert at.device(SUPERVISOR)["supervisorMonitoringState"]["state"] == operation


def test_the_next_call_is_the_only_one() -> None:
    at, call = on_a_call(supervisorMonitoringMode="NextCall")
    at.does(AGENT, call, "Hangup")
    assert "supervisorMonitoringState" not in at.device(SUPERVISOR)
    assert "ListenIn" in at.device(SUPERVISOR)["capabilities"]


def test_a_supervisor_who_leaves_is_seen_no_more() -> None:
    at, call = on_a_call()
    at.does(SUPERVISOR, call, "Hangup")
    assert at.ladder(AGENT) == ["StatusChange Established mute=Off"]


def test_a_supervisor_whose_session_ends_is_seen_no_more() -> None:
    at, _ = on_a_call()
    at.does_on_me(SUPERVISOR, "EndContactCenterSession")
    at.settle()
    assert at.ladder(AGENT) == ["StatusChange Established mute=Off"]


def test_a_supervisor_follows_a_call_that_is_transferred() -> None:
    at, call = on_a_call()
    at.does(OTHER, call, "SingleStepTransfer", destination={"phoneNumber": "15003"})
    assert "StatusChange Released" not in " ".join(at.ladder(SUPERVISOR))
    assert at.desk.calls(AGENT)[0].supervisor_listening_in


def test_a_supervisor_barges_in_and_listens_again() -> None:
    at, call = on_a_call()
    assert "SwitchToBargeIn" in at.desk.calls(SUPERVISOR)[0].capabilities
    assert "SwitchToListenIn" not in at.desk.calls(SUPERVISOR)[0].capabilities
    at.does(SUPERVISOR, call, "SwitchToBargeIn")
    assert at.ladder(SUPERVISOR) == ["StatusChange Established mute=Off monitoring BargeIn"]
    assert at.ladder(AGENT)[0] == "StatusChange Established mute=Off BargeIn"

    at.does(SUPERVISOR, call, "SwitchToListenIn")
    assert at.ladder(SUPERVISOR) == ["StatusChange Established mute=On monitoring ListenIn"]
    assert at.ladder(AGENT) == ["StatusChange Established mute=Off listened-in ListenIn"]
    assert [request.name for request in at.requests] == ["RequestSetMuteOff", "RequestSetMuteOn"]


def test_what_the_switch_calls_so_already_is_taken_for_done() -> None:
    at, call = on_a_call("BargeIn")  # this switch lets every supervisor begin muted
    at.does(SUPERVISOR, call, "SwitchToListenIn")
    assert at.ladder(SUPERVISOR) == ["StatusChange Established mute=On monitoring ListenIn"]


def test_a_supervisor_mutes_the_agent() -> None:
    at, call = on_a_call("BargeIn")
    at.does(SUPERVISOR, call, "MuteMonitoredUser")
    assert at.ladder(SUPERVISOR) == [
        "MonitoredUserMutedStateChange Established mute=Off monitoring user-muted BargeIn"
    ]
    assert at.ladder(AGENT) == [
        "StatusChange Established mute=On BargeIn",
        "MonitoredUserMutedStateChange Established mute=On user-muted BargeIn",
    ]
    assert "UnmuteMonitoredUser" in at.desk.calls(SUPERVISOR)[0].capabilities

    at.does(SUPERVISOR, call, "UnmuteMonitoredUser")
    assert at.ladder(SUPERVISOR) == ["MonitoredUserMutedStateChange Established mute=Off monitoring BargeIn"]
    assert at.ladder(AGENT)[-1] == "MonitoredUserMutedStateChange Established mute=Off BargeIn"
    assert "MuteMonitoredUser" in at.desk.calls(SUPERVISOR)[0].capabilities


def test_an_agent_who_speaks_up_again_is_shown_so_to_both() -> None:
    at, call = on_a_call("BargeIn")
    at.does(SUPERVISOR, call, "MuteMonitoredUser")
    at.forget()
    at.does(AGENT, call, "UnmuteCall")
    assert at.ladder(SUPERVISOR) == ["MonitoredUserMutedStateChange Established mute=Off monitoring BargeIn"]


def test_an_agent_who_mutes_the_own_microphone_is_not_muted_by_the_supervisor() -> None:
    at, call = on_a_call("BargeIn")
    at.does(AGENT, call, "MuteCall")
    assert at.ladder(AGENT) == ["StatusChange Established mute=On BargeIn"]
    assert at.ladder(SUPERVISOR) == []


def test_another_mode_told_by_the_switch_is_shown_to_both() -> None:
    at, call = on_a_call()
    conn_id = int(at.desk.calls(SUPERVISOR)[0].conn_id or "", 16)
    other = at.switch.client("other", S)
    for mode, state in (("coach", "Coach"), ("mute", "ListenIn")):
        other.asks(
            t.RequestPrivateService(
                private_msg_id=PrivateMsgID.MonitorMode,
                this_dn=S,
                conn_id=conn_id,
                extensions=KVList.of(MonitorMode=mode),
            )
        )
        at.settle()
        assert at.ladder(SUPERVISOR)[0].endswith(f"monitoring {state}")
        assert at.ladder(AGENT)[0].endswith(state)
    assert call == at.desk.calls(SUPERVISOR)[0].id


# --- the state of others -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "shown"),
    [("Ready", "Ready"), ("NotReady", "Not Ready"), ("AuxWork", "AuxWork"), ("Offline", "Offline")],
)
def test_a_supervisor_changes_the_state_of_an_agent(operation: str, shown: str) -> None:
    at = in_session(A, S, supervisors=(S,))
    at.puts(SUPERVISOR, AGENT, operation)
    assert at.state(AGENT) == shown
    assert at.ladder(AGENT) == [f"Active {shown}"]
    assert at.takes(SUPERVISOR) == []


def test_the_supervisor_is_told_of_what_fails() -> None:
    at = in_session(A, S, supervisors=(S,))
    at.desk.put_agent(Agent(AGENT, CENTER))
    at.switch.client("other", A).asks(t.RequestAgentLogout(this_dn=A))
    at.puts(SUPERVISOR, AGENT, "Ready")  # before that is heard of
    (error,) = at.takes(SUPERVISOR)
    assert (error["operationName"], error["phoneNumber"]) == ("Ready", A)
    assert at.ladder(AGENT) == ["Active Offline"]


@pytest.mark.parametrize(
    ("supervisor", "code", "text"),
    [
        (None, StatusCode.INVALID, "the contact center has no feature api-supervisor-agent-control"),
        (Agent(SUPERVISOR, CENTER, is_supervisor=True), StatusCode.INVALID, "has no feature"),
        (Agent(SUPERVISOR, CENTER, controls=True), StatusCode.NOT_PERMITTED, "is for supervisors only"),
        (
            Agent(SUPERVISOR, "another", is_supervisor=True, controls=True),
            StatusCode.NOT_FOUND,
            f"The contact center has no user {AGENT}",
        ),
    ],
)
def test_nobody_else_changes_the_state_of_an_agent(
    supervisor: Agent | None, code: StatusCode, text: str
) -> None:
    at = in_session(A, S)
    at.desk.drop_agent(SUPERVISOR)
    if supervisor is not None:
        at.desk.put_agent(supervisor)
    at.forget()
    assert text in refused(code, at.puts, SUPERVISOR, AGENT, "Ready")
    assert at.requests == []
