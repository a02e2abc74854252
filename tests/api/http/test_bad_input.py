"""What is wrong with a request is said in the words of the API, and disturbs nothing else."""

import json
from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from bridge.voice.operations import Resource, operations_on
from tests.agent import Answer
from tests.loop import run
from tests.playbook import CALL_ID, DEVICE_15000, playing

CALL = f"/me/calls/{CALL_ID}"
DIAL = f"/me/devices/{DEVICE_15000}/calls"
KNOWN = ", ".join(sorted(body.__name__ for body in operations_on(Resource.CALL)))
TRANSFER: dict[str, Any] = {"operationName": "SingleStepTransfer", "destination": {"phoneNumber": "15002"}}


def nested(depth: int) -> dict[str, Any]:
    return {"k": "v"} if depth == 1 else {"k": nested(depth - 1)}


def refused(path: str, body: bytes, content_type: str | None = "application/json") -> tuple[int, int, str]:
    """Post a body in the middle of a call; it must be refused, reach nobody, and change nothing."""

    async def scene() -> Answer:
        async with playing() as book:
            agent = await book.talking()
            before = (await agent.get("/me/calls?fields=*")).json

            answer = await agent.post_raw(path, body, content_type)

            assert book.tserver.gets() == []
            assert await agent.notifications() == []
            assert (await agent.get("/me/calls?fields=*")).json == before
            assert (await agent.post(CALL, "SingleStepTransfer", **TRANSFER_15002)).status == 200
            return answer

    return run(scene()).refusal


TRANSFER_15002 = {"destination": TRANSFER["destination"]}


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        (
            {"operationName": "Fly"},
            2,
            f"operationName: 'Fly' is no operation of a call; these are: {KNOWN}",
        ),
        (
            {"operationName": "Dial", "destination": {"phoneNumber": "1"}},
            2,
            f"operationName: 'Dial' is no operation of a call; these are: {KNOWN}",
        ),
        ({"operationName": 5}, 2, "operationName: expected str"),
        ({}, 1, "operationName: required parameter missing"),
        ({"operationName": "SingleStepTransfer"}, 1, "destination: required parameter missing"),
        ({**TRANSFER, "destination": {}}, 1, "destination.phoneNumber: required parameter missing"),
        ({**TRANSFER, "destination": "15002"}, 2, "destination: expected object, got str"),
        ({**TRANSFER, "destination": None}, 2, "destination: expected object, got null"),
        (
            {**TRANSFER, "destination": {"phoneNumber": ""}},
            2,
            "destination.phoneNumber: expected str of length >= 1",
        ),
        (
            {**TRANSFER, "destination": {"phoneNumber": "1" * 300}},
            2,
            "destination.phoneNumber: expected str of length <= 255",
        ),
        (
            {**TRANSFER, "destination": {"phoneNumber": 15002}},
            2,
            "destination.phoneNumber: expected str, got int",
        ),
        ({**TRANSFER, "location": 7}, 2, "location: expected str | null, got int"),
        ({**TRANSFER, "userData": "Reason=x"}, 2, "userData: expected object | null, got str"),
        ({**TRANSFER, "userData": ["Reason"]}, 2, "userData: expected object | null, got array"),
        (
            {**TRANSFER, "userData": nested(9)},
            2,
            "userData.k.k.k.k.k.k.k.k: nested deeper than 8 objects",
        ),
        ({**TRANSFER, "userData": {"a": {"b": None}}}, 2, "userData.a.b: null cannot be attached to a call"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_a_wrong_parameter_is_named(body: dict[str, Any], code: int, text: str) -> None:
    status, status_code, message = refused(CALL, json.dumps(body).encode())
    assert (status, status_code) == (400, code)
    assert message.startswith(text)


def test_user_data_larger_than_a_call_can_hold_is_refused() -> None:
    data = {"Note": "x" * 16_000}
    status, code, text = refused(CALL, json.dumps({**TRANSFER, "userData": data}).encode())
    assert (status, code) == (400, 2)
    assert text == (
        "userData: 16010 bytes in 1 pairs when packed; at most 16000 bytes and 4096 pairs are possible"
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "The body is not valid JSON: Input data was truncated"),
        (b"{", "The body is not valid JSON: Input data was truncated"),
        (b"operationName=Hangup", "The body is not valid JSON: JSON is malformed"),
        (b'{"operationName":"\xff"}', "The body is not valid JSON"),
        (b"[" * 100_000, "The body"),
        (b'[{"operationName":"Hangup"}]', "The body: expected object, got array"),
        (b'"Hangup"', "The body: expected object, got str"),
        (b"null", "The body: expected object, got null"),
        (json.dumps(TRANSFER | {"userData": {"k": "?"}}).replace('"?"', "1e999").encode(), "userData"),
    ],
    ids=["empty", "cut", "form", "not UTF-8", "deep", "array", "text", "null", "huge number"],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes, text: str) -> None:
    status, code, message = refused(CALL, body)
    assert (status, code) == (400, 2)
    assert message.startswith(text)


