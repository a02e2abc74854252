"""Sessions, agent states and features of a DN, against the simulated switch."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.voice.model.agent_session import MAX_WAITING
from bridge.voice.model.agents import Agent, AgentPlace, CustomState, SwitchLogin
from bridge.voice.model.errors import ApiError, PartialSuccess, StatusCode
from bridge.voice.operations.agent import Ready
from tests.voice.service_harness import (
    CENTER,
    SWITCH,
    ServiceHarness,
    harness_in_session,
    phone,
    service_harness,
)

LUNCH = CustomState("id-lunch", "Lunch", "At lunch", "NotReady", "AuxWork", "lunch")
STANDBY = CustomState("id-standby", "Standby", "On standby", "Ready", None, "standby")


def names(harness: ServiceHarness) -> list[str]:
    """Take the names of what was sent."""
    sent, harness.requests = harness.requests, []
    return [request.name.removeprefix("Request") for request in sent]


def refused(code: StatusCode, action: Any, *arguments: Any, **parameters: Any) -> str:
    """Do what must be refused with this code; gives the text."""
    with pytest.raises(ApiError) as caught:
        action(*arguments, **parameters)
    assert caught.value.code is code
    return str(caught.value)


# --- a session ---------------------------------------------------------------------------------------


def test_a_session_from_start_to_end() -> None:
    harness = service_harness("15000")
    assert harness.start_session("u15000") is None
    assert names(harness) == ["RegisterAddress", "AgentLogin"]
    assert harness.ladder("u15000") == ["Active LoggedIn", "Active LoggedIn", "Active Not Ready"]

    assert harness.execute_me_operation("u15000", "EndContactCenterSession") is None
    harness.settle()
    assert names(harness) == ["AgentLogout", "UnregisterAddress"]
    assert harness.ladder("u15000") == ["Inactive Offline"]
    assert harness.channels == {"u15000": ["LoggedIn", "NotReady", "LoggedOut"]}


def test_a_switch_that_makes_agents_ready_is_believed() -> None:
    harness = service_harness("15000", profile="acd-switch")
    harness.start_session("u15000")
    assert harness.ladder("u15000")[-1] == "Active Ready"


def test_the_login_is_the_agents_or_the_named_one_or_the_number() -> None:
    harness = ServiceHarness(phone("15000"))
    logins = {SWITCH: (SwitchLogin("7000", "15600", "pin"), SwitchLogin("7001"))}
    harness.service.add_or_update_agent(Agent("u15000", CENTER, logins))
    harness.start_session("u15000")
    login = harness.requests[-1]
    assert isinstance(login, t.RequestAgentLogin)
    assert (login.agent_id, login.this_queue, login.password) == ("7000", "15600", "pin")
    assert "pin" not in repr(logins)

    other = ServiceHarness(phone("15000"))
    other.service.add_or_update_agent(Agent("u15000", CENTER, logins))
    other.start_session("u15000", loginCode="7009", queue="15600")
    login = other.requests[-1]
    assert isinstance(login, t.RequestAgentLogin)
    assert (login.agent_id, login.this_queue, login.password) == ("7009", "15600", None)


def test_starting_once_more_logs_nobody_in_twice() -> None:
    harness = harness_in_session("15000")
    harness.change_state("u15000", "Ready")
    harness.clear()
    harness.start_session("u15000")
    assert names(harness) == ["RegisterAddress"]
    assert harness.ladder("u15000") == ["Active Ready"]


def test_two_browsers_that_start_at_once_log_in_once() -> None:
    harness = service_harness("15000")
    for _ in range(2):
        harness.execute_me_operation("u15000", "StartContactCenterSession", channels=["voice"])
    harness.settle()
    assert names(harness) == ["RegisterAddress", "RegisterAddress", "AgentLogin"]
    assert harness.state("u15000") == "Not Ready"


def test_a_session_after_a_session() -> None:
    harness = harness_in_session("15000")
    harness.execute_me_operation("u15000", "EndContactCenterSession")
    harness.execute_me_operation("u15000", "StartContactCenterSession", channels=["voice"])
    harness.settle()
    assert harness.state("u15000") == "Not Ready"
    assert "Offline" not in " ".join(harness.ladder("u15000"))


def test_a_login_that_the_switch_refuses_leaves_the_session_without_an_agent() -> None:
    harness = service_harness("15000", agents=[{"id": "7000"}])
    harness.start_session("u15000")
    *_, error, device = harness.notifications("u15000")
    assert (error["operationName"], error["errorCode"]) == ("StartContactCenterSession", 1703)
    assert device["devices"][0]["userState"]["state"] == "LoggedOut"
    assert device["devices"][0]["deviceState"] == "Active"
    assert harness.dial("u15000", "15000", "15001")  # calls need no agent


def test_calls_are_out_of_sight_after_the_session() -> None:
    harness = harness_in_session("15000", "15001")
    call = harness.dial("u15000", "15000", "15001")
    harness.execute_call_operation("u15001", call, "Answer")
    harness.clear()
    harness.execute_me_operation("u15000", "EndContactCenterSession")
    harness.settle()
    assert harness.ladder("u15000") == ["StatusChange Released mute=Off", "Inactive Offline"]
    assert harness.service.calls("u15000") == []
    assert len(harness.service.calls("u15001")) == 1  # the call itself goes on

    harness.start_session("u15000")  # and is there again
    assert harness.service.calls("u15000")[0].state == "Established"


def test_some_channels_may_fail() -> None:
    harness = service_harness("15000")
    body = {"channels": ["voice", "multimedia", "smoke"]}
    outcome = harness.execute_me_operation("u15000", "StartContactCenterSession", **body)
    assert outcome == PartialSuccess(
        ({"statusCode": 0, "channel": "voice"},),
        (
            {
                "statusCode": 4,
                "statusMessage": "channels: 'multimedia' is not served here, only 'voice'",
                "channel": "multimedia",
            },
            {
                "statusCode": 2,
                "statusMessage": "channels: 'smoke' is no channel; 'voice' is served here",
                "channel": "smoke",
            },
        ),
    )


def test_when_all_channels_fail_the_one_of_voice_is_told() -> None:
    harness = service_harness()
    text = refused(
        StatusCode.INVALID,
        harness.execute_me_operation,
        "nobody",
        "StartContactCenterSession",
        channels=["chat", "voice"],
    )
    assert text == "The user has no device to work with"
    refused(
        StatusCode.INTERNAL_ERROR,
        harness.execute_me_operation,
        "nobody",
        "StartContactCenterSession",
        channels=["chat"],
    )


# --- places -------------------------------------------------------------------------------------------


def at_places() -> ServiceHarness:
    """Two agents with a phone each, and places with phones that are nobody's."""
    harness = ServiceHarness(
        phone("15000"),
        phone("15001"),
        phone("15002", None),
        phone("15003", None, type="ACDPosition"),
        phone("15004", None),
    )
    for user in ("u15000", "u15001"):
        harness.service.add_or_update_agent(Agent(user, CENTER))
    for name, devices in {
        "one": ("15002",),
        "position": ("15002", "15003"),
        "several": ("15002", "15004"),
        "hers": ("15001",),
        "empty": (),
    }.items():
        harness.service.add_or_update_place(AgentPlace(name, CENTER, devices))
    return harness


