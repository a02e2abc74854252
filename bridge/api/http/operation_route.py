"""The route of an operation: the hot path of the API.

FastAPI knows these routes like all others and documents them. What they need of it, though, is little:
their bodies are read by `bridge.voice.gws.bodies`, and their answers are ready-made. Its way to a handler
(the matching of all routes, three layers of error handling, stacks for dependencies that nobody has) costs
more than the whole operation, so a POST goes straight from the route to its handler.
"""

from collections.abc import Mapping
from typing import Final

import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from bridge.api.http import responses
from bridge.runtime.short import Exchange
from bridge.voice.model.errors import ApiError

log = structlog.get_logger(__name__)


class OperationRoute(APIRoute):
    """A POST whose handler takes the request and the parts of the path, and nothing else."""

    async def handle_request(
        self, path_params: Mapping[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Carry out the operation and answer; `path_params` are those of the path."""
        answer = await self._respond(path_params, Request(scope, receive))
        if answer is not None:
            await answer(scope, receive, send)

    def handle_exchange(self, path_params: Mapping[str, str], exchange: Exchange) -> None:
        """Do the same the short way: without a task, for nothing here waits once the body has come."""
        coroutine = self._respond(path_params, Request(exchange.scope, exchange.receive))
        try:
            coroutine.send(None)
        except StopIteration as end:
            answer: Response = end.value
        else:
            coroutine.close()
            raise RuntimeError(f"the operation at {exchange.scope['path']} waits")
        headers = _ACCEPTED if answer is responses.ACCEPTED else _header_lines(answer)
        exchange.answer(answer.status_code, headers, bytes(answer.body))

    async def _respond(self, path_params: Mapping[str, str], request: Request) -> Response | None:
        """Carry out the operation; None: the client has gone before it was told."""
        try:
            answer: Response = await self.endpoint(request, **path_params)
        except ApiError as error:
            return responses.error_response(error)
        except ClientDisconnect:
            return None
        except Exception as error:
            log.exception("operation failed", path=request.scope["path"])
            return await responses.internal_error_response(request, error)
        return answer


def _header_lines(answer: Response) -> bytes:
    """Write the headers of an answer, without its length."""
    return b"".join(
        [b"%b: %b\r\n" % header for header in answer.raw_headers if header[0] != b"content-length"]
    )


_ACCEPTED: Final = _header_lines(responses.ACCEPTED)
