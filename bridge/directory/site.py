"""The bridge's part of the site file: its shape. `bridge.directory.cross_checks` checks that its parts agree.

Phones, ids and all else that makes a simulated switch is the simulator's part and is ignored here.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridge.directory.model import BackupConfig, RedundancyType, TlsConfig, TServerConfig, UserRole
from bridge.directory.passwords import is_hash
from bridge.runtime.features import FEATURES
from bridge.runtime.sitefile import expected, hint, unexpected


def _feature(feature_id: str) -> str:
    if feature_id not in FEATURES:
        raise unexpected(f"the id of a feature ({hint(feature_id, FEATURES)})")
    return feature_id


def _country(code: str) -> str:
    import phonenumbers  # noqa: PLC0415 (takes longer than all the rest here; most files name no country)

    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise unexpected("a country's code of two letters (ISO 3166), such as US")
    return code


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
Country: TypeAlias = Annotated[str, AfterValidator(_country)]
DeviceType: TypeAlias = Annotated[Literal["Extension", "ACDPosition"], expected("Extension or ACDPosition")]
OperationName: TypeAlias = Annotated[
    str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$"), expected("a name of at most 64 letters and digits")
]
PasswordHash: TypeAlias = Annotated[
    str, AfterValidator(_hash), expected("an argon2 hash (`tserver-bridge hash-password` makes one)")
]


def device_id_of(switch: str, number: str) -> str:
    """Return the id of a device that was given none; it follows from its DN."""
    return str(uuid5(NAMESPACE_URL, f"dn:{number}@{switch}"))


class _StrictEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _LenientEntry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class DnEntry(_LenientEntry):
    """A DN of a switch."""

    number: Digits


class TlsEntry(_LenientEntry):
    """Files for TLS; relative paths start at the folder of the site file."""

    certificate: str | None = None
    ca: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None

    def resolved_in(self, folder: Path) -> TlsConfig:
        """Return the part that the bridge needs, with the paths resolved in `folder`."""
        ca, certificate, key = (
            None if name is None else folder / name
            for name in (self.ca, self.client_certificate, self.client_key)
        )
        return TlsConfig(self.certificate is not None, ca, certificate, key)


class BackupEntry(_LenientEntry):
    """The backup of a pair of T-Servers."""

    application: Name
    port: Port
    host: Name | None = None


class TServerEntry(_StrictEntry):
    """The T-Server of a switch."""

    application: Name
    port: Port
    password: str = Field("", repr=False)
    tls: TlsEntry = TlsEntry()
    backup: BackupEntry | None = None
    redundancy: Annotated[RedundancyType, expected("hot or warm")] = RedundancyType.HOT

    # For the simulator only: how T-Servers reach each other.
    host: Any = None
    peer_port: Any = None
    peer_password: Any = Field(None, repr=False)


class SwitchEntry(_LenientEntry):
    """A switch."""

    name: Name
    tserver: TServerEntry
    dns: tuple[DnEntry, ...] = ()

    def tserver_config(self, folder: Path) -> TServerConfig:
        """Return the value of the directory; `folder` is that of the site file."""
        entry, backup = self.tserver, self.tserver.backup
        return TServerConfig(
            self.name,
            entry.application,
            entry.port,
            entry.password,
            entry.tls.resolved_in(folder),
            BackupConfig(backup.application, backup.port, backup.host) if backup else None,
            entry.redundancy,
            frozenset(dn.number for dn in self.dns),
        )


class DeviceEntry(_StrictEntry):
    """A device: a DN that can be assigned to a user."""

    number: Digits
    switch: Name
    id: UUID | None = None
    type: DeviceType = "Extension"
    description: str = ""
    settings: dict[str, str] = {}

    @property
    def device_id(self) -> str:
        """The given id, or one that follows from switch and number."""
        return str(self.id or device_id_of(self.switch, self.number))


class LoginEntry(_StrictEntry):
    """The login of an agent at a switch."""

    code: Name
    switch: Name
    queue: Digits | None = None
    password: str = Field("", repr=False)


class UserEntry(_StrictEntry):
    """A person who can log in."""

    name: LoginName
    id: UserId | None = None
    password: PasswordHash = Field(repr=False)
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    roles: tuple[UserRole, ...] = (UserRole.AGENT,)
    devices: tuple[str, ...] = ()
    logins: tuple[LoginEntry, ...] = ()
    place: str | None = None
    enabled: bool = True
    change_password: bool = False


class PlaceEntry(_StrictEntry):
    """A place where an agent may work."""

    name: Name
    devices: tuple[str, ...] = ()


class AgentStateEntry(_StrictEntry):
    """An agent state that the contact center adds to the built-in ones."""

    operation_name: OperationName
    display_name: Name
    state: Annotated[Literal["Ready", "NotReady"], expected("Ready or NotReady")]
    work_mode: Annotated[Literal["AuxWork", "AfterCallWork"], expected("AuxWork or AfterCallWork")] | None = (
        None
    )
    reason: Name | None = None
    id: UUID | None = None


class NumberEntry(_StrictEntry):
    """A number of a contact."""

    phone_number: Name
    description: str = ""
    switch: Name | None = None


class ContactEntry(_StrictEntry):
    """An entry of the address book."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone_numbers: tuple[NumberEntry, ...] = ()
    id: UUID | None = None


class ContactCenterEntry(_StrictEntry):
    """A tenant."""

    name: Name
    id: UUID
    features: frozenset[FeatureId] = frozenset()
    country: Country = "US"
    devices: tuple[DeviceEntry, ...] = ()
    places: tuple[PlaceEntry, ...] = ()
    agent_states: tuple[AgentStateEntry, ...] = ()
    contacts: tuple[ContactEntry, ...] = ()
    users: tuple[UserEntry, ...] = ()

    def user_id(self, user: UserEntry) -> str:
        """Return the given id, or one that follows from contact center and login name."""
        return user.id or uuid5(self.id, user.name.casefold()).hex

    def state_id(self, state: AgentStateEntry) -> str:
        """Return the given id, or one that follows from contact center and operation name."""
        return str(state.id or uuid5(self.id, f"agent-state:{state.operation_name}"))

    def contact_id(self, contact: ContactEntry) -> str:
        """Return the given id, or one that follows from contact center, names and first number."""
        numbers = "".join(number.phone_number for number in contact.phone_numbers[:1])
        return str(
            contact.id or uuid5(self.id, f"contact:{contact.first_name}/{contact.last_name}/{numbers}")
        )

    def devices_by_reference(self) -> Mapping[str, Mapping[str, DeviceEntry]]:
        """Return, for each reference that a user's ``devices`` may use, the devices by switch.

        A reference is a DN, or the id of a device whose DN is on several switches.
        """
        found: defaultdict[str, dict[str, DeviceEntry]] = defaultdict(dict)
        for device in self.devices:
            found[device.number][device.switch] = device
            found[device.device_id][device.switch] = device
        return dict(found)


class GwsEntry(_StrictEntry):
    """The version of GWS that the bridge behaves like."""

    version: Annotated[Literal["8.5.2", "8.5.2-early"], expected("'8.5.2' or '8.5.2-early'")] = "8.5.2"
    metrics: bool = False


class Site(_StrictEntry):
    """The whole file."""

    switches: tuple[SwitchEntry, ...]
    contact_centers: tuple[ContactCenterEntry, ...]
    gws: GwsEntry = GwsEntry()
