"""A change of the directory: each value that it touches, before and after."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from bridge.directory.model import ContactCenter, DirectoryDevice, User

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edit(Generic[T]):
    """A value that changes. `before` is None for a new value, `after` for a removed one."""

    before: T | None
    after: T | None


@dataclass(frozen=True, slots=True)
class Change:
    """All edits of one change. No value has two edits."""

    contact_centers: tuple[Edit[ContactCenter], ...] = ()
    devices: tuple[Edit[DirectoryDevice], ...] = ()
    users: tuple[Edit[User], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """All values of a directory that can change, each kind in the order of creation."""

    contact_centers: tuple[ContactCenter, ...] = ()
    devices: tuple[DirectoryDevice, ...] = ()
    users: tuple[User, ...] = ()


def initial_change(content: Content) -> Change:
    """Return the change that creates all of a content."""
    return Change(
        tuple(Edit(None, center) for center in content.contact_centers),
        tuple(Edit(None, device) for device in content.devices),
        tuple(Edit(None, user) for user in content.users),
    )
