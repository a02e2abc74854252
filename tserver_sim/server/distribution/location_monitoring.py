"""Other sites, and the clients that monitor whether they can be reached (T-Library, TQueryLocation).

The keys of Extensions are this project's own: `location-N` names a site as `TServer@Switch`; `state-N` is 1
while the site can be reached, else 0.
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
    """The other sites, and the subscribers to changes of whether they can be reached.

    Args:
        others: the locations of the other sites.
        state: the data of the switch; its `sites` are those that can be reached.

    """

    def __init__(self, others: tuple[Location, ...], state: SwitchData) -> None:
        self._sites = {location.switch: _Site(location) for location in others}
        self._state = state
        self._last_reported: list[str] = []
        """The sites that could be reached when subscribers were last notified."""
        self._subscribers_to_all: dict[Client, None] = {}

    def find(self, name: str) -> str | None:
        """Return the switch that a Location names; None if it names no other site."""
        return next((switch for switch, site in self._sites.items() if site.location.is_named(name)), None)

    def describe(self, switch: str | None = None) -> KVList:
        """Return the Extensions that describe one site, or all of them."""
        sites = self._sites.values() if switch is None else (self._sites[switch],)
        return KVList(
            pair
            for index, site in enumerate(sites, start=1)
            for pair in (
                (f"location-{index}", site.location.name),
                (f"state-{index}", int(site.location.switch in self._state.sites)),
            )
        )

    # --- subscriptions ---------------------------------------------------------------------------

    def subscribe(self, client: Client, switch: str | None) -> None:
        """Subscribe a client to changes of one site, or of all sites if `switch` is None."""
        self._subscribers_of(switch)[client] = None

    def unsubscribe(self, client: Client, switch: str | None) -> bool:
        """Remove such a subscription and return whether there was one."""
        subscribers = self._subscribers_of(switch)
        was_subscribed = client in subscribers
        subscribers.pop(client, None)
        return was_subscribed

    @property
    def has_changed(self) -> bool:
        """Whether the reachable sites are not those that were last reported."""
        return self._state.sites != self._last_reported

    def changes(self) -> Iterator[tuple[Client, dict[str, Any]]]:
        """Yield, for every change since the last call, each client to notify with its event's attributes."""
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
        """Remove all subscriptions of a client that has disconnected."""
        self._subscribers_to_all.pop(client, None)
        for site in self._sites.values():
            site.subscribers.pop(client, None)

    def _subscribers_of(self, switch: str | None) -> dict[Client, None]:
        return self._subscribers_to_all if switch is None else self._sites[switch].subscribers
