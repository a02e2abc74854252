"""The bridge's part of the site file: its shape, and what must agree with what.

Phones, ids and all else that makes a simulated switch is the simulator's part; it is not looked at here.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridge.directory.features import FEATURES
from bridge.directory.model import Backup, Redundancy, Role, Tls, TServer
from bridge.directory.passwords import is_hash
from bridge.runtime.sitefile import Loc, expected, hint, show, unexpected, where


def _feature(feature_id: str) -> str:
    if feature_id not in FEATURES:
        raise unexpected(f"the id of a feature ({hint(feature_id, FEATURES)})")
    return feature_id


def _hash(encoded: str) -> str:
    if not is_hash(encoded):
        raise ValueError
    return encoded


Name: TypeAlias = Annotated[str, Field(min_length=1), expected("a name, not empty")]
# HTTP's basic authentication cannot carry a colon or a control character in a user name (RFC 7617, 2).
LoginName: TypeAlias = Annotated[
    str, Field(pattern=r"^[^\x00-\x1f\x7f:]+$"), expected("a login name, with no colon in it")
]
Digits: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]+$"), expected("a string of digits")]
Port: TypeAlias = Annotated[
    int, Field(strict=True, ge=0, le=65535), expected("a port, an integer from 0 to 65535")
]
UserId: TypeAlias = Annotated[
    str, Field(pattern=r"^[0-9a-f]{32}$"), expected("32 hexadecimal digits in lower case")
]
FeatureId: TypeAlias = Annotated[str, AfterValidator(_feature)]
PasswordHash: TypeAlias = Annotated[
    str, AfterValidator(_hash), expected("an argon2 hash (`tserver-bridge hash-password` makes one)")
]


class _Ours(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Shared(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class DnEntry(_Shared):
    """A DN of a switch."""

    number: Digits


class TlsEntry(_Shared):
    """Files for TLS; relative paths begin where the site file is."""

    certificate: str | None = None
    ca: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None

    def within(self, folder: Path) -> Tls:
        """Return what the bridge needs of it."""
        ca, certificate, key = (
            None if name is None else folder / name
            for name in (self.ca, self.client_certificate, self.client_key)
        )
        return Tls(self.certificate is not None, ca, certificate, key)


class BackupEntry(_Shared):
    """The other T-Server of a pair."""

    application: Name
    port: Port
    host: Name | None = None


class TServerEntry(_Ours):
    """The T-Server of a switch."""

    application: Name
    port: Port
    password: str = Field("", repr=False)
    tls: TlsEntry = TlsEntry()
    backup: BackupEntry | None = None
    redundancy: Annotated[Redundancy, expected("hot or warm")] = Redundancy.HOT

    # How T-Servers reach each other is the simulator's part.
    host: Any = None
    peer_port: Any = None
    peer_password: Any = Field(None, repr=False)


class SwitchEntry(_Shared):
    """A switch."""

    name: Name
    tserver: TServerEntry
    dns: tuple[DnEntry, ...] = ()

    def tserver_within(self, folder: Path) -> TServer:
        """Return what the directory hands out; `folder` is where the site file is."""
        entry, backup = self.tserver, self.tserver.backup
        return TServer(
            self.name,
            entry.application,
            entry.port,
            entry.password,
            entry.tls.within(folder),
            Backup(backup.application, backup.port, backup.host) if backup else None,
            entry.redundancy,
        )


class DeviceEntry(_Ours):
    """A DN that a user can have."""

    number: Digits
    switch: Name
    id: UUID | None = None

    @property
    def device_id(self) -> str:
        """The id given, or one that stays the same as long as switch and number do."""
        return str(self.id or uuid5(NAMESPACE_URL, f"dn:{self.number}@{self.switch}"))


class UserEntry(_Ours):
    """A person who can log in."""

    name: LoginName
    id: UserId | None = None
    password: PasswordHash = Field(repr=False)
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    roles: tuple[Role, ...] = (Role.AGENT,)
    devices: tuple[str, ...] = ()


class ContactCenterEntry(_Ours):
    """A tenant."""

    name: Name
    id: UUID
    features: frozenset[FeatureId] = frozenset()
    devices: tuple[DeviceEntry, ...] = ()
    users: tuple[UserEntry, ...] = ()

    def user_id(self, user: UserEntry) -> str:
        """Return the id given, or one that stays the same as long as contact center and login name do."""
        return user.id or uuid5(self.id, user.name.casefold()).hex

    def devices_by_reference(self) -> Mapping[str, Mapping[str, DeviceEntry]]:
        """Return, by switch, the devices behind each word that a user's ``devices`` may use.

        That is a number, or an id for a number that is on several switches.
        """
        found: defaultdict[str, dict[str, DeviceEntry]] = defaultdict(dict)
        for device in self.devices:
            found[device.number][device.switch] = device
            found[device.device_id][device.switch] = device
        return dict(found)


class Site(_Ours):
    """The whole file."""

    switches: tuple[SwitchEntry, ...]
    contact_centers: tuple[ContactCenterEntry, ...]


def check(site: Site) -> Iterator[tuple[Loc, str]]:
    """Yield what does not agree, and where."""
    yield from _repeats(site)
    yield from _half_identities(site)
    yield from _strange_devices(site)
    yield from _device_references(site)


def _repeats(site: Site) -> Iterator[tuple[Loc, str]]:
    first: dict[tuple[str, Hashable], Loc] = {}
    told: set[Loc] = set()  # ids that follow from a repeated name are no second fault
    for kind, key, loc in _identities(site):
        earlier = first.setdefault((kind, key), loc)
        if earlier is not loc and loc not in told:
            told.add(loc)
            yield loc, f"this {kind} is given twice, first at {where(earlier)}"


def _half_identities(site: Site) -> Iterator[tuple[Loc, str]]:
    for i, switch in enumerate(site.switches):
        tls = switch.tserver.tls
        if (tls.client_certificate is None) != (tls.client_key is None):
            yield ("switches", i, "tserver", "tls"), "client_certificate and client_key belong together"


def _identities(site: Site) -> Iterator[tuple[str, Hashable, Loc]]:
    """Yield what may be in the file only once: its kind, what makes two of them the same, and the place."""
    for i, switch in enumerate(site.switches):
        yield "switch", switch.name, ("switches", i, "name")
    for i, center in enumerate(site.contact_centers):
        yield "contact center", center.name, ("contact_centers", i, "name")
        yield "contact center id", center.id, ("contact_centers", i, "id")
        for j, device in enumerate(center.devices):
            at: Loc = ("contact_centers", i, "devices", j)
            yield "DN", (device.switch, device.number), at
            yield "device id", device.device_id, (*at, "id") if device.id else at
        for j, user in enumerate(center.users):
            at = ("contact_centers", i, "users", j)
            yield "user", user.name.casefold(), (*at, "name")
            yield "user id", center.user_id(user), (*at, "id" if user.id else "name")


def _strange_devices(site: Site) -> Iterator[tuple[Loc, str]]:
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    for switch in site.switches:
        numbers[switch.name].update(dn.number for dn in switch.dns)
    for i, center in enumerate(site.contact_centers):
        for j, device in enumerate(center.devices):
            at: Loc = ("contact_centers", i, "devices", j)
            if device.switch not in numbers:
                yield (*at, "switch"), f"no such switch, {hint(device.switch, numbers)}"
            elif device.number not in numbers[device.switch]:
                yield (*at, "number"), f"{device.switch} has no DN {show(device.number)}"


def _device_references(site: Site) -> Iterator[tuple[Loc, str]]:
    owners: dict[str, str] = {}
    for i, center in enumerate(site.contact_centers):
        devices = center.devices_by_reference()
        for j, user in enumerate(center.users):
            for k, reference in enumerate(user.devices):
                fault = _take(devices.get(reference, {}), user.name, owners)
                if fault:
                    yield ("contact_centers", i, "users", j, "devices", k), fault


def _take(found: Mapping[str, DeviceEntry], user: str, owners: dict[str, str]) -> str:
    """Give a user the one device that a reference stands for; return what speaks against it."""
    if not found:
        return "this contact center has no such device"
    if len(found) > 1:
        return f"this number is on {' and '.join(found)}; give the id of the device instead"
    (device,) = found.values()
    if device.device_id in owners:
        return f"this device belongs to {show(owners[device.device_id])} already"
    owners[device.device_id] = user
    return ""
