"""The directory itself: built once from the site file, then only read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from bridge.directory.model import ContactCenter, Device, TServer, User
from bridge.directory.site import ContactCenterEntry, Site, check
from bridge.runtime import sitefile


class Directory:
    """Everybody and everything that a bridge knows from its site file.

    Attributes:
        switches: The switches with their T-Servers.
        contact_centers: All of them, also those without users.
        users: Those of all contact centers.

    All are in the order of the site file.

    """

    def __init__(self, site: Site, folder: Path) -> None:
        """Build it from a site that passed `bridge.directory.site.check`; `folder` is where its file is."""
        self.switches: tuple[TServer, ...] = tuple(each.tserver_within(folder) for each in site.switches)
        centers = [(entry, _contact_center(entry)) for entry in site.contact_centers]
        self.contact_centers: tuple[ContactCenter, ...] = tuple(center for _, center in centers)
        self.users: tuple[User, ...] = tuple(user for each in centers for user in _users(*each))
        self._by_name = {user.name.casefold(): user for user in self.users}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a site file.

        Raises:
            SiteFileError: There is a fault in it.

        """
        return cls(sitefile.read(path, Site, check), path.parent)

    def user(self, name: str) -> User | None:
        """Return the user with this login name, in capitals or not."""
        return self._by_name.get(name.casefold())


def _contact_center(entry: ContactCenterEntry) -> ContactCenter:
    return ContactCenter(str(entry.id), entry.name, entry.features)


def _users(entry: ContactCenterEntry, center: ContactCenter) -> Iterator[User]:
    devices = {
        reference: Device(device.device_id, device.number, device.switch)
        for reference, found in entry.devices_by_reference().items()
        for device in found.values()
    }
    for user in entry.users:
        yield User(
            id=entry.user_id(user),
            name=user.name,
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
            roles=user.roles,
            contact_center=center,
            devices=tuple(devices[reference] for reference in user.devices),
            password_hash=user.password,
        )
