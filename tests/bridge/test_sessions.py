"""Contact center sessions: which DNs are registered when, and what the user is told of the devices."""

from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from tests.loop import run
from tests.playbook import CALL_ID, DEVICE_15000, playing

CALL = f"/me/calls/{CALL_ID}"
VOICE = {"channels": ["voice"]}
OFFLINE = {"id": "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", "displayName": "Offline", "state": "LoggedOut"}


def test_a_session_from_start_to_end() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            await agent.listen()
            (device,) = (await agent.get("/me/devices?fields=*")).json["devices"]
            assert (device["deviceState"], device["userState"]) == ("Inactive", OFFLINE)

            # start: accepted, the DN is registered, the device becomes active though nobody is logged in yet
            assert (await agent.post("/me", "StartContactCenterSession", **VOICE)).json == {"statusCode": 0}
            (register,) = book.tserver.gets()
            expected = t.RequestRegisterAddress(this_dn="15000", reference_id=register.reference_id)
            assert register == expected
            book.tserver.sends(
                t.EventRegistered,
                this_dn="15000",
                reference_id=register.reference_id,
                extensions=KVList.of(AgentStatus=0),
            )
            message = await agent.notification()
            assert message["messageType"] == "DeviceStateChangeMessage"
            (device,) = message["devices"]
            assert (device["id"], device["deviceState"]) == (DEVICE_15000, "Active")
            assert device["userState"] == {"state": "LoggedIn"}

            # then the agent is logged in, and the switch says in which state
            (login,) = book.tserver.gets()
            assert login == t.RequestAgentLogin(
                this_dn="15000", agent_id="15000", reference_id=login.reference_id
            )
            book.tserver.sends(
                t.EventAgentLogin, this_dn="15000", agent_id="15000", reference_id=login.reference_id
            )
            book.tserver.sends(t.EventAgentReady, this_dn="15000", agent_id="15000")
            states = [m["data"]["devices"][0]["userState"]["state"] for m in await agent.notifications()]
            assert states == ["LoggedIn", "Ready"]

            # end: the agent is logged out, the DN unregistered, and the call is nobody's any more
            book.tserver.sends_call_event(t.EventDialing)
            await agent.notification()
            await agent.post("/me", "EndContactCenterSession")
            assert (await agent.notification())["call"]["state"] == "Released"
            logout, unregister = book.tserver.gets()
            assert isinstance(logout, t.RequestAgentLogout)
            assert isinstance(unregister, t.RequestUnregisterAddress)
            book.tserver.sends(t.EventAgentLogout, this_dn="15000", reference_id=logout.reference_id)
            book.tserver.sends(t.EventUnregistered, this_dn="15000", reference_id=unregister.reference_id)
            book.tserver.sends_call_event(t.EventEstablished)
            (device,) = (await agent.notification())["devices"]
            assert (device["deviceState"], device["userState"]) == ("Inactive", OFFLINE)
            assert (await agent.get("/me/calls")).json["uris"] == []

    run(scene())


def test_starting_twice_registers_again_and_disturbs_no_call() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post("/me", "StartContactCenterSession", **VOICE)
            (register,) = book.tserver.gets()
            book.tserver.sends(
                t.EventRegistered,
                this_dn="15000",
                reference_id=register.reference_id,
                extensions=KVList([("conn-1", "007102719818000d"), ("ps-1", 12)]),
            )
            assert (await agent.notification())["devices"][0]["deviceState"] == "Active"
            assert (await agent.get(CALL)).json["call"]["state"] == "Established"

    run(scene())


def test_ending_without_a_session_does_nothing_but_end_the_http_session() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            assert (await agent.post("/me", "EndContactCenterSession")).json == {"statusCode": 0}
            assert book.tserver.gets() == []

    run(scene())


def test_a_session_cannot_start_while_the_link_is_down() -> None:
    async def scene() -> None:
        async with playing(link=False) as book:
            agent = book.agent()
            answer = await agent.post("/me", "StartContactCenterSession", **VOICE)
            text = "The link to Switch_A at tcp://switch-a:7010 is down: not connected yet"
            assert answer.refusal == (503, 4, text)
            (device,) = (await agent.get("/me/devices?fields=userState")).json["devices"]
            assert device["userState"] == OFFLINE

    run(scene())


def test_a_session_can_end_while_the_link_is_down() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            book.tserver.goes_away()
            await agent.notifications()

            assert (await agent.post("/me", "EndContactCenterSession")).json == {"statusCode": 0}
            over, message = [each["data"] for each in await agent.notifications()]
            assert over["call"]["state"] == "Released"
            (device,) = message["devices"]
            assert (device["deviceState"], device["userState"]) == ("Inactive", OFFLINE)

            # the link comes back, and nothing is registered
            book.reactor.advance(5)
            book.tserver.opens()
            assert book.tserver.gets() == []

    run(scene())


def test_events_that_change_no_call_are_passed_over() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            book.tserver.sends_call_event(t.EventDialing)
            await agent.notification()
            book.tserver.sends_call_event(t.EventDestinationBusy)
            assert await agent.notifications() == []
            call = (await agent.get(CALL)).json["call"]
            assert (call["state"], call["capabilities"][0]) == ("Dialing", "Hangup")

    run(scene())


def test_a_party_that_was_replaced_is_told_as_a_change_of_participants() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            book.tserver.sends_call_event(t.EventPartyChanged, other_dn="15002", previous_conn_id=1)
            message = await agent.notification()
            assert message["notificationType"] == "ParticipantsUpdated"
            assert [party["phoneNumber"] for party in message["call"]["participants"]] == ["15002"]
            assert message["call"]["state"] == "Established"

    run(scene())
