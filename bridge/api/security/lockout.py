"""Who has guessed too often: user names that are locked, and network addresses that must wait.

What is counted is bounded: the names and addresses that were quiet longest are forgotten first.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeVar

from bridge.runtime.clock import Clock

V = TypeVar("V")

LONGEST_LOCK_SECONDS: Final = 900
"""How long a lock grows to be."""

FORGOTTEN_AFTER_SECONDS: Final = 3600
"""After how long without a wrong password a name starts anew."""

MAX_REMEMBERED: Final = 4096
"""How many names, and how many addresses, are counted at a time."""

_MINUTE: Final = 60
_KEY_LENGTH: Final = 64


@dataclass(slots=True)
class _Name:
    wrong: int
    last: float
    locked_until: float


@dataclass(slots=True)
class _Address:
    left: float
    last: float


class Lockout:
    """Counts wrong passwords. Whether a name exists makes no difference.

    A password that is being checked counts as wrong until `right` says otherwise: a thousand guesses at
    once are a thousand guesses.

    Args:
        clock: the time.
        after: wrong passwords in a row after which a name is locked; 0 is never.
        seconds: how long the first lock lasts; each further wrong password doubles it.
        per_minute: wrong passwords a minute that an address may send, and at once; 0 is any number.

    """

    def __init__(self, clock: Clock, *, after: int, seconds: float, per_minute: int) -> None:
        self._clock = clock
        self._after = after
        self._seconds = seconds
        self._per_minute = per_minute
        self._names: OrderedDict[str, _Name] = OrderedDict()
        self._addresses: OrderedDict[str, _Address] = OrderedDict()

    def refuses(self, name: str, address: str) -> bool:
        """Tell whether no password is taken for this name, or none from this address, for now."""
        if not self._addresses and not self._names:
            return False
        now = self._clock.now()
        known = self._names.get(_name_key(name))
        return (known is not None and now < known.locked_until) or self._left(address, now) < 1

    def attempt(self, name: str, address: str) -> float:
        """Count a password that is about to be checked; return for how many seconds that locks the name."""
        now = self._clock.now()
        if self._per_minute:
            key = _network(address)
            _remember(self._addresses, key, _Address(self._left(address, now) - 1, now))
        if not self._after:
            return 0
        key = _name_key(name)
        known = self._names.get(key)
        stale = known is None or now - known.last > FORGOTTEN_AFTER_SECONDS
        wrong = 1 if stale or known is None else known.wrong + 1
        lock = 0.0
        if wrong >= self._after:
            # The exponent is bounded: nobody's count may make a number too large to be one.
            lock = min(self._seconds * 2.0 ** min(wrong - self._after, 20), LONGEST_LOCK_SECONDS)
        _remember(self._names, key, _Name(wrong, now, now + lock))
        return lock

    def right(self, name: str, address: str) -> None:
        """Take back what `attempt` counted, and all that was counted against the name before."""
        self._names.pop(_name_key(name), None)
        counted = self._addresses.get(_network(address))
        if counted is not None:
            counted.left = min(counted.left + 1, self._per_minute)

    def _left(self, address: str, now: float) -> float:
        """Return how many more wrong passwords an address may send at once."""
        counted = self._addresses.get(_network(address))
        if counted is None:
            return self._per_minute or 1
        return min(counted.left + (now - counted.last) * self._per_minute / _MINUTE, self._per_minute)


def _name_key(name: str) -> str:
    """Write a name as the directory compares it, and of a long one no more than is worth keeping."""
    return name.casefold()[:_KEY_LENGTH]


def _network(address: str) -> str:
    """Return what an attacker cannot change at will: of IPv6, the network of 64 bits."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address


def _remember(table: OrderedDict[str, V], key: str, value: V) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > MAX_REMEMBERED:
        table.popitem(last=False)