@pytest.mark.parametrize(
    ("parameters", "dn"),
    [
        ({"place": "one"}, "15002"),
        ({"place": "position"}, "15003"),
        ({"place": "position", "devicePath": "/devices/15002"}, "15002"),
        ({"place": "several", "devicePath": "http://gws.example/api/v2/devices/15004"}, "15004"),
        ({"devicePath": "15000"}, "15000"),
    ],
)
def test_a_session_at_a_place_is_at_one_device_which_is_given_back(
    parameters: dict[str, Any], dn: str
) -> None:
    harness = at_places()
    harness.start_session("u15000", **parameters)
    assert harness.device("u15000")["phoneNumber"] == dn
    assert harness.state("u15000") == "Not Ready"
    harness.clear()

    harness.execute_me_operation("u15000", "EndContactCenterSession")
    harness.settle()
    assert harness.device("u15000")["phoneNumber"] == "15000"
    assert harness.ladder("u15000") == ["Inactive Offline"]
    harness.start_session("u15001", **(parameters if dn != "15000" else {}))
    assert harness.state("u15001") == "Not Ready"


@pytest.mark.parametrize(
    ("parameters", "code", "text"),
    [
        ({"place": "nowhere"}, StatusCode.NOT_FOUND, "place: there is no place 'nowhere'"),
        ({"place": "empty"}, StatusCode.INVALID, "place: 'empty' has 0 devices to choose from"),
        ({"place": "several"}, StatusCode.INVALID, "place: 'several' has 2 devices to choose from"),
        ({"place": "hers"}, StatusCode.INVALID, "place: the device 15001 of 'hers' is assigned to another"),
        ({"place": "one", "devicePath": "15004"}, StatusCode.NOT_FOUND, "devicePath: the place 'one' has no"),
        ({"devicePath": "15001"}, StatusCode.NOT_FOUND, "devicePath: the user has no device 15001"),
    ],
)
def test_a_place_or_device_that_cannot_be_had_is_refused(
    parameters: dict[str, Any], code: StatusCode, text: str
) -> None:
    harness = at_places()
    start = {"channels": ["voice"], **parameters}
    assert refused(
        code, harness.execute_me_operation, "u15000", "StartContactCenterSession", **start
    ).startswith(text)
    assert names(harness) == []
    assert harness.device("u15000")["phoneNumber"] == "15000"


