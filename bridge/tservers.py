"""Where the T-Servers of a site are, from its file and from `--switch`, and how they are reached."""

from collections.abc import Mapping, Sequence

from twisted.internet.interfaces import IReactorTCP

from bridge.directory.model import Redundancy, TServer
from bridge.link.endpoints import Address, PairReach, Reach, parse, reach
from bridge.link.tls import BadFileError, Trust
from bridge.runtime.loop import CannotStartError

Addresses = tuple[Address, ...]
"""Those of one switch: one, or two of a pair."""

EXPECTED = "expected [NAME=]tcp://HOST:PORT, or tls://, or two of them with a comma between for a pair"


def addresses(given: Sequence[str], tservers: Sequence[TServer]) -> dict[str, Addresses]:
    """Read what `--switch` gave, each `[NAME=]ADDRESS[,ADDRESS]`; without a name it is the first switch's.

    A switch that is not named is at the same host as the first, on the port that the site file gives it.
    A pair of which one address is given has its backup where the site file says.

    Raises:
        CannotStartError: something given makes no sense.

    """
    known = {tserver.switch: tserver for tserver in tservers}
    first = tservers[0].switch
    found: dict[str, Addresses] = {}
    for text in given:
        name, _, rest = text.rpartition("=")
        if name and name not in known:
            names = ", ".join(known)
            raise CannotStartError(f"--switch {text}: the site has no switch {name}; it has {names}")
        found[name or first] = _with_backup(_parsed(text, rest), known[name or first])
    if found:
        host = found.get(first, next(iter(found.values())))[0].host
        for switch, tserver in known.items():
            found.setdefault(switch, of_site(tserver, host))
    return found


def of_site(tserver: TServer, host: str) -> Addresses:
    """Say where the site file has the T-Server of a switch, if that is on this host."""
    return _with_backup((Address(host, tserver.port, is_tls=tserver.tls.is_served),), tserver)


def ways(
    found: Mapping[str, Addresses], tservers: Sequence[TServer], reactor: IReactorTCP
) -> dict[str, Reach | PairReach]:
    """Make the ways to the T-Servers, with the certificates that the site file names.

    Raises:
        CannotStartError: a file of certificates or with a key cannot be used.

    """
    return {tserver.switch: _way(found[tserver.switch], tserver, reactor) for tserver in tservers}


def _way(where: Addresses, tserver: TServer, reactor: IReactorTCP) -> Reach | PairReach:
    tls = tserver.tls
    try:
        first, *others = (
            reach(
                address,
                Trust(tls.ca, tls.client_certificate, tls.client_key) if address.is_tls else None,
                reactor,
            )
            for address in where
        )
    except BadFileError as error:
        raise CannotStartError(f"switch {tserver.switch}: tserver.tls.{error}") from None
    if not others:
        return first
    return PairReach(first, others[0], tserver.redundancy is Redundancy.HOT)


def _parsed(text: str, rest: str) -> Addresses:
    try:
        found = tuple(parse(address) for address in rest.split(","))
    except ValueError:
        found = ()
    if len(found) not in (1, 2):
        raise CannotStartError(f"--switch {text}: {EXPECTED}")
    return found


def _with_backup(where: Addresses, tserver: TServer) -> Addresses:
    backup = tserver.backup
    if len(where) > 1 or backup is None or not backup.port:
        return where
    first = where[0]
    return first, Address(backup.host or first.host, backup.port, is_tls=first.is_tls)
