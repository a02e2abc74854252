"""What the directory hands out: plain values that never change."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a user may be (GWS v2: ``roles`` in section ``htcc`` of a person's annex)."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class TServer:
    """A switch and the T-Server in front of it.

    Attributes:
        switch: Name of the switch; devices refer to it.
        application: Name of the T-Server application.
        port: TCP port of the T-Server; 0 means any free one.
        password: What the T-Server asks of its clients; empty if nothing.

    """

    switch: str
    application: str
    port: int
    password: str = field(repr=False)


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
