"""The desk where clients register DNs (T-Library, TRegisterAddress and TUnregisterAddress)."""

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, ControlMode
from bridge.tlib.errors import ErrorCode
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests.context import Office, check_listed, checked
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.snapshot import snapshot
from tserver_sim.switch.state.switch_data import Device


def check_type(device: Device, said: AddressType) -> None:
    """Let a request pass that says what kind of address the DN is, or does not know it.

    Raises:
        RefusedError: it is another kind.

    """
    if said not in (AddressType.Unknown, device.type):
        raise RefusedError(
            ErrorCode.InvalidAttribute,
            f"AddressType: {device.number} is a {device.type.name}, no {said.name}",
        )


def register(office: Office, client: Client, request: m.RequestRegisterAddress) -> None:
    """Tell a client the events of a DN from now on. The ControlMode makes no difference on this switch."""
    office.check_linked()
    device = office.device(request.this_dn)
    check_type(device, request.address_type)
    check_listed("RegisterMode", request.register_mode)
    check_listed("ControlMode", request.control_mode)
    office.registry.add(client, device.number, request.register_mode)
    office.answer(
        client,
        request,
        m.EventRegistered,
        this_dn=device.number,
        address_info_status=device.type,
        agent_id=device.agent.agent_id if device.agent is not None else None,
        extensions=snapshot(office.switch.engine, device.number),
    )


def unregister(office: Office, client: Client, request: m.RequestUnregisterAddress) -> None:
    """End a registration; with ControlMode Force, those of all other clients too."""
    office.check_linked()
    dn = checked(request.this_dn)
    check_listed("ControlMode", request.control_mode)
    if request.control_mode is not ControlMode.Force:
        office.registry.remove(client, dn)
        office.answer(client, request, m.EventUnregistered, this_dn=dn)
        return
    office.registry.check_control(client, dn)
    clients = tuple(office.registry.clients_of(dn))
    for each in clients:
        office.registry.remove(each, dn)
    office.answer(client, request, m.EventUnregistered, this_dn=dn)
    for other in clients:
        if other is not client:
            office.tell(other, m.EventUnregistered(**office.stamp(), this_dn=dn))


def register_all(office: Office, client: Client, request: m.RequestRegisterAll) -> None:
    """Tell a client the events of every DN that nobody has for himself. Legacy."""
    office.check_linked()
    office.registry.add_all(client, office.switch.state.devices)
    office.answer(client, request, m.EventRegisteredAll)


def unregister_all(office: Office, client: Client, request: m.RequestUnregisterAll) -> None:
    """End all registrations of a client. Legacy."""
    office.check_linked()
    office.registry.forget(client)
    office.answer(client, request, m.EventUnregisteredAll)
