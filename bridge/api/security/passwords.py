"""Checking Basic credentials: argon2 in a thread, once for each, and no more at a time than is good."""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from bridge.api.http.responses import HttpRefusedError
from bridge.api.security.lockout import Lockout
from bridge.directory import passwords
from bridge.directory.model import User
from bridge.voice.model.errors import StatusCode

log = structlog.get_logger(__name__)

HASHED_AT_ONCE: Final = 2
"""How many passwords are hashed at a time: more would take the processor, and 19 MiB each, from the calls."""

MAX_WAITING: Final = 512
"""How many may wait for it: the last of them for some five seconds."""

MAX_KNOWN: Final = 65536
"""How many credentials are recognised without hashing; the oldest are forgotten first."""

_SHOWN_LENGTH: Final = 64


class BusyError(HttpRefusedError):
    """More passwords wait to be checked than can be in good time."""

    def __init__(self) -> None:
        super().__init__(503, "Too many log-ins at once; try again in a second")
        self.code = StatusCode.INTERNAL_ERROR


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a Basic header says."""

    name: str
    password: str = field(repr=False)


class Logins:
    """Finds the user of an Authorization header. After the first time a keyed digest recognises the header.

    Args:
        find: finds a user by name, as the directory has the user now.
        lockout: counts the wrong ones.
        key: what the digests are keyed with; random bytes of this process.

    """

    def __init__(self, find: Callable[[str], User | None], lockout: Lockout, key: bytes) -> None:
        self._find = find
        self._lockout = lockout
        self._key = key
        self._known: dict[bytes, User] = {}
        self._checks: dict[bytes, asyncio.Task[User | None]] = {}
        self._hashing = asyncio.Semaphore(HASHED_AT_ONCE)

    def recognises(self, header: bytes, user: User) -> bool:
        """Tell whether these are credentials that this user came with before."""
        known = self._known.get(self._digest(header))
        return known is not None and known.id == user.id

    async def check(self, header: bytes, address: str) -> User | None:
        """Find the user; None also for one who is locked or disabled: the answer does not tell which.

        Raises:
            BusyError: too many wait already.

        """
        digest = self._digest(header)
        known = self._known.get(digest)
        if known is not None and not self._lockout.refuses(known.name, address):
            user = self._find(known.name)
            if user is not None and user.enabled and user.password_hash == known.password_hash:
                return user
        given = credentials(header)
        if given is None or self._lockout.refuses(given.name, address):
            return None
        # The same credentials in several requests at once, as of a page that loads, are checked once. The
        # check is nobody's own: that one of them goes away does not matter to the others.
        check = self._checks.get(digest)
        if check is None:
            check = self._begin(digest, given, address)
        return await asyncio.shield(check)

    def _begin(self, digest: bytes, given: Credentials, address: str) -> asyncio.Task[User | None]:
        if len(self._checks) >= MAX_WAITING:
            raise BusyError
        lock = self._lockout.attempt(given.name, address)
        check = asyncio.create_task(self._verify(digest, given, address, lock))
        self._checks[digest] = check
        check.add_done_callback(lambda _: self._checks.pop(digest))
        return check

    async def _verify(self, digest: bytes, given: Credentials, address: str, lock: float) -> User | None:
        user = self._find(given.name)
        async with self._hashing:
            # The one thread of this service: hashing a password for tens of milliseconds on the loop would
            # make every call of every agent wait for it.
            if user is None:
                is_right = await asyncio.to_thread(passwords.verify_absent, given.password)
            else:
                is_right = await asyncio.to_thread(passwords.verify, user.password_hash, given.password)
        now = self._find(given.name)  # the directory may have changed meanwhile
        if not is_right or user is None or now is None or now.password_hash != user.password_hash:
            shown = given.name[:_SHOWN_LENGTH]
            log.warning("access denied", user=shown, address=address, locked_seconds=lock)
            return None
        self._lockout.right(given.name, address)
        if not now.enabled:
            log.warning("access denied", user=now.name, address=address, reason="disabled")
            return None
        while len(self._known) >= MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[digest] = now
        return now

    def _digest(self, header: bytes) -> bytes:
        return hashlib.blake2b(header, digest_size=32, key=self._key).digest()


def credentials(header: bytes) -> Credentials | None:
    """Read a Basic header; None if it is none. Old clients write names and passwords in Latin-1."""
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        octets = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        return None
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    name, colon, password = text.partition(":")
    return Credentials(name, password) if colon else None
