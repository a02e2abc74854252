"""Reading the body of an operation, with errors in the words of the API."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Union

import msgspec

from bridge.voice import operations
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.operations import Operation, Resource, agent

_MISSING = re.compile(r"^Object missing required field `(\w+)`")
_UNKNOWN = "Invalid value "
_MEMBER_PATH = re.compile(r" - at `\$\.?([^`]*)`$")

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""The errors of reading what is no JSON. Catch `ValidationError`, a `DecodeError` too, before them."""


@dataclass(frozen=True, slots=True)
class BodyFault:
    """What is wrong with a body that is JSON.

    Attributes:
        member: the member at fault, such as `destination.phoneNumber`; empty for the body itself.
        text: what is wrong with it, in the words of msgspec.
        is_missing: whether the member is missing.

    """

    member: str
    text: str
    is_missing: bool = False

    def api_error(self, code: StatusCode = StatusCode.INVALID) -> ApiError:
        """Return the refusal; `code` is that of a member which is there."""
        if self.is_missing:
            return ApiError(StatusCode.PARAMETER_MISSING, f"{self.member}: required parameter missing")
        text = self.text.replace("`", "")
        return ApiError(code, f"{self.member or 'The body'}: {text[:1].lower()}{text[1:]}")


def read_fault(error: msgspec.ValidationError) -> BodyFault:
    """Read the text of an error of msgspec: what is wrong, and after it the member."""
    text = str(error)
    at = _MEMBER_PATH.search(text)
    member = at[1] if at else ""
    text = text[: at.start()] if at else text
    missing = _MISSING.match(text)
    if missing:
        return BodyFault(".".join(filter(None, (member, missing[1]))), text, is_missing=True)
    return BodyFault(member, text)


def not_json(error: Exception) -> ApiError:
    """Return the refusal of a body that is no JSON."""
    return ApiError(StatusCode.INVALID, f"The body is not valid JSON: {error}")


class _OperationName(msgspec.Struct, rename="camel"):
    operation_name: str


class _NoOperation(Operation, tag=""):
    """No operation: without it a reader of one operation would read a body that names none as that one."""


class BodyReader:
    """Reads the bodies of the operations that one kind of resource knows.

    Where custom agent states exist, an unknown name is read as `agent.Custom`; the commands look it up among
    the states of the contact center.
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
            return self._read_custom_state(read_fault(error), body)
        except NOT_JSON as error:
            raise not_json(error) from None
        if isinstance(operation, _NoOperation):
            raise self.unknown_operation("")
        return operation

    def unknown_operation(self, name: str, others: Iterable[str] = ()) -> ApiError:
        """Return the refusal of an operation that does not exist here, with the names of those that do.

        Args:
            name: the name that is unknown.
            others: names that exist besides those of this reader.

        """
        known = ", ".join((*self._names, *others))
        text = f"operationName: {name!r} is no operation of {self._resource}; these are: {known}"
        return ApiError(StatusCode.INVALID, text)

    def _read_custom_state(self, fault: BodyFault, body: bytes) -> agent.Custom:
        """Read a body whose operation is unknown as a custom agent state, where there are some.

        Raises:
            ApiError: something else is wrong, or there are no custom states here.

        """
        if fault.member != "operationName" or not fault.text.startswith(_UNKNOWN):
            raise fault.api_error() from None
        name = msgspec.json.decode(body, type=_OperationName).operation_name
        if not self._has_custom_states or len(name) > agent.MAX_NAME_LENGTH:
            raise self.unknown_operation(fault.text.removeprefix(_UNKNOWN).strip("'")) from None
        return agent.Custom(operation=name)


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
"""The reader of the bodies of operations on each resource."""
