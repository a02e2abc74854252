"""Reading the bodies that create or change resources, with errors in the words of the API.

Source: GWS v2, Return Values (1: missing, 2: of a wrong type, 10: out of range, 11: read-only).
"""

import re
from dataclasses import replace
from typing import Final, Generic, TypeVar

import msgspec
from fastapi import Request

from bridge.api.http.body import read_json_body
from bridge.voice.gws.bodies import NOT_JSON, not_json, read_fault
from bridge.voice.model.errors import StatusCode

T = TypeVar("T", bound=msgspec.Struct)

_OUT_OF_RANGE: Final = re.compile(r" of length | matching regex |^Invalid enum value ")
_PATTERN: Final = re.compile(r"^Expected `str` matching regex .*$")
_DESCRIBED: Final = "Expected text without control characters, and of the form described"


class JsonBodyReader(Generic[T]):
    """Reads one kind of body. Unknown members are ignored, because clients send additional ones."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)

    async def read(self, request: Request) -> T:
        """Return the body of a request, checked.

        Raises:
            ApiError: it is not JSON, or a member is missing or invalid.

        """
        body = await read_json_body(request)
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as error:
            fault = read_fault(error)
            code = StatusCode.OUT_OF_RANGE if _OUT_OF_RANGE.search(fault.text) else StatusCode.INVALID
            raise replace(fault, text=_PATTERN.sub(_DESCRIBED, fault.text)).api_error(code) from None
        except NOT_JSON as error:
            raise not_json(error) from None
