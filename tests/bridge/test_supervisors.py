"""Supervisors as ladders: what is posted, what the T-Server gets and tells, what everybody is notified of."""

from typing import Any

import pytest

from bridge.directory.directory import Directory
from bridge.tlib import messages as t
from bridge.tlib.enums import AgentStatus, DNRole, MonitorNextCallType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tests.agent import Agent
from tests.loop import run
from tests.playbook import API, CALL_ID, DEVICE_15000, Playbook, playing
from tests.sites import quick_demo_site

CALL = f"/me/calls/{CALL_ID}"


async def start_session(book: Playbook) -> tuple[Agent, str]:
    """Seat the supervisor, in session; gives the path of the supervisor's device."""
    supervisor = await book.in_session("supervisor15009")
    (device,) = (await supervisor.get("/me/devices?fields=*")).json["devices"]
    assert device["capabilities"][-3:] == ["ListenIn", "Coach", "BargeIn"]
    return supervisor, f"/me/devices/{device['id']}"


def send_monitoring_arranged(book: Playbook, request: t.Request, kind: type[t.MonitoringEvent]) -> None:
    """Tell both DNs, the supervisor's first."""
    roles = [("15009", DNRole.Observer, "15000", DNRole.Destination)]
    roles.append(("15000", DNRole.Destination, "15009", DNRole.Observer))
    for this, role, other, other_role in roles:
        book.tserver.sends(
            kind,
            reference_id=request.reference_id if this == "15009" else None,
            extensions=KVList.of(MonitorMode="mute", MonitorScope="call"),
            this_dn=this,
            this_dn_role=role,
            other_dn=other,
            other_dn_role=other_role,
            monitor_next_call_type=MonitorNextCallType.AllCalls,
        )


async def arrange_monitoring(book: Playbook, supervisor: Agent, path: str) -> dict[str, Any]:
    """Arrange to listen in to 15000; gives the supervisor's device."""
    target = f"{API}/devices/{DEVICE_15000}"
    assert (await supervisor.post(path, "ListenIn", targetDeviceUri=target)).json == {"statusCode": 0}
    (request,) = book.tserver.gets()
    assert request == t.RequestMonitorNextCall(
        this_dn="15009",
        other_dn="15000",
        monitor_next_call_type=MonitorNextCallType.AllCalls,
        extensions=KVList.of(MonitorMode="mute", MonitorScope="call"),
        reference_id=request.reference_id,
    )
    send_monitoring_arranged(book, request, t.EventMonitoringNextCall)
    (device,) = (await supervisor.notification())["devices"]
    found: dict[str, Any] = device
    return found


def send_leg_events(book: Playbook, kind: type[t.CallEvent]) -> None:
    """Tell the supervisor's leg of the demo call."""
    book.tserver.sends_call_event(
        kind, "15009", this_dn_role=DNRole.Observer, other_dn="15000", other_dn_role=DNRole.Origination
    )


def test_listening_in_from_the_arrangement_to_its_end() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            supervisor, path = await start_session(book)
            device = await arrange_monitoring(book, supervisor, path)
            assert device["supervisorMonitoringState"] == {
                "state": "ListenIn",
                "mode": "AllCalls",
                "scope": "Call",
                "targetDeviceUri": f"{API}/devices/{DEVICE_15000}",
            }
            assert device["capabilities"] == [
                "DoNotDisturbOn",
                "ForwardCallsOn",
                "CancelSupervisorMonitoring",
            ]
            assert await agent.notifications() == []

            # the agent's call: the supervisor has a leg, and both see that somebody listens
            send_leg_events(book, t.EventRinging)
            send_leg_events(book, t.EventEstablished)
            *_, message = await supervisor.notifications()
            call = message["data"]["call"]
            assert (call["state"], call["monitoring"], call["mute"]) == ("Established", True, "On")
            assert call["supervisorMonitoringState"] == {"state": "ListenIn"}
            assert "SwitchToBargeIn" in call["capabilities"]
            watched = (await agent.notification())["call"]
            assert (watched["monitoring"], watched["supervisorListeningIn"]) == (False, True)
            assert watched["supervisorMonitoringState"] == {"state": "ListenIn"}

            # the supervisor barges in
            await supervisor.post(CALL, "SwitchToBargeIn")
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestSetMuteOff)
            assert request.this_dn == "15009"
            book.tserver.sends_call_event(t.EventMuteOff, "15009", reference_id=request.reference_id)
            message = await supervisor.notification()
            assert (message["notificationType"], message["call"]["mute"]) == ("StatusChange", "Off")
            assert (await agent.notification())["call"]["supervisorListeningIn"] is False

            # and mutes the agent
            await supervisor.post(CALL, "MuteMonitoredUser")
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestSetMuteOn)
            assert request.this_dn == "15000"
            book.tserver.sends_call_event(t.EventMuteOn, reference_id=request.reference_id)
            for each in (supervisor, agent):
                *_, message = await each.notifications()
                assert message["data"]["notificationType"] == "MonitoredUserMutedStateChange"
                assert message["data"]["call"]["monitoredUserMuted"] is True

            # the end
            await supervisor.post(path, "CancelSupervisorMonitoring")
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestCancelMonitoring)
            send_monitoring_arranged(book, request, t.EventMonitoringCancelled)
            (device,) = (await supervisor.notification())["devices"]
            assert "supervisorMonitoringState" not in device

    run(scene())


