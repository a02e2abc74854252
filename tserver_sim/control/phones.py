"""Routes of the control API that set the behaviour of phones and use them."""

from collections.abc import Mapping

from fastapi import APIRouter
from pydantic import Field

from bridge.tlib.ids import conn_id_of
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
)
from tserver_sim.control.views import DNState, dn_state
from tserver_sim.site.phones import PhonePart
from tserver_sim.switch.interface.commands import Act, DialNumber, SetPhone, UsePhone
from tserver_sim.tserver import SimulatedTServer


class Dialling(RequestBody):
    """The number to dial, and the user data of the new call."""

    number: Number
    user_data: Pairs = Field(default_factory=dict)


class Which(RequestBody):
    """The call to act on; by default the one that is in the right state."""

    conn_id: ConnId | None = None


def router(tservers: Mapping[str, SimulatedTServer]) -> APIRouter:
    """Return the routes of phones."""
    routes = APIRouter(
        prefix="/switches/{switch}/phones/{dn}",
        tags=["phones"],
        responses=problems(_400=BAD, _404=UNKNOWN),
    )
    refused = problems(_409=NOT_NOW)

    @routes.put("")
    async def set_phone(switch: str, dn: str, phone: PhonePart) -> DNState:
        """Set what a phone does with its calls by itself, from the next call on."""
        tserver = find_tserver(tservers, switch)
        tserver.command(SetPhone(dn, phone.behaviour))
        return dn_state(tserver.switch, dn)

    @routes.delete("")
    async def reset_phone(switch: str, dn: str) -> DNState:
        """Set the behaviour of a phone back to that of the site file."""
        tserver = find_tserver(tservers, switch)
        tserver.command(SetPhone(dn, tserver.switch.engine.config.phones.get(dn)))
        return dn_state(tserver.switch, dn)

    @routes.post("/dial", responses=refused)
    async def dial(switch: str, dn: str, dialling: Dialling) -> Outcome:
        """Dial a number at a phone."""
        command = DialNumber(dn, dialling.number, kv_list(dialling.user_data))
        return outcome(find_tserver(tservers, switch).command(command))

    @routes.post("/{act}", responses=refused)
    async def use_phone(switch: str, dn: str, act: Act, which: Which | None = None) -> Outcome:
        """Answer, reject, hang up, hold or retrieve a call at a phone."""
        conn_id = conn_id_of(which.conn_id) if which is not None and which.conn_id is not None else 0
        return outcome(find_tserver(tservers, switch).command(UsePhone(dn, act, conn_id)))

    return routes
