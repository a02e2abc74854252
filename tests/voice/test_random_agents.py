"""Agents and supervisors do at random whatever comes to their mind, possible or not.

After every step what the desk shows is compared with the switch: who is logged in where, in which state,
with which features, who listens in to whom; and with what the users were told.
"""

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.tlib.enums import AgentStatus
from bridge.voice.gws.resources import DeviceResource
from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.agents import Agent, AgentPlace
from bridge.voice.model.device import DeviceConfig
from bridge.voice.model.errors import ApiError
from bridge.voice.model.monitoring import MODES, MONITOR_MODES, MonitoringState
from bridge.voice.model.snapshot import DeviceSnapshot
from tests.random_play import examples
from tests.voice.service_harness import CENTER, CENTER_FEATURES, ServiceHarness, phone

A, B, SUPERVISOR, SPARE = DNS = ("15000", "15001", "15002", "15003")
USERS = (f"u{A}", f"u{B}", f"u{SUPERVISOR}")
STEPS = 30

STATUS = {
    AgentStatus.Ready: {AgentState.READY},
    AgentStatus.AfterCallWork: {AgentState.AFTER_CALL_WORK},
    AgentStatus.NotReady: {AgentState.NOT_READY, AgentState.AUX_WORK},
}

STATES = st.sampled_from(("Ready", "NotReady", "AuxWork", "AfterCallWork", "Offline"))
SESSIONS: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.sampled_from(
    (
        ("StartContactCenterSession", {"channels": ["voice"]}),
        ("StartContactCenterSession", {"channels": ["voice"], "place": "spare"}),
        ("EndContactCenterSession", {}),
    )
)
FEATURES: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.sampled_from(
    (
        ("DoNotDisturbOn", {}),
        ("DoNotDisturbOff", {}),
        ("ForwardCallsOn", {"destination": "15004"}),
        ("ForwardCallsOff", {}),
    )
)
MONITORS: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(
        st.sampled_from(("ListenIn", "Coach", "BargeIn")),
        st.fixed_dictionaries(
            {
                "targetDeviceUri": st.sampled_from((A, B)),
                "supervisorMonitoringMode": st.sampled_from(("AllCalls", "NextCall")),
            }
        ),
    ),
    st.just(("CancelSupervisorMonitoring", {})),
)
ON_CALLS = st.sampled_from(
    (
        "Answer",
        "Hangup",
        "MuteCall",
        "UnmuteCall",
        "SwitchToListenIn",
        "SwitchToBargeIn",
        "MuteMonitoredUser",
        "UnmuteMonitoredUser",
    )
)


def opened() -> ServiceHarness:
    """Let the users come, one of whom is a supervisor, and have a place that is nobody's."""
    harness = ServiceHarness(*devices())
    add_users(harness)
    for user in USERS:
        harness.start_session(user)
    return harness


def devices() -> list[DeviceConfig]:
    return [*map(phone, DNS[:3]), phone(SPARE, None)]


def add_users(harness: ServiceHarness) -> None:
    for user in USERS:
        harness.service.add_or_update_agent(
            Agent(user, CENTER, is_supervisor=user == f"u{SUPERVISOR}", features=CENTER_FEATURES)
        )
    harness.service.add_or_update_place(AgentPlace("spare", CENTER, (SPARE,)))


def lose_link_or_bridge(harness: ServiceHarness, data: st.DataObject) -> None:
    """Lose the link, or kill the bridge, and come back; the switch goes on."""
    if data.draw(st.booleans()):
        harness.lose_link()
        harness.regain_link()
        return
    harness.restart_bridge(*devices())
    add_users(harness)
    for user in data.draw(st.sets(st.sampled_from(USERS))):
        harness.start_session(user)


def act(harness: ServiceHarness, data: st.DataObject) -> None:
    user = data.draw(st.sampled_from(USERS))
    match data.draw(st.integers(0, 7)):
        case 0:
            operation, parameters = data.draw(SESSIONS)
            harness.execute_me_operation(user, operation, **parameters)
        case 1:
            harness.execute_me_operation(user, data.draw(STATES))
        case 2:
            harness.change_state_of(f"u{SUPERVISOR}", user, data.draw(STATES))
        case 3:
            operation, parameters = data.draw(FEATURES)
            harness.execute_device_operation(user, data.draw(st.sampled_from(DNS)), operation, **parameters)
        case 4:
            operation, parameters = data.draw(MONITORS)
            harness.execute_device_operation(f"u{SUPERVISOR}", SUPERVISOR, operation, **parameters)
        case 5:
            (device, *_) = harness.service.devices(user)
            harness.dial(user, device.id, data.draw(st.sampled_from(DNS)))
        case 6:
            lose_link_or_bridge(harness, data)
        case _:
            calls = [call.id for call in harness.service.calls(user)]
            harness.execute_call_operation(
                user, data.draw(st.sampled_from(calls or ["none"])), data.draw(ON_CALLS)
            )


@given(data=st.data())
@settings(max_examples=examples(100))
def test_whatever_agents_do_the_desk_shows_what_is_true(data: st.DataObject) -> None:
    harness = opened()
    shown: dict[str, dict[str, Any]] = {}
    for _ in range(STEPS):
        with contextlib.suppress(ApiError, IndexError):
            act(harness, data)
        if data.draw(st.booleans()):
            harness.settle()
            compare(harness, shown)
    harness.settle()
    compare(harness, shown)


def compare(harness: ServiceHarness, shown: dict[str, dict[str, Any]]) -> None:
    for user in USERS:
        for message in harness.notifications(user):
            shown |= {f"{user} {device['id']}": device for device in message.get("devices", ())}
    for snapshot in harness.service.snapshot():
        if snapshot.in_session:
            compare_with_the_switch(harness, snapshot)
        else:
            assert not snapshot.calls
    for user in USERS:
        for device in harness.service.devices(user):
            if device.device_state == "Active":
                compare_with_what_was_told(device, shown[f"{user} {device.id}"])
    compare_monitoring(harness)


def compare_with_the_switch(harness: ServiceHarness, snapshot: DeviceSnapshot) -> None:
    there = harness.switch.tserver.switch.state.devices[snapshot.number]
    assert snapshot.registered
    if there.agent is None:
        assert snapshot.agent_state is AgentState.LOGGED_OUT
    else:
        assert snapshot.agent_state in STATUS[there.agent.status]
        assert snapshot.agent_id == there.agent.agent_id
    assert snapshot.do_not_disturb is there.dnd
    assert snapshot.forward_to == (there.forward.target if there.forward else None)


def compare_with_what_was_told(device: DeviceResource, notified: dict[str, Any]) -> None:
    assert notified["userState"]["state"] == device.user_state.state
    assert notified["capabilities"] == list(device.capabilities)


def compare_monitoring(harness: ServiceHarness) -> None:
    arranged = harness.switch.tserver.switch.state.devices[SUPERVISOR].monitoring
    for device in harness.service.devices(f"u{SUPERVISOR}"):
        if device.id == SUPERVISOR and device.device_state == "Active":
            shown = device.supervisor_monitoring_state
            assert (shown is None) is (arranged is None)
            if shown is not None and arranged is not None:
                assert (shown.target_device_uri or "").endswith(f"/{arranged.dn}")
                assert shown.mode == MODES[arranged.type]
                assert MONITOR_MODES[MonitoringState(shown.state)] == arranged.mode.value
    calls = [call for user in USERS for call in harness.service.calls(user)]
    legs = {call.conn_id for call in calls if call.monitoring}
    watched = {call.conn_id for call in calls if call.supervisor_monitoring_state and not call.monitoring}
    assert watched <= legs
