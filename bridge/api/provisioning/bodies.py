"""The bodies of provisioning requests and answers: users, devices and contact centers.

Sources: GWS v2, User resource, Create User, Update User, List Devices, Assign Device, Create and Assign
Device. `switchName` is an extension of this project, named as in contacts: on the pages a number is enough.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

MAX_TEXT = 255
"""The longest text that is accepted, in characters."""

MAX_ITEMS = 1000
"""The longest list that is accepted."""

# No control characters: PostgreSQL cannot keep all of them, and a header of HTTP can carry none. The last
# part is for regular expressions in which "$" stands before a final new line, too.
_PLAIN = r"^[^\u0000-\u001f\u007f]*$(?!\n)"

Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT, pattern=_PLAIN)]
UserName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_TEXT, pattern=r"^[^\u0000-\u001f\u007f:]+$(?!\n)")
]
Password = Annotated[
    str, msgspec.Meta(min_length=1, max_length=MAX_TEXT, pattern=r"^[^\u0000-\u001f\u007f]+$(?!\n)")
]
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT, pattern=r"^[0-9]+$(?!\n)")]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
RoleName = Literal["ROLE_AGENT", "ROLE_SUPERVISOR", "ROLE_ADMIN"]
RoleNames = Annotated[tuple[RoleName, ...], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]
Addresses = Annotated[tuple[Address, ...], msgspec.Meta(max_length=MAX_ITEMS)]
DeviceType = Literal["Extension", "ACDPosition"]


class _Body(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    pass


class NewUser(_Body, frozen=True, kw_only=True):
    """A user to be made; `devices` are addresses, paths or ids."""

    user_name: UserName
    password: Password
    first_name: Text
    last_name: Text
    roles: RoleNames
    email_address: Text = ""
    enabled: bool = True
    change_password_on_first_login: bool = False
    devices: Addresses = ()


class UserChange(_Body, frozen=True, kw_only=True):
    """What is to change of a user. What is read-only may be there if it is as it was."""

    first_name: Text | UnsetType = UNSET
    last_name: Text | UnsetType = UNSET
    email_address: Text | UnsetType = UNSET
    roles: RoleNames | UnsetType = UNSET
    password: Text | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    change_password_on_first_login: bool | UnsetType = UNSET
    id: object = UNSET
    user_name: object = UNSET
    contact_center_id: object = UNSET
    uri: object = UNSET
    path: object = UNSET


class NewDevice(_Body, frozen=True, kw_only=True):
    """A device to be made. `switchName` is needed if several switches have such a DN."""

    phone_number: Number
    switch_name: Text | None = None
    type: DeviceType = "Extension"
    description: Text = ""


class DeviceChange(_Body, frozen=True, kw_only=True):
    """What is to change of a device. What is read-only may be there if it is as it was."""

    type: DeviceType | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    id: object = UNSET
    phone_number: object = UNSET
    switch_name: object = UNSET
    uri: object = UNSET
    path: object = UNSET


class DeviceForUser(_Body, frozen=True, kw_only=True):
    """A device for a user: one by its address, several, or a new one by its number."""

    uri: Address | None = None
    uris: Addresses | None = None
    phone_number: Number | None = None
    switch_name: Text | None = None
    type: DeviceType = "Extension"
    description: Text = ""


class Features(_Body, frozen=True, kw_only=True):
    """Features for a contact center, as addresses or paths that end in their ids."""

    uris: Addresses


BODIES = (NewUser, UserChange, NewDevice, DeviceChange, DeviceForUser, Features)
"""What is sent."""


class ConfiguredDevice(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A device as it is configured, whoever has it."""

    id: str
    phone_number: str
    e164_number: str
    telephony_network: Literal["Private"]
    type: str
    description: str | None = None
    device_state: Literal["Active", "Inactive"]
    switch_name: str
    user_uri: str | None = None
    voice_environment_uri: str | None = None
    uri: str
    path: str


class ContactCenterResource(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A tenant."""

    id: str
    name: str
    country_code: str
    features: Sequence[str]
    uri: str
    path: str
