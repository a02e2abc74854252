"""The forms in which resources are shown: addresses, whole objects, or some of their members.

Source: GWS v2, Resources (`fields`) and Interpreting a Response (the names around objects).
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import Query, Response

from bridge.api.http.responses import found

Names = Sequence[str] | None
"""Names that a client sends: several, or with commas between them."""

Fields = Annotated[
    list[str] | None, Query(description="`*`, or names of members, with commas; unknown ones say nothing")
]
Subresources = Annotated[
    list[str] | None, Query(description="`*`, or names, with commas; unknown ones say nothing")
]

EVERYTHING = "*"


def addresses(name: str, resources: Sequence[Any], fields: Names) -> Response:
    """Answer with a collection: without `fields` only the addresses of its resources."""
    if _split(fields):
        return objects(name, resources, fields)
    return found(uris=[resource.uri for resource in resources])


def objects(name: str, resources: Sequence[Any], fields: Names, **beside: object) -> Response:
    """Answer with a collection of objects, whole without `fields`; `beside` stands next to it."""
    shown = resources if _is_whole(fields) else [members(each, fields) for each in resources]
    return found(**beside, **{name: shown})


def single(name: str, resource: object, fields: Names = None) -> Response:
    """Answer with one object, whole without `fields`."""
    return found(**{name: resource if _is_whole(fields) else members(resource, fields)})


def members(resource: object, fields: Names) -> dict[str, Any]:
    """Write the members of a resource that are asked for, all without `fields`."""
    whole: dict[str, Any] = msgspec.to_builtins(resource)
    return whole if _is_whole(fields) else {key: whole[key] for key in wanted(fields, tuple(whole))}


def wanted(names: Names, offered: Sequence[str]) -> list[str]:
    """Say which of the offered names are asked for, in the order offered."""
    asked = _split(names)
    return list(offered) if EVERYTHING in asked else [name for name in offered if name in asked]


def _is_whole(fields: Names) -> bool:
    asked = _split(fields)
    return not asked or EVERYTHING in asked


def _split(names: Names) -> set[str]:
    return {name for each in names or () for name in each.split(",")} - {""}
