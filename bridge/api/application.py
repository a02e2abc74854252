"""The HTTP application: authentication outside, CometD and the operations before the other routes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fastapi import Depends
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.api import asyncapi_document as asyncapi
from bridge.api import openapi as document
from bridge.api.http import responses as answers
from bridge.api.http.operation_route import OperationRoute
from bridge.api.http.paths import is_cometd
from bridge.api.provisioning import router as provisioning
from bridge.api.resources import contacts, features, me, my_calls, my_devices, operations, services, settings
from bridge.api.resources import health as status
from bridge.api.resources import user_events as internal
from bridge.api.security import authorization as requests
from bridge.api.security.http_sessions import HttpSession
from bridge.api.security.middleware import SESSION, Door
from bridge.bayeux import Endpoint
from bridge.directory.directory import Directory
from bridge.directory.provisioning import Provisioning
from bridge.runtime.short import Exchange, Short
from bridge.voice.service import Desk


def user_of(scope: Scope) -> str:
    """Name the user of an authenticated request, as CometD sessions know it."""
    session: HttpSession = scope[SESSION]
    return session.user.id


class _Front:
    """Sends each request to where it is served.

    CometD goes past the router: its address has no redirects and any number of suffixes. Operations go
    straight to their routes (see `bridge.api.http.operation_route`); everything else is FastAPI's. A slash
    at the end of an address means nothing.
    """

    def __init__(self, rest: ASGIApp, operations: Iterable[BaseRoute], notifications: Endpoint) -> None:
        self._rest = rest
        self._operations = [route for route in operations if isinstance(route, OperationRoute)]
        self._notifications = notifications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind != "lifespan":
            path: str = scope["path"]
            if is_cometd(path):
                await self._notifications(scope, receive, send)
                return
            if path[-1:] == "/":
                path = path.rstrip("/") or "/"
                scope = {**scope, "path": path}
            if kind == "http" and scope["method"] == "POST":
                for route in self._operations:
                    match = route.path_regex.match(path)
                    if match:
                        await route.serve(match.groupdict(), scope, receive, send)
                        return
        await self._rest(scope, receive, send)

    def take(self, exchange: Exchange) -> bool:
        """Serve a POST the short way, if it is CometD's or an operation."""
        path: str = exchange.scope["path"]
        if is_cometd(path):
            return self._notifications.take(exchange)
        for route in self._operations:
            match = route.path_regex.match(path)
            if match:
                route.take(match.groupdict(), exchange)
                return True
        return False


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the handlers work with."""

    directory: Directory
    changes: Provisioning
    desk: Desk
    door: Door


@dataclass(frozen=True, slots=True)
class Served:
    """The application, and the short way to what is asked of it most."""

    app: ASGIApp
    short: Short


def build(
    rooms: Rooms,
    *,
    api: str,
    version: str,
    notifications: Endpoint,
    why_not_ready: Callable[[], str | None],
) -> Served:
    """Put the application together; `api` is the external address that ends in `/api/v2`."""
    directory, desk = rooms.directory, rooms.desk
    rest = document.Rest(
        title="GWS v2 voice API",
        description=document.ABOUT,
        version=version,
        redirect_slashes=False,
        generate_unique_id_function=document.name_of,
        dependencies=[Depends(requests.each_once)],
    )
    rest.include_router(status.router(version, why_not_ready))
    rest.include_router(asyncapi.router(api, version))
    rest.include_router(me.router(api, desk))
    rest.include_router(my_devices.router(desk))
    rest.include_router(my_calls.router(desk))
    rest.include_router(features.router(api))
    rest.include_router(services.router(api, desk))
    rest.include_router(settings.router(api))
    rest.include_router(contacts.router(api, directory, desk))
    rest.include_router(provisioning.router(api, directory, rooms.changes, desk))
    posts = operations.router(desk, rooms.door.sessions)
    rest.include_router(posts)
    user_events = internal.router(desk)
    rest.include_router(user_events)
    answers.install(rest, rest.methods)
    front = _Front(rest, (*posts.routes, *user_events.routes), notifications)
    return Served(rooms.door.guard(front), rooms.door.guard_short(front.take))
