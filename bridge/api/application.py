"""The HTTP application: authentication outside, CometD and the operations before the other routes."""

from collections.abc import Callable, Iterable

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.api import answers, me, operations, status
from bridge.api.authentication import SESSION, Authentication, Logins
from bridge.api.hotpath import OperationRoute
from bridge.api.sessions import HttpSession, HttpSessions
from bridge.voice.desk import Desk

NOTIFICATIONS = "/api/v2/notifications"


def user_of(scope: Scope) -> str:
    """Name the user of an authenticated request, as CometD sessions know it."""
    session: HttpSession = scope[SESSION]
    return session.user.id


class _Front:
    """Sends each request to where it is served.

    CometD goes past the router: its address has no redirects and any number of suffixes. Operations go
    straight to their routes (see `bridge.api.hotpath`); everything else is FastAPI's.
    """

    def __init__(self, rest: ASGIApp, operations: Iterable[BaseRoute], notifications: ASGIApp) -> None:
        self._rest = rest
        self._operations = [route for route in operations if isinstance(route, OperationRoute)]
        self._notifications = notifications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            if path.startswith(NOTIFICATIONS) and path[len(NOTIFICATIONS) :][:1] in ("", "/"):
                await self._notifications(scope, receive, send)
                return
            if scope["method"] == "POST":
                for route in self._operations:
                    match = route.path_regex.match(path)
                    if match:
                        await route.serve(match.groupdict(), scope, receive, send)
                        return
        await self._rest(scope, receive, send)


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
    rest.include_router(me.router(api, desk))
    posts = operations.router(desk, sessions)
    rest.include_router(posts)
    rest.openapi_schema = rest.openapi()
    rest.openapi_schema.setdefault("components", {}).setdefault("schemas", {}).update(operations.schemas())
    return Authentication(_Front(rest, posts.routes, notifications), logins, sessions)
