"""Contacts as resources: the users of a contact center and the other entries of its address book.

Source: GWS v2, Contact resource. This project has no queues as contacts.
"""

from collections.abc import Iterator

import msgspec

from bridge.api.resources.user import role_names
from bridge.directory.model import Contact, ContactCenter, User
from bridge.runtime.features import VOICE
from bridge.voice.gws.resources import DeviceResource, UserState
from bridge.voice.service import VoiceService

VOICE_CHANNEL = "voice"


class _ContactStruct(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    pass


class ContactPhoneNumber(_ContactStruct, frozen=True, kw_only=True):
    """A number of a contact. With a switch name it is a DN there, and the name is a `location`."""

    phone_number: str
    description: str
    switch_name: str | None = None


class ChannelAvailability(_ContactStruct, frozen=True, kw_only=True):
    """Whether a user can be reached on a channel now."""

    channel: str
    available: bool
    phone_number: str
    user_state: UserState


class Availability(_ContactStruct, frozen=True, kw_only=True):
    """The channels that a user is logged in to."""

    channels: tuple[ChannelAvailability, ...]


class ContactResource(_ContactStruct, frozen=True, kw_only=True):
    """Somebody to call: a user (of type `User`), or another (`Custom`)."""

    id: str
    name: str
    type: str
    user_name: str | None = None
    first_name: str
    last_name: str
    employee_id: str | None = None
    email_address: str
    phone_numbers: tuple[ContactPhoneNumber, ...] | None = None
    availability: Availability | None = None
    business_units: tuple[str, ...]
    roles: tuple[str, ...] | None = None
    uri: str
    path: str


class ContactRenderer:
    """Renders contacts as resources. `api` is the external address that ends in `/api/v2`."""

    def __init__(self, api: str, service: VoiceService) -> None:
        self._api = api
        self._service = service

    def user(self, user: User) -> ContactResource:
        """Return a user as a contact, without what changes with every call."""
        numbers = tuple(
            ContactPhoneNumber(
                phone_number=device.number, description=device.description, switch_name=device.switch
            )
            for device in user.devices
        )
        return ContactResource(
            id=user.id,
            name=user.name,
            type="User",
            user_name=user.name,
            first_name=user.first_name,
            last_name=user.last_name,
            employee_id=user.name,
            email_address=user.email,
            phone_numbers=numbers or None,
            business_units=(),
            roles=role_names(user),
            uri=f"{self._api}/contacts/{user.id}",
            path=f"/contacts/{user.id}",
        )

    def render_contact(self, contact: Contact) -> ContactResource:
        """Return a contact that is not a user."""
        numbers = tuple(
            ContactPhoneNumber(
                phone_number=each.phone_number, description=each.description, switch_name=each.switch
            )
            for each in contact.phone_numbers
        )
        return ContactResource(
            id=contact.id,
            name=f"{contact.first_name} {contact.last_name}".strip(),
            type="Custom",
            first_name=contact.first_name,
            last_name=contact.last_name,
            email_address=contact.email,
            phone_numbers=numbers or None,
            business_units=(),
            uri=f"{self._api}/contacts/{contact.id}",
            path=f"/contacts/{contact.id}",
        )

    def with_availability(self, contact: ContactResource, center: ContactCenter) -> ContactResource:
        """Return a contact with the channels on which the user can be reached now."""
        if contact.type != "User" or not center.has(VOICE):
            return contact
        channels = tuple(self._channels(contact.id))
        return (
            msgspec.structs.replace(contact, availability=Availability(channels=channels))
            if channels
            else contact
        )

    def _channels(self, user_id: str) -> Iterator[ChannelAvailability]:
        busy = {call.device_uri for call in self._service.calls(user_id)}
        for device in self._service.devices(user_id):
            if _is_logged_in(device):
                yield ChannelAvailability(
                    channel=VOICE_CHANNEL,
                    available=device.user_state.state == "Ready" and device.uri not in busy,
                    phone_number=device.phone_number,
                    user_state=device.user_state,
                )


def _is_logged_in(device: DeviceResource) -> bool:
    return device.device_state == "Active" and device.user_state.state != "LoggedOut"