def test_a_place_that_is_taken_is_refused_and_moving_leaves_the_first() -> None:
    harness = at_places()
    harness.start_session("u15000", place="one")
    refused(
        StatusCode.INVALID,
        harness.execute_me_operation,
        "u15001",
        "StartContactCenterSession",
        channels=["voice"],
        place="one",
    )
    harness.clear()
    harness.start_session("u15000", place="position")
    assert harness.device("u15000")["phoneNumber"] == "15003"
    assert harness.state("u15000") == "Not Ready"
    harness.start_session("u15001", place="one")
    assert harness.state("u15001") == "Not Ready"


def test_a_second_browser_joins_the_session_where_it_is() -> None:
    harness = at_places()
    harness.start_session("u15000", place="one")
    harness.start_session("u15000")
    assert harness.device("u15000")["phoneNumber"] == "15002"


def test_the_default_place_counts_without_a_word() -> None:
    harness = at_places()
    harness.service.add_or_update_agent(Agent("u15000", CENTER, place="position"))
    harness.start_session("u15000")
    assert harness.device("u15000")["phoneNumber"] == "15003"


def test_of_several_devices_each_login_is_used_once_at_a_switch() -> None:
    harness = ServiceHarness(phone("15000"), phone("15001", "u15000"), phone("15002", "u15000"))
    harness.start_session("u15000", loginCode="7000")
    assert names(harness) == ["RegisterAddress"] * 3 + ["AgentLogin"]
    assert harness.state("u15000") == "Not Ready"


# --- agent states -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "parameters", "shown"),
    [
        ("Ready", {}, "Ready"),
        ("NotReady", {}, "Not Ready"),
        ("AuxWork", {}, "AuxWork"),
        ("AfterCallWork", {}, "AfterCallWork"),
        ("AfterCallWork", {"wrapUpTime": "30"}, "AfterCallWork"),
        ("Offline", {}, "Offline"),
        ("Lunch", {}, "At lunch"),
        ("Standby", {}, "On standby"),
    ],
)
def test_each_state_is_reached_on_the_channel_and_on_me(
    operation: str, parameters: dict[str, Any], shown: str
) -> None:
    harness = harness_in_session("15000")
    harness.service.add_or_update_custom_states(CENTER, [LUNCH, STANDBY])
    harness.change_state("u15000", operation, **parameters)
    assert harness.ladder("u15000") == [f"Active {shown}"]
    assert harness.state("u15000") == shown

    other = harness_in_session("15000")
    other.service.add_or_update_custom_states(CENTER, [LUNCH, STANDBY])
    other.execute_me_operation("u15000", operation, **parameters)
    other.settle()
    assert other.state("u15000") == shown


def test_a_state_of_the_contact_centers_own_is_shown_with_its_id_and_reason() -> None:
    harness = harness_in_session("15000")
    harness.service.add_or_update_custom_states(CENTER, [LUNCH])
    harness.change_state("u15000", "Lunch")
    (request,) = harness.requests
    assert isinstance(request, t.RequestAgentNotReady)
    assert request.reasons == request.extensions == KVList.of(ReasonCode="lunch")
    assert harness.device("u15000")["userState"] == {
        "id": "id-lunch",
        "displayName": "At lunch",
        "state": "NotReady",
        "workMode": "AuxWork",
        "reason": "lunch",
    }


def test_an_unknown_state_is_refused_with_those_there_are() -> None:
    harness = harness_in_session("15000")
    harness.service.add_or_update_custom_states(CENTER, [LUNCH])
    text = refused(StatusCode.INVALID, harness.change_state, "u15000", "Dinner")
    known = "AfterCallWork, AuxWork, NotReady, Offline, Ready, Lunch"
    assert text == f"operationName: 'Dinner' is no operation of a channel; these are: {known}"
    assert names(harness) == []


