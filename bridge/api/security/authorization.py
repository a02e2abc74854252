"""What a user may do: which reads, which operations, which features."""

from fastapi import Request

from bridge.api.security.http_sessions import HttpSession
from bridge.api.security.middleware import SESSION_SCOPE_KEY
from bridge.directory.model import User, UserRole
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.operations.base import VOICE, OperationRow

_LIST_PARAMETERS = frozenset({"fields", "subresources"})
"""The parameters of a query that list names."""


def http_session(request: Request) -> HttpSession:
    """Find the HTTP session that the authentication has put into the scope."""
    found: HttpSession = request.scope[SESSION_SCOPE_KEY]
    return found


def reject_repeated_parameters(request: Request) -> None:
    """Let a request through that says each thing once; what lists names may be there several times.

    Raises:
        ApiError: a parameter of the query is there twice, so that nobody knows which one counts.

    """
    seen = set()
    for name, _ in request.query_params.multi_items():
        if name in seen and name not in _LIST_PARAMETERS:
            raise ApiError(StatusCode.INVALID, f"{name}: given more than once")
        seen.add(name)


def require_voice_user(request: Request) -> User:
    """Find the user of a voice resource that is read.

    Raises:
        ApiError: the contact center lacks the feature; then its resources do not exist (GWS v2,
            Features).

    """
    user = http_session(request).user
    if not user.contact_center.has(VOICE):
        raise ApiError(StatusCode.NOT_FOUND, f"There is no resource {request.url.path}")
    return user


def require_operation_user(request: Request) -> User:
    """Find the user who asks for an operation.

    Raises:
        ApiError: the contact center lacks the voice feature; then no operation is valid (GWS v2,
            Features).

    """
    user = http_session(request).user
    _require_feature(user, VOICE)
    return user


def require_admin(request: Request) -> User:
    """Find the user of a resource that is for administrators.

    Raises:
        ApiError: the user is none.

    """
    user = http_session(request).user
    if UserRole.ADMIN not in user.roles:
        raise ApiError(StatusCode.NOT_PERMITTED, f"{request.url.path} is for administrators only")
    return user


def authorize(user: User, row: OperationRow) -> None:
    """Let a user do an operation.

    Raises:
        ApiError: the contact center lacks a feature; then the operation is not valid (GWS v2,
            Features). Or the user is no supervisor, and the operation is for them.

    """
    for feature in row.features:
        _require_feature(user, feature)
    if row.for_supervisors and UserRole.SUPERVISOR not in user.roles:
        text = f"{row.body.__name__} is for supervisors only"
        raise ApiError(StatusCode.NOT_PERMITTED, text)


def _require_feature(user: User, feature: str) -> None:
    if not user.contact_center.has(feature):
        text = f"Invalid operation: the contact center has no feature {feature}"
        raise ApiError(StatusCode.INVALID, text)
