"""The addresses of the T-Servers of a site, from its file and from `--switch`, and their endpoints."""

from collections.abc import Mapping, Sequence

from twisted.internet.interfaces import IReactorTCP

from bridge.directory.model import RedundancyType, TServerConfig
from bridge.link.endpoints import Address, Endpoint, PairEndpoints, make_endpoint, parse
from bridge.link.tls import LinkTlsFileError, Trust
from bridge.runtime.loop import CannotStartError

Addresses = tuple[Address, ...]
"""The addresses of one switch: one, or two of a pair."""

EXPECTED = "expected [NAME=]tcp://HOST:PORT, or tls://, or two of them with a comma between for a pair"


def addresses(given: Sequence[str], tservers: Sequence[TServerConfig]) -> dict[str, Addresses]:
    """Return the addresses of each switch by the values of `--switch`, each `[NAME=]ADDRESS[,ADDRESS]`.

    A value without a name is for the first switch. A switch that is not named is at the host of the first, on
    the port that the site file gives it. A pair with one address has its backup where the site file says.

    Args:
        given: the values; with none the result is empty.
        tservers: the T-Servers of the site file.

    Raises:
        CannotStartError: a value has another form, or names a switch that is not in the site file.

    """
    known = {tserver.switch: tserver for tserver in tservers}
    first = tservers[0].switch
    found: dict[str, Addresses] = {}
    for text in given:
        try:
            name, switch_addresses = parse_switch(text)
        except ValueError as error:
            raise CannotStartError(f"--switch {text}: {error}") from None
        if name and name not in known:
            names = ", ".join(known)
            raise CannotStartError(f"--switch {text}: the site has no switch {name}; it has {names}")
        found[name or first] = _with_backup(switch_addresses, known[name or first])
    if found:
        host = found.get(first, next(iter(found.values())))[0].host
        for switch, tserver in known.items():
            found.setdefault(switch, site_addresses(tserver, host))
    return found


def parse_switch(text: str) -> tuple[str, Addresses]:
    """Return the name (empty for the first switch) and the addresses of a `[NAME=]ADDRESS[,ADDRESS]`.

    Raises:
        ValueError: the text has another form; the message says what was expected.

    """
    name, _, address_text = text.rpartition("=")
    try:
        found = tuple(parse(address) for address in address_text.split(","))
    except ValueError:
        found = ()
    if len(found) not in (1, 2):
        raise ValueError(EXPECTED)
    return name, found


def site_addresses(tserver: TServerConfig, host: str) -> Addresses:
    """Return the addresses that the site file gives the T-Server of a switch, on this host."""
    return _with_backup((Address(host, tserver.port, is_tls=tserver.tls.is_served),), tserver)


def make_endpoints(
    found: Mapping[str, Addresses], tservers: Sequence[TServerConfig], reactor: IReactorTCP
) -> dict[str, Endpoint | PairEndpoints]:
    """Return the endpoint of each switch, with the certificates that the site file names.

    Raises:
        CannotStartError: a file with a certificate or a key cannot be used.

    """
    return {
        tserver.switch: _make_endpoint_or_pair(found[tserver.switch], tserver, reactor)
        for tserver in tservers
    }


def _make_endpoint_or_pair(
    addresses_of_switch: Addresses, tserver: TServerConfig, reactor: IReactorTCP
) -> Endpoint | PairEndpoints:
    tls = tserver.tls
    try:
        first, *others = (
            make_endpoint(
                address,
                Trust(tls.ca, tls.client_certificate, tls.client_key) if address.is_tls else None,
                reactor,
            )
            for address in addresses_of_switch
        )
    except LinkTlsFileError as error:
        raise CannotStartError(f"switch {tserver.switch}: tserver.tls.{error}") from None
    if not others:
        return first
    return PairEndpoints(first, others[0], tserver.redundancy is RedundancyType.HOT)


def _with_backup(addresses_of_switch: Addresses, tserver: TServerConfig) -> Addresses:
    backup = tserver.backup
    if len(addresses_of_switch) > 1 or backup is None or not backup.port:
        return addresses_of_switch
    first = addresses_of_switch[0]
    return first, Address(backup.host or first.host, backup.port, is_tls=first.is_tls)
