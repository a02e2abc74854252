"""T-Servers in the site file: names, addresses, TLS, and the backup of a pair."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from bridge.runtime.sitefile import Loc, expected
from tserver_sim.server.pair.roles import ConfiguredRole, StandbyType
from tserver_sim.server.requests.server_info import ServerAddress
from tserver_sim.site.values import File, Host, Name, Port, SitePart

PeerPort = Annotated[int, Field(ge=1, le=65535, strict=True), expected("a port, 1 to 65535")]


class BackupPart(SitePart):
    """The other T-Server of a pair."""

    application: Name
    port: Port
    peer_port: PeerPort
    """The port that the primary connects to."""
    host: Host = "127.0.0.1"


class TlsPart(SitePart):
    """Files for TLS, in PEM; relative paths are relative to the site file.

    Without `certificate` the port has no TLS.
    """

    certificate: File | None = None
    key: File | None = None
    client_ca: File | None = None
    """The authorities that sign client certificates; None: clients need none."""

    ca: Any = None
    client_certificate: Any = None
    client_key: Any = None
    """These three are read by clients only."""

    def with_paths_relative_to(self, folder: Path) -> "TlsPart":
        """Return a copy in which relative paths are relative to a folder."""
        files = {"certificate": self.certificate, "key": self.key, "client_ca": self.client_ca}
        return self.model_copy(
            update={key: str(folder / file) for key, file in files.items() if file is not None}
        )


class TServerPart(SitePart):
    """The T-Server in front of a switch."""

    application: Name
    port: Port
    password: str | None = Field(None, repr=False)
    host: Host = "127.0.0.1"
    """The host that others connect to."""
    peer_port: PeerPort | None = None
    """The port that other T-Servers connect to; None: they cannot from another process."""
    peer_password: str | None = Field(None, repr=False)
    """The secret that other T-Servers must send."""
    tls: TlsPart = TlsPart()
    """For the client ports of both members."""
    backup: BackupPart | None = None
    redundancy: Annotated[StandbyType, expected("hot or warm")] = StandbyType.HOT

    @property
    def members(self) -> "tuple[TServerPart | BackupPart, ...]":
        """The T-Servers of the switch: one, or both members of its pair."""
        return (self,) if self.backup is None else (self, self.backup)

    def member(self, member: ConfiguredRole) -> "TServerPart | BackupPart":
        """Return a member of the pair.

        Raises:
            ValueError: the backup is asked for, and there is none.

        """
        if member is ConfiguredRole.PRIMARY:
            return self
        if self.backup is None:
            raise ValueError(f"{self.application} has no backup")
        return self.backup


def server_address(part: TServerPart | BackupPart) -> ServerAddress:
    """Return the address for clients. Port 0 (any free port) is left out: it is not known here."""
    return ServerAddress(part.application, part.host, part.port or None)


def find_pair_errors(part: TServerPart, where: Loc) -> Iterator[tuple[Loc, str]]:
    """Yield ports of a pair that are given twice."""
    if part.backup is None:
        return
    taken = {(part.host, part.port), (part.host, part.peer_port)}
    for key, port in (("port", part.backup.port), ("peer_port", part.backup.peer_port)):
        if port and (part.backup.host, port) in taken:
            yield (*where, "backup", key), f"{port} is given twice"
        taken.add((part.backup.host, port))


def find_tls_errors(part: TlsPart, where: Loc) -> Iterator[tuple[Loc, str]]:
    """Yield errors of the TLS keys that show without reading the files."""
    if (part.certificate is None) != (part.key is None):
        yield (*where, "tls"), "certificate and key belong together"
    elif part.client_ca is not None and part.certificate is None:
        yield (*where, "tls", "client_ca"), "without a certificate there is no TLS"
