"""The hot path of the API: operations and CometD, served past FastAPI.

FastAPI knows the routes of operations like all others, and documents them. But its way to a handler (the
matching of all routes, three layers of error handling, stacks for dependencies) costs more than a whole
operation, which needs none of it: its body is read by `bridge.voice.gws.bodies`, and its answer is
ready-made. So a POST goes straight from the `Dispatcher` to the handler of its `OperationRoute`.
"""

from collections.abc import Iterable
from typing import Any, Final

import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.api.http import responses
from bridge.api.http.body import read_json_body, require_json
from bridge.api.http.paths import COMETD_PATH
from bridge.bayeux import CometdEndpoint
from bridge.runtime.http.short import Exchange
from bridge.voice.model.errors import ApiError

BODY_SCOPE_KEY: Final = "json_body"
"""The key of the ASGI scope under which the handler of an operation finds the body of the request."""

log = structlog.get_logger(__name__)


class OperationRoute(APIRoute):
    """A POST whose handler takes the request and the parameters of the path, and answers without waiting."""

    async def handle_request(
        self, path_params: dict[str, Any], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve a request by ASGI; no answer if the client disconnects before its body is complete."""
        request = Request(scope, receive)
        try:
            scope[BODY_SCOPE_KEY] = await read_json_body(request)
            answer: Response = self.endpoint(request, **path_params)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 (any fault is logged, and the client gets an answer)
            answer = _error_response(scope, error)
        await answer(scope, receive, send)

    def handle_exchange(self, path_params: dict[str, Any], exchange: Exchange) -> None:
        """Serve a request the short way."""
        scope = exchange.scope
        try:
            require_json(scope)
            scope[BODY_SCOPE_KEY] = exchange.body
            answer: Response = self.endpoint(Request(scope), **path_params)
        except Exception as error:  # noqa: BLE001 (any fault is logged, and the client gets an answer)
            answer = _error_response(scope, error)
        if answer is responses.ACCEPTED:
            exchange.answer(200, _ACCEPTED_HEADERS, _ACCEPTED_BODY)
        else:
            headers = responses.header_lines(answer.raw_headers)
            exchange.answer(answer.status_code, headers, bytes(answer.body))


def _error_response(scope: Scope, error: Exception) -> Response:
    if isinstance(error, ApiError):
        return responses.error_response(error)
    log.error("operation failed", path=scope["path"], exc_info=error)
    return responses.internal_error_response()


_METHODS: Final = Response(headers={"allow": "GET, HEAD, POST, PUT, DELETE, OPTIONS"})
"""The answer to `OPTIONS *` and `OPTIONS /`, which load balancers send to see whether a server is up."""

_ACCEPTED_HEADERS: Final = responses.header_lines(responses.ACCEPTED.raw_headers)
_ACCEPTED_BODY: Final = bytes(responses.ACCEPTED.body)


class Dispatcher:
    """An ASGI application that passes each request to where it is served.

    CometD goes past the router, because its address has any number of suffixes. Operations go straight to
    their routes, everything else to FastAPI. A slash at the end of an address means nothing.

    Args:
        rest_api: serves everything else.
        routes: the routes of operations, the most used first; others among them are ignored.
        notifications: serves CometD.

    """

    def __init__(self, rest_api: ASGIApp, routes: Iterable[BaseRoute], notifications: CometdEndpoint) -> None:
        self._rest_api = rest_api
        self._operations = [route for route in routes if isinstance(route, OperationRoute)]
        self._notifications = notifications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, a web socket, or the lifespan of the application."""
        kind = scope["type"]
        if kind != "lifespan":
            path: str = scope["path"]
            if COMETD_PATH.match(path):
                await self._notifications(scope, receive, send)
                return
            if path[-1:] == "/":
                path = path.rstrip("/") or "/"
                scope = {**scope, "path": path}
            if kind == "http" and scope["method"] == "HEAD":  # the server leaves out the body of the answer
                scope = {**scope, "method": "GET"}
            if kind == "http" and scope["method"] == "OPTIONS" and path in ("/", "*"):
                await _METHODS(scope, receive, send)
                return
            if kind == "http" and scope["method"] == "POST":
                for route in self._operations:
                    match = route.path_regex.match(path)
                    if match:
                        await route.handle_request(match.groupdict(), scope, receive, send)
                        return
        await self._rest_api(scope, receive, send)

    def handle_exchange(self, exchange: Exchange) -> bool:
        """Serve a POST the short way if it is CometD's or an operation; False: it is to go by ASGI."""
        path: str = exchange.scope["path"]
        if COMETD_PATH.match(path):
            return self._notifications.handle_exchange(exchange)
        for route in self._operations:
            match = route.path_regex.match(path)
            if match:
                route.handle_exchange(match.groupdict(), exchange)
                return True
        return False
