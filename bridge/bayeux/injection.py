"""Publishing from the server by HTTP: for trying things out and for measuring, from this machine only."""

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bridge.runtime.http.short import Exchange

_MAX_BODY_BYTES = 1_048_576  # bytes of a body
_MAX_EVENTS = 1_000_000  # events of one request
_JSON = b"content-type: application/json\r\n"
_EVENTS_PER_TURN = 1_000  # events after which others get their turn


class InjectRequest(msgspec.Struct, frozen=True):
    """`data` goes to each of the channels, and all that `count` times."""

    channels: Annotated[list[str], msgspec.Meta(min_length=1)]
    data: msgspec.Raw
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class _InjectError(Exception):
    """A request that is refused; the text says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


_decoder = msgspec.json.Decoder(InjectRequest)


class InjectHandler:
    """Publishes what a request names, and answers with how many sessions got it.

    Args:
        publish: publishes JSON on a channel and returns how many sessions got it; raises ValueError if the
            name is not that of a channel.

    """

    def __init__(self, publish: Callable[[str, msgspec.Raw], int]) -> None:
        self._publish = publish

    async def handle(self, request: Request) -> Response:
        """Publish what the body names; 403 for other machines, 400 and 413 for bad bodies."""
        try:
            injection = await _read(request)
            return JSONResponse({"delivered": await self._publish_all(injection)})
        except _InjectError as refused:
            return JSONResponse({"error": str(refused)}, refused.status)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)

    def handle_exchange(self, exchange: Exchange) -> bool:
        """Do the same the short way; False: `handle` is to do it, as it is too much at once or wrong."""
        client = exchange.scope["client"]
        try:
            injection = _decoder.decode(exchange.body.decode())
        except (ValueError, RecursionError):
            return False
        if (
            client is None
            or not _is_loopback(client[0])
            or injection.count * len(injection.channels) > _EVENTS_PER_TURN
        ):
            return False
        try:
            delivered = sum(
                self._publish(channel, injection.data) for channel in injection.channels * injection.count
            )
        except ValueError as error:
            exchange.answer(400, _JSON, msgspec.json.encode({"error": str(error)}))
        else:
            exchange.answer(200, _JSON, msgspec.json.encode({"delivered": delivered}))
        return True

    async def _publish_all(self, injection: InjectRequest) -> int:
        delivered = 0
        for number in range(injection.count):
            for place, channel in enumerate(injection.channels, number * len(injection.channels) + 1):
                delivered += self._publish(channel, injection.data)
                if place % _EVENTS_PER_TURN == 0:
                    await asyncio.sleep(0)
        return delivered


async def _read(request: Request) -> InjectRequest:
    if not _is_from_this_machine(request):
        raise _InjectError(403, "events are injected from this machine only")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise _InjectError(413, f"the body is longer than {_MAX_BODY_BYTES} bytes")
    try:
        injection = _decoder.decode(body.decode())
    except (UnicodeDecodeError, RecursionError):
        raise _InjectError(400, "the body is not JSON that can be read") from None
    except msgspec.DecodeError as error:
        raise _InjectError(400, f"the body is not {{channels, data, count}}: {error}") from None
    if injection.count * len(injection.channels) > _MAX_EVENTS:
        raise _InjectError(400, f"`count` times `channels` is more than {_MAX_EVENTS} events")
    return injection


def _is_from_this_machine(request: Request) -> bool:
    """Return whether the peer is this machine; headers do not count."""
    return request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
