"""The route of an operation: the hot path of the API.

FastAPI knows these routes like all others and documents them. What they need of it, though, is little:
their bodies are read by `bridge.voice.bodies`, and their answers are ready-made. Its way to a handler (the
matching of all routes, three layers of error handling, stacks for dependencies that nobody has) costs more
than the whole operation, so a POST goes straight from the route to its handler.
"""

from collections.abc import Mapping

import structlog
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from bridge.api import answers
from bridge.voice.refusals import RefusedError

log = structlog.get_logger(__name__)


class OperationRoute(APIRoute):
    """A POST whose handler takes the request and the parts of the path, and nothing else."""

    async def serve(self, parts: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        """Carry out the operation and answer; `parts` are those of the path."""
        request = Request(scope, receive)
        try:
            answer = await self.endpoint(request, **parts)
        except RefusedError as error:
            answer = answers.refusal(error)
        except ClientDisconnect:
            return
        except Exception as error:
            log.exception("operation failed", path=scope["path"])
            answer = await answers.failure(request, error)
        await answer(scope, receive, send)
