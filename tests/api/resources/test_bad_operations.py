"""Every operation with everything that can be wrong with it, made from the tables of operations.

Whatever is wrong, the answer says what, no T-Server hears of it, and the next operation goes well.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from bridge.api.schema.examples import example_body
from bridge.tlib import messages as t
from bridge.voice.operations import ROWS, OperationRow, Resource, session
from tests.agent import Agent, Answer
from tests.api.resources.wrong_bodies import without_missing, wrong_bodies
from tests.loop import run
from tests.playbook import CALL_ID, CONN_ID, DEVICE_15000, Playbook, playing

CASES = [
    pytest.param(row, resource, id=f"{row.body.__name__} on {resource.name}")
    for row in ROWS
    for resource in row.on
]
ON_CALLS = [pytest.param(row, id=row.body.__name__) for row in ROWS if Resource.CALL in row.on]
NAMING = [
    pytest.param(row, resource, field.encode_name, id=f"{field.encode_name} of {row.body.__name__}")
    for row in ROWS
    for resource in row.on
    for field in msgspec.structs.fields(row.body)
    if field.encode_name.endswith(("Uri", "Path"))
]
IN_SESSION = [
    pytest.param(row, resource, id=f"{row.body.__name__} on {resource.name}")
    for row in ROWS
    for resource in row.on
    if row not in session.ROWS
]

OWN_CALL = {"conn_id": CONN_ID + 1, "call_uuid": f"{CALL_ID[:-1]}E", "call_id": 1014}
NOBODY = "00000000000000000000000000000000"


class Scene:
    """A supervisor who talks at 15009 and an agent who talks at 15000."""

    def __init__(self, book: Playbook, supervisor: Agent, ids: dict[str, str]) -> None:
        self.book = book
        self.supervisor = supervisor
        self._ids = ids

    def address(self, resource: Resource, **others: str) -> str:
        """Write the address of the supervisor's own resource, or of others."""
        return resource.value.format(**(self._ids | others))

    async def posts(self, path: str, body: Any) -> Answer:
        return await self.supervisor.post_raw(path, json.dumps(without_missing(body)).encode())

    async def goes_on(self) -> None:
        """Show that nothing was sent, and that the next operation goes well."""
        assert self.book.tserver.gets() == []
        assert self.book.other_tserver.gets() == []
        good = {"operationName": "UpdateUserData", "userData": {"Good": "1"}}
        assert (await self.posts(self.address(Resource.CALL), good)).json == {"statusCode": 0}
        (request,) = self.book.tserver.gets()
        assert isinstance(request, t.RequestUpdateUserData)


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    async with playing() as book:
        agent = await book.talking()
        supervisor = await book.in_session("supervisor15009")
        book.tserver.sends_call_event(t.EventRinging, this_dn="15009", **OWN_CALL)
        book.tserver.sends_call_event(t.EventEstablished, this_dn="15009", **OWN_CALL)
        (device,) = (await supervisor.get("/me/devices?fields=id")).json["devices"]
        user = (await agent.get("/me")).json["user"]
        ids = {
            "call_id": str(OWN_CALL["call_uuid"]),
            "device_id": device["id"],
            "channel": "voice",
            "user_id": user["id"],
        }
        yield Scene(book, supervisor, ids)


@pytest.mark.parametrize(("row", "resource"), CASES)
def test_a_wrong_parameter_is_named_and_disturbs_nothing(row: OperationRow, resource: Resource) -> None:
    async def play() -> None:
        async with scene() as at:
            path = at.address(resource)
            for wrong in wrong_bodies(row.body):
                answer = await at.posts(path, wrong.body)
                told = (wrong.what, wrong.body, answer.json)
                assert (answer.status, answer.json["statusCode"]) == (400, wrong.code), told
                assert set(answer.json) == {"statusCode", "statusMessage"}, told
                assert answer.json["statusMessage"].startswith(wrong.where), told
            await at.goes_on()

    run(play())


