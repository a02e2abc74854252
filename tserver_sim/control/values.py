"""What the routes of the control API share: field types, base models, and the look-up of switches."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeAlias

from fastapi import HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bridge.tlib.ids import conn_id_of, conn_id_text
from bridge.tlib.kv import INT_MAX, INT_MIN, MAX_DEPTH, KVList, KVValue
from tserver_sim.switch.interface.commands import Done
from tserver_sim.tserver import SimulatedTServer


def _check_conn_id(text: str) -> str:
    try:
        conn_id_of(text)
    except ValueError:
        raise PydanticCustomError("expected", "a ConnID of 16 hex digits") from None
    return text


ConnId: TypeAlias = Annotated[str, AfterValidator(_check_conn_id)]
Number: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]


def _check_pairs(data: dict[str, Any]) -> dict[str, Any]:
    if not _is_json_kv(data, 1):
        raise PydanticCustomError("expected", "strings, 32-bit integers and objects of these, at most 8 deep")
    return data


def _is_json_kv(value: object, depth: int) -> bool:
    if isinstance(value, dict):
        return depth <= MAX_DEPTH and all(_is_json_kv(each, depth + 1) for each in value.values())
    return isinstance(value, str) or (type(value) is int and INT_MIN <= value <= INT_MAX)


Pairs: TypeAlias = Annotated[dict[str, Any], AfterValidator(_check_pairs)]
"""User data as a JSON object."""


class RequestBody(BaseModel):
    """The body of a request. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Outcome(BaseModel):
    """The result of an action on a call."""

    conn_id: str = Field(description="the call that was acted on")


def outcome(done: Done) -> Outcome:
    """Return the outcome of a command about a call."""
    return Outcome(conn_id=conn_id_text(done.conn_id))


def kv_list(data: Mapping[str, Any]) -> KVList:
    """Return a JSON object as a KV list."""
    return KVList((key, kv_list(value) if isinstance(value, dict) else value) for key, value in data.items())


def pairs_of(data: KVList) -> list[tuple[str, Any]]:
    """Return a KV list as JSON pairs, because keys may repeat. Binary values become hex digits."""
    return [(key, _plain(value)) for key, value in data]


def _plain(value: KVValue) -> object:
    if isinstance(value, KVList):
        return pairs_of(value)
    return value.hex() if isinstance(value, bytes) else value


def find_tserver(tservers: Mapping[str, SimulatedTServer], switch: str) -> SimulatedTServer:
    """Return the T-Server of a switch.

    Raises:
        HTTPException: 404, there is no such switch.

    """
    if switch not in tservers:
        raise HTTPException(404, f"there is no switch {switch}")
    return tservers[switch]


def switches_with_call(tservers: Mapping[str, SimulatedTServer], conn_id: int) -> Iterator[str]:
    """Yield the names of the switches that have a call with this ConnID."""
    for name, tserver in tservers.items():
        if conn_id in tserver.switch.state.calls:
            yield name
