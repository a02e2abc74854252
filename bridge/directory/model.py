"""The values of the directory, all frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bridge.runtime.device_attributes import DeviceAttributes

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class UserRole(StrEnum):
    """A role of a user (GWS v2: ``roles`` in section ``htcc`` of a person's annex)."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class RedundancyType(StrEnum):
    """The redundancy of a pair of T-Servers: the backup knows the calls (hot standby) or not (warm)."""

    HOT = "hot"
    WARM = "warm"


@dataclass(frozen=True, slots=True)
class TlsConfig:
    """The bridge's side of TLS to a T-Server.

    Attributes:
        is_served: Whether the T-Server's port speaks TLS.
        ca: The certificates of trusted authorities; None for those of the machine.
        client_certificate: The certificate that the bridge presents; None for none.
        client_key: The key of that certificate.

    """

    is_served: bool = False
    ca: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None


@dataclass(frozen=True, slots=True)
class BackupConfig:
    """The backup of a pair of T-Servers.

    Attributes:
        application: Name of the T-Server application.
        port: Its TCP port; 0 means any free one.
        host: Its host; None for the host of the primary.

    """

    application: str
    port: int
    host: str | None = None


@dataclass(frozen=True, slots=True)
class TServerConfig:
    """A switch and its T-Server, or its pair of T-Servers.

    Attributes:
        switch: Name of the switch; devices refer to it.
        application: Name of the T-Server application.
        port: TCP port of the T-Server; 0 means any free one.
        password: The password that the T-Server asks for; empty for none.
        backup: The backup of a pair; None if the T-Server is alone.
        redundancy: The redundancy of the pair.
        numbers: The DNs of the switch that the site file lists.

    """

    switch: str
    application: str
    port: int
    password: str = field(repr=False)
    tls: TlsConfig = field(default_factory=TlsConfig)
    backup: BackupConfig | None = None
    redundancy: RedundancyType = RedundancyType.HOT
    numbers: frozenset[str] = field(default=frozenset(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class GwsConfig:
    """The version of GWS that the bridge behaves like.

    Attributes:
        version: The version whose shapes answers and notifications have: ``8.5.2`` or ``8.5.2-early``.
        metrics: Whether notifications carry processing times.

    """

    version: str = "8.5.2"
    metrics: bool = False


@dataclass(frozen=True, slots=True)
class CustomAgentState:
    """An agent state that a contact center adds to the built-in ones.

    Attributes:
        id: A UUID in its usual form.
        operation_name: The operation that a client posts to enter the state.
        display_name: For people.
        state: ``Ready`` or ``NotReady``.
        work_mode: ``AuxWork`` or ``AfterCallWork``, only with ``NotReady``; None for neither.
        reason: The reason code in requests to the T-Server; None for none.

    """

    id: str
    operation_name: str
    display_name: str
    state: str
    work_mode: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ContactNumber:
    """A number of a contact.

    Attributes:
        phone_number: The number to dial.
        description: For people.
        switch: The switch that the number is a DN of; None for a number that every switch reaches.

    """

    phone_number: str
    description: str = ""
    switch: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """An entry of the address book of a contact center.

    Attributes:
        id: A UUID in its usual form.

    """

    id: str
    first_name: str
    last_name: str
    email: str = ""
    phone_numbers: tuple[ContactNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryDevice(DeviceAttributes):
    """A device, as the directory keeps it.

    Attributes:
        settings: Options of the DN for its T-Server (its annex, section ``TServer``).

    """

    settings: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)


@dataclass(frozen=True, slots=True)
class DirectoryPlace:
    """A place where an agent may work: a set of devices.

    Attributes:
        name: Unique in its contact center; StartContactCenterSession gives it.

    """

    name: str
    devices: tuple[DirectoryDevice, ...]


@dataclass(frozen=True, slots=True)
class ContactCenter:
    """A tenant.

    Attributes:
        id: A UUID in its usual form.
        name: For people.
        features: Ids of the sets of API functions that its users have; see `bridge.runtime.features`.
        country: The country of numbers without a country code, as an ISO 3166 code of two letters.

    """

    id: str
    name: str
    features: frozenset[str]
    country: str = "US"
    places: tuple[DirectoryPlace, ...] = ()
    agent_states: tuple[CustomAgentState, ...] = ()
    contacts: tuple[Contact, ...] = ()

    def has(self, feature_id: str) -> bool:
        """Return whether the users of this contact center have a feature."""
        return feature_id in self.features


@dataclass(frozen=True, slots=True)
class DirectoryLogin:
    """The login of an agent at one switch.

    Attributes:
        code: The AgentID.
        switch: Name of the switch.
        queue: The ACD queue to log in to; None for none.
        password: The agent's password at the switch, in plain text; empty for none.

    """

    code: str
    switch: str
    queue: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """A person who can log in.

    Attributes:
        id: 32 hexadecimal digits.
        name: The login name, in the case in which it was given.
        devices: The devices assigned to this user and to no other, in the order of assignment.
        password_hash: An argon2 hash, for `bridge.directory.passwords.verify`.
        logins: Of several for a switch, the first is used.
        place: Name of the user's place; None for none.
        enabled: Whether the user can log in at all.
        change_password: Shown to clients as ``changePasswordOnFirstLogin``.

    """

    id: str
    name: str
    first_name: str
    last_name: str
    email: str
    roles: tuple[UserRole, ...]
    contact_center: ContactCenter
    devices: tuple[DirectoryDevice, ...]
    password_hash: str = field(repr=False)
    logins: tuple[DirectoryLogin, ...] = ()
    place: str | None = None
    enabled: bool = True
    change_password: bool = False