def test_the_wrap_up_time_goes_out_as_seconds() -> None:
    harness = harness_in_session("15000")
    harness.change_state("u15000", "AfterCallWork", wrapUpTime="30")
    assert harness.requests[-1].extensions == KVList.of(WrapUpTime=30)
    harness.switch.clock.advance(30)
    harness.settle()
    assert harness.state("u15000") == "Not Ready"


def test_ready_once_more_is_told_once_more() -> None:
    harness = harness_in_session("15000")
    harness.change_state("u15000", "Ready")
    harness.change_state("u15000", "Ready")
    assert harness.ladder("u15000") == ["Active Ready", "Active Ready"]
    assert harness.channels["u15000"] == ["Ready"]


def test_ready_that_overtakes_the_login_waits_for_it() -> None:
    harness = service_harness("15000")
    harness.execute_me_operation("u15000", "StartContactCenterSession", channels=["voice"])
    harness.service.execute_channel_operation("u15000", "voice", Ready())
    assert names(harness) == ["RegisterAddress"]
    harness.settle()
    assert names(harness) == ["AgentLogin", "AgentReady"]
    assert harness.ladder("u15000")[-1] == "Active Ready"


def test_ready_after_a_gap_waits_for_the_registration_and_logs_in_whom_the_switch_has_logged_out() -> None:
    harness = harness_in_session("15000")
    harness.lose_link()
    harness.switch.client("other", "15000").asks(t.RequestAgentLogout(this_dn="15000"))
    harness.connect()
    harness.service.execute_channel_operation("u15000", "voice", Ready())
    assert names(harness) == ["RegisterAddress"]
    harness.settle()
    assert names(harness) == ["AgentLogin", "AgentReady"]
    assert harness.state("u15000") == "Ready"
    assert "Error" not in " ".join(harness.ladder("u15000"))


def test_the_login_is_not_repeated_after_a_gap() -> None:
    harness = harness_in_session("15000")
    harness.lose_link()
    harness.switch.client("other", "15000").asks(t.RequestAgentLogout(this_dn="15000"))
    harness.regain_link()
    assert names(harness) == ["RegisterAddress"]
    assert harness.state("u15000") == "Offline"


def test_a_session_whose_registration_is_lost_with_the_link_logs_in_when_it_is_back() -> None:
    harness = service_harness("15000")
    harness.execute_me_operation("u15000", "StartContactCenterSession", channels=["voice"])
    harness.lose_link()  # with the registration
    assert harness.ladder("u15000")[-1] == "Error StartContactCenterSession 109"
    text = refused(StatusCode.INTERNAL_ERROR, harness.change_state, "u15000", "Ready")
    assert text == "The link to Switch_A is down"
    harness.regain_link()
    assert names(harness)[-2:] == ["RegisterAddress", "AgentLogin"]
    assert harness.state("u15000") == "Not Ready"


def test_a_login_that_cannot_be_sent_leaves_the_session_without_an_agent() -> None:
    harness = service_harness("15000")
    harness.execute_me_operation("u15000", "StartContactCenterSession", channels=["voice"])
    harness.service.execute_channel_operation("u15000", "voice", Ready())
    harness.is_up = False  # the link takes nothing more, for a moment
    harness.settle()
    errors = [line for line in harness.ladder("u15000") if line.startswith("Error")]
    assert errors == ["Error StartContactCenterSession 109", "Error Ready 109"]
    assert harness.state("u15000") == "Offline"
    harness.is_up = True
    harness.change_state("u15000", "Ready")
    assert harness.state("u15000") == "Ready"


@pytest.mark.parametrize("code", [ErrorCode.Timeout, ErrorCode.LinkDown])
def test_a_login_whose_outcome_is_lost_is_tried_again_with_the_next_state(code: ErrorCode) -> None:
    harness = service_harness("15000")
    harness.execute_me_operation("u15000", "StartContactCenterSession", channels=["voice"])
    harness.settle_one()
    harness.lose_answers(code)
    assert harness.ladder("u15000")[-2:] == [
        f"Error StartContactCenterSession {code.value}",
        "Active Offline",
    ]
    harness.change_state("u15000", "Ready")  # the switch has logged the agent in nevertheless
    assert harness.state("u15000") == "Ready"
    assert "Error" not in " ".join(harness.ladder("u15000"))


