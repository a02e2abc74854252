"""The schemas of answers in the OpenAPI document, made from the structs that write them.

`components` finds each struct that is named here, so that no reference of the document is broken.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"

JSON = "application/json"

STATUS_OK: Schema = {"statusCode": {"const": 0, "type": "integer"}}


def reference(kind: type[msgspec.Struct]) -> Schema:
    """Return a reference to the schema of a struct."""
    return {"$ref": REFERENCE.format(name=kind.__name__)}


def partial(kind: type[msgspec.Struct]) -> Schema:
    """Return a reference to the schema of a struct whose members `fields` can leave out."""
    return {"$ref": REFERENCE.format(name=f"{kind.__name__}Fields")}


def success_schema(members: Mapping[str, Schema], *, required: Iterable[str] | None = None) -> Schema:
    """Return the schema of the body of a success; `required`: the members that are always there, or all."""
    return {
        "type": "object",
        "properties": STATUS_OK | dict(members),
        "required": ["statusCode", *(members if required is None else required)],
    }


def responses(schema: Schema, description: str = "Found") -> dict[int | str, dict[str, Any]]:
    """Return the argument `responses` of a route that answers with a body."""
    return {200: {"description": description, "content": {JSON: {"schema": schema}}}}


def single_object(
    name: str, kind: type[msgspec.Struct], *, fields: bool = False
) -> dict[int | str, dict[str, Any]]:
    """Return the schema of an answer with one object; `fields`: whether its members can be chosen."""
    return responses(success_schema({name: partial(kind) if fields else reference(kind)}))


def uri_collection(name: str, kind: type[msgspec.Struct]) -> dict[int | str, dict[str, Any]]:
    """Return the schema of an answer with a collection that is addresses without `fields`."""
    uris = success_schema({"uris": {"type": "array", "items": {"type": "string", "format": "uri"}}})
    return responses({"oneOf": [uris, _collection(name, kind)]}, "Addresses; with `fields`, objects")


def object_collection(
    name: str, kind: type[msgspec.Struct], **extra_members: Schema
) -> dict[int | str, dict[str, Any]]:
    """Return the schema of an answer with a collection of objects, with `extra_members` beside it."""
    return responses(_collection(name, kind, **extra_members))


def _collection(name: str, kind: type[msgspec.Struct], **extra_members: Schema) -> Schema:
    return success_schema({name: {"type": "array", "items": partial(kind)}} | extra_members)


def request_body_schemas(kinds: Iterable[type[msgspec.Struct]]) -> dict[str, Schema]:
    """Return the schemas of structs that are read, and of the structs in them."""
    _, found = msgspec.json.schema_components(kinds, schema_hook=_any_json_schema, ref_template=REFERENCE)
    return found


def components(kinds: Iterable[type[msgspec.Struct]]) -> dict[str, Schema]:
    """Return the schemas of structs and of the structs in them, whole and with members left out."""
    _, found = msgspec.json.schema_components(kinds, schema_hook=_any_json_schema, ref_template=REFERENCE)
    schemas = {name: _without_nulls(schema) for name, schema in found.items()}
    return schemas | {
        f"{name}Fields": {key: value for key, value in schema.items() if key != "required"}
        for name, schema in schemas.items()
    }


def _any_json_schema(_kind: type) -> Schema:
    """Return the schema of `object` in a struct: any JSON value."""
    return {"description": "Whatever JSON can hold."}


def _without_nulls(schema: Schema) -> Schema:
    """Make members that may be None optional: they are never written as null."""
    properties = {name: without_null(each) for name, each in schema.get("properties", {}).items()}
    return schema | {"properties": properties} if properties else schema


def without_null(member: Schema) -> Schema:
    """Return a schema without its null."""
    choices = [each for each in member.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) != 1:
        return member
    rest = {key: value for key, value in member.items() if key not in ("anyOf", "default")}
    return {**choices[0], **rest}
