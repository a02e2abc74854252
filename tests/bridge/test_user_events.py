"""User events: the one operation of the internal tree."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from tests.agent import Agent, Answer
from tests.loop import run
from tests.playbook import DEVICE_15000, playing

SERVER = "http://127.0.0.1:8080"


async def send_user_event(agent: Agent, **body: Any) -> Answer:
    return Answer(await agent.http.post(f"{SERVER}/internal-api/operations", json=body))


def test_a_user_event_goes_to_the_tserver() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            event = {"operationName": "SendUserEvent", "deviceId": DEVICE_15000}
            answer = await send_user_event(agent, **event, userData={"Mood": "good", "Of": {"Day": 3}})
            assert answer.json == {"statusCode": 0}
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestDistributeUserEvent)
            assert request.this_dn == "15000"
            assert request.user_data == KVList([("Mood", "good"), ("Of", KVList.of(Day=3))])

            error = {"error_code": 0, "error_message": "No"}
            book.tserver.sends(t.EventError, reference_id=request.reference_id, **error)
            told = await agent.notification()
            assert (told["messageType"], told["operationName"]) == ("ErrorMessage", "SendUserEvent")

    run(scene())


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"deviceId": DEVICE_15000, "userData": {}}, (400, 1)),
        ({"operationName": "SendEvent", "deviceId": DEVICE_15000, "userData": {}}, (400, 2)),
        ({"operationName": "SendUserEvent", "userData": {}}, (400, 1)),
        ({"operationName": "SendUserEvent", "deviceId": DEVICE_15000}, (400, 1)),
        ({"operationName": "SendUserEvent", "deviceId": DEVICE_15000, "userData": {"k": None}}, (400, 2)),
        ({"operationName": "SendUserEvent", "deviceId": "nothing", "userData": {}}, (404, 6)),
    ],
)
def test_a_wrong_user_event_is_refused(body: dict[str, Any], refusal: tuple[int, int]) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            assert (await send_user_event(agent, **body)).refusal[:2] == refusal
            assert book.tserver.gets() == []

    run(scene())


def test_a_user_event_needs_a_session() -> None:
    async def scene() -> None:
        async with playing() as book:
            answer = await send_user_event(
                book.agent(), operationName="SendUserEvent", deviceId=DEVICE_15000, userData={"k": "v"}
            )
            assert answer.refusal[:2] == (400, 2)

    run(scene())
