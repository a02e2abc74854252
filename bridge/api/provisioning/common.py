"""What all provisioning routes have in common: permission, errors, and documentation.

Source: GWS v2, Users API and Features (required features), Return Values.
"""

from collections.abc import Awaitable
from typing import Any, Final, TypeVar

import msgspec
import structlog
from fastapi import Request
from msgspec import UNSET

from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory.commands import ProvisioningError, ProvisioningErrorCode
from bridge.directory.model import User
from bridge.directory.persistence import StoreError
from bridge.voice.model.errors import ApiError, StatusCode

log = structlog.get_logger(__name__)

_TEXT: Final[schemas.Schema] = {"type": "string"}
SUCCESS: Final = schemas.success_schema({})
CREATED: Final = schemas.success_schema({"id": _TEXT, "uri": _TEXT, "path": _TEXT})
CONFLICT: Final[dict[int | str, dict[str, Any]]] = {
    409: {
        "description": "There is such a thing already (18), or it is in use (19)",
        "content": {schemas.JSON: {"schema": {"$ref": schemas.REFERENCE.format(name="Refusal")}}},
    }
}
DELETED: Final = schemas.responses(SUCCESS, "Gone") | CONFLICT
SUCCESS_OR_CREATED: Final = schemas.success_schema({"id": _TEXT, "uri": _TEXT, "path": _TEXT}, required=())

T = TypeVar("T")

_CODES: Final = {
    ProvisioningErrorCode.MISSING: StatusCode.PARAMETER_MISSING,
    ProvisioningErrorCode.INVALID: StatusCode.INVALID,
    ProvisioningErrorCode.NOT_FOUND: StatusCode.NOT_FOUND,
    ProvisioningErrorCode.EXISTS: StatusCode.ALREADY_EXISTS,
    ProvisioningErrorCode.IN_USE: StatusCode.IN_USE,
}


def require_provisioning_admin(request: Request, feature: str) -> User:
    """Return the administrator who sent a request.

    Raises:
        ApiError: the contact center lacks the feature, so the resource does not exist; or the user is not an
            administrator.

    """
    user = authorization.http_session(request).user
    if not user.contact_center.has(feature):
        raise ApiError(StatusCode.NOT_FOUND, f"There is no resource {request.url.path}")
    return authorization.require_admin(request)


async def apply_change(change: Awaitable[T]) -> T:
    """Wait until a change is applied.

    Raises:
        ApiError: it is refused, or cannot be stored; then nothing has changed.

    """
    try:
        return await change
    except ProvisioningError as error:
        raise ApiError(_CODES[error.code], str(error)) from None
    except StoreError as error:
        log.error("a change cannot be kept", reason=str(error))  # noqa: TRY400 (the reason says it all)
        raise ApiError(StatusCode.INTERNAL_ERROR, "The change cannot be kept; nothing has changed") from None


def check_read_only(body: msgspec.Struct, **values: object) -> None:
    """Check that read-only members have their present values, because clients send back what they have read.

    Args:
        body: the body of the request.
        values: the present values, by attribute.

    Raises:
        ApiError: a member has another value.

    """
    names = {field.name: field.encode_name for field in msgspec.structs.fields(body)}
    for attribute, value in values.items():
        if getattr(body, attribute) not in (UNSET, value):
            text = f"This operation is not allowed: '{names[attribute]}' is a read-only property"
            raise ApiError(StatusCode.READ_ONLY, text)


def route_docs(body: type[msgspec.Struct], success_schema: schemas.Schema = SUCCESS) -> dict[str, Any]:
    """Return the OpenAPI documentation of a route that reads a body."""
    content = {schemas.JSON: {"schema": schemas.reference(body)}}
    return {
        "openapi_extra": {"requestBody": {"required": True, "content": content}},
        "responses": schemas.responses(success_schema, "Done") | CONFLICT,
    }
