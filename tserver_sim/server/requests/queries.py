"""Handlers of queries about the T-Server, its switch and a call."""

import datetime as dt

from bridge.tlib import messages as m
from bridge.tlib.enums import CallInfoType, SwitchInfoType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests.context import ServerContext, check_enum_value, validated_dn
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations.base.checks import find_party
from tserver_sim.switch.snapshot import party_state
from tserver_sim.switch.state.switch_data import Party, SwitchCall


def query_server(context: ServerContext, client: Client, request: m.RequestQueryServer) -> None:
    """Handle RequestQueryServer (T-Library, TQueryServer)."""
    context.reply(client, request, m.EventServerInfo, **context.server_info_attributes())


def query_switch(context: ServerContext, client: Client, request: m.RequestQuerySwitch) -> None:
    """Handle RequestQuerySwitch for the time of the switch (T-Library, TQuerySwitch).

    The key `DateTime` of Extensions is this project's own: UTC in ISO 8601. The other SwitchInfoTypes ask for
    classifiers, which this switch does not have; they are refused.
    """
    context.check_linked()
    if request.switch_info_type is not SwitchInfoType.DateTime:
        raise RefusedError(
            ErrorCode.OperationNotSupported,
            f"SwitchInfoType: {request.switch_info_type.name} is not supported",
        )
    now = dt.datetime.fromtimestamp(context.now, dt.UTC)
    context.reply(
        client,
        request,
        m.EventSwitchInfo,
        switch_info_type=request.switch_info_type,
        extensions=KVList.of(DateTime=f"{now:%Y-%m-%dT%H:%M:%SZ}"),
    )


def query_call(context: ServerContext, client: Client, request: m.RequestQueryCall) -> None:
    """Handle RequestQueryCall: the parties of a call, or ThisDN alone (T-Library, TQueryCall).

    StatusQuery asks for ThisDN alone, PartiesQuery for all parties.
    """
    context.check_linked()
    engine = context.switch.engine
    check_enum_value("CallInfoType", request.call_info_type)
    context.registrations.check_registered(client, validated_dn(request.this_dn))
    call, party = find_party(engine, request.this_dn, request.conn_id, observers=True)
    visible = _visible_parties(call, party)
    others = [each for each in visible if each is not party]
    reported = visible if request.call_info_type is CallInfoType.PartiesQuery else [party]
    agent = engine.state.devices[party.dn].agent
    other = others[0] if len(others) == 1 else None
    context.reply(
        client,
        request,
        m.EventPartyInfo,
        call_info_type=request.call_info_type,
        this_dn=party.dn,
        this_dn_role=party.role,
        this_queue=party.queue,
        agent_id=agent.agent_id if agent is not None else None,
        other_dn=other.dn if other is not None else None,
        other_dn_role=other.role if other is not None else None,
        conn_id=call.conn_id,
        previous_conn_id=call.parent or None,
        call_id=call.call_id,
        call_uuid=call.call_uuid,
        call_type=call.type,
        dnis=call.dnis,
        ani=call.ani,
        user_data=call.user_data or None,
        extensions=KVList(
            pair
            for index, each in enumerate(reported, start=1)
            for pair in (
                (f"party-{index}", each.dn),
                (f"role-{index}", int(each.role)),
                (f"ps-{index}", party_state(each)),
            )
        ),
    )


def _visible_parties(call: SwitchCall, party: Party) -> list[Party]:
    """Return the parties that a party has received events about, and the party itself."""
    return [
        each
        for each in call.parties
        if each is party
        or (each.is_announced and (each.observing is None or party.dn in each.observing.known_to))
    ]
