"""The forms of resources in answers: addresses, whole objects, or some of their members.

Source: GWS v2, Resources (`fields`) and Interpreting a Response (the names around objects).
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import Query, Response

from bridge.api.http.responses import ok_response

Names = Sequence[str] | None
"""A parameter that lists names: repeated, or separated by commas."""

Fields = Annotated[
    list[str] | None, Query(description="`*`, or names of members, with commas; unknown ones say nothing")
]
Subresources = Annotated[
    list[str] | None, Query(description="`*`, or names, with commas; unknown ones say nothing")
]

WILDCARD = "*"


def uri_collection(name: str, resources: Sequence[Any], fields: Names) -> Response:
    """Return an answer with a collection: without `fields`, only the addresses of its resources."""
    if _split(fields):
        return object_collection(name, resources, fields)
    return ok_response(uris=[resource.uri for resource in resources])


def object_collection(
    name: str, resources: Sequence[Any], fields: Names, **extra_members: object
) -> Response:
    """Return an answer with a collection of objects, whole without `fields`, and with `extra_members`."""
    rendered = resources if _is_complete(fields) else [select_members(each, fields) for each in resources]
    return ok_response(**extra_members, **{name: rendered})


def single_object(name: str, resource: object, fields: Names = None) -> Response:
    """Return an answer with one object, whole without `fields`."""
    return ok_response(**{name: resource if _is_complete(fields) else select_members(resource, fields)})


def select_members(resource: object, fields: Names) -> dict[str, Any]:
    """Return the members of a resource that `fields` names; without `fields`, all."""
    complete: dict[str, Any] = msgspec.to_builtins(resource)
    return (
        complete
        if _is_complete(fields)
        else {key: complete[key] for key in requested_names(fields, tuple(complete))}
    )


def requested_names(names: Names, available: Sequence[str]) -> list[str]:
    """Return those of the offered names that a request names, in the order offered."""
    requested = _split(names)
    return list(available) if WILDCARD in requested else [name for name in available if name in requested]


def _is_complete(fields: Names) -> bool:
    requested = _split(fields)
    return not requested or WILDCARD in requested


def _split(names: Names) -> set[str]:
    return {name for each in names or () for name in each.split(",")} - {""}