@pytest.mark.parametrize("before_its_answer", [True, False])
def test_a_session_that_ends_without_a_link_is_over_at_once(*, before_its_answer: bool) -> None:
    harness = service_harness("15000")
    harness.execute_me_operation("u15000", "StartContactCenterSession", channels=["voice"])
    if not before_its_answer:
        harness.settle()
    harness.lose_link()
    harness.clear()
    harness.execute_me_operation("u15000", "EndContactCenterSession")
    assert names(harness) == []
    assert harness.ladder("u15000") == ["Inactive Offline"]
    harness.regain_link()
    assert names(harness) == []


def test_no_more_waits_for_a_login_than_is_sensible() -> None:
    harness = service_harness("15000")
    harness.execute_me_operation("u15000", "StartContactCenterSession", channels=["voice"])
    for _ in range(MAX_WAITING):
        harness.service.execute_channel_operation("u15000", "voice", Ready())
    refused(StatusCode.INVALID, harness.service.execute_channel_operation, "u15000", "voice", Ready())


def test_what_waits_for_a_registration_that_fails_is_told_as_failed() -> None:
    harness = service_harness("15099")
    harness.execute_me_operation("u15099", "StartContactCenterSession", channels=["voice"])
    harness.service.execute_channel_operation("u15099", "voice", Ready())
    harness.settle()
    assert harness.ladder("u15099") == ["Error StartContactCenterSession 59", "Error Ready 59"]
    refused(StatusCode.INVALID, harness.service.execute_channel_operation, "u15099", "voice", Ready())


def test_who_is_offline_and_wants_to_be_ready_is_logged_in_again() -> None:
    harness = harness_in_session("15000")
    harness.change_state("u15000", "Offline")
    harness.change_state("u15000", "Offline")
    assert harness.ladder("u15000") == ["Active Offline", "Active Offline"]
    assert names(harness) == ["AgentLogout", "AgentLogout"]
    harness.change_state("u15000", "Ready")
    assert names(harness) == ["AgentLogin", "AgentReady"]
    assert harness.state("u15000") == "Ready"


def test_states_change_during_a_call_as_the_switch_says() -> None:
    harness = harness_in_session("15000", "15001")
    call = harness.dial("u15000", "15000", "15001")
    harness.execute_call_operation("u15001", call, "Answer")
    harness.change_state("u15001", "Ready")
    harness.change_state("u15001", "NotReady")
    assert harness.state("u15001") == "Not Ready"
    assert harness.service.calls("u15001")[0].state == "Established"


def test_states_need_a_session_and_a_link() -> None:
    harness = service_harness("15000")
    text = "The user is in no contact center session; StartContactCenterSession begins one"
    assert refused(StatusCode.INVALID, harness.change_state, "u15000", "Ready") == text
    harness.start_session("u15000")
    harness.is_up = False
    text = refused(StatusCode.INTERNAL_ERROR, harness.change_state, "u15000", "Ready")
    assert text == "The link to Switch_A is down"


def test_there_is_no_other_channel_than_voice() -> None:
    harness = harness_in_session("15000")
    text = refused(StatusCode.NOT_FOUND, harness.service.execute_channel_operation, "u15000", "chat", Ready())
    assert text == "There is no channel chat, only voice"


# --- devices -----------------------------------------------------------------------------------------


def test_do_not_disturb_and_forwarding_flip_their_capabilities() -> None:
    harness = harness_in_session("15000")
    seen = []
    for operation, parameters in (
        ("DoNotDisturbOn", {}),
        ("ForwardCallsOn", {"destination": "15003"}),
        ("DoNotDisturbOff", {}),
        ("ForwardCallsOff", {}),
    ):
        harness.execute_device_operation("u15000", "15000", operation, **parameters)
        (message,) = harness.notifications("u15000")
        (device,) = message["devices"]
        seen.append((device["doNotDisturb"], device.get("forwardTo"), device["capabilities"]))
    assert seen == [
        ("On", None, ["DoNotDisturbOff", "ForwardCallsOn"]),
        ("On", "15003", ["DoNotDisturbOff", "ForwardCallsOff"]),
        ("Off", "15003", ["DoNotDisturbOn", "ForwardCallsOff"]),
        ("Off", None, ["DoNotDisturbOn", "ForwardCallsOn"]),
    ]


def test_what_is_not_possible_on_a_device_is_refused() -> None:
    harness = harness_in_session("15000", "15001")
    text = refused(StatusCode.INVALID, harness.execute_device_operation, "u15000", "15000", "DoNotDisturbOff")
    possible = "DoNotDisturbOn, ForwardCallsOn"
    assert text == f"DoNotDisturbOff is not possible on the device now; possible: {possible}"
    refused(StatusCode.NOT_FOUND, harness.execute_device_operation, "u15000", "15001", "DoNotDisturbOn")
    harness.execute_me_operation("u15000", "EndContactCenterSession")
    refused(StatusCode.INVALID, harness.execute_device_operation, "u15000", "15000", "DoNotDisturbOn")


