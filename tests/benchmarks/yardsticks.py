"""What the bridge is compared with: endpoints that take the same POST and do nothing with it."""

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.types import Receive, Scope, Send


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Destination(_Body):
    """Whom to call."""

    phone_number: str


class Operation(_Body):
    """The body of a SingleStepTransfer."""

    operation_name: str
    destination: Destination
    location: str | None = None
    user_data: dict[str, object] | None = None


def bare_fastapi() -> FastAPI:
    """Make the yardstick: FastAPI as its tutorial teaches it, which parses and checks the body."""
    app = FastAPI()

    @app.post("/api/v2/me/calls/{call_id}")
    async def operate(call_id: str, body: Operation) -> dict[str, int]:  # noqa: ARG001 (FastAPI reads them)
        return {"statusCode": 0}

    return app


async def bare_asgi(scope: Scope, receive: Receive, send: Send) -> None:
    """Show the limit: read the body, look at nothing, answer the same bytes."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    body = b'{"statusCode":0}'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
