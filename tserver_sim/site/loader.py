"""Reading the site file, with the checks that involve more than one value."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bridge.runtime.sitefile import Loc, hint, read
from tserver_sim.site.agents import find_agent_errors
from tserver_sim.site.sim_site import SimSite
from tserver_sim.site.switches import SwitchPart
from tserver_sim.site.tservers import find_pair_errors, find_tls_errors


def read_site(path: Path) -> SimSite:
    """Read the simulator's part of a site file.

    Raises:
        SiteFileError: the file cannot be used; the text has all errors, one per line.

    """
    return read(path, SimSite, _find_errors).with_paths_relative_to(path.parent)


def _find_errors(site: SimSite) -> Iterator[tuple[Loc, str]]:
    parts = site.switches
    if not parts:
        yield ("switches",), "expected at least one switch"
    yield from _find_duplicates({("switches", i, "name"): part.name for i, part in enumerate(parts)})
    yield from _find_duplicates(
        {("switches", i, "tserver", "application"): part.tserver.application for i, part in enumerate(parts)}
        | {
            ("switches", i, "tserver", "backup", "application"): part.tserver.backup.application
            for i, part in enumerate(parts)
            if part.tserver.backup is not None
        }
    )
    yield from _find_duplicates(
        {("switches", i, "tserver", "port"): part.tserver.port or None for i, part in enumerate(parts)}
    )
    yield from _find_duplicates(
        {("switches", i, "ids", "call_uuid_prefix"): p.ids.call_uuid_prefix for i, p in enumerate(parts)}
    )
    for i, part in enumerate(parts):
        yield from find_pair_errors(part.tserver, ("switches", i, "tserver"))
        yield from find_tls_errors(part.tserver.tls, ("switches", i, "tserver"))
        yield from _find_dn_errors(part, ("switches", i))
        yield from _find_number_errors(part, ("switches", i))
        yield from _find_access_number_errors(part, ("switches", i))


def _find_dn_errors(part: SwitchPart, at: Loc) -> Iterator[tuple[Loc, str]]:
    numbers: dict[Loc, str] = {(*at, "dns", j, "number"): dn.number for j, dn in enumerate(part.dns)}
    yield from _find_duplicates(
        numbers | {(*at, "virtual_queues", j): name for j, name in enumerate(part.virtual_queues)}
    )
    for j, dn in enumerate(part.dns):
        if dn.phone and dn.type != "extension":
            yield (*at, "dns", j, "phone"), "only an extension has a phone"
        if dn.queue and dn.type != "acd_queue":
            yield (*at, "dns", j, "queue"), "only an acd_queue has this"
        if dn.routing and dn.type != "route_point":
            yield (*at, "dns", j, "routing"), "only a route_point has this"
    yield from _find_duplicates({(*at, "agents", j, "id"): agent.id for j, agent in enumerate(part.agents)})
    queues = {dn.number for dn in part.dns if dn.type == "acd_queue"}
    yield from find_agent_errors(part.agents, queues, at)


def _find_number_errors(part: SwitchPart, at: Loc) -> Iterator[tuple[Loc, str]]:
    trunks = [trunk.name for trunk in part.trunks]
    yield from _find_duplicates({(*at, "trunks", j, "name"): name for j, name in enumerate(trunks)})
    for j, rule in enumerate(part.dial_plan):
        if rule.trunk is not None and rule.trunk not in trunks:
            yield (*at, "dial_plan", j, "trunk"), f"no such trunk group, {hint(rule.trunk, trunks)}"


def _find_access_number_errors(part: SwitchPart, at: Loc) -> Iterator[tuple[Loc, str]]:
    numbers = {(*at, "access_numbers", j): number for j, number in enumerate(part.access_numbers)}
    yield from _find_duplicates(numbers)
    dns = {dn.number for dn in part.dns}
    yield from ((loc, f"{number} is a DN") for loc, number in numbers.items() if number in dns)


def _find_duplicates(values: Mapping[Loc, object]) -> Iterator[tuple[Loc, str]]:
    seen: set[object] = set()
    for loc, value in values.items():
        if value in seen:
            yield loc, f"{value} is given twice"
        if value is not None:
            seen.add(value)
