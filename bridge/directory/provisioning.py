"""Changes the directory while it is in use: the rules, and the steps of every change.

A change is checked against memory, written to the database if there is one, and applied to memory, which
notifies the observers. If it cannot be written, nothing has changed. Changes run one after the other.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import UUID

from bridge.directory.changes import Change, Edit
from bridge.directory.commands import DeviceFields, ProvisioningError, ProvisioningErrorCode, UserFields
from bridge.directory.directory import Directory
from bridge.directory.model import ContactCenter, DirectoryDevice, User, UserRole
from bridge.directory.persistence import ConflictError, DirectoryStore
from bridge.runtime.features import FEATURES
from bridge.runtime.sitefile import hint


class Provisioning:
    """Changes users, devices and features of a directory.

    Args:
        directory: The directory.
        store: The database, with the directory already in it; None if changes need not outlive the process.
        is_busy: Returns whether a device is in an agent session. Such a device is neither moved nor removed.
        new_id: Returns a new unique id. A recreated user or device gets another id than the removed one.

    """

    def __init__(
        self,
        directory: Directory,
        store: DirectoryStore | None,
        is_busy: Callable[[DirectoryDevice], bool],
        new_id: Callable[[], UUID],
    ) -> None:
        self._directory = directory
        self._store = store
        self._is_busy = is_busy
        self._new_id = new_id
        self._lock = asyncio.Lock()

    # --- users ----------------------------------------------------------------------------------------

    async def create_user(
        self, center: ContactCenter, name: str, fields: UserFields, devices: Iterable[str] = ()
    ) -> User:
        """Create a user.

        Args:
            center: The contact center of the user.
            name: The login name, unique in the whole directory.
            fields: The other fields. Without a password the user cannot log in; without roles the user is an
                agent.
            devices: Ids of devices to assign; they are taken from the users who have them.

        Raises:
            ProvisioningError: The name is taken, or a device does not exist or is in a session.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            if self._directory.user(name):
                raise ProvisioningError(
                    ProvisioningErrorCode.EXISTS, f"Failed to create user. User '{name}' already exists."
                )
            assigned = self._assignable_devices(center, devices, None)
            blank = User(
                id=self._new_id().hex,
                name=name,
                first_name="",
                last_name="",
                email="",
                roles=(UserRole.AGENT,),
                contact_center=self._find_contact_center(center.id),
                devices=tuple(assigned),
                password_hash="",
            )
            return await self._add_or_update_user(None, fields.applied_to(blank), assigned)

    async def update_user(self, center: ContactCenter, user_id: str, fields: UserFields, *, by: str) -> User:
        """Change the fields of a user.

        Args:
            center: The contact center of the administrator.
            user_id: The id of the user.
            fields: The fields to change.
            by: The id of the administrator.

        Raises:
            ProvisioningError: There is no such user, or an administrator gives up the own role or access.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            user = self._find_user(center, user_id)
            if user.id == by and fields.roles is not None and UserRole.ADMIN not in fields.roles:
                raise ProvisioningError(
                    ProvisioningErrorCode.INVALID, "You cannot remove role 'ROLE_ADMIN' from yourself."
                )
            if user.id == by and fields.enabled is False:
                raise ProvisioningError(ProvisioningErrorCode.INVALID, "You cannot disable yourself.")
            return await self._add_or_update_user(user, fields.applied_to(user))

    async def delete_user(self, center: ContactCenter, user_id: str, *, by: str) -> None:
        """Remove a user. The devices stay, without a user.

        Raises:
            ProvisioningError: There is no such user, or it is the administrator of the request.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            user = self._find_user(center, user_id)
            if user.id == by:
                raise ProvisioningError(ProvisioningErrorCode.INVALID, "You cannot delete yourself.")
            await self._commit(self._directory.plan(users=[Edit(user, None)]))

    # --- devices --------------------------------------------------------------------------------------

    async def create_device(
        self,
        center: ContactCenter,
        number: str,
        switch: str | None,
        fields: DeviceFields,
        *,
        owner: str | None = None,
    ) -> DirectoryDevice:
        """Create a device.

        Args:
            center: The contact center of the device.
            number: The DN.
            switch: Name of its switch; None for the only switch that has the DN.
            fields: The other fields.
            owner: The id of the user to assign it to; None: no user. With an owner, an existing device of
                the contact center is assigned instead (GWS v2, Create and Assign Device).

        Raises:
            ProvisioningError: The DN or the user does not exist, or the DN has a device already.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            user = self._find_user(center, owner) if owner else None
            name = self._switch_of(number, switch)
            existing = self._directory.device_at(name, number)
            if existing and user and existing.contact_center == center.id:
                await self._assign(center, user, [existing.id])
                return existing
            if existing:
                raise ProvisioningError(
                    ProvisioningErrorCode.EXISTS,
                    f"Failed to create device. Device '{number}' already exists on {name}.",
                )
            blank = DirectoryDevice(str(self._new_id()), number, name, contact_center=center.id)
            device = fields.applied_to(blank)
            users = [Edit(user, replace(user, devices=(*user.devices, device)))] if user else []
            await self._commit(self._directory.plan(devices=[Edit(None, device)], users=users))
            return device

    async def update_device(
        self, center: ContactCenter, device_id: str, fields: DeviceFields
    ) -> DirectoryDevice:
        """Change the fields of a device.

        Raises:
            ProvisioningError: There is no such device.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            device = self._find_device(center, device_id)
            changed = fields.applied_to(device)
            await self._commit(self._directory.plan(devices=[Edit(device, changed)]))
            return changed

    async def delete_device(self, center: ContactCenter, device_id: str) -> None:
        """Remove a device, also from its user and its places.

        Raises:
            ProvisioningError: There is no such device, or it is in a session.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            device = self._find_unused_device(center, device_id)
            await self._commit(self._directory.plan(devices=[Edit(device, None)]))

    async def assign_devices(self, center: ContactCenter, user_id: str, devices: Iterable[str]) -> None:
        """Assign devices to a user; they are taken from the users who have them (GWS v2, Assign Device).

        Raises:
            ProvisioningError: There is no such user or device, or a device is in a session.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            await self._assign(center, self._find_user(center, user_id), devices)

    async def unassign_device(self, center: ContactCenter, user_id: str, device_id: str) -> None:
        """Unassign a device from a user. The device stays, without a user.

        Raises:
            ProvisioningError: There is no such user, the user has no such device, or it is in a session.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            user = self._find_user(center, user_id)
            if device_id not in {device.id for device in user.devices}:
                raise ProvisioningError(
                    ProvisioningErrorCode.NOT_FOUND, f"The user has no device {device_id}"
                )
            self._find_unused_device(center, device_id)
            remaining = tuple(device for device in user.devices if device.id != device_id)
            await self._add_or_update_user(user, replace(user, devices=remaining))

    # --- features -------------------------------------------------------------------------------------

    async def add_features(self, center_id: str, features: Iterable[str]) -> None:
        """Add features to a contact center. Features that it has already are ignored.

        Raises:
            ProvisioningError: There is no such contact center or feature.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            center = self._find_contact_center(center_id)
            added = frozenset(features)
            for feature in sorted(added - FEATURES.keys()):
                text = f"There is no feature '{feature}', {hint(feature, FEATURES)}"
                raise ProvisioningError(ProvisioningErrorCode.INVALID, text)
            await self._update_features(center, center.features | added)

    async def remove_feature(self, center_id: str, feature: str) -> None:
        """Remove a feature from a contact center.

        Raises:
            ProvisioningError: There is no such contact center, or it has no such feature.
            StoreError: The change cannot be written.

        """
        async with self._lock:
            center = self._find_contact_center(center_id)
            if not center.has(feature):
                raise ProvisioningError(
                    ProvisioningErrorCode.NOT_FOUND, f"The contact center has no feature '{feature}'"
                )
            await self._update_features(center, center.features - {feature})

    async def finish(self) -> None:
        """Wait for a change that has begun."""
        async with self._lock:
            pass

    async def _assign(self, center: ContactCenter, user: User, devices: Iterable[str]) -> None:
        assigned = self._assignable_devices(center, devices, user)
        await self._add_or_update_user(user, replace(user, devices=(*user.devices, *assigned)), assigned)

    # --- the steps of a change ------------------------------------------------------------------------

    async def _add_or_update_user(
        self, before: User | None, after: User, assigned: Iterable[DirectoryDevice] = ()
    ) -> User:
        """Commit a new value of a user; take the devices of `assigned` from the users who have them."""
        assigned_ids = {device.id for device in assigned}
        former_owners = {owner.id: owner for each in assigned_ids if (owner := self._directory.owner(each))}
        edits = [
            Edit(each, replace(each, devices=tuple(d for d in each.devices if d.id not in assigned_ids)))
            for each in former_owners.values()
        ]
        await self._commit(self._directory.plan(users=[*edits, Edit(before, after)]))
        return after

    async def _update_features(self, center: ContactCenter, features: frozenset[str]) -> None:
        changed = replace(center, features=features)
        await self._commit(self._directory.plan(contact_centers=[changed]))

    async def _commit(self, change: Change) -> None:
        if self._store:
            try:
                await self._store.write(change)
            except ConflictError as error:
                raise ProvisioningError(
                    ProvisioningErrorCode.EXISTS, f"The database has changed meanwhile: {error}"
                ) from None
        self._directory.apply(change)

    # --- looking up -----------------------------------------------------------------------------------

    def _find_contact_center(self, center_id: str) -> ContactCenter:
        center = self._directory.contact_center(center_id)
        if center is None:
            raise ProvisioningError(ProvisioningErrorCode.NOT_FOUND, "Contact center not found")
        return center

    def _find_user(self, center: ContactCenter, user_id: str) -> User:
        user = self._directory.user_by_id(user_id)
        if user is None or user.contact_center.id != center.id:
            raise ProvisioningError(ProvisioningErrorCode.NOT_FOUND, "User not found")
        return user

    def _find_device(self, center: ContactCenter, device_id: str) -> DirectoryDevice:
        device = self._directory.device(device_id)
        if device is None or device.contact_center != center.id:
            raise ProvisioningError(ProvisioningErrorCode.NOT_FOUND, f"Device {device_id} not found")
        return device

    def _find_unused_device(self, center: ContactCenter, device_id: str) -> DirectoryDevice:
        device = self._find_device(center, device_id)
        if self._is_busy(device):
            raise ProvisioningError(ProvisioningErrorCode.IN_USE, f"Device {device.number} is in a session")
        return device

    def _assignable_devices(
        self, center: ContactCenter, ids: Iterable[str], user: User | None
    ) -> list[DirectoryDevice]:
        """Return the devices with these ids that are not the user's yet."""
        own_ids = {device.id for device in user.devices} if user else set()
        return [self._find_unused_device(center, each) for each in dict.fromkeys(ids) if each not in own_ids]

    def _switch_of(self, number: str, wanted: str | None) -> str:
        switches = {switch.switch: switch.numbers for switch in self._directory.switches}
        if wanted is not None and wanted not in switches:
            raise ProvisioningError(
                ProvisioningErrorCode.INVALID, f"switchName: no such switch, {hint(wanted, switches)}"
            )
        found = [name for name, numbers in switches.items() if number in numbers and wanted in (None, name)]
        if not found:
            text = f"phoneNumber: {wanted or 'no switch'} has {'no ' if wanted else ''}DN '{number}'"
            raise ProvisioningError(ProvisioningErrorCode.INVALID, text)
        if len(found) > 1:
            text = f"switchName: required parameter missing, for {' and '.join(found)} have DN '{number}'"
            raise ProvisioningError(ProvisioningErrorCode.MISSING, text)
        return found[0]
