"""Which resources a user may read, and which operations the user may use."""

from fastapi import Request

from bridge.api.security.gate import SESSION_SCOPE_KEY
from bridge.api.security.http_sessions import HttpSession
from bridge.directory.model import User, UserRole
from bridge.runtime.features import VOICE
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.operations import Operation, OperationRow
from bridge.voice.operations.permissions import check_permission

_LIST_PARAMETERS = frozenset({"fields", "subresources"})
"""The parameters of a query that list names."""


def http_session(request: Request) -> HttpSession:
    """Return the HTTP session that the gate has put into the scope."""
    found: HttpSession = request.scope[SESSION_SCOPE_KEY]
    return found


def reject_repeated_parameters(request: Request) -> None:
    """Check that no parameter of a query is repeated, except those that list names.

    Raises:
        ApiError: a parameter is repeated, so that it is ambiguous.

    """
    seen = set()
    for name, _ in request.query_params.multi_items():
        if name in seen and name not in _LIST_PARAMETERS:
            raise ApiError(StatusCode.INVALID, f"{name}: given more than once")
        seen.add(name)


def require_voice_user(request: Request) -> User:
    """Return the user who reads a voice resource.

    Raises:
        ApiError: the contact center lacks the feature, so its resources do not exist (GWS v2, Features).

    """
    user = http_session(request).user
    if not user.contact_center.has(VOICE):
        raise ApiError(StatusCode.NOT_FOUND, f"There is no resource {request.url.path}")
    return user


def require_operation_user(request: Request) -> User:
    """Return the user who sent an operation.

    Raises:
        ApiError: the contact center lacks the voice feature, so no operation is valid (GWS v2, Features).

    """
    user = http_session(request).user
    if VOICE not in user.contact_center.features:
        raise ApiError(StatusCode.INVALID, f"Invalid operation: the contact center has no feature {VOICE}")
    return user


def require_admin(request: Request) -> User:
    """Return the user who sent a request for a resource of administrators.

    Raises:
        ApiError: the user is not an administrator.

    """
    user = http_session(request).user
    if UserRole.ADMIN not in user.roles:
        raise ApiError(StatusCode.NOT_PERMITTED, f"{request.url.path} is for administrators only")
    return user


def authorize(user: User, row: OperationRow, operation: Operation) -> None:
    """Check that a user may use an operation.

    Raises:
        ApiError: the contact center lacks a feature of the operation, or it is for supervisors only.

    """
    if row.features or row.for_supervisors:
        check_permission(
            row,
            operation.name,
            user.contact_center.features,
            is_supervisor=UserRole.SUPERVISOR in user.roles,
        )
