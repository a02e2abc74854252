"""Reading the bodies that say what a resource is to be, with errors in the words of the API.

Source: GWS v2, Return Values: what is missing is 1, of a wrong type 2, out of range 10, read-only 11.
"""

import re
from typing import Final, Generic, TypeVar

import msgspec
from fastapi import Request

from bridge.api.http.body import read_json_body
from bridge.voice.model.errors import ApiError, StatusCode

T = TypeVar("T", bound=msgspec.Struct)

_MEMBER_PATH: Final = re.compile(r" - at `\$\.?([^`]*)`$")
_MISSING: Final = re.compile(r"^Object missing required field `(\w+)`")
_OUT_OF_RANGE: Final = re.compile(r" of length | matching regex |^Invalid enum value ")
_PATTERN: Final = re.compile(r"^Expected `str` matching regex .*$")


class JsonBodyReader(Generic[T]):
    """Reads one kind of body; members that it does not know are ignored, for clients send extra ones."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)

    async def read(self, request: Request) -> T:
        """Read and check the body of a request.

        Raises:
            ApiError: it is not JSON, or something in it is missing or wrong.

        """
        body = await read_json_body(request)
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as error:
            raise _to_api_error(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ApiError(StatusCode.INVALID, f"The body is not valid JSON: {error}") from None


def _to_api_error(text: str) -> ApiError:
    at = _MEMBER_PATH.search(text)
    member_path = at[1] if at else ""
    fault = text[: at.start()] if at else text
    missing = _MISSING.match(fault)
    if missing:
        name = ".".join(filter(None, (member_path, missing[1])))
        return ApiError(StatusCode.PARAMETER_MISSING, f"{name}: required parameter missing")
    code = StatusCode.OUT_OF_RANGE if _OUT_OF_RANGE.search(fault) else StatusCode.INVALID
    fault = _PATTERN.sub("Expected text without control characters, and of the form described", fault)
    fault = fault.replace("`", "")
    return ApiError(code, f"{member_path or 'The body'}: {fault[:1].lower()}{fault[1:]}")
