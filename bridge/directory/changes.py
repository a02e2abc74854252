"""What a change of the directory is made of: each value that it touches, before and after."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from bridge.directory.model import ContactCenter, DirectoryDevice, User

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edit(Generic[T]):
    """One value that changes; None before means that it is new, None after that it goes."""

    before: T | None
    after: T | None


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that changes at once. No value is in it twice."""

    contact_centers: tuple[Edit[ContactCenter], ...] = ()
    devices: tuple[Edit[DirectoryDevice], ...] = ()
    users: tuple[Edit[User], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """All that can change in a directory, in the order in which it was made."""

    contact_centers: tuple[ContactCenter, ...] = ()
    devices: tuple[DirectoryDevice, ...] = ()
    users: tuple[User, ...] = ()


def initial_change(content: Content) -> Change:
    """Make the change that begins with nothing."""
    return Change(
        tuple(Edit(None, center) for center in content.contact_centers),
        tuple(Edit(None, device) for device in content.devices),
        tuple(Edit(None, user) for user in content.users),
    )
