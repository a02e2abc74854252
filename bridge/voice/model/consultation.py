"""Which two calls of a device belong together, for operations that need both.

The PreviousConnID of a consultation is the ConnID of the original call (T-Library Events and Models, two-step
transfer), so the pair is found from either of its calls. GWS v2 lets a client name the other call, by its
`uri`, or leave it to the server.
"""

from typing import NamedTuple

from bridge.runtime.uris import id_from_uri
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import CallStatus
from bridge.voice.model.device import Device
from bridge.voice.model.errors import ApiError, StatusCode


class ConsultationPair(NamedTuple):
    """The two calls of a consultation."""

    main: Call
    consultation: Call


class SwapPair(NamedTuple):
    """Two calls of which one is on hold."""

    active: Call
    held: Call


def find_named_call(device: Device, where: str, uri: str) -> Call:
    """Return the call that a parameter names by `uri`, `path` or bare id.

    Args:
        device: where the call is.
        where: the name of the parameter, for the text of the error.
        uri: its value.

    Raises:
        ApiError: there is no such call at the device.

    """
    call_id = id_from_uri(uri)
    call = device.call(call_id)
    if call is None:
        raise ApiError(StatusCode.NOT_FOUND, f"{where}: device {device.number} has no call {call_id}")
    return call


def find_consultation(device: Device, call: Call, consult_call_uri: str | None) -> ConsultationPair:
    """Return the consultation that a call belongs to, as the original call or as the consultation itself.

    Args:
        device: where the call is.
        call: the call.
        consult_call_uri: the other call, if the client named it.

    Raises:
        ApiError: there is none, or none with the call that is named.

    """
    if consult_call_uri is None:
        others = [other for other in device.calls.values() if other is not call]
    else:
        other = find_named_call(device, "consultCallUri", consult_call_uri)
        others = list(device.calls.values()) if other is call else [other]
    for other in others:
        if other.parent == call.conn_id:
            return ConsultationPair(main=call, consultation=other)
        if call.parent == other.conn_id:
            return ConsultationPair(main=other, consultation=call)
    which = "" if consult_call_uri is None else f" with {consult_call_uri}"
    raise ApiError(StatusCode.INVALID, f"Call {call.id} is not part of a consultation{which}")


def find_swap(device: Device, call: Call, other_call_uri: str) -> SwapPair:
    """Return which of two calls is active and which is held.

    Args:
        device: where the calls are.
        call: one of them.
        other_call_uri: the other one.

    Raises:
        ApiError: the other call is not there, or not exactly one of them is on hold.

    """
    other = find_named_call(device, "otherCallUri", other_call_uri)
    for active, held in ((call, other), (other, call)):
        if active.state is CallStatus.ESTABLISHED and held.state is CallStatus.HELD:
            return SwapPair(active, held)
    text = (
        f"SwapCalls needs one call that is Established and one that is Held; "
        f"{call.id} is {call.state}, {other.id} is {other.state}"
    )
    raise ApiError(StatusCode.INVALID, text)
