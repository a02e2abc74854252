"""Calls as other revisions of the API write them; the site file says which one."""

from pathlib import Path

from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from tests.loop import run
from tests.playbook import API, CALL_ID, CONN_ID, playing
from tests.sites import demo_site

CONN_ID_TEXT = f"{CONN_ID:016x}"


USUAL = 'gws: {version: "8.5.2", metrics: false}'


def site(folder: Path, gws: str) -> Path:
    return demo_site(folder, changes={USUAL: gws})


def test_the_early_revision(tmp_path: Path) -> None:
    async def scene() -> None:
        async with playing(site=site(tmp_path, 'gws: {version: "8.5.2-early"}')) as book:
            agent = await book.in_session()
            book.tserver.sends_call_event(t.EventDialing)
            book.tserver.sends_call_event(t.EventEstablished, user_data=KVList.of(k="v"))
            *_, last = await agent.notifications()
            call = last["data"]["call"]
            assert call["id"] == CONN_ID_TEXT
            assert call["callUuid"] == CALL_ID
            assert call["uri"] == f"{API}/me/calls/{CONN_ID_TEXT}"
            assert call["participants"] == ["15001"]
            assert call["participantsInfo"] == [
                {"e164Number": "", "formattedPhoneNumber": "15001", "phoneNumber": "15001", "digits": "15001"}
            ]
            assert not {"connId", "path", "monitoring"} & set(call)
            assert "ClearCall" not in call["capabilities"]
            answer = await agent.post(f"/me/calls/{CONN_ID_TEXT}", "ClearCall")
            assert (answer.status, answer.json["statusCode"]) == (400, 2)
            assert (await agent.post(f"/me/calls/{CONN_ID_TEXT}", "Hold")).status == 200

    run(scene())


def test_metrics(tmp_path: Path) -> None:
    async def scene() -> None:
        async with playing(site=site(tmp_path, "gws: {metrics: true}")) as book:
            agent = book.agent()
            await agent.listen()
            await agent.post("/me", "StartContactCenterSession", channels=["voice"])
            book.tserver.registers()
            book.tserver.sends_call_event(t.EventDialing)
            messages = [message["data"] for message in await agent.notifications()]
            kinds = {message["messageType"] for message in messages if "metrics" in message}
            assert kinds == {"DeviceStateChangeMessage", "CallStateChangeMessage"}
            assert messages[-1]["metrics"] == {
                "eventProcessing": {
                    "nodeProcessingTimeNanos": 0,
                    "serverGenerationTimestamp": round(book.clock.now() * 1000),
                    "serverProcessingTimeTotalMs": 0,
                }
            }

    run(scene())
