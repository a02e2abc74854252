"""The OpenAPI document: what FastAPI knows of the routes, and what else they may answer.

FastAPI writes the paths, their parameters and the answers to successful requests. Errors, credentials, the
schemas of resources and operations, and the links from an answer to the next request are the same for whole
families of routes; this module adds them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from bridge.api.http.paths import GUARDED_PATH
from bridge.api.provisioning import router as provisioning
from bridge.api.provisioning.bodies import ConfiguredDevice, ContactCenterResource
from bridge.api.resources import operations, user_events
from bridge.api.resources.address_book import ContactResource
from bridge.api.resources.features import FeatureResource
from bridge.api.resources.me import Me
from bridge.api.resources.my_devices import Setting
from bridge.api.resources.services import VoiceEnvironment
from bridge.api.resources.settings import AgentStateDescriptor, GeneralSettings, SettingsGroup
from bridge.api.resources.user import UserResource
from bridge.api.schema import schemas
from bridge.api.schema.links import LINKS, operation_id
from bridge.voice.gws.resources import ServiceResource
from bridge.voice.model.errors import StatusCode

Json = dict[str, Any]

_RESOURCES: Final = (
    AgentStateDescriptor,
    ConfiguredDevice,
    ContactCenterResource,
    ConfiguredDevice,
    ContactCenterResource,
    ContactResource,
    FeatureResource,
    GeneralSettings,
    Me,
    ServiceResource,
    Setting,
    SettingsGroup,
    UserResource,
    VoiceEnvironment,
)

DESCRIPTION: Final = (
    "An operation is a POST whose body names it. `statusCode` 0 means that it is on its way to the T-Server; "
    "what became of it is told over CometD at `/api/v2/notifications`, see `/asyncapi.json`. In `/me/...` "
    "everything is the own; nothing of another contact center is ever shown."
)

_ERROR_SCHEMA: Final[schemas.Schema] = {
    "type": "object",
    "description": "Why nothing was done. A failed request leaves everything as it was.",
    "properties": {
        "statusCode": {
            "enum": [
                int(code) for code in StatusCode if code not in (StatusCode.OK, StatusCode.PARTIAL_SUCCESS)
            ],
            "description": "; ".join(
                f"{int(code)}: {code.name.lower().replace('_', ' ')}" for code in StatusCode
            ),
        },
        "statusMessage": {"type": "string"},
    },
    "required": ["statusCode", "statusMessage"],
}

_USER_DATA: Final[schemas.Schema] = {
    "type": "object",
    "description": "Data of a call: at most 8 objects deep and 16,000 bytes packed, without null.",
    "additionalProperties": {
        "anyOf": [
            {"type": ["string", "number", "boolean", "array"]},
            {"$ref": schemas.REFERENCE.format(name="UserData")},
        ]
    },
}

_COMMON_ERRORS: Final = {
    "400": "A parameter is missing (1) or wrong, or what is asked is not possible now (2)",
    "403": "No or wrong credentials (20), no right to do this (5), or the CSRF token is missing (3)",
    "404": "There is no such resource (6)",
    "431": "A header is too long (2)",
    "500": "The fault is the server's (4)",
    "503": "The link to the T-Server is down, or too many log in at once (4)",
}
"""The errors that any request may get."""

_BODY_ERRORS: Final = {
    "413": "The body is too long (2)",
    "415": "The body is no JSON (2)",
}
"""The errors that a request with a body may get besides."""

_SECURITY: Final[list[dict[str, list[str]]]] = [{"password": []}, {"session": []}]
_SECURITY_OF_WRITES: Final[list[dict[str, list[str]]]] = [*_SECURITY, {"session": [], "csrf": []}]

_SECURITY_SCHEMES: Final[Json] = {
    "password": {"type": "http", "scheme": "basic"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "JSESSIONID",
        "description": "Set by the first answer to a request with a password.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-TOKEN",
        "description": "Where CSRF protection is on: the header of this name in the answer to a GET.",
    },
}


def route_operation_id(route: APIRoute) -> str:
    """Return the operationId of a route."""
    return operation_id(min(route.methods or ()).lower(), route.path_format)


class RestApi(FastAPI):
    """FastAPI with the whole document, which is made at the first request for it."""

    def openapi(self) -> Json:
        """Return the document; it is made once."""
        if not self.openapi_schema:
            self.openapi_schema = _complete_document(super().openapi())
        return self.openapi_schema

    def methods(self, path: str) -> list[str]:
        """Return the methods of a path; none if there is no such path."""
        return sorted(
            method.upper()
            for known, item in self.openapi()["paths"].items()
            for method in item
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path)
        )


def _complete_document(document: Json) -> Json:
    """Add what FastAPI does not know."""
    components = document.setdefault("components", {})
    components["schemas"] = (
        {
            name: schema
            for name, schema in components.get("schemas", {}).items()
            if name not in ("HTTPValidationError", "ValidationError")  # see `_complete_operation`
        }
        | schemas.components(_RESOURCES)
        | _operation_schemas()
        | provisioning.components()
        | {"Refusal": _ERROR_SCHEMA, "UserData": _USER_DATA}
    )
    components["securitySchemes"] = _SECURITY_SCHEMES
    document["security"] = _SECURITY
    for path, method, operation in _each_operation(document):
        _complete_operation(path, method, operation)
    return document


def _each_operation(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _complete_operation(path: str, method: str, operation: Json) -> None:
    """Add what FastAPI does not know. Its 422 is a 400 here, see `bridge.api.http.responses`."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = schemas.without_null(parameter["schema"])
    responses = operation["responses"]
    responses.pop("422", None)
    if not GUARDED_PATH.match(path):
        operation["security"] = []
        return
    for status, description in (
        _COMMON_ERRORS | (_BODY_ERRORS if "requestBody" in operation else {})
    ).items():
        responses.setdefault(status, _error_response(description))
    if method != "get":
        operation["security"] = _SECURITY_OF_WRITES
    links = LINKS.get((method, path))
    if links:
        responses["200"]["links"] = links


def _error_response(description: str) -> Json:
    schema = {"$ref": schemas.REFERENCE.format(name="Refusal")}
    return {"description": description, "content": {schemas.JSON: {"schema": schema}}}


def _operation_schemas() -> dict[str, schemas.Schema]:
    """Return the schemas of the operations, with user data as the bridge really reads it."""
    found = operations.components() | user_events.components()
    for schema in found.values():
        member = schema.get("properties", {}).get("userData")
        if member:
            data = {"$ref": schemas.REFERENCE.format(name="UserData")}
            schema["properties"]["userData"] = (
                {"anyOf": [data, {"type": "null"}]} if "anyOf" in member else data
            )
    return found
