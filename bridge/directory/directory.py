"""The directory: contact centers, users, devices and T-Servers, as frozen values in memory.

A change replaces values and then notifies the observers. A user refers to its contact center and its devices,
and a contact center to the devices of its places; so when a value is replaced, those that refer to it are
replaced with it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeAlias

from bridge.directory import from_site
from bridge.directory.changes import Change, Content, Edit, initial_change
from bridge.directory.cross_checks import check
from bridge.directory.model import (
    ContactCenter,
    DirectoryDevice,
    DirectoryPlace,
    GwsConfig,
    TServerConfig,
    User,
)
from bridge.directory.site import Site
from bridge.runtime import sitefile

Observer: TypeAlias = Callable[[Change], None]
"""A function that is called after each change."""


class Directory:
    """The contact centers, users and devices of a bridge, and its T-Servers.

    Attributes:
        switches: The switches with their T-Servers, in the order of the site file.
        gws: The version of GWS that the bridge behaves like.

    """

    def __init__(self, switches: Iterable[TServerConfig], gws: GwsConfig, content: Content) -> None:
        self.switches: tuple[TServerConfig, ...] = tuple(switches)
        self.gws = gws
        self._centers: dict[str, ContactCenter] = {}
        self._devices: dict[str, DirectoryDevice] = {}
        self._by_dn: dict[tuple[str, str], str] = {}
        self._users: dict[str, User] = {}
        self._by_name: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        self._observers: list[Observer] = []
        self.apply(initial_change(content))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a site file.

        Raises:
            SiteFileError: The file cannot be read or has a fault.

        """
        site = sitefile.read(path, Site, check)
        switches = (each.tserver_config(path.parent) for each in site.switches)
        return cls(switches, GwsConfig(site.gws.version, site.gws.metrics), from_site.content(site))

    # --- reading --------------------------------------------------------------------------------------

    @property
    def contact_centers(self) -> tuple[ContactCenter, ...]:
        """All contact centers, in the order of creation."""
        return tuple(self._centers.values())

    @property
    def devices(self) -> tuple[DirectoryDevice, ...]:
        """The devices of all contact centers, in the order of creation."""
        return tuple(self._devices.values())

    @property
    def users(self) -> tuple[User, ...]:
        """The users of all contact centers, in the order of creation."""
        return tuple(self._users.values())

    @property
    def content(self) -> Content:
        """All values that can change."""
        return Content(self.contact_centers, self.devices, self.users)

    def user(self, name: str) -> User | None:
        """Return the user with this login name, ignoring case."""
        user_id = self._by_name.get(name.casefold())
        return self._users[user_id] if user_id else None

    def user_by_id(self, user_id: str) -> User | None:
        """Return the user with this id."""
        return self._users.get(user_id)

    def device(self, device_id: str) -> DirectoryDevice | None:
        """Return the device with this id."""
        return self._devices.get(device_id)

    def device_at(self, switch: str, number: str) -> DirectoryDevice | None:
        """Return the device of a DN."""
        device_id = self._by_dn.get((switch, number))
        return self._devices[device_id] if device_id else None

    def owner(self, device_id: str) -> User | None:
        """Return the user whom a device is assigned to."""
        user_id = self._owners.get(device_id)
        return self._users[user_id] if user_id else None

    def contact_center(self, center_id: str) -> ContactCenter | None:
        """Return the contact center with this id."""
        return self._centers.get(center_id)

    def contact_center_of(self, device: DirectoryDevice) -> ContactCenter:
        """Return the contact center of a device of this directory."""
        return self._centers[device.contact_center]

    # --- changing -------------------------------------------------------------------------------------

    def observe(self, observer: Observer) -> None:
        """Call `observer` after each change."""
        self._observers.append(observer)

    def plan(
        self,
        *,
        contact_centers: Iterable[ContactCenter] = (),
        devices: Iterable[Edit[DirectoryDevice]] = (),
        users: Iterable[Edit[User]] = (),
    ) -> Change:
        """Return a change completed with the edits that follow from it. The directory does not change.

        Args:
            contact_centers: New values of existing contact centers.
            devices: Edits of devices. The users and places that refer to them are edited too.
            users: Edits of users.

        """
        centers = {center.id: center for center in contact_centers}
        edited = {_id(edit): edit for edit in devices}
        for center_id in {center_id for edit in edited.values() for center_id in _center_ids(edit)}:
            center = centers.get(center_id, self._centers[center_id])
            refreshed = replace(
                center, places=tuple(_place_with_new_devices(place, edited) for place in center.places)
            )
            if refreshed != center:
                centers[center_id] = refreshed
        people = {_id(edit): edit for edit in users}
        for user in self._affected_users(centers, edited):
            people.setdefault(user.id, Edit(user, user))
        return Change(
            tuple(Edit(self._centers[center.id], center) for center in centers.values()),
            tuple(edited.values()),
            tuple(self._with_new_parts(edit, centers, edited) for edit in people.values()),
        )

    def apply(self, change: Change) -> None:
        """Replace the values of a change, and notify the observers."""
        for center in change.contact_centers:
            if center.after:
                self._centers[center.after.id] = center.after
        for device in change.devices:
            self._apply_device(device)
        for user in change.users:  # removals first: a device or a name may pass from one user to another
            self._remove_from_indexes(user)
        for user in change.users:
            self._add_to_indexes(user)
        for observer in self._observers:
            observer(change)

    def _affected_users(self, centers: Iterable[str], devices: Iterable[str]) -> list[User]:
        ids = [self._owners[each] for each in devices if each in self._owners]
        affected_centers = set(centers)
        if affected_centers:
            ids += [user.id for user in self._users.values() if user.contact_center.id in affected_centers]
        return [self._users[each] for each in dict.fromkeys(ids)]

    def _with_new_parts(
        self, edit: Edit[User], centers: dict[str, ContactCenter], devices: dict[str, Edit[DirectoryDevice]]
    ) -> Edit[User]:
        user = edit.after
        if user is None:
            return edit
        center_id = user.contact_center.id
        center = centers.get(center_id, self._centers[center_id])
        return Edit(
            edit.before, replace(user, contact_center=center, devices=_new_devices(user.devices, devices))
        )

    def _apply_device(self, edit: Edit[DirectoryDevice]) -> None:
        if edit.before and not edit.after:
            del self._devices[edit.before.id], self._by_dn[edit.before.switch, edit.before.number]
        if edit.after:
            self._devices[edit.after.id] = edit.after
            self._by_dn[edit.after.switch, edit.after.number] = edit.after.id

    def _remove_from_indexes(self, edit: Edit[User]) -> None:
        user = edit.before
        if user is None:
            return
        for device in user.devices:
            del self._owners[device.id]
        if edit.after is None:
            del self._users[user.id], self._by_name[user.name.casefold()]

    def _add_to_indexes(self, edit: Edit[User]) -> None:
        user = edit.after
        if user is None:
            return
        self._users[user.id] = user
        self._by_name[user.name.casefold()] = user.id
        for device in user.devices:
            self._owners[device.id] = user.id


def _id(edit: Edit[DirectoryDevice] | Edit[User]) -> str:
    value = edit.before or edit.after
    assert value is not None  # noqa: S101 (an edit of nothing is none)
    return value.id


def _center_ids(edit: Edit[DirectoryDevice]) -> set[str]:
    return {device.contact_center for device in (edit.before, edit.after) if device}


def _place_with_new_devices(
    place: DirectoryPlace, edited: dict[str, Edit[DirectoryDevice]]
) -> DirectoryPlace:
    return replace(place, devices=_new_devices(place.devices, edited))


def _new_devices(
    devices: Iterable[DirectoryDevice], edited: dict[str, Edit[DirectoryDevice]]
) -> tuple[DirectoryDevice, ...]:
    """Return the devices with their edits applied, without the removed ones."""
    new = (edited[device.id].after if device.id in edited else device for device in devices)
    return tuple(device for device in new if device)