def test_an_arrangement_that_fails_is_told_on_devices_and_may_be_tried_again() -> None:
    async def scene() -> None:
        async with playing() as book:
            supervisor, path = await start_session(book)
            await supervisor.post(path, "Coach", targetDeviceUri=DEVICE_15000)
            (request,) = book.tserver.gets()
            answer = await supervisor.post(path, "BargeIn", targetDeviceUri=DEVICE_15000)
            assert answer.status == 400  # one at a time
            book.tserver.sends(
                t.EventError, reference_id=request.reference_id, error_code=ErrorCode.InvalidTarget
            )
            (message,) = await supervisor.notifications()
            assert message["channel"] == "/v2/me/devices"
            assert (message["data"]["operationName"], message["data"]["errorCode"]) == ("Coach", 459)
            await arrange_monitoring(book, supervisor, path)

    run(scene())


def test_a_snapshot_tells_a_new_session_of_an_arrangement_and_the_end_cancels_it() -> None:
    async def scene() -> None:
        async with playing() as book:  # a bridge that knows nothing of what was arranged before it began
            supervisor = book.agent("supervisor15009")
            await supervisor.listen()
            await supervisor.post("/me", "StartContactCenterSession", channels=["voice"])
            held: dict[str, str | int] = {
                "AgentStatus": AgentStatus.Ready.value,
                "monitor-dn": "15000",
                "MonitorNextCallType": 0,
                "MonitorMode": "connect",
            }
            book.tserver.registers(KVList(held.items()), agent_id="15009")
            assert book.tserver.gets() == []  # nobody needs to be logged in
            (device,) = (await supervisor.notification())["devices"]
            assert device["supervisorMonitoringState"] == {
                "state": "BargeIn",
                "mode": "NextCall",
                "scope": "Call",
                "targetDeviceUri": f"{API}/devices/{DEVICE_15000}",
            }
            assert device["capabilities"][-1] == "CancelSupervisorMonitoring"

            await supervisor.post("/me", "EndContactCenterSession")
            cancel, logout, unregister = book.tserver.gets()
            assert isinstance(cancel, t.RequestCancelMonitoring)
            assert (cancel.this_dn, cancel.other_dn) == ("15009", "15000")
            assert isinstance(logout, t.RequestAgentLogout)
            assert isinstance(unregister, t.RequestUnregisterAddress)

    run(scene())


def test_an_arrangement_is_cancelled_once_at_a_time() -> None:
    async def scene() -> None:
        async with playing() as book:
            supervisor, path = await start_session(book)
            await arrange_monitoring(book, supervisor, path)
            await supervisor.post(path, "CancelSupervisorMonitoring")
            assert (await supervisor.post(path, "CancelSupervisorMonitoring")).status == 400
            (request,) = book.tserver.gets()
            book.tserver.sends(t.EventError, reference_id=request.reference_id, error_code=ErrorCode.Timeout)
            assert (await supervisor.notification())["operationName"] == "CancelSupervisorMonitoring"
            (device,) = (await supervisor.get("/me/devices?fields=*")).json["devices"]
            assert device["supervisorMonitoringState"]["state"] == "ListenIn"
            assert "CancelSupervisorMonitoring" in device["capabilities"]  # it may be tried again

    run(scene())


