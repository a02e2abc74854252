"""What the directory hands out: plain values that never change."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Role(StrEnum):
    """What a user may be (GWS v2: ``roles`` in section ``htcc`` of a person's annex)."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Redundancy(StrEnum):
    """What the backup of a T-Server knows: in hot standby all, in warm standby nothing."""

    HOT = "hot"
    WARM = "warm"


@dataclass(frozen=True, slots=True)
class Tls:
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
class Backup:
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
class TServer:
    """A switch and the T-Server, or the pair of them, in front of it.

    Attributes:
        switch: Name of the switch; devices refer to it.
        application: Name of the T-Server application.
        port: TCP port of the T-Server; 0 means any free one.
        password: What the T-Server asks of its clients; empty if nothing.
        backup: The other one of a pair.
        redundancy: What sort of pair it is.

    """

    switch: str
    application: str
    port: int
    password: str = field(repr=False)
    tls: Tls = field(default_factory=Tls)
    backup: Backup | None = None
    redundancy: Redundancy = Redundancy.HOT


@dataclass(frozen=True, slots=True)
class ContactCenter:
    """A tenant.

    Attributes:
        id: A UUID in its usual form.
        name: For people.
        features: Ids of the sets of API functions that its users have; see `bridge.directory.features`.

    """

    id: str
    name: str
    features: frozenset[str]

    def has(self, feature_id: str) -> bool:
        """Tell whether the users of this contact center have a feature."""
        return feature_id in self.features


@dataclass(frozen=True, slots=True)
class Device:
    """A telephone: a DN of a switch that a user can have.

    Attributes:
        id: A UUID in its usual form.
        number: The DN.
        switch: Name of its switch.

    """

    id: str
    number: str
    switch: str


@dataclass(frozen=True, slots=True)
class User:
    """A person who can log in.

    Attributes:
        id: 32 hexadecimal digits.
        name: The login name, as written in the site file.
        devices: In the order of the site file; no other user has them.
        password_hash: An argon2 hash, for `bridge.directory.passwords.verify`.

    """

    id: str
    name: str
    first_name: str
    last_name: str
    email: str
    roles: tuple[Role, ...]
    contact_center: ContactCenter
    devices: tuple[Device, ...]
    password_hash: str = field(repr=False)
