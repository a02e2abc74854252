"""Converts the entries of a site file to the values of the directory."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bridge.directory.changes import Content
from bridge.directory.model import (
    Contact,
    ContactCenter,
    ContactNumber,
    CustomAgentState,
    DirectoryDevice,
    DirectoryLogin,
    DirectoryPlace,
    User,
)
from bridge.directory.site import ContactCenterEntry, ContactEntry, DeviceEntry, Site, UserEntry


def content(site: Site) -> Content:
    """Read all contact centers of a site that passed `bridge.directory.cross_checks.check`."""
    parts = [_contact_center(entry) for entry in site.contact_centers]
    return Content(
        tuple(center for part in parts for center in part.contact_centers),
        tuple(device for part in parts for device in part.devices),
        tuple(user for part in parts for user in part.users),
    )


def _contact_center(entry: ContactCenterEntry) -> Content:
    devices = {device.device_id: _device(device, str(entry.id)) for device in entry.devices}
    by_reference = {
        reference: devices[device.device_id]
        for reference, found in entry.devices_by_reference().items()
        for device in found.values()
    }
    center = ContactCenter(
        id=str(entry.id),
        name=entry.name,
        features=entry.features,
        country=entry.country,
        places=tuple(
            DirectoryPlace(place.name, tuple(by_reference[each] for each in place.devices))
            for place in entry.places
        ),
        agent_states=tuple(_agent_states(entry)),
        contacts=tuple(_contact(entry, contact) for contact in entry.contacts),
    )
    users = (_user(entry, user, center, by_reference) for user in entry.users)
    return Content((center,), tuple(devices.values()), tuple(users))


def _device(entry: DeviceEntry, center_id: str) -> DirectoryDevice:
    given = entry.model_dump(exclude={"id", "settings"})
    return DirectoryDevice(
        **given,
        id=entry.device_id,
        settings=MappingProxyType(entry.settings),
        contact_center=center_id,
    )


def _agent_states(entry: ContactCenterEntry) -> Iterator[CustomAgentState]:
    for state in entry.agent_states:
        yield CustomAgentState(
            entry.state_id(state),
            state.operation_name,
            state.display_name,
            state.state,
            state.work_mode,
            state.reason,
        )


def _contact(entry: ContactCenterEntry, contact: ContactEntry) -> Contact:
    numbers = (
        ContactNumber(each.phone_number, each.description, each.switch) for each in contact.phone_numbers
    )
    return Contact(
        entry.contact_id(contact), contact.first_name, contact.last_name, contact.email, tuple(numbers)
    )


def _user(
    entry: ContactCenterEntry, user: UserEntry, center: ContactCenter, devices: Mapping[str, DirectoryDevice]
) -> User:
    return User(
        id=entry.user_id(user),
        name=user.name,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        roles=user.roles,
        contact_center=center,
        devices=tuple(devices[reference] for reference in user.devices),
        password_hash=user.password,
        logins=tuple(
            DirectoryLogin(each.code, each.switch, each.queue, each.password) for each in user.logins
        ),
        place=user.place,
        enabled=user.enabled,
        change_password=user.change_password,
    )
