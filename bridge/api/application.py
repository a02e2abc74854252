"""The HTTP application: the gate outside, then CometD, the operations and the other routes."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Depends
from starlette.types import ASGIApp, Scope

from bridge.api import asyncapi_document, openapi
from bridge.api.http import responses
from bridge.api.http.operation_route import Dispatcher
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
from bridge.api.security.gate import SESSION_SCOPE_KEY, Gate
from bridge.api.security.http_sessions import HttpSession
from bridge.api.security.middleware import GateMiddleware
from bridge.bayeux import CometdEndpoint
from bridge.directory.directory import Directory
from bridge.directory.provisioning import Provisioning
from bridge.runtime.http.short import ShortHandler
from bridge.voice.service import VoiceService


def cometd_user_id(scope: Scope) -> str:
    """Return the id of the user of a request that the gate admitted, as CometD sessions know it."""
    session: HttpSession = scope[SESSION_SCOPE_KEY]
    return session.user.id


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The objects that the handlers use."""

    directory: Directory
    provisioning: Provisioning
    service: VoiceService
    gate: Gate


@dataclass(frozen=True, slots=True)
class HttpApplication:
    """The ASGI application, and the handler of the short way past it (see `bridge.runtime.http.short`)."""

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
    """Build the application.

    Args:
        context: the objects that the handlers use.
        api: the external address that ends in `/api/v2`.
        version: the version of the bridge.
        notifications: serves CometD.
        not_ready_reason: returns what is missing for the bridge to be ready, if anything is.

    """
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
    dispatcher = Dispatcher(rest_api, (*operation_routes.routes, *user_event_routes.routes), notifications)
    return HttpApplication(
        GateMiddleware(context.gate, dispatcher), context.gate.guard_exchanges(dispatcher.handle_exchange)
    )