def test_a_body_of_ten_megabytes_is_refused() -> None:
    body = json.dumps({**TRANSFER, "padding": "x" * 10_000_000}).encode()
    assert refused(CALL, body) == (413, 2, "The body is longer than 262144 bytes")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"]
)
def test_another_content_type_is_refused(content_type: str) -> None:
    text = f"Content-Type: expected application/json, got {content_type}"
    assert refused(CALL, json.dumps(TRANSFER).encode(), content_type) == (415, 2, text)


@pytest.mark.parametrize("content_type", [None, "application/json; charset=UTF-8", "Application/JSON"])
def test_a_missing_or_fuller_content_type_is_taken(content_type: str | None) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            answer = await agent.post_raw(CALL, json.dumps(TRANSFER).encode(), content_type)
            assert answer.status == 200
            assert len(book.tserver.gets()) == 1

    run(scene())


@pytest.mark.parametrize(
    ("value", "attached"),
    [
        ("text", "text"),
        ("", ""),
        (2**31 - 1, 2**31 - 1),
        (-(2**31), -(2**31)),
        (2**31, "2147483648"),
        (-(2**63), "-9223372036854775808"),
        (10**399, str(10**399)),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (["a", 1], '["a",1]'),
        ({}, KVList()),
        ({"b": 1}, KVList.of(b=1)),
        ("Grüße 📞", "Grüße 📞"),
    ],
)
def test_what_json_becomes_in_user_data(value: Any, attached: Any) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            answer = await agent.post(CALL, "SingleStepTransfer", **TRANSFER_15002, userData={"k": value})
            assert answer.status == 200
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestSingleStepTransfer)
            assert request.user_data == KVList.of(k=attached)

    run(scene())


def test_user_data_nested_eight_deep_is_taken_and_comes_back_the_same() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post(CALL, "SingleStepTransfer", **TRANSFER_15002, userData=nested(8))
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestSingleStepTransfer)
            book.tserver.sends_call_event(t.EventReleased, user_data=request.user_data)
            assert (await agent.notification())["call"]["userData"] == nested(8)

    run(scene())


def test_binary_user_data_is_shown_as_base64_and_of_repeated_keys_the_first() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            data = KVList([("a", b"\xff\xd8"), ("a", "second")])
            book.tserver.sends_call_event(t.EventReleased, user_data=data)
            assert (await agent.notification())["call"]["userData"] == {"a": "/9g="}

    run(scene())


# --- calls that are not there ------------------------------------------------------------------------


def test_an_unknown_call_is_not_found() -> None:
    assert refused("/me/calls/NOSUCHCALL", json.dumps(TRANSFER).encode()) == (
        404,
        6,
        "The user has no call NOSUCHCALL",
    )


def test_somebody_elses_call_is_not_found() -> None:
    async def scene() -> None:
        async with playing() as book:
            await book.talking()
            other = await book.in_session("agent15002")
            for answer in (await other.get(CALL), await other.post(CALL, "Hangup")):
                assert answer.refusal == (404, 6, f"The user has no call {CALL_ID}")
            assert book.tserver.gets() == []

    run(scene())


