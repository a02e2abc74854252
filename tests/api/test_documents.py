"""The API as documents: valid, complete, to be had without credentials, and true of what is told."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from bridge.voice.operations import ROWS, Resource, operations_on
from tests.loop import run
from tests.needs import needs_node
from tests.playbook import CALL_ID, Playbook, playing

SERVER = "http://127.0.0.1:8080"
REFUSAL = {"$ref": "#/components/schemas/Refusal"}


async def document(name: str) -> dict[str, Any]:
    async with playing() as book:
        response = await book.agent(password=None).http.get(f"{SERVER}/{name}.json")
        assert response.headers["content-type"] == "application/json"
        found: dict[str, Any] = response.json()
        return found


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref":
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def resolve(document: dict[str, Any], reference: str) -> Any:
    where: Any = document
    for part in reference.removeprefix("#/").split("/"):
        where = where[part]
    return where


def operations(api: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in api["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


# --- OpenAPI ------------------------------------------------------------------------------------------


def test_the_document_is_valid_openapi() -> None:
    api = run(document("openapi"))
    assert api["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(api).validate()


def test_every_reference_leads_somewhere() -> None:
    for name in ("openapi", "asyncapi"):
        api = run(document(name))
        found = set(references(api))
        assert found
        for reference in found:
            resolve(api, reference)


def test_everything_that_is_described_is_used() -> None:
    api = run(document("openapi"))
    used = {reference.rpartition("/")[2] for reference in references(api)}
    spare = {name for name in api["components"]["schemas"] if name.removesuffix("Fields") not in used}
    assert {name for name in spare if name.removesuffix("Fields") + "Fields" not in used} == set()


def test_every_operation_says_how_it_is_refused_and_who_may() -> None:
    api = run(document("openapi"))
    ids = [operation["operationId"] for _, _, operation in operations(api)]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations(api):
        if not path.startswith(("/api/v2/", "/internal-api/")) or path == "/api/v2/diagnostics/version":
            assert operation["security"] == [], path
            continue
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"400", "403", "404", "431", "500", "503"} <= set(refusals), path
        assert ({"413", "415"} <= set(refusals)) == ("requestBody" in operation), path
        assert "422" not in refusals
        for answer in refusals.values():
            assert answer["content"] == {"application/json": {"schema": REFUSAL}}
        assert any("csrf" in each for each in operation.get("security", ())) == (method != "get"), path


def test_every_operation_of_the_tables_is_described_with_an_example() -> None:
    api = run(document("openapi"))
    for resource in Resource:
        body = api["paths"][f"/api/v2{resource.value}"]["post"]["requestBody"]["content"]["application/json"]
        names = [kind.__name__ for kind in operations_on(resource)]
        assert [reference.rpartition("/")[2] for reference in references(body["schema"])] == names
        assert list(body["schema"]["discriminator"]["mapping"]) == names
        for name in names:
            example = body["examples"][name]["value"]
            schema = {"$ref": f"#/components/schemas/{name}", "components": api["components"]}
            jsonschema_rs.validate(schema, example)
    schemas = api["components"]["schemas"]
    assert {row.body.__name__ for row in ROWS} <= set(schemas)
    assert {"destination", "location", "userData"} <= set(schemas["SingleStepTransfer"]["properties"])
    assert schemas["SingleStepTransfer"]["required"] == ["operationName", "destination"]


def test_what_is_never_null_is_not_described_as_if_it_were() -> None:
    api = run(document("openapi"))
    call = api["components"]["schemas"]["CallResource"]
    assert call["properties"]["dnis"] == {"type": "string"}
    assert "dnis" not in call["required"]
    assert "callUuid" in call["required"]
    assert "required" not in api["components"]["schemas"]["CallResourceFields"]


def test_the_links_pass_what_their_targets_take() -> None:
    api = run(document("openapi"))
    links = [
        link
        for _, _, operation in operations(api)
        for link in operation["responses"].get("200", {}).get("links", {}).values()
    ]
    assert len(links) > 10
    by_id = {operation["operationId"]: operation for _, _, operation in operations(api)}
    for link in links:
        target = by_id[link["operationId"]]
        taken = {parameter["name"] for parameter in target.get("parameters", ()) if parameter["in"] == "path"}
        assert set(link.get("parameters", ())) == taken


# --- AsyncAPI -----------------------------------------------------------------------------------------


@pytest.mark.needs("node")
def test_the_document_of_the_notifications_is_valid_asyncapi() -> None:
    api = run(document("asyncapi"))
    published = needs_node().folder / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"
    schema = json.loads(published.read_text(encoding="utf-8"))
    jsonschema_rs.Draft7Validator(schema).validate(api)


def test_the_notifications_are_described_as_asyncapi_wants_it() -> None:
    api = run(document("asyncapi"))
    assert api["asyncapi"] == "3.0.0"
    assert set(api["info"]) >= {"title", "version"}
    (server,) = api["servers"].values()
    assert server == {
        "host": "127.0.0.1:8080",
        "pathname": "/api/v2/notifications",
        "protocol": "http",
        "description": "Bayeux 1.0, by long-polling",
    }
    for name, operation in api["operations"].items():
        assert operation["action"] == "send", name
        channel = resolve(api, operation["channel"]["$ref"])
        assert channel["address"].startswith("/")
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{operation['channel']['$ref']}/messages/")
    assert {channel["address"] for channel in api["channels"].values()} == {
        "/v2/me/calls",
        "/v2/me/devices",
        "/v2/me/channels",
        "/notifications/services",
    }


async def collect_notifications(book: Playbook) -> list[dict[str, Any]]:
    """Have every kind of message told."""
    agent = book.agent()
    await agent.listen("/**")
    await agent.post("/me", "StartContactCenterSession", channels=["voice"])
    book.tserver.registers()
    book.tserver.logs_in()
    book.tserver.sends_call_event(t.EventDialing, user_data=KVList.of(Reason="x", Customer=KVList.of(Id=7)))
    book.tserver.sends_call_event(t.EventEstablished)
    await agent.post(f"/me/calls/{CALL_ID}", "Hangup")
    (request,) = book.tserver.gets()
    book.tserver.sends(
        t.EventError, reference_id=request.reference_id, error_code=71, error_message="Invalid DN"
    )
    book.tserver.sends_call_event(t.EventReleased)
    book.tserver.goes_away()
    return await agent.notifications()


def test_what_is_told_is_what_the_document_says() -> None:
    async def scene() -> list[dict[str, Any]]:
        async with playing() as book:
            return await collect_notifications(book)

    api = run(document("asyncapi"))
    told = {(message["channel"], message["data"]["messageType"]): message["data"] for message in run(scene())}
    channels = {channel["address"]: channel["messages"] for channel in api["channels"].values()}
    assert {kind for _, kind in told} == {kind for messages in channels.values() for kind in messages}
    for (channel, kind), data in told.items():
        payload = f"{channels[channel][kind]['$ref']}/payload"
        jsonschema_rs.validate({**api, "$ref": payload}, data)
        broken = {**data, "messageType": "Other"}
        assert not jsonschema_rs.is_valid({**api, "$ref": payload}, broken)
