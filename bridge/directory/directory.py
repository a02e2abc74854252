"""The directory: everybody and everything that a bridge knows, as values in memory.

Reading costs nothing. A value never changes; a change puts new values in the places of old ones, and tells
whoever observes. A user holds its contact center and its devices, and a contact center the devices of its
places, so whatever holds a changed value is made anew with it.
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
"""Called after a change, with everything that is new."""


class Directory:
    """Everybody and everything that a bridge knows.

    Attributes:
        switches: The switches with their T-Servers, in the order of the site file.
        gws: Which GWS the bridge is to be taken for.

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
            SiteFileError: There is a fault in it.

        """
        site = sitefile.read(path, Site, check)
        switches = (each.tserver_config(path.parent) for each in site.switches)
        return cls(switches, GwsConfig(site.gws.version, site.gws.metrics), from_site.content(site))

    # --- reading --------------------------------------------------------------------------------------

    @property
    def contact_centers(self) -> tuple[ContactCenter, ...]:
        """All of them, also those without users, in the order in which they were made."""
        return tuple(self._centers.values())

    @property
    def devices(self) -> tuple[DirectoryDevice, ...]:
        """Those of all contact centers, in the order in which they were made."""
        return tuple(self._devices.values())

    @property
    def users(self) -> tuple[User, ...]:
        """Those of all contact centers, in the order in which they were made."""
        return tuple(self._users.values())

    @property
    def content(self) -> Content:
        """All that can change."""
        return Content(self.contact_centers, self.devices, self.users)

    def user(self, name: str) -> User | None:
        """Return the user with this login name, in capitals or not."""
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
        """Return the user who has a device."""
        user_id = self._owners.get(device_id)
        return self._users[user_id] if user_id else None

    def contact_center(self, center_id: str) -> ContactCenter | None:
        """Return the contact center with this id."""
        return self._centers.get(center_id)

    def contact_center_of(self, device: DirectoryDevice) -> ContactCenter:
        """Return the contact center that a device of this directory belongs to."""
        return self._centers[device.contact_center]

    # --- changing -------------------------------------------------------------------------------------

    def observe(self, observer: Observer) -> None:
        """Have `observer` called after each change."""
        self._observers.append(observer)

    def plan(
        self,
        *,
        contact_centers: Iterable[ContactCenter] = (),
        devices: Iterable[Edit[DirectoryDevice]] = (),
        users: Iterable[Edit[User]] = (),
    ) -> Change:
        """Complete a change with all that follows from it; nothing happens yet.

        Args:
            contact_centers: Those that are to be put in the places of the ones with the same ids.
            devices: Those that come, change or go. A user or a place that has one follows.
            users: Those that come, change or go.

        """
        centers = {center.id: center for center in contact_centers}
        edited = {_id(edit): edit for edit in devices}
        for center_id in {center_id for edit in edited.values() for center_id in _center_ids(edit)}:
            center = centers.get(center_id, self._centers[center_id])
            refreshed = replace(
                center, places=tuple(_updated_place(place, edited) for place in center.places)
            )
            if refreshed != center:
                centers[center_id] = refreshed
        people = {_id(edit): edit for edit in users}
        for user in self._affected_users(centers, edited):
            people.setdefault(user.id, Edit(user, user))
        return Change(
            tuple(Edit(self._centers[center.id], center) for center in centers.values()),
            tuple(edited.values()),
            tuple(self._updated(edit, centers, edited) for edit in people.values()),
        )

    def apply(self, change: Change) -> None:
        """Put the new values in their places, and tell the observers."""
        for center in change.contact_centers:
            if center.after:
                self._centers[center.after.id] = center.after
        for device in change.devices:
            self._apply_device(device)
        for user in change.users:  # first all that goes: a device or a name may go from one to another
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

    def _updated(
        self, edit: Edit[User], centers: dict[str, ContactCenter], devices: dict[str, Edit[DirectoryDevice]]
    ) -> Edit[User]:
        user = edit.after
        if user is None:
            return edit
        center_id = user.contact_center.id
        center = centers.get(center_id, self._centers[center_id])
        return Edit(
            edit.before, replace(user, contact_center=center, devices=_updated(user.devices, devices))
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


def _updated_place(place: DirectoryPlace, edited: dict[str, Edit[DirectoryDevice]]) -> DirectoryPlace:
    return replace(place, devices=_updated(place.devices, edited))


def _updated(
    devices: Iterable[DirectoryDevice], edited: dict[str, Edit[DirectoryDevice]]
) -> tuple[DirectoryDevice, ...]:
    """Put the new devices in the places of the old ones, and leave out those that go."""
    new = (edited[device.id].after if device.id in edited else device for device in devices)
    return tuple(device for device in new if device)