def test_a_released_call_is_not_found() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            book.tserver.sends_call_event(t.EventReleased)
            for answer in (await agent.get(CALL), await agent.post(CALL, "Hangup")):
                assert answer.refusal == (404, 6, f"The user has no call {CALL_ID}")

    run(scene())


@pytest.mark.parametrize(
    ("event", "operation"),
    [
        (t.EventDialing, "SingleStepTransfer"),
        (t.EventDialing, "Answer"),
        (t.EventRinging, "Hangup"),
        (t.EventRinging, "SingleStepTransfer"),
        (t.EventEstablished, "Answer"),
    ],
)
def test_an_operation_outside_the_capabilities_is_refused(event: type[t.CallEvent], operation: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            book.tserver.sends_call_event(event)
            call = (await agent.notification())["call"]
            answer = await agent.post(CALL, operation, **TRANSFER_15002)
            possible = ", ".join(call["capabilities"])
            text = f"{operation} is not possible while the call is {call['state']}; possible: {possible}"
            assert answer.refusal == (400, 2, text)
            assert book.tserver.gets() == []

    run(scene())


# --- users and sessions -----------------------------------------------------------------------------


def test_a_user_without_a_device_cannot_work() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent("nodevice")
            answer = await agent.post("/me", "StartContactCenterSession", channels=["voice"])
            assert answer.refusal == (400, 2, "The user has no device to work with")
            assert (await agent.get("/me/devices")).json == {"statusCode": 0, "uris": []}

    run(scene())


def test_dialling_needs_a_session() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            answer = await agent.post(DIAL, "Dial", destination={"phoneNumber": "15001"})
            text = "Device 15000 is not in a session; send StartContactCenterSession first"
            assert answer.refusal == (400, 2, text)

    run(scene())


def test_somebody_elses_device_is_not_found() -> None:
    async def scene() -> None:
        async with playing() as book:
            other = await book.in_session("agent15002")
            answer = await other.post(DIAL, "Dial", destination={"phoneNumber": "15001"})
            assert answer.refusal == (404, 6, f"The user has no device {DEVICE_15000}")

    run(scene())


@pytest.mark.parametrize(
    ("parameters", "code", "text"),
    [
        ({}, 1, "channels: required parameter missing"),
        ({"channels": []}, 2, "channels: expected array of length >= 1"),
        ({"channels": "voice"}, 2, "channels: expected array, got str"),
        ({"channels": ["smoke"]}, 2, "channels: 'smoke' is no channel; 'voice' is served here"),
    ],
)
def test_the_channels_of_a_session_are_checked(parameters: dict[str, Any], code: int, text: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            answer = await book.agent().post("/me", "StartContactCenterSession", **parameters)
            assert answer.refusal == (400, code, text)
            assert book.tserver.gets() == []

    run(scene())


def test_without_the_feature_voice_resources_are_not_there_and_operations_not_valid() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent("novoice")
            for path in ("/me/devices", "/me/calls", CALL):
                assert (await agent.get(path)).refusal == (404, 6, f"There is no resource /api/v2{path}")
            for path in ("/me", DIAL, CALL):
                answer = await agent.post(path, "StartContactCenterSession", channels=["voice"])
                text = "Invalid operation: the contact center has no feature api-voice"
                assert answer.refusal == (400, 2, text)
            user = (await agent.get("/me?subresources=*")).json["user"]
            assert user["features"] == []
            assert not {"devices", "calls"} & set(user)

    run(scene())


def test_unknown_addresses_and_methods_are_answered_in_json() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            assert (await agent.get("/nowhere")).refusal == (404, 6, "There is no resource /api/v2/nowhere")
            answer = Answer(await agent.http.delete("http://127.0.0.1:8080/api/v2/me"))
            assert answer.refusal == (405, 2, "DELETE /api/v2/me: Method Not Allowed")

    run(scene())
