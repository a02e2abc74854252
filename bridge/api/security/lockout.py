"""Who has guessed too often: user names that are locked, and network addresses that must wait.

What is counted is bounded: the names and addresses that were quiet longest are forgotten first.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeVar

from bridge.runtime.clock import Clock

V = TypeVar("V")

MAX_LOCK_SECONDS: Final = 900
"""How long a lock grows to be."""

FORGET_AFTER_SECONDS: Final = 3600
"""After how long without a wrong password a name starts anew."""

MAX_RECORDS: Final = 4096
"""How many names, and how many addresses, are counted at a time."""

_MINUTE: Final = 60
_KEY_LENGTH: Final = 64


@dataclass(slots=True)
class _NameRecord:
    wrong_count: int
    last: float
    locked_until: float


@dataclass(slots=True)
class _AddressRecord:
    remaining: float
    last: float


class Lockout:
    """Counts wrong passwords. Whether a name exists makes no difference.

    A password that is being checked counts as wrong until `record_success` says otherwise: a thousand
    guesses at once are a thousand guesses.

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
        self._names: OrderedDict[str, _NameRecord] = OrderedDict()
        self._addresses: OrderedDict[str, _AddressRecord] = OrderedDict()

    def is_blocked(self, name: str, address: str) -> bool:
        """Tell whether no password is taken for this name, or none from this address, for now."""
        if not self._addresses and not self._names:
            return False
        now = self._clock.now()
        record = self._names.get(_name_key(name))
        return (record is not None and now < record.locked_until) or self._remaining_attempts(
            address, now
        ) < 1

    def record_attempt(self, name: str, address: str) -> float:
        """Count a password that is about to be checked; return for how many seconds that locks the name."""
        now = self._clock.now()
        if self._per_minute:
            key = _network(address)
            _store_bounded(
                self._addresses, key, _AddressRecord(self._remaining_attempts(address, now) - 1, now)
            )
        if not self._after:
            return 0
        key = _name_key(name)
        record = self._names.get(key)
        is_stale = record is None or now - record.last > FORGET_AFTER_SECONDS
        wrong_count = 1 if is_stale or record is None else record.wrong_count + 1
        lock = 0.0
        if wrong_count >= self._after:
            # The exponent is bounded: nobody's count may make a number too large to be one.
            lock = min(self._seconds * 2.0 ** min(wrong_count - self._after, 20), MAX_LOCK_SECONDS)
        _store_bounded(self._names, key, _NameRecord(wrong_count, now, now + lock))
        return lock

    def record_success(self, name: str, address: str) -> None:
        """Take back what `record_attempt` counted, and all that was counted against the name before."""
        self._names.pop(_name_key(name), None)
        record = self._addresses.get(_network(address))
        if record is not None:
            record.remaining = min(record.remaining + 1, self._per_minute)

    def _remaining_attempts(self, address: str, now: float) -> float:
        """Return how many more wrong passwords an address may send at once."""
        record = self._addresses.get(_network(address))
        if record is None:
            return self._per_minute or 1
        return min(record.remaining + (now - record.last) * self._per_minute / _MINUTE, self._per_minute)


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


def _store_bounded(table: OrderedDict[str, V], key: str, value: V) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > MAX_RECORDS:
        table.popitem(last=False)
