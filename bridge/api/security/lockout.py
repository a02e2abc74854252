"""Lock-outs: user names and network addresses that sent too many wrong passwords, and where they are kept."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final, Generic, Protocol, TypeVar

from bridge.runtime.clock import Clock

V = TypeVar("V")

MAX_LOCK_SECONDS: Final = 900
"""How long a lock lasts at most."""

FORGET_AFTER_SECONDS: Final = 3600
"""After how long without a wrong password the count of a name begins anew."""

MAX_RECORDS: Final = 4096
"""How many names, and how many addresses, are counted; those quiet for longest are dropped first."""

_MINUTE: Final = 60
_KEY_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class NameRecord:
    """The wrong passwords in a row for a user name, and until when they lock it."""

    wrong_count: int
    last: float
    locked_until: float


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """How many more wrong passwords a network address may send at once, as of its last one."""

    remaining: float
    last: float


class LockoutStore(Protocol[V]):
    """Keeps the records of names, or of addresses. No method waits, for the gate does not."""

    def __len__(self) -> int: ...

    def get(self, key: str) -> V | None:
        """Return the record of a key, if there is one."""

    def put(self, key: str, record: V) -> None:
        """Add or replace the record of a key."""

    def remove(self, key: str) -> None:
        """Remove the record of a key; nothing happens if it is not there."""


class MemoryLockoutStore(Generic[V]):
    """Keeps `MAX_RECORDS` records in this process."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: str) -> V | None:
        """Return the record of a key, if there is one."""
        return self._records.get(key)

    def put(self, key: str, record: V) -> None:
        """Add or replace the record of a key; the oldest goes if there are too many."""
        self._records[key] = record
        self._records.move_to_end(key)
        if len(self._records) > MAX_RECORDS:
            self._records.popitem(last=False)

    def remove(self, key: str) -> None:
        """Remove the record of a key; nothing happens if it is not there."""
        self._records.pop(key, None)


class Lockout:
    """Counts wrong passwords. Whether a name exists makes no difference.

    A password counts as wrong from the start of its check until `record_success`, so that many guesses at
    once are all counted.

    Args:
        clock: the time.
        after: wrong passwords in a row after which a name is locked; 0 is never.
        seconds: how long the first lock lasts; each further wrong password doubles it.
        per_minute: wrong passwords a minute that an address may send, and at once; 0 is any number.
        names: keeps the records of names; None: this process does.
        addresses: keeps the records of addresses; None: this process does.

    """

    def __init__(
        self,
        clock: Clock,
        *,
        after: int,
        seconds: float,
        per_minute: int,
        names: LockoutStore[NameRecord] | None = None,
        addresses: LockoutStore[AddressRecord] | None = None,
    ) -> None:
        self._clock = clock
        self._after = after
        self._seconds = seconds
        self._per_minute = per_minute
        self._names: LockoutStore[NameRecord] = MemoryLockoutStore() if names is None else names
        self._addresses: LockoutStore[AddressRecord] = (
            MemoryLockoutStore() if addresses is None else addresses
        )

    def is_blocked(self, name: str, address: str) -> bool:
        """Return whether a name is locked, or an address has no attempts left, for now."""
        if not len(self._addresses) and not len(self._names):  # nearly always
            return False
        now = self._clock.now()
        record = self._names.get(_name_key(name))
        return (record is not None and now < record.locked_until) or self._remaining_attempts(
            address, now
        ) < 1

    def record_attempt(self, name: str, address: str) -> float:
        """Count a password that is about to be checked.

        Returns:
            For how many seconds this locks the name if the password is wrong; 0: it does not.

        """
        now = self._clock.now()
        if self._per_minute:
            key = _network(address)
            self._addresses.put(key, AddressRecord(self._remaining_attempts(address, now) - 1, now))
        if not self._after:
            return 0
        key = _name_key(name)
        record = self._names.get(key)
        is_stale = record is None or now - record.last > FORGET_AFTER_SECONDS
        wrong_count = 1 if is_stale or record is None else record.wrong_count + 1
        lock = 0.0
        if wrong_count >= self._after:
            # The exponent is bounded, because a power of a large count would be too large for a float.
            lock = min(self._seconds * 2.0 ** min(wrong_count - self._after, 20), MAX_LOCK_SECONDS)
        self._names.put(key, NameRecord(wrong_count, now, now + lock))
        return lock

    def record_success(self, name: str, address: str) -> None:
        """Undo `record_attempt`, and forget the wrong passwords of the name before."""
        self._names.remove(_name_key(name))
        self._return_attempt(address)

    def record_unknown(self, name: str, address: str) -> None:
        """Undo `record_attempt`: whether the password is wrong could not be found out."""
        key = _name_key(name)
        record = self._names.get(key)
        if record is not None and record.wrong_count > 1:
            self._names.put(
                key, replace(record, wrong_count=record.wrong_count - 1, locked_until=record.last)
            )
        else:
            self._names.remove(key)
        self._return_attempt(address)

    def _return_attempt(self, address: str) -> None:
        key = _network(address)
        record = self._addresses.get(key)
        if record is not None:
            remaining = min(record.remaining + 1, self._per_minute)
            self._addresses.put(key, replace(record, remaining=remaining))

    def _remaining_attempts(self, address: str, now: float) -> float:
        """Return how many more wrong passwords an address may send at once."""
        record = self._addresses.get(_network(address))
        if record is None:
            return self._per_minute or 1
        return min(record.remaining + (now - record.last) * self._per_minute / _MINUTE, self._per_minute)


def _name_key(name: str) -> str:
    """Return a name as the directory compares it, and bounded, for clients send names of any length."""
    return name.casefold()[:_KEY_LENGTH]


def _network(address: str) -> str:
    """Return the part of an address that an attacker cannot choose: of IPv6, the network of 64 bits."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address
