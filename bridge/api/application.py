"""The HTTP application: authentication outside, CometD beside the REST routes."""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.api import answers, me, status
from bridge.api.authentication import SESSION, Authentication, Logins
from bridge.api.sessions import HttpSession, HttpSessions
from bridge.voice.desk import Desk

NOTIFICATIONS = "/api/v2/notifications"


def user_of(scope: Scope) -> str:
    """Name the user of an authenticated request, as CometD sessions know it."""
    session: HttpSession = scope[SESSION]
    return session.user.id


class _Beside:
    """Sends what is for CometD past the router: its address has no redirects and any number of suffixes."""

    def __init__(self, rest: ASGIApp, notifications: ASGIApp) -> None:
        self._rest = rest
        self._notifications = notifications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        for_cometd = path == NOTIFICATIONS or path.startswith(NOTIFICATIONS + "/")
        await (self._notifications if for_cometd else self._rest)(scope, receive, send)


def build(
    *,
    api: str,
    version: str,
    desk: Desk,
    logins: Logins,
    sessions: HttpSessions,
    notifications: ASGIApp,
    why_not_ready: Callable[[], str | None],
) -> ASGIApp:
    """Put the application together; `api` is the external address that ends in `/api/v2`."""
    rest = FastAPI(title="GWS v2 voice API", version=version, redirect_slashes=False)
    answers.install(rest)
    rest.include_router(status.router(version, why_not_ready))
    rest.include_router(me.router(api, desk, sessions))
    return Authentication(_Beside(rest, notifications), logins, sessions)
