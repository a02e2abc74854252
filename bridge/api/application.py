"""The HTTP application: authentication outside, CometD and the operations before the other routes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fastapi import Depends
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.api import asyncapi_document, openapi
from bridge.api.http import responses
from bridge.api.http.operation_route import OperationRoute
from bridge.api.http.paths import is_cometd
from bridge.api.provisioning import router as provisioning
from bridge.api.resources import (
    contacts,
    features,
    health,
    me,
    my_calls,
    my_devices,
    operations,
    services,
    settings,
    user_events,
)
from bridge.api.security import authorization
from bridge.api.security.http_sessions import HttpSession
from bridge.api.security.middleware import SESSION_SCOPE_KEY, Gate
from bridge.bayeux import CometdEndpoint
from bridge.directory.directory import Directory
from bridge.directory.provisioning import Provisioning
from bridge.runtime.short import Exchange, ShortHandler
from bridge.voice.service import VoiceService


def cometd_user_id(scope: Scope) -> str:
    """Name the user of an authenticated request, as CometD sessions know it."""
    session: HttpSession = scope[SESSION_SCOPE_KEY]
    return session.user.id


class _Dispatcher:
    """Sends each request to where it is served.

    CometD goes past the router: its address has no redirects and any number of suffixes. Operations go
    straight to their routes (see `bridge.api.http.operation_route`); everything else is FastAPI's. A slash
    at the end of an address means nothing.
    """

    def __init__(
        self, rest_api: ASGIApp, operations: Iterable[BaseRoute], notifications: CometdEndpoint
    ) -> None:
        self._rest_api = rest_api
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
                        await route.handle_request(match.groupdict(), scope, receive, send)
                        return
        await self._rest_api(scope, receive, send)

    def handle_exchange(self, exchange: Exchange) -> bool:
        """Serve a POST the short way, if it is CometD's or an operation."""
        path: str = exchange.scope["path"]
        if is_cometd(path):
            return self._notifications.handle_exchange(exchange)
        for route in self._operations:
            match = route.path_regex.match(path)
            if match:
                route.handle_exchange(match.groupdict(), exchange)
                return True
        return False


@dataclass(frozen=True, slots=True)
class ApiContext:
    """What the handlers work with."""

    directory: Directory
    provisioning: Provisioning
    service: VoiceService
    gate: Gate


@dataclass(frozen=True, slots=True)
class HttpApplication:
    """The application, and the short way to what is asked of it most."""

    app: ASGIApp
    short: ShortHandler


def build_application(
    context: ApiContext,
    *,
    api: str,
    version: str,
    notifications: CometdEndpoint,
    not_ready_reason: Callable[[], str | None],
) -> HttpApplication:
    """Put the application together; `api` is the external address that ends in `/api/v2`."""
    directory, service = context.directory, context.service
    rest_api = openapi.RestApi(
        title="GWS v2 voice API",
        description=openapi.DESCRIPTION,
        version=version,
        redirect_slashes=False,
        generate_unique_id_function=openapi.route_operation_id,
        dependencies=[Depends(authorization.reject_repeated_parameters)],
    )
    rest_api.include_router(health.router(version, not_ready_reason))
    rest_api.include_router(asyncapi_document.router(api, version))
    rest_api.include_router(me.router(api, service))
    rest_api.include_router(my_devices.router(service))
    rest_api.include_router(my_calls.router(service))
    rest_api.include_router(features.router(api))
    rest_api.include_router(services.router(api, service))
    rest_api.include_router(settings.router(api))
    rest_api.include_router(contacts.router(api, directory, service))
    rest_api.include_router(provisioning.router(api, directory, context.provisioning, service))
    operation_routes = operations.router(service, context.gate.sessions)
    rest_api.include_router(operation_routes)
    user_event_routes = user_events.router(service)
    rest_api.include_router(user_event_routes)
    responses.install_exception_handlers(rest_api, rest_api.methods)
    dispatcher = _Dispatcher(rest_api, (*operation_routes.routes, *user_event_routes.routes), notifications)
    return HttpApplication(
        context.gate.guard(dispatcher), context.gate.guard_exchanges(dispatcher.handle_exchange)
    )
