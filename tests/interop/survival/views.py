"""Three views of the same calls, which must be one: the switch's, the bridges', and the clients' own.

A view tells for each DN its calls by CallUUID: state, user data and the numbers of the other parties.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

OnDN: TypeAlias = dict[str, dict[str, "Seen"]]


@dataclass(frozen=True)
class Seen:
    """A call as it stands at one DN."""

    state: str
    user_data: Mapping[str, Any]
    others: frozenset[str]
    """Who else is on it; nobody before it is answered, for a caller only knows whom it has dialled."""

    @classmethod
    def of(cls, state: str, user_data: Mapping[str, Any], others: Iterable[str]) -> Self:
        """Make it of what a call says."""
        return cls(state, user_data, frozenset(others if state in _ANSWERED else ()))


_ANSWERED = ("Established", "Held")


_STATES = {
    "Dialing": "Dialing",
    "Failed": "Dialing",
    "Alerting": "Ringing",
    "Connected": "Established",
    "Held": "Held",
}
"""The state of a call in the API, for the state of the party in the switch."""


def of_switch(calls: Iterable[Mapping[str, Any]], dns: Iterable[str]) -> OnDN:
    """Read the view of the switch out of the control API."""
    view: OnDN = {dn: {} for dn in dns}
    for call in calls:
        parties = call["parties"]
        for party in parties:
            if party["dn"] in view:
                others = [other["dn"] for other in parties if other is not party and other["announced"]]
                state = _STATES[party["state"]]
                data = dict(reversed(call["user_data"]))  # of pairs with one key, JSON has the first
                view[party["dn"]][call["call_uuid"]] = Seen.of(state, data, others)
    return view


def seen(call: Mapping[str, Any]) -> Seen:
    """Read a call resource of the API."""
    others = [participant["phoneNumber"] for participant in call["participants"]]
    return Seen.of(call["state"], call.get("userData", {}), others)


def of_bridge(calls: Iterable[Mapping[str, Any]]) -> dict[str, Seen]:
    """Read what a user's calls are by the API."""
    return {call["callUuid"]: seen(call) for call in calls}


@dataclass
class Replay:
    """What a client knows who only listens. It keeps calls by `id`, which stays when calls are joined."""

    duplicates: list[Mapping[str, Any]] = field(default_factory=list)
    """Notifications of a state that had been told; data may change where JSON does not show it."""
    received: int = 0
    _calls: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def calls(self) -> dict[str, Seen]:
        """The calls that go on, by CallUUID."""
        return of_bridge(self._calls.values())

    def on_notification(self, message: Mapping[str, Any]) -> None:
        """Take in the data of a notification."""
        self.received += 1
        call = message.get("call")
        if message.get("messageType") != "CallStateChangeMessage" or call is None:
            return
        before = self._calls.pop(call["id"], {"state": "Released"})
        if message["notificationType"] == "StatusChange" and call["state"] == before["state"]:
            self.duplicates.append(message)
        if call["state"] != "Released":
            self._calls[call["id"]] = call
