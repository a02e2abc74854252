"""Handlers of requests to register DNs (T-Library, TRegisterAddress and TUnregisterAddress)."""

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, ControlMode
from bridge.tlib.errors import ErrorCode
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests.context import ServerContext, check_enum_value, validated_dn
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.snapshot import snapshot
from tserver_sim.switch.state.switch_data import SwitchDN


def check_address_type(device: SwitchDN, said: AddressType) -> None:
    """Check the AddressType of a request: the type of the DN, or Unknown.

    Raises:
        RefusedError: it is another type.

    """
    if said not in (AddressType.Unknown, device.type):
        raise RefusedError(
            ErrorCode.InvalidAttribute,
            f"AddressType: {device.number} is a {device.type.name}, no {said.name}",
        )


def register(context: ServerContext, client: Client, request: m.RequestRegisterAddress) -> None:
    """Handle RequestRegisterAddress. The ControlMode makes no difference on this switch."""
    context.check_linked()
    device = context.device(request.this_dn)
    check_address_type(device, request.address_type)
    check_enum_value("RegisterMode", request.register_mode)
    check_enum_value("ControlMode", request.control_mode)
    context.registrations.add(client, device.number, request.register_mode)
    context.reply(
        client,
        request,
        m.EventRegistered,
        this_dn=device.number,
        address_info_status=device.type,
        agent_id=device.agent.agent_id if device.agent is not None else None,
        extensions=snapshot(context.switch.engine, device.number),
    )


def unregister(context: ServerContext, client: Client, request: m.RequestUnregisterAddress) -> None:
    """Handle RequestUnregisterAddress. ControlMode Force removes the registrations of all clients."""
    context.check_linked()
    dn = validated_dn(request.this_dn)
    check_enum_value("ControlMode", request.control_mode)
    if request.control_mode is not ControlMode.Force:
        context.registrations.remove(client, dn)
        context.reply(client, request, m.EventUnregistered, this_dn=dn)
        return
    context.registrations.check_control(client, dn)
    clients = tuple(context.registrations.clients_of(dn))
    for each in clients:
        context.registrations.remove(each, dn)
    context.reply(client, request, m.EventUnregistered, this_dn=dn)
    for other in clients:
        if other is not client:
            context.send(other, m.EventUnregistered(**context.stamp(), this_dn=dn))


def register_all(context: ServerContext, client: Client, request: m.RequestRegisterAll) -> None:
    """Handle RequestRegisterAll: every DN that no other client has as Private. Legacy."""
    context.check_linked()
    context.registrations.add_all(client, context.switch.state.devices)
    context.reply(client, request, m.EventRegisteredAll)


def unregister_all(context: ServerContext, client: Client, request: m.RequestUnregisterAll) -> None:
    """Handle RequestUnregisterAll. Legacy."""
    context.check_linked()
    context.registrations.remove_client(client)
    context.reply(client, request, m.EventUnregisteredAll)