def test_an_error_of_the_switch_is_told_without_a_device() -> None:
    harness = harness_in_session("15000")
    harness.execute_device_operation("u15000", "15000", "ForwardCallsOn", destination="15000")
    (error,) = harness.notifications("u15000")
    assert error["messageType"] == "ErrorMessage"
    assert error["operationName"] == "ForwardCallsOn"
    assert error["errorMessage"] == "OtherDN: a DN cannot be forwarded to itself"
    assert not {"devices", "call"} & set(error)


def test_what_is_so_already_is_told_as_it_is_not_as_an_error() -> None:
    harness = harness_in_session("15000")
    harness.switch.client("other", "15000").asks(t.RequestSetDNDOn(this_dn="15000"))
    harness.execute_device_operation(
        "u15000", "15000", "DoNotDisturbOn"
    )  # the bridge has not heard of it yet
    assert [device["devices"][0]["doNotDisturb"] for device in harness.notifications("u15000")] == [
        "On",
        "On",
    ]


# --- staff that changes ------------------------------------------------------------------------------


def test_who_goes_is_logged_out() -> None:
    harness = harness_in_session("15000")
    harness.service.remove_agent("u15000")
    harness.settle()
    assert names(harness) == ["AgentLogout", "UnregisterAddress"]
    assert harness.ladder("u15000") == ["Inactive Offline"]


def test_a_device_that_goes_takes_its_calls_along() -> None:
    harness = harness_in_session("15000", "15001")
    call = harness.dial("u15000", "15000", "15001")
    harness.execute_call_operation("u15001", call, "Answer")
    harness.clear()
    harness.service.remove_device("15000")
    harness.settle()
    assert harness.ladder("u15000") == ["StatusChange Released mute=Off", "Inactive Offline"]
    assert harness.service.devices("u15000") == []
    harness.service.remove_device("15000")  # there is none any more


def test_a_device_that_comes_can_be_used() -> None:
    harness = service_harness()
    harness.service.add_or_update_device(phone("15000"))
    harness.start_session("u15000")
    assert harness.state("u15000") == "Not Ready"


def test_a_device_that_changes_hands_ends_the_session_there() -> None:
    harness = harness_in_session("15000")
    harness.service.add_or_update_device(phone("15000", "someone"))
    harness.settle()
    assert names(harness) == ["AgentLogout", "UnregisterAddress"]
    assert harness.service.devices("u15000") == []
    harness.start_session("someone")
    assert harness.state("someone") == "Not Ready"


def test_a_device_that_changes_otherwise_disturbs_nobody() -> None:
    harness = harness_in_session("15000")
    harness.service.add_or_update_device(phone("15000", description="By the window"))
    assert harness.requests == []
    assert harness.device("u15000")["description"] == "By the window"
    assert harness.state("u15000") == "Not Ready"


def test_a_device_that_gets_another_number_begins_anew() -> None:
    harness = harness_in_session("15000")
    moved = replace(phone("15001", "u15000"), id="15000")
    harness.service.add_or_update_device(moved)
    harness.settle()
    assert harness.device("u15000")["phoneNumber"] == "15001"
    assert harness.state("u15000") == "Offline"


def test_a_place_keeps_its_guest_when_its_device_gets_an_owner() -> None:
    harness = at_places()
    harness.start_session("u15000", place="one")
    harness.service.add_or_update_device(phone("15002", "u15001"))
    assert harness.device("u15000")["phoneNumber"] == "15002"
    harness.execute_me_operation("u15000", "EndContactCenterSession")
    harness.settle()
    assert {device.phone_number for device in harness.service.devices("u15001")} == {"15001", "15002"}


# --- services ----------------------------------------------------------------------------------------


def test_services_are_those_of_the_contact_center() -> None:
    harness = service_harness("15000")
    (service,) = harness.service.services(CENTER)
    assert (service.id, service.name, service.state) == ("Switch_A", "TServer_A", "Active")
    assert harness.device("u15000")["voiceEnvironmentUri"].endswith(f"/voice-environments/{service.id}")
    assert harness.service.services("another") == []
    harness.service.link_down(SWITCH, "gone")
    assert harness.service.services(CENTER)[0].state == "Inactive"
