"""What the directory hands out: plain values that never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bridge.runtime.device_attributes import DeviceAttributes

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class UserRole(StrEnum):
    """What a user may be (GWS v2: ``roles`` in section ``htcc`` of a person's annex)."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class RedundancyType(StrEnum):
    """What the backup of a T-Server knows: in hot standby all, in warm standby nothing."""

    HOT = "hot"
    WARM = "warm"


@dataclass(frozen=True, slots=True)
class TlsConfig:
    """TLS between the bridge and a T-Server, as the bridge sees it.

    Attributes:
        is_served: Whether the T-Server's port is one for TLS.
        ca: Who may have signed the T-Server's certificate; None for those whom the machine trusts.
        client_certificate: What the bridge shows of itself; None for nothing.
        client_key: The key that belongs to it.

    """

    is_served: bool = False
    ca: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None


@dataclass(frozen=True, slots=True)
class BackupConfig:
    """The other member of a pair of T-Servers.

    Attributes:
        application: Name of the T-Server application.
        port: Its TCP port; 0 means any free one.
        host: Where it is; None for the host of the first.

    """

    application: str
    port: int
    host: str | None = None


@dataclass(frozen=True, slots=True)
class TServerConfig:
    """A switch and the T-Server, or the pair of them, in front of it.

    Attributes:
        switch: Name of the switch; devices refer to it.
        application: Name of the T-Server application.
        port: TCP port of the T-Server; 0 means any free one.
        password: What the T-Server asks of its clients; empty if nothing.
        backup: The other one of a pair.
        redundancy: What sort of pair it is.
        numbers: The DNs of the switch, as far as the site file tells.

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
    """Which GWS the bridge is to be taken for.

    Attributes:
        version: The version whose shapes its answers have: ``8.5.2`` or ``8.5.2-early``.
        metrics: Whether calls tell how long they have been in each state.

    """

    version: str = "8.5.2"
    metrics: bool = False


@dataclass(frozen=True, slots=True)
class CustomAgentState:
    """An agent state of a contact center's own, besides those that every agent has.

    Attributes:
        id: A UUID in its usual form.
        operation_name: What a client posts to get into it.
        display_name: For people.
        state: ``Ready`` or ``NotReady``.
        work_mode: ``AuxWork`` or ``AfterCallWork``, for one that is not ready; None for neither.
        reason: The reason code that T-Servers are given; None for none.

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
        phone_number: What is to be dialled.
        description: For people.
        switch: The switch that it is a DN of; None for a number that is reached from everywhere.

    """

    phone_number: str
    description: str = ""
    switch: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call, as the address book of a contact center has them.

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
        settings: Options of the DN for its T-Server (its annex, section ``TServerConfig``).

    """

    settings: Mapping[str, str] = field(default_factory=lambda: _NOTHING, hash=False)


@dataclass(frozen=True, slots=True)
class DirectoryPlace:
    """Where an agent may sit: a set of telephones.

    Attributes:
        name: What a client calls it; unique in its contact center.

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
        country: Where numbers without a country code belong, as an ISO 3166 code of two letters.

    """

    id: str
    name: str
    features: frozenset[str]
    country: str = "US"
    places: tuple[DirectoryPlace, ...] = ()
    agent_states: tuple[CustomAgentState, ...] = ()
    contacts: tuple[Contact, ...] = ()

    def has(self, feature_id: str) -> bool:
        """Tell whether the users of this contact center have a feature."""
        return feature_id in self.features


@dataclass(frozen=True, slots=True)
class DirectoryLogin:
    """What an agent logs in with at one switch.

    Attributes:
        code: The AgentID.
        switch: Name of the switch.
        queue: The ACD queue to log in to; None for none.
        password: What the switch asks of the agent; empty if nothing.

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
        name: The login name, as it was given.
        devices: In the order in which they were given; no other user has them.
        password_hash: An argon2 hash, for `bridge.directory.passwords.verify`.
        logins: At most one is used at a switch, the first that fits.
        place: Name of the place where the user sits; None for none.
        enabled: Whether the user can log in at all.
        change_password: Whether the user is to choose a password at the next login.

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
