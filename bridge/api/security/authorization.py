"""What a user may do: which reads, which operations, which features."""

from fastapi import Request

from bridge.api.security.http_sessions import HttpSession
from bridge.api.security.middleware import SESSION
from bridge.directory.model import Role, User
from bridge.voice.model.errors import RefusedError, StatusCode
from bridge.voice.operations.base import VOICE, Row

_LISTS = frozenset({"fields", "subresources"})
"""The parameters of a query that list names."""


def session(request: Request) -> HttpSession:
    """Find the HTTP session that the authentication has put into the scope."""
    found: HttpSession = request.scope[SESSION]
    return found


def each_once(request: Request) -> None:
    """Let a request through that says each thing once; what lists names may be there several times.

    Raises:
        RefusedError: a parameter of the query is there twice, so that nobody knows which one counts.

    """
    seen = set()
    for name, _ in request.query_params.multi_items():
        if name in seen and name not in _LISTS:
            raise RefusedError(StatusCode.INVALID, f"{name}: given more than once")
        seen.add(name)


def voice_user(request: Request) -> User:
    """Find the user of a voice resource that is read.

    Raises:
        RefusedError: the contact center lacks the feature; then its resources do not exist (GWS v2,
            Features).

    """
    user = session(request).user
    if not user.contact_center.has(VOICE):
        raise RefusedError(StatusCode.NOT_FOUND, f"There is no resource {request.url.path}")
    return user


def operator(request: Request) -> User:
    """Find the user who asks for an operation.

    Raises:
        RefusedError: the contact center lacks the voice feature; then no operation is valid (GWS v2,
            Features).

    """
    user = session(request).user
    _has(user, VOICE)
    return user


def admin(request: Request) -> User:
    """Find the user of a resource that is for administrators.

    Raises:
        RefusedError: the user is none.

    """
    user = session(request).user
    if Role.ADMIN not in user.roles:
        raise RefusedError(StatusCode.NOT_PERMITTED, f"{request.url.path} is for administrators only")
    return user


def may(user: User, row: Row) -> None:
    """Let a user do an operation.

    Raises:
        RefusedError: the contact center lacks a feature; then the operation is not valid (GWS v2,
            Features). Or the user is no supervisor, and the operation is for them.

    """
    for feature in row.features:
        _has(user, feature)
    if row.for_supervisors and Role.SUPERVISOR not in user.roles:
        text = f"{row.body.__name__} is for supervisors only"
        raise RefusedError(StatusCode.NOT_PERMITTED, text)


def _has(user: User, feature: str) -> None:
    if not user.contact_center.has(feature):
        text = f"Invalid operation: the contact center has no feature {feature}"
        raise RefusedError(StatusCode.INVALID, text)