def test_an_agent_may_not_listen_in() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            answer = await agent.post(f"/me/devices/{DEVICE_15000}", "ListenIn", targetDeviceUri=DEVICE_15000)
            assert answer.refusal == (403, 5, "ListenIn is for supervisors only")

    run(scene())


def test_a_device_of_another_contact_center_does_not_exist_for_a_supervisor() -> None:
    async def scene() -> None:
        async with playing() as book:
            supervisor, path = await start_session(book)
            stranger = Directory.load(quick_demo_site()).user("novoice")
            assert stranger is not None
            foreign = stranger.devices[0].id
            answer = await supervisor.post(path, "ListenIn", targetDeviceUri=foreign)
            text = f"targetDeviceUri: the contact center has no device {foreign}"
            assert answer.refusal == (404, 6, text)
            assert book.tserver.gets() == []

    run(scene())


@pytest.mark.parametrize("operation", ["ListenIn", "Coach", "BargeIn"])
def test_a_number_of_another_contact_center_is_not_monitored_instead(operation: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            supervisor, path = await start_session(book)
            stranger = Directory.load(quick_demo_site()).user("novoice")
            assert stranger is not None
            number = stranger.devices[0].number
            answer = await supervisor.post(path, operation, targetDeviceUri=DEVICE_15000, phoneNumber=number)
            text = f"phoneNumber: the contact center has no DN {number} at Switch_A"
            assert answer.refusal == (404, 6, text)
            assert book.tserver.gets() == []

    run(scene())


# --- the state of others ------------------------------------------------------------------------------


async def user_id(book: Playbook, name: str) -> str:
    found: str = (await book.agent(name).get("/me")).json["user"]["id"]
    return found


def test_a_supervisor_makes_an_agent_ready() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            supervisor = book.agent("supervisor15009")
            await supervisor.listen()
            path = f"/users/{await user_id(book, 'agent15000')}/channels/voice"
            assert (await supervisor.post(path, "Lunch")).json == {"statusCode": 0}
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestAgentNotReady)
            assert request.this_dn == "15000"
            book.tserver.sends(
                t.EventAgentNotReady,
                this_dn="15000",
                reference_id=request.reference_id,
                reasons=KVList.of(ReasonCode="lunch"),
            )
            (device,) = (await agent.notification())["devices"]
            assert device["userState"]["displayName"] == "Lunch"

            # what fails is told to the supervisor, not to the agent
            await supervisor.post(path, "Ready")
            (request,) = book.tserver.gets()
            book.tserver.sends(
                t.EventError, reference_id=request.reference_id, error_code=ErrorCode.AgentNotLoggedIn
            )
            assert (await supervisor.notification())["operationName"] == "Ready"
            assert await agent.notifications() == []

    run(scene())


def test_who_may_not_change_the_state_of_whom() -> None:
    async def scene() -> None:
        async with playing() as book:
            ids = {name: await user_id(book, name) for name in ("agent15000", "novoice")}
            of_agent = f"/users/{ids['agent15000']}/channels/voice"
            supervisor = book.agent("supervisor15009")

            answer = await book.agent("agent15001").post(of_agent, "Ready")
            assert answer.refusal == (403, 5, "Ready of others is for supervisors only")
            answer = await supervisor.post(f"/users/{ids['novoice']}/channels/voice", "Ready")
            assert answer.refusal == (404, 6, f"The contact center has no user {ids['novoice']}")
            answer = await supervisor.post("/users/nobody/channels/voice", "Ready")
            assert answer.refusal == (404, 6, "The contact center has no user nobody")
            answer = await supervisor.post(of_agent.replace("voice", "chat"), "Ready")
            assert answer.refusal == (404, 6, "There is no channel chat, only voice")
            text = "The user is in no contact center session; StartContactCenterSession begins one"
            assert (await supervisor.post(of_agent, "Ready")).refusal == (400, 2, text)
            assert book.tserver.gets() == []

    run(scene())
