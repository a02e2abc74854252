"""Reading the body of an operation, with errors in the words of the API."""

import re
from collections.abc import Iterable
from typing import Union

import msgspec

from bridge.voice import operations
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.operations import Operation, Resource, agent

_MISSING = re.compile(r"^Object missing required field `(\w+)`")
_UNKNOWN = "Invalid value "
_WHERE = re.compile(r" - at `\$\.?([^`]*)`$")


class _OperationName(msgspec.Struct, rename="camel"):
    operation_name: str


class _NoOperation(Operation, tag=""):
    """No operation. A reader that knew one operation only would take a body that names none as that one."""


class BodyReader:
    """Reads the bodies of the operations that one kind of resource knows.

    A name that is unknown may be that of an agent state of the contact center's own, where those are known;
    it is read as `agent.Custom`, and whoever knows the contact center goes on with it.
    """

    def __init__(self, resource: str, *known: type[Operation], has_custom_states: bool) -> None:
        self._resource = resource
        self._names = sorted(operation.__name__ for operation in known)
        self._has_custom_states = has_custom_states
        self._decoder: msgspec.json.Decoder[Operation] = msgspec.json.Decoder(Union[_NoOperation, *known])

    def read(self, body: bytes) -> Operation:
        """Read and check a body.

        Raises:
            ApiError: it is not JSON, names no operation of this resource, or a parameter is
                missing or wrong.

        """
        try:
            operation = self._decoder.decode(body)
        except msgspec.ValidationError as error:
            if self._has_custom_states and (state := _read_custom_state(str(error), body)) is not None:
                return state
            raise self._to_api_error(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ApiError(StatusCode.INVALID, f"The body is not valid JSON: {error}") from None
        if isinstance(operation, _NoOperation):
            raise self.unknown_operation("")
        return operation

    def unknown_operation(self, name: str, others: Iterable[str] = ()) -> ApiError:
        """Say that there is no such operation here, and which there are; `others` are those of the caller."""
        known = ", ".join((*self._names, *others))
        text = f"operationName: {name!r} is no operation of {self._resource}; these are: {known}"
        return ApiError(StatusCode.INVALID, text)

    def _to_api_error(self, text: str) -> ApiError:
        at = _WHERE.search(text)
        where = at[1] if at else ""
        what = text[: at.start()] if at else text
        missing = _MISSING.match(what)
        if missing:
            name = ".".join(filter(None, (where, missing[1])))
            return ApiError(StatusCode.PARAMETER_MISSING, f"{name}: required parameter missing")
        if where == "operationName" and what.startswith(_UNKNOWN):
            return self.unknown_operation(what.removeprefix(_UNKNOWN).strip("'"))
        what = what.replace("`", "")
        return ApiError(StatusCode.INVALID, f"{where or 'The body'}: {what[:1].lower()}{what[1:]}")


def _read_custom_state(text: str, body: bytes) -> agent.Custom | None:
    """Read a name that is no operation's, if that is all that is wrong."""
    at = _WHERE.search(text)
    if at is None or at[1] != "operationName" or not text.startswith(_UNKNOWN):
        return None
    name = msgspec.json.decode(body, type=_OperationName).operation_name
    return agent.Custom(operation=name) if len(name) <= agent.MAX_NAME_LENGTH else None


_RESOURCES = {
    Resource.ME: "a user",
    Resource.CHANNEL: "a channel",
    Resource.CHANNEL_OF_USER: "another user's channel",
    Resource.DEVICE: "a device",
    Resource.DEVICE_CALLS: "a device's calls",
    Resource.CALL: "a call",
}

READERS: dict[Resource, BodyReader] = {
    resource: BodyReader(
        text, *operations.operations_on(resource), has_custom_states=resource in agent.STATES_ON
    )
    for resource, text in _RESOURCES.items()
}
"""The reader of the bodies that are posted to each resource."""
