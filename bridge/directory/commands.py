"""The fields that provisioning commands change, and the error of a refused command."""

from dataclasses import asdict, dataclass, replace
from enum import Enum, auto
from typing import Any

from bridge.directory.model import DirectoryDevice, User, UserRole


class ProvisioningErrorCode(Enum):
    """Why a command is refused."""

    MISSING = auto()
    INVALID = auto()
    NOT_FOUND = auto()
    EXISTS = auto()
    IN_USE = auto()


class ProvisioningError(Exception):
    """A refused command; its text is for the client. Nothing has changed."""

    def __init__(self, code: ProvisioningErrorCode, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFields:
    """The fields of a user that can change. None leaves a field as it is."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    roles: tuple[UserRole, ...] | None = None
    password_hash: str | None = None
    enabled: bool | None = None
    change_password: bool | None = None

    def applied_to(self, user: User) -> User:
        """Return the user with these fields replaced."""
        return replace(user, **_given(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFields:
    """The fields of a device that can change. None leaves a field as it is."""

    type: str | None = None
    description: str | None = None

    def applied_to(self, device: DirectoryDevice) -> DirectoryDevice:
        """Return the device with these fields replaced."""
        return replace(device, **_given(self))


def _given(fields: UserFields | DeviceFields) -> dict[str, Any]:
    return {name: value for name, value in asdict(fields).items() if value is not None}
