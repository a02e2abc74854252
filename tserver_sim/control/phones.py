"""The control API: how phones behave, and phones in somebody's hands."""

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
    """What is dialled."""

    number: Number
    user_data: Pairs = Field(default_factory=dict)


class Which(RequestBody):
    """Which call is meant; without it the one that the act fits."""

    conn_id: ConnId | None = None


def router(tservers: Mapping[str, SimulatedTServer]) -> APIRouter:
    """Make the routes of phones."""
    routes = APIRouter(
        prefix="/switches/{switch}/phones/{dn}",
        tags=["phones"],
        responses=problems(_400=BAD, _404=UNKNOWN),
    )
    refused = problems(_409=NOT_NOW)

    @routes.put("")
    async def set_phone(switch: str, dn: str, phone: PhonePart) -> DNState:
        """Tell a phone what to do with calls from now on; those that ring already are left as they are."""
        tserver = find_tserver(tservers, switch)
        tserver.command(SetPhone(dn, phone.behaviour))
        return dn_state(tserver.switch, dn)

    @routes.delete("")
    async def reset_phone(switch: str, dn: str) -> DNState:
        """Let a phone behave as the site file says."""
        tserver = find_tserver(tservers, switch)
        tserver.command(SetPhone(dn, tserver.switch.engine.config.phones.get(dn)))
        return dn_state(tserver.switch, dn)

    @routes.post("/dial", responses=refused)
    async def dial(switch: str, dn: str, dialling: Dialling) -> Outcome:
        """Dial at a phone."""
        command = DialNumber(dn, dialling.number, kv_list(dialling.user_data))
        return outcome(find_tserver(tservers, switch).command(command))

    @routes.post("/{act}", responses=refused)
    async def use_phone(switch: str, dn: str, act: Act, which: Which | None = None) -> Outcome:
        """Answer, reject, hang up, hold or retrieve a call at a phone."""
        conn_id = conn_id_of(which.conn_id) if which is not None and which.conn_id is not None else 0
        return outcome(find_tserver(tservers, switch).command(UsePhone(dn, act, conn_id)))

    return routes
