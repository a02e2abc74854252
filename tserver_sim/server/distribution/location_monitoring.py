"""What clients know of other sites (T-Library, TQueryLocation).

The keys of Extensions are this project's own: `location-N` names a site as `TServer@Switch`, and `state-N` is
1 while it can be reached, else 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bridge.tlib.enums import LocationInfoType
from bridge.tlib.kv import KVList
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.switch.numbering.locations import Location
from tserver_sim.switch.state.switch_data import SwitchData


@dataclass(slots=True)
class _Site:
    location: Location
    subscribers: dict[Client, None] = field(default_factory=dict)


class LocationMonitoring:
    """The other sites, whether they can be reached, and who wants to know when that changes.

    Args:
        others: the other sites.
        state: what the switch remembers; it says which of them can be reached.

    """

    def __init__(self, others: tuple[Location, ...], state: SwitchData) -> None:
        self._sites = {location.switch: _Site(location) for location in others}
        self._state = state
        self._last_reported: list[str] = []
        """Those that could be reached when this was last told."""
        self._subscribers_to_all: dict[Client, None] = {}

    def find(self, name: str) -> str | None:
        """Return the switch that a Location means; None if it is no other site."""
        return next((switch for switch, site in self._sites.items() if site.location.is_named(name)), None)

    def describe(self, switch: str | None = None) -> KVList:
        """Tell of one site, or of all."""
        sites = self._sites.values() if switch is None else (self._sites[switch],)
        return KVList(
            pair
            for index, site in enumerate(sites, start=1)
            for pair in (
                (f"location-{index}", site.location.name),
                (f"state-{index}", int(site.location.switch in self._state.sites)),
            )
        )

    # --- who wants to know -----------------------------------------------------------------------

    def subscribe(self, client: Client, switch: str | None) -> None:
        """Let a client know when a site can be reached or no more; None: any of them."""
        self._subscribers_of(switch)[client] = None

    def unsubscribe(self, client: Client, switch: str | None) -> bool:
        """End that; return whether there was anything to end."""
        subscribers = self._subscribers_of(switch)
        was_subscribed = client in subscribers
        subscribers.pop(client, None)
        return was_subscribed

    @property
    def has_changed(self) -> bool:
        """Whether other sites can be reached than when this was last told."""
        return self._state.sites != self._last_reported

    def changes(self) -> Iterator[tuple[Client, dict[str, Any]]]:
        """Return who wants to know what has changed since the last time, and the attributes of it."""
        before, self._last_reported = self._last_reported, list(self._state.sites)
        for switch in self._sites:
            if (switch in before) is not (switch in self._last_reported):
                yield from self._changes_at(switch)

    def _changes_at(self, switch: str) -> Iterator[tuple[Client, dict[str, Any]]]:
        site = self._sites[switch]
        describe = {"location": site.location.name, "extensions": self.describe(switch)}
        for client in {**self._subscribers_to_all, **site.subscribers}:
            is_subscribed_to_all = client in self._subscribers_to_all
            kind = (
                LocationInfoType.MonitorAllLocations
                if is_subscribed_to_all
                else LocationInfoType.MonitorLocation
            )
            yield client, {"location_info_type": kind, **describe}

    def remove_client(self, client: Client) -> None:
        """A client is gone."""
        self._subscribers_to_all.pop(client, None)
        for site in self._sites.values():
            site.subscribers.pop(client, None)

    def _subscribers_of(self, switch: str | None) -> dict[Client, None]:
        return self._subscribers_to_all if switch is None else self._sites[switch].subscribers
