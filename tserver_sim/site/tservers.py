"""T-Servers in the site file: who they are, where they are found, and who stands by for them."""

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
    """Where the primary finds it."""
    host: Host = "127.0.0.1"


class TlsPart(SitePart):
    """Files for TLS, in PEM; relative paths begin where the site file is.

    Without `certificate` there is none.
    """

    certificate: File | None = None
    key: File | None = None
    client_ca: File | None = None
    """Who has to have signed the certificates of clients; None: clients need none."""

    ca: Any = None
    client_certificate: Any = None
    client_key: Any = None
    """These three are the business of clients."""

    def with_paths_relative_to(self, folder: Path) -> "TlsPart":
        """Let relative paths begin in a folder."""
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
    """Where others find it."""
    peer_port: PeerPort | None = None
    """Where other T-Servers find it; None: they do not."""
    peer_password: str | None = Field(None, repr=False)
    """What a T-Server has to know that wants to talk to it."""
    tls: TlsPart = TlsPart()
    """For the ports of both, if there are two."""
    backup: BackupPart | None = None
    redundancy: Annotated[StandbyType, expected("hot or warm")] = StandbyType.HOT

    @property
    def members(self) -> "tuple[TServerPart | BackupPart, ...]":
        """All T-Servers of the switch."""
        return (self,) if self.backup is None else (self, self.backup)

    def member(self, member: ConfiguredRole) -> "TServerPart | BackupPart":
        """Return one of the two.

        Raises:
            ValueError: there is no backup.

        """
        if member is ConfiguredRole.PRIMARY:
            return self
        if self.backup is None:
            raise ValueError(f"{self.application} has no backup")
        return self.backup


def server_address(part: TServerPart | BackupPart) -> ServerAddress:
    """Say where clients find a T-Server; a port of 0 is known to nobody."""
    return ServerAddress(part.application, part.host, part.port or None)


def find_pair_errors(part: TServerPart, where: Loc) -> Iterator[tuple[Loc, str]]:
    """Find what is wrong with a pair."""
    if part.backup is None:
        return
    taken = {(part.host, part.port), (part.host, part.peer_port)}
    for key, port in (("port", part.backup.port), ("peer_port", part.backup.peer_port)):
        if port and (part.backup.host, port) in taken:
            yield (*where, "backup", key), f"{port} is given twice"
        taken.add((part.backup.host, port))


def find_tls_errors(part: TlsPart, where: Loc) -> Iterator[tuple[Loc, str]]:
    """Find what is wrong with the files for TLS, as far as it shows without reading them."""
    if (part.certificate is None) != (part.key is None):
        yield (*where, "tls"), "certificate and key belong together"
    elif part.client_ca is not None and part.certificate is None:
        yield (*where, "tls", "client_ca"), "without a certificate there is no TLS"
