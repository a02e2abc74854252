"""Every parameter of every operation on calls, wrong in every way: made from the table of operations.

Each is refused at once, in the words of the API; nothing reaches the T-Server, and nobody is told.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from bridge.tlib import messages as t
from bridge.voice.operations import ROWS, Operation, Resource
from tests.agent import Agent, Answer
from tests.loop import run
from tests.playbook import CALL_ID, DEVICE_15000, Playbook, playing

PATHS = {
    Resource.CALL: f"/me/calls/{CALL_ID}",
    Resource.DEVICE_CALLS: f"/me/devices/{DEVICE_15000}/calls",
}
MINE = [row for row in ROWS if set(row.on) & set(PATHS) and not row.for_supervisors]
ON_CALLS = [row.body.__name__ for row in MINE if Resource.CALL in row.on]

GOOD: dict[str, Any] = {
    "destination": {"phoneNumber": "15002"},
    "location": "Switch_B",
    "userData": {"k": "v"},
    "outboundCallerId": "8005550100",
    "digits": "1",
    "participant": "15002",
    "consultCallUri": CALL_ID,
    "otherCallUri": CALL_ID,
    "key": "k",
}
"""A good value for each parameter that there is."""


def parameters(body: type[Operation]) -> tuple[msgspec.inspect.Field, ...]:
    described = msgspec.inspect.type_info(body)
    assert isinstance(described, msgspec.inspect.StructType)
    return described.fields


def kinds(field: msgspec.inspect.Field) -> list[msgspec.inspect.Type]:
    return list(field.type.types) if isinstance(field.type, msgspec.inspect.UnionType) else [field.type]


def wrongs() -> Iterator[tuple[Resource, str, dict[str, Any], int, str]]:
    """Make bodies with one thing wrong: where to, operation, the rest, statusCode, what the text names."""
    for row in MINE:
        resource = next(on for on in row.on if on in PATHS)
        name, fields = row.body.__name__, parameters(row.body)
        good = {field.encode_name: GOOD[field.encode_name] for field in fields if field.required}
        for field in fields:
            key, types = field.encode_name, kinds(field)
            if field.required:
                yield resource, name, {k: v for k, v in good.items() if k != key}, 1, key
            if not any(isinstance(kind, msgspec.inspect.NoneType) for kind in types):
                yield resource, name, {**good, key: None}, 2, key
            yield resource, name, {**good, key: [1]}, 2, key
            yield resource, name, {**good, key: 1}, 2, key
            for kind in types:
                if isinstance(kind, msgspec.inspect.StrType):
                    assert kind.max_length is not None, f"{name}.{key} has no limit"
                    yield resource, name, {**good, key: "1" * (kind.max_length + 1)}, 2, key
                    if kind.min_length:
                        yield resource, name, {**good, key: ""}, 2, key
                if isinstance(kind, msgspec.inspect.DictType):
                    yield resource, name, {**good, key: {"k": None}}, 2, f"{key}.k"
                    yield resource, name, {**good, key: {"k": "x" * 16_000}}, 2, key
                if isinstance(kind, msgspec.inspect.StructType):
                    yield resource, name, {**good, key: {}}, 1, f"{key}.phoneNumber"
                    yield resource, name, {**good, key: {"phoneNumber": 1}}, 2, f"{key}.phoneNumber"


WRONGS = list(wrongs())


async def unchanged(book: Playbook, agent: Agent, posting: Any) -> Answer:
    """Have something posted that changes nothing."""
    before = (await agent.get("/me/calls?fields=*")).json
    answer: Answer = await posting
    assert book.tserver.gets() == []
    assert await agent.notifications() == []
    assert (await agent.get("/me/calls?fields=*")).json == before
    return answer


def test_every_wrong_parameter_is_named_and_disturbs_nothing() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            for resource, operation, body, code, named in WRONGS:
                answer = await unchanged(book, agent, agent.post(PATHS[resource], operation, **body))
                status, status_code, text = answer.refusal
                assert (status, status_code) == (400, code), (operation, body, text)
                assert text.startswith(f"{named}:"), (operation, body, text)

    run(scene())


def test_every_parameter_is_tried() -> None:
    keys = {field.encode_name for row in MINE for field in parameters(row.body)}
    assert keys == set(GOOD)
    assert len(WRONGS) > 4 * len(keys)


def test_an_operation_on_a_call_that_is_not_there_or_not_ones_own() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            other = await book.in_session("agent15002")
            for operation, (who, call_id) in itertools.product(
                ON_CALLS, ((agent, "NOSUCH"), (other, CALL_ID))
            ):
                posting = who.post(f"/me/calls/{call_id}", operation, **GOOD)
                answer = await unchanged(book, agent, posting)
                assert answer.refusal == (404, 6, f"The user has no call {call_id}"), operation

    run(scene())


def test_an_operation_that_the_state_of_the_call_does_not_allow() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            book.tserver.sends_call_event(t.EventHeld)
            call = (await agent.notification())["call"]
            refused = [name for name in ON_CALLS if name not in call["capabilities"]]
            assert {"Answer", "Hold", "SendDtmf", "SwapCalls", "CompleteTransfer"} <= set(refused)
            for operation in refused:
                posting = agent.post(PATHS[Resource.CALL], operation, **GOOD)
                status, code, text = (await unchanged(book, agent, posting)).refusal
                assert (status, code) == (400, 2)
                assert text.startswith(
                    f"{operation} is not possible while the call is Held; possible: Hangup"
                )

    run(scene())
