"""Checks of the site file across entries: unique names and ids, and references that lead somewhere."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from typing import Final

from bridge.directory.site import ContactCenterEntry, DeviceEntry, Site
from bridge.runtime.sitefile import Loc, hint, show, where

BUILT_IN_STATES: Final = frozenset({"Ready", "NotReady", "AuxWork", "AfterCallWork", "Offline"})
"""The operations that put every agent into a state (GWS v2, agent states)."""

_SESSION_OPERATIONS: Final = frozenset({"StartContactCenterSession", "EndContactCenterSession"})


def check(site: Site) -> Iterator[tuple[Loc, str]]:
    """Yield the place and the text of each fault."""
    yield from _duplicates(site)
    yield from _incomplete_tls_identities(site)
    yield from _unknown_dns(site)
    yield from _device_references(site)
    yield from _unknown_switches(site)
    yield from _unknown_places(site)
    yield from _conflicting_agent_states(site)


def _duplicates(site: Site) -> Iterator[tuple[Loc, str]]:
    first: dict[tuple[str, Hashable], Loc] = {}
    reported: set[Loc] = set()  # an id derived from a repeated name is not reported a second time
    for kind, key, loc in _identities(site):
        earlier = first.setdefault((kind, key), loc)
        if earlier is not loc and loc not in reported:
            reported.add(loc)
            yield loc, f"this {kind} is given twice, first at {where(earlier)}"


def _incomplete_tls_identities(site: Site) -> Iterator[tuple[Loc, str]]:
    for i, switch in enumerate(site.switches):
        tls = switch.tserver.tls
        if (tls.client_certificate is None) != (tls.client_key is None):
            yield ("switches", i, "tserver", "tls"), "client_certificate and client_key belong together"


def _identities(site: Site) -> Iterator[tuple[str, Hashable, Loc]]:
    """Yield the kind, the key and the place of each entry that must be unique in the file."""
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
        yield from _identities_within(center, ("contact_centers", i))


def _identities_within(center: ContactCenterEntry, top: Loc) -> Iterator[tuple[str, Hashable, Loc]]:
    """Yield the same for entries that must be unique in their contact center."""
    for j, place in enumerate(center.places):
        yield "place", (center.id, place.name), (*top, "places", j, "name")
    for j, state in enumerate(center.agent_states):
        at: Loc = (*top, "agent_states", j)
        yield "agent state", (center.id, state.operation_name), (*at, "operation_name")
        yield "agent state id", center.state_id(state), (*at, "id" if state.id else "operation_name")
    for j, contact in enumerate(center.contacts):
        at = (*top, "contacts", j)
        yield "contact", center.contact_id(contact), (*at, "id") if contact.id else at


def _unknown_dns(site: Site) -> Iterator[tuple[Loc, str]]:
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
                fault = _assign_device(devices.get(reference, {}), user.name, owners)
                if fault:
                    yield ("contact_centers", i, "users", j, "devices", k), fault


def _reference_fault(found: Mapping[str, DeviceEntry]) -> str:
    """Return why a reference does not identify exactly one device; empty if it does."""
    if not found:
        return "this contact center has no such device"
    if len(found) > 1:
        return f"this number is on {' and '.join(found)}; give the id of the device instead"
    return ""


def _assign_device(found: Mapping[str, DeviceEntry], user: str, owners: dict[str, str]) -> str:
    """Record `user` as the owner of the device that a reference identifies, or return why that is a fault."""
    fault = _reference_fault(found)
    if fault:
        return fault
    (device,) = found.values()
    if device.device_id in owners:
        return f"this device belongs to {show(owners[device.device_id])} already"
    owners[device.device_id] = user
    return ""


def _unknown_switches(site: Site) -> Iterator[tuple[Loc, str]]:
    """Yield the logins and contacts whose switch does not exist."""
    switches = {switch.name for switch in site.switches}
    for i, center in enumerate(site.contact_centers):
        for loc, switch in _named_switches(center):
            if switch not in switches:
                yield ("contact_centers", i, *loc), f"no such switch, {hint(switch, switches)}"


def _named_switches(center: ContactCenterEntry) -> Iterator[tuple[Loc, str]]:
    for j, user in enumerate(center.users):
        for k, login in enumerate(user.logins):
            yield ("users", j, "logins", k, "switch"), login.switch
    for j, contact in enumerate(center.contacts):
        for k, number in enumerate(contact.phone_numbers):
            if number.switch is not None:
                yield ("contacts", j, "phone_numbers", k, "switch"), number.switch


def _unknown_places(site: Site) -> Iterator[tuple[Loc, str]]:
    for i, center in enumerate(site.contact_centers):
        devices = center.devices_by_reference()
        names = {place.name for place in center.places}
        for j, place in enumerate(center.places):
            for k, reference in enumerate(place.devices):
                fault = _reference_fault(devices.get(reference, {}))
                if fault:
                    yield ("contact_centers", i, "places", j, "devices", k), fault
        for j, user in enumerate(center.users):
            if user.place is not None and user.place not in names:
                text = f"this contact center has no such place, {hint(user.place, names)}"
                yield ("contact_centers", i, "users", j, "place"), text


def _conflicting_agent_states(site: Site) -> Iterator[tuple[Loc, str]]:
    for i, center in enumerate(site.contact_centers):
        for j, state in enumerate(center.agent_states):
            at: Loc = ("contact_centers", i, "agent_states", j)
            if state.operation_name in BUILT_IN_STATES | _SESSION_OPERATIONS:
                yield (*at, "operation_name"), f"every agent has the operation {state.operation_name} already"
            if state.work_mode and state.state == "Ready":
                yield (*at, "work_mode"), "only an agent who is NotReady has a work mode"
