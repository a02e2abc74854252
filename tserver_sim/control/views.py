"""Models of the control API that show the state of a switch, and the functions that fill them."""

from typing import Any

from pydantic import BaseModel, Field

from bridge.tlib.errors import ErrorCode
from bridge.tlib.ids import conn_id_text
from tserver_sim.control.values import pairs_of
from tserver_sim.site.phones import PhonePart, phone_part_of
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.state.switch_data import Party, SwitchCall
from tserver_sim.switch.switch import Switch


class TrunkState(BaseModel):
    """A trunk group."""

    name: str
    lines: int
    in_use: int


class SwitchState(BaseModel):
    """A switch."""

    name: str
    application: str = Field(description="application name of its T-Server")
    dns: int = Field(description="number of DNs")
    calls: int = Field(description="number of calls")
    trunks: list[TrunkState]
    sites: list[str] = Field(description="switches of other sites that can be reached now")


class AgentState(BaseModel):
    """The agent who is logged in at a DN."""

    id: str
    status: str
    work_mode: str
    queues: list[str]


class ForwardState(BaseModel):
    """The forwarding of a DN."""

    mode: str
    target: str


class DNCall(BaseModel):
    """A call at a DN."""

    conn_id: str
    state: str = Field(description="state of the DN's party in the call")


class DNState(BaseModel):
    """A DN."""

    number: str
    type: str
    in_service: bool
    dnd: bool
    message_waiting: bool
    forward: ForwardState | None
    agent: AgentState | None
    phone: PhonePart | None = Field(
        description="what the phone does by itself; null: it rings until it is answered"
    )
    calls: list[DNCall]


class PartyState(BaseModel):
    """A party of a call."""

    dn: str
    role: str
    state: str
    queue: str | None = Field(description="the queue or route point that the call came through")
    trunk: str | None = Field(description="the trunk group of an external party")
    announced: bool = Field(description="whether the other parties have received events about it")


class CallState(BaseModel):
    """A call."""

    conn_id: str
    call_id: int
    call_uuid: str
    type: str
    dnis: str
    ani: str | None
    main_call: str | None = Field(description="the main call of a consult call")
    user_data: list[tuple[str, Any]]
    parties: list[PartyState]


def switch_state(switch: Switch) -> SwitchState:
    """Return the state of a switch."""
    config, state = switch.engine.config, switch.state
    return SwitchState(
        name=config.location.switch,
        application=config.location.application,
        dns=len(state.devices),
        calls=len(state.calls),
        trunks=[
            TrunkState(name=trunk.name, lines=trunk.lines, in_use=state.lines_in_use.get(trunk.name, 0))
            for trunk in config.trunks.values()
        ],
        sites=sorted(state.sites),
    )


def dn_state(switch: Switch, number: str) -> DNState:
    """Return the state of a DN.

    Raises:
        RefusedError: the switch has no such DN.

    """
    device = switch.state.devices.get(number)
    if device is None:
        raise RefusedError(ErrorCode.DNNotConfigured, f"{number} is not a DN of this switch")
    agent, forward = device.agent, device.forward
    return DNState(
        number=number,
        type=device.type.name,
        in_service=not device.out_of_service,
        dnd=device.dnd,
        message_waiting=device.message_waiting,
        forward=forward and ForwardState(mode=forward.mode.name, target=forward.target),
        agent=agent
        and AgentState(
            id=agent.agent_id,
            status=agent.status.name,
            work_mode=agent.details.work_mode.name,
            queues=agent.queues,
        ),
        phone=None if device.phone is None else phone_part_of(device.phone),
        calls=[
            DNCall(conn_id=conn_id_text(conn_id), state=party.state.name.capitalize())
            for conn_id, party in switch.engine.parties_of(number).items()
        ],
    )


def call_state(call: SwitchCall) -> CallState:
    """Return the state of a call."""
    return CallState(
        conn_id=conn_id_text(call.conn_id),
        call_id=call.call_id,
        call_uuid=call.call_uuid,
        type=call.type.name,
        dnis=call.dnis,
        ani=call.ani,
        main_call=conn_id_text(call.parent) if call.parent else None,
        user_data=pairs_of(call.user_data),
        parties=[_party_state(party) for party in call.parties],
    )


def _party_state(party: Party) -> PartyState:
    return PartyState(
        dn=party.dn,
        role=party.role.name,
        state=party.state.name.capitalize(),
        queue=party.queue,
        trunk=party.trunk or None,
        announced=party.is_announced,
    )
