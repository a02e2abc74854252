"""Reading the body of an operation, with errors in the words of the API."""

import re
from typing import Union

import msgspec

from bridge.voice import operations
from bridge.voice.operations import Operation, Resource
from bridge.voice.refusals import RefusedError, StatusCode

_MISSING = re.compile(r"^Object missing required field `(\w+)`")
_UNKNOWN = "Invalid value "
_WHERE = re.compile(r" - at `\$\.?([^`]*)`$")


class BodyReader:
    """Reads the bodies of the operations that one kind of resource knows."""

    def __init__(self, resource: str, *known: type[Operation]) -> None:
        self._resource = resource
        self._names = ", ".join(sorted(operation.__name__ for operation in known))
        self._decoder: msgspec.json.Decoder[Operation] = msgspec.json.Decoder(Union[known])  # noqa: UP007 (made from a tuple)

    def read(self, body: bytes) -> Operation:
        """Read and check a body.

        Raises:
            RefusedError: it is not JSON, names no operation of this resource, or a parameter is
                missing or wrong.

        """
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as error:
            raise self._explain(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RefusedError(StatusCode.INVALID, f"The body is not valid JSON: {error}") from None

    def _explain(self, text: str) -> RefusedError:
        at = _WHERE.search(text)
        where = at[1] if at else ""
        what = text[: at.start()] if at else text
        missing = _MISSING.match(what)
        if missing:
            name = ".".join(filter(None, (where, missing[1])))
            return RefusedError(StatusCode.PARAMETER_MISSING, f"{name}: required parameter missing")
        if where == "operationName" and what.startswith(_UNKNOWN):
            name = what.removeprefix(_UNKNOWN)
            text = f"operationName: {name} is no operation of {self._resource}; these are: {self._names}"
            return RefusedError(StatusCode.INVALID, text)
        what = what.replace("`", "")
        return RefusedError(StatusCode.INVALID, f"{where or 'The body'}: {what[:1].lower()}{what[1:]}")


_RESOURCES = {
    Resource.ME: "a user",
    Resource.DEVICE_CALLS: "a device's calls",
    Resource.CALL: "a call",
}

READERS: dict[Resource, BodyReader] = {
    resource: BodyReader(text, *operations.known_on(resource)) for resource, text in _RESOURCES.items()
}
"""The reader of the bodies that are posted to each resource."""
