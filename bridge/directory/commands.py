"""What an administrator may wish for, and why it may be refused."""

from dataclasses import asdict, dataclass, replace
from enum import Enum, auto
from typing import Any

from bridge.directory.model import DirectoryDevice, User, UserRole


class ProvisioningErrorCode(Enum):
    """What is wrong with a change."""

    MISSING = auto()
    INVALID = auto()
    NOT_FOUND = auto()
    EXISTS = auto()
    IN_USE = auto()


class ProvisioningError(Exception):
    """A change that is refused; the text is for whoever asked for it. Nothing has changed."""

    def __init__(self, code: ProvisioningErrorCode, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFields:
    """What may be said of a user besides the name; None leaves it as it is."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    roles: tuple[UserRole, ...] | None = None
    password_hash: str | None = None
    enabled: bool | None = None
    change_password: bool | None = None

    def applied_to(self, user: User) -> User:
        """Return the user with these fields."""
        return replace(user, **_given(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFields:
    """What may be said of a device besides its DN; None leaves it as it is."""

    type: str | None = None
    description: str | None = None

    def applied_to(self, device: DirectoryDevice) -> DirectoryDevice:
        """Return the device with these fields."""
        return replace(device, **_given(self))


def _given(fields: UserFields | DeviceFields) -> dict[str, Any]:
    return {name: value for name, value in asdict(fields).items() if value is not None}
