"""Routes of the control API for calls with external parties."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from bridge.tlib.ids import conn_id_of, conn_id_text
from tserver_sim.control.problems import BAD, NOT_NOW, UNKNOWN, problems
from tserver_sim.control.values import (
    ConnId,
    Number,
    Outcome,
    Pairs,
    RequestBody,
    find_tserver,
    kv_list,
    outcome,
    switches_with_call,
)
from tserver_sim.switch.interface.commands import ActOutside, CallIn, OutsideAct, SendDigits
from tserver_sim.tserver import SimulatedTServer


class NewCall(RequestBody):
    """A call from an external party."""

    switch: str
    caller: Annotated[Number, Field(alias="from", description="the caller's number, ANI")]
    called: Annotated[Number, Field(alias="to", description="the called number, DNIS")]
    trunk: str = Field("", description="the trunk group of the call; by default the first one")
    user_data: Pairs = Field(default_factory=dict)


class Arrival(BaseModel):
    """The outcome of a call from an external party."""

    outcome: str = Field(description="`Ok`, or why the call was not set up, as a CallState such as `Busy`")
    conn_id: str | None = Field(description="the call; null if it was not set up")


class Who(RequestBody):
    """Which external party acts. Needed if the call has several, or exists at several switches."""

    number: str = ""
    switch: str | None = None


class Keys(Who):
    """The DTMF digits that an external party sends."""

    digits: Annotated[str, Field(min_length=1, max_length=128)]


def router(tservers: Mapping[str, SimulatedTServer]) -> APIRouter:
    """Return the routes of calls with external parties."""
    routes = APIRouter(tags=["calls"])

    @routes.post("/calls", responses=problems(_400=BAD, _404=UNKNOWN, _409=NOT_NOW))
    async def call_from_outside(call: NewCall) -> Arrival:
        """Call a number of a switch from outside. If the destination cannot be reached, no call is made."""
        tserver = find_tserver(tservers, call.switch)
        done = tserver.command(CallIn(call.caller, call.called, call.trunk, kv_list(call.user_data)))
        if done.failure is not None:
            return Arrival(outcome=done.failure.name, conn_id=None)
        return Arrival(outcome="Ok", conn_id=conn_id_text(done.conn_id))

    @routes.post("/calls/{conn_id}/digits", responses=problems(_400=BAD, _404=UNKNOWN, _409=NOT_NOW))
    async def send_digits(conn_id: ConnId, keys: Keys) -> Outcome:
        """Send DTMF digits from an external party, to the treatment or request that collects digits."""
        number = conn_id_of(conn_id)
        switch = keys.switch if keys.switch is not None else _only_switch_with(tservers, number)
        command = SendDigits(number, keys.digits, keys.number)
        return outcome(find_tserver(tservers, switch).command(command))

    @routes.post("/calls/{conn_id}/{act}", responses=problems(_400=BAD, _404=UNKNOWN, _409=NOT_NOW))
    async def act_outside(conn_id: ConnId, act: OutsideAct, who: Who | None = None) -> Outcome:
        """Answer a call, or hang up, as an external party."""
        who = who or Who()
        number = conn_id_of(conn_id)
        switch = who.switch if who.switch is not None else _only_switch_with(tservers, number)
        return outcome(find_tserver(tservers, switch).command(ActOutside(number, act, who.number)))

    return routes


def _only_switch_with(tservers: Mapping[str, SimulatedTServer], conn_id: int) -> str:
    found = list(switches_with_call(tservers, conn_id))
    if not found:
        raise HTTPException(404, "there is no such call")
    if len(found) > 1:
        raise HTTPException(409, f"say which switch is meant: {', '.join(found)}")
    return found[0]