@pytest.mark.parametrize(("row", "resource"), CASES)
def test_what_is_not_there_and_what_is_somebody_elses_is_not_found(
    row: OperationRow, resource: Resource
) -> None:
    others: dict[str, list[str]] = {
        "call_id": [CALL_ID, NOBODY, "%00", "%2e%2e"],
        "device_id": [DEVICE_15000, NOBODY, "voice"],
        "channel": ["chat", "Voice", NOBODY],
        "user_id": [NOBODY, "agent15000"],
    }

    async def play() -> None:
        async with scene() as at:
            novoice = (await at.book.agent("novoice").get("/me")).json["user"]["id"]
            for name, values in {**others, "user_id": [*others["user_id"], novoice]}.items():
                if f"{{{name}}}" not in resource.value:
                    continue
                for value in values:
                    answer = await at.posts(at.address(resource, **{name: value}), example_body(row.body))
                    assert answer.refusal[:2] == (404, 6), (name, value, answer.json)
            await at.goes_on()

    run(play())


@pytest.mark.parametrize(("row", "resource", "name"), NAMING)
def test_a_parameter_that_names_what_is_not_there_is_refused(
    row: OperationRow, resource: Resource, name: str
) -> None:
    async def play() -> None:
        async with scene() as at:
            novoice = at.book.directory.user("novoice")
            assert novoice
            elsewhere = novoice.devices[0].id
            for value in (NOBODY, f"/devices/{NOBODY}", "http://elsewhere.example/", f"/devices/{elsewhere}"):
                answer = await at.posts(at.address(resource), {**example_body(row.body), name: value})
                assert answer.refusal[:2] in ((400, 2), (404, 6)), (value, answer.json)
            await at.goes_on()

    run(play())


@pytest.mark.parametrize("row", ON_CALLS)
def test_an_operation_waits_for_its_state(row: OperationRow) -> None:
    """In each state without the capability it is refused; a released call is not there any more."""

    async def play() -> None:
        async with scene() as at:
            path, refused = at.address(Resource.CALL), 0
            for event in (t.EventHeld, t.EventRetrieved):
                at.book.tserver.sends_call_event(event, this_dn="15009", **OWN_CALL)
                capabilities = (await at.supervisor.get(path)).json["call"]["capabilities"]
                if row.body.__name__ not in capabilities:
                    refused += 1
                    answer = await at.posts(path, example_body(row.body))
                    assert answer.refusal[:2] == (400, 2)
                    assert answer.refusal[2].startswith(f"{row.body.__name__} is not possible"), answer.json
            await at.goes_on()
            at.book.tserver.sends_call_event(t.EventReleased, this_dn="15009", **OWN_CALL)
            assert (await at.posts(path, example_body(row.body))).refusal[:2] == (404, 6)
            assert at.book.tserver.gets() == []

    run(play())


@pytest.mark.parametrize(("row", "resource"), IN_SESSION)
def test_without_a_session_there_is_nothing_to_operate_on(row: OperationRow, resource: Resource) -> None:
    async def play() -> None:
        async with scene() as at:
            for each in (at.supervisor, at.book.agent()):
                assert (await each.post("/me", "EndContactCenterSession")).status == 200
            at.book.tserver.gets()
            answer = await at.posts(at.address(resource), example_body(row.body))
            expected = (404, 6) if resource is Resource.CALL else (400, 2)
            assert answer.refusal[:2] == expected, answer.json
            assert at.book.tserver.gets() == []

    run(play())


@pytest.mark.parametrize(("row", "resource"), CASES)
def test_who_may_not_is_told_so(row: OperationRow, resource: Resource) -> None:
    """An agent may not do what is for supervisors, and nobody what the contact center has no feature for."""

    async def play() -> None:
        async with scene() as at:
            agent, novoice = at.book.agent(), at.book.agent("novoice")
            body = json.dumps(example_body(row.body)).encode()
            answer = await novoice.post_raw(at.address(resource), body)
            assert answer.refusal[:2] == (400, 2), answer.json
            assert answer.refusal[2].startswith("Invalid operation: the contact center has no feature")
            if row.for_supervisors or resource is Resource.CHANNEL_OF_USER:
                path = at.address(resource, call_id=CALL_ID, device_id=DEVICE_15000)
                answer = await agent.post_raw(path, body)
                assert answer.refusal[:2] == (403, 5), answer.json
            await at.goes_on()

    run(play())
