"""Converts the values of the directory to rows of its tables and back, without a database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from bridge.directory.changes import Content
from bridge.directory.model import ContactCenter, DirectoryDevice, DirectoryLogin, User, UserRole
from bridge.runtime.device_attributes import device_attributes

Row: TypeAlias = Mapping[str, Any]


def center_row(center: ContactCenter) -> Row:
    """Return the row of a contact center, without its features."""
    return {"id": center.id, "name": center.name}


def feature_rows(center: ContactCenter) -> list[Row]:
    """Return a row for each feature of a contact center."""
    return [{"contact_center_id": center.id, "feature_id": feature} for feature in sorted(center.features)]


def device_row(device: DirectoryDevice) -> Row:
    """Return the row of a device."""
    attributes = device_attributes(device)
    center_id = attributes.pop("contact_center")
    return {**attributes, "contact_center_id": center_id, "settings": dict(device.settings)}


def user_row(user: User) -> Row:
    """Return the row of a user, without devices and logins."""
    return {
        "id": user.id,
        "contact_center_id": user.contact_center.id,
        "name": user.name,
        "folded_name": user.name.casefold(),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "roles": ",".join(user.roles),
        "password_hash": user.password_hash,
        "place": user.place,
        "enabled": user.enabled,
        "change_password": user.change_password,
    }


def user_device_rows(user: User) -> list[Row]:
    """Return a row for each device of a user."""
    return [
        {"user_id": user.id, "device_id": device.id, "rank": rank} for rank, device in enumerate(user.devices)
    ]


def login_rows(user: User) -> list[Row]:
    """Return a row for each login of a user."""
    return [
        {
            "user_id": user.id,
            "rank": rank,
            "code": login.code,
            "switch": login.switch,
            "queue": login.queue,
            "password": login.password,
        }
        for rank, login in enumerate(user.logins)
    ]


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows of all tables, each in the order of creation."""

    contact_centers: Sequence[Row]
    features: Sequence[Row]
    devices: Sequence[Row]
    users: Sequence[Row]
    user_devices: Sequence[Row]
    logins: Sequence[Row]

    def content(self, site: Content) -> Content:
        """Return the values of the rows.

        Args:
            site: The content of the site file. It gives what the tables do not hold: countries, places, agent
                states and contacts. A contact center that is not in it has none of them.

        """
        devices = {row["id"]: _device(row) for row in self.devices}
        features = _grouped(self.features, "contact_center_id")
        known = {center.id: center for center in site.contact_centers}
        centers = {
            row["id"]: _center(row, features.get(row["id"], []), known.get(row["id"]), devices)
            for row in self.contact_centers
        }
        return Content(tuple(centers.values()), tuple(devices.values()), tuple(self._users(centers, devices)))

    def _users(
        self, centers: Mapping[str, ContactCenter], devices: Mapping[str, DirectoryDevice]
    ) -> Iterator[User]:
        held = _grouped(self.user_devices, "user_id")
        logins = _grouped(self.logins, "user_id")
        for row in self.users:
            yield User(
                id=row["id"],
                name=row["name"],
                first_name=row["first_name"],
                last_name=row["last_name"],
                email=row["email"],
                roles=tuple(UserRole(role) for role in row["roles"].split(",") if role),
                contact_center=centers[row["contact_center_id"]],
                devices=tuple(devices[each["device_id"]] for each in held.get(row["id"], [])),
                password_hash=row["password_hash"],
                logins=tuple(
                    DirectoryLogin(each["code"], each["switch"], each["queue"], each["password"])
                    for each in logins.get(row["id"], [])
                ),
                place=row["place"],
                enabled=row["enabled"],
                change_password=row["change_password"],
            )


def _device(row: Row) -> DirectoryDevice:
    kept = dict(row)
    kept["contact_center"] = kept.pop("contact_center_id")
    kept["settings"] = MappingProxyType(kept["settings"])
    del kept["position"]  # the order of the rows is that of the devices
    return DirectoryDevice(**kept)


def _center(
    row: Row, features: Iterable[Row], site: ContactCenter | None, devices: Mapping[str, DirectoryDevice]
) -> ContactCenter:
    found = frozenset(each["feature_id"] for each in features)
    if site is None:
        return ContactCenter(row["id"], row["name"], found)
    places = (
        replace(place, devices=tuple(devices[each.id] for each in place.devices if each.id in devices))
        for place in site.places
    )
    return replace(site, features=found, places=tuple(places))


def _grouped(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups
