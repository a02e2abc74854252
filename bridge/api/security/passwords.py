"""Basic credentials: checked once each, with argon2 in a thread, and a bounded number at a time."""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from bridge.api.http.responses import HttpStatusError
from bridge.api.security.lockout import Lockout
from bridge.directory import passwords
from bridge.directory.model import User
from bridge.voice.model.errors import StatusCode

log = structlog.get_logger(__name__)

MAX_CONCURRENT_HASHES: Final = 2
"""How many passwords are hashed at a time: each takes a processor, and 19 MiB, from the calls."""

MAX_PENDING_CHECKS: Final = 512
"""How many checks may wait; the last of them waits for some five seconds."""

MAX_VERIFIED: Final = 65536
"""How many credentials are recognised without hashing; the oldest are dropped first."""

_SHOWN_LENGTH: Final = 64


class CannotCheckError(HttpStatusError):
    """A password cannot be checked now (503)."""

    def __init__(self, text: str) -> None:
        super().__init__(503, f"{text}; try again in a second")
        self.code = StatusCode.INTERNAL_ERROR


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """The user name and the password of a Basic header."""

    name: str
    password: str = field(repr=False)


class BasicAuthenticator:
    """Finds the user of an Authorization header. After the first check a keyed digest recognises the header.

    Args:
        find: returns the user of a name, as the directory has the user now.
        lockout: counts wrong passwords.
        key: the key of the digests; random bytes of this process.

    """

    def __init__(self, find: Callable[[str], User | None], lockout: Lockout, key: bytes) -> None:
        self._find = find
        self._lockout = lockout
        self._key = key
        self._verified: dict[bytes, User] = {}
        self._checks: dict[bytes, asyncio.Task[User | None]] = {}
        self._hashing = asyncio.Semaphore(MAX_CONCURRENT_HASHES)

    def is_verified(self, header: bytes, user: User) -> bool:
        """Return whether a header was checked before, and names this user."""
        verified_user = self._verified.get(self._digest(header))
        return verified_user is not None and verified_user.id == user.id

    def find_verified(self, header: bytes, address: str) -> User | None:
        """Return the user of a header that was checked before.

        Args:
            header: the value of the Authorization header.
            address: the network address of the client.

        Returns:
            None if the header was not checked before, or if its user has changed since, or is locked.

        """
        verified_user = self._verified.get(self._digest(header))
        if verified_user is None or self._lockout.is_blocked(verified_user.name, address):
            return None
        user = self._find(verified_user.name)
        if user is None or not user.enabled or user.password_hash != verified_user.password_hash:
            return None
        return user

    async def check(self, header: bytes, address: str) -> User | None:
        """Check a header, unless `find_verified` knows it (by now).

        Args:
            header: the value of the Authorization header.
            address: the network address of the client.

        Returns:
            The user; None if the credentials are wrong, or if the user is locked or disabled: the client is
            not told which.

        Raises:
            CannotCheckError: too many checks wait already, or the password could not be hashed.

        """
        user = self.find_verified(header, address)
        if user is not None:
            return user
        submitted = parse_basic_credentials(header)
        if submitted is None or self._lockout.is_blocked(submitted.name, address):
            return None
        # The same credentials in several requests at once, as of a page that loads, are checked once. The
        # check belongs to none of them, so it goes on when one of them is cancelled.
        digest = self._digest(header)
        check = self._checks.get(digest)
        if check is None:
            check = self._start_check(digest, submitted, address)
        return await asyncio.shield(check)

    def _start_check(
        self, digest: bytes, submitted: BasicCredentials, address: str
    ) -> asyncio.Task[User | None]:
        if len(self._checks) >= MAX_PENDING_CHECKS:
            raise CannotCheckError("Too many log-ins at once")
        lock = self._lockout.record_attempt(submitted.name, address)
        check = asyncio.create_task(self._verify(digest, submitted, address, lock))
        self._checks[digest] = check
        check.add_done_callback(lambda _: self._checks.pop(digest))
        return check

    async def _verify(
        self, digest: bytes, submitted: BasicCredentials, address: str, lock: float
    ) -> User | None:
        user = self._find(submitted.name)
        async with self._hashing:
            # The one use of threads here: hashing takes tens of milliseconds, for which the loop would stand
            # still, and with it the calls of all agents.
            try:
                if user is None:
                    is_valid = await asyncio.to_thread(passwords.verify_absent, submitted.password)
                else:
                    is_valid = await asyncio.to_thread(
                        passwords.verify, user.password_hash, submitted.password
                    )
            except passwords.HashingFailedError as error:
                self._lockout.record_unknown(submitted.name, address)
                log.error("a password could not be checked", reason=str(error))  # noqa: TRY400 (no fault of ours)
                raise CannotCheckError("The password could not be checked") from None
        current_user = self._find(submitted.name)  # the directory may have changed during the hashing
        if (
            not is_valid
            or user is None
            or current_user is None
            or current_user.password_hash != user.password_hash
        ):
            display_name = submitted.name[:_SHOWN_LENGTH]
            log.warning("access denied", user=display_name, address=address, locked_seconds=lock)
            return None
        self._lockout.record_success(submitted.name, address)
        if not current_user.enabled:
            log.warning("access denied", user=current_user.name, address=address, reason="disabled")
            return None
        while len(self._verified) >= MAX_VERIFIED:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = current_user
        return current_user

    def _digest(self, header: bytes) -> bytes:
        return hashlib.blake2b(header, digest_size=32, key=self._key).digest()


def parse_basic_credentials(header: bytes) -> BasicCredentials | None:
    """Read a Basic header; None if it is not one. Old clients write it in Latin-1 instead of UTF-8."""
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
    return BasicCredentials(name, password) if colon else None
