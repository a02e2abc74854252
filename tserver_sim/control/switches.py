"""Routes of the control API that read switches, DNs and calls, and take DNs out of service."""

from collections.abc import Mapping

from fastapi import APIRouter

from tserver_sim.control.problems import BAD, NOT_NOW, UNKNOWN, problems
from tserver_sim.control.values import RequestBody, find_tserver
from tserver_sim.control.views import CallState, DNState, SwitchState, call_state, dn_state, switch_state
from tserver_sim.switch.interface.commands import SetService
from tserver_sim.tserver import SimulatedTServer


class Service(RequestBody):
    """Whether a DN is in service."""

    in_service: bool


def router(tservers: Mapping[str, SimulatedTServer]) -> APIRouter:
    """Return the routes of switches."""
    routes = APIRouter(prefix="/switches", tags=["switches"])
    unknown = problems(_404=UNKNOWN)

    @routes.get("")
    async def list_switches() -> list[SwitchState]:
        """List the switches."""
        return [switch_state(tserver.switch) for tserver in tservers.values()]

    @routes.get("/{switch}/dns", responses=unknown)
    async def list_dns(switch: str) -> list[DNState]:
        """List the DNs of a switch."""
        read = find_tserver(tservers, switch).switch
        return [dn_state(read, number) for number in read.state.devices]

    @routes.get("/{switch}/dns/{dn}", responses=unknown)
    async def read_dn(switch: str, dn: str) -> DNState:
        """Return one DN."""
        return dn_state(find_tserver(tservers, switch).switch, dn)

    @routes.put("/{switch}/dns/{dn}/service", responses=problems(_400=BAD, _404=UNKNOWN, _409=NOT_NOW))
    async def set_service(switch: str, dn: str, service: Service) -> DNState:
        """Take a DN out of service, which releases its calls, or put it back."""
        tserver = find_tserver(tservers, switch)
        tserver.command(SetService(dn, out=not service.in_service))
        return dn_state(tserver.switch, dn)

    @routes.get("/{switch}/calls", responses=unknown)
    async def list_calls(switch: str) -> list[CallState]:
        """List the calls of a switch."""
        return [call_state(call) for call in find_tserver(tservers, switch).switch.state.calls.values()]

    return routes
