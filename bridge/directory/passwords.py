"""Hashes and verifies passwords with argon2."""

import re
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import error_to_str

# The least that OWASP's password storage cheat sheet asks of argon2id: 19 MiB, 2 passes, 1 lane. More would
# buy little for the passwords of a test centre, and every login is computed on the one loop (about 20 ms).
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# The hash of random bytes that were thrown away.
_UNKNOWN_USER_HASH: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$nJhCQGDYd3KYHyxRzn/vTA$omqLvt5nLzuUtwo8r4Mu8XBZoPcCrOChPvz88GYcSWo"
)

# At least 8 bytes of salt and 16 of hash, both in base64 without padding.
_ENCODED: Final = re.compile(
    r"\$argon2(id|i|d)\$v=19\$m=[1-9][0-9]{0,9},t=[1-9][0-9]{0,9},p=[1-9][0-9]{0,7}"
    r"\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}"
)


def hash_password(password: str) -> str:
    """Return a hash of `password` with a new salt, in the form that the site file takes."""
    return _HASHER.hash(_encoded_password(password))


def is_hash(encoded: str) -> bool:
    """Return whether `encoded` has the form of an argon2 hash."""
    return _ENCODED.fullmatch(encoded) is not None


# argon2.h: ARGON2_MEMORY_ALLOCATION_ERROR and ARGON2_THREAD_FAIL; the exceptions have only the texts.
_NO_RESOURCES: Final = frozenset(error_to_str(code) for code in (-22, -33))


class HashingFailedError(Exception):
    """A password could not be hashed, for want of memory: whether it is right is not known."""


def verify(encoded: str, password: str) -> bool:
    """Return whether `encoded` is a hash of `password`; False if it is no valid hash.

    Raises:
        HashingFailedError: the password could not be hashed.

    """
    try:
        return _HASHER.verify(encoded, _encoded_password(password))
    except (InvalidHashError, UnicodeEncodeError):
        return False
    except VerificationError as error:
        if str(error) in _NO_RESOURCES:
            raise HashingFailedError(str(error)) from None
        return False


def verify_absent(password: str) -> bool:
    """Return False after the time that `verify` takes.

    Called for a user who does not exist, so that the time of an answer does not reveal which users exist.
    """
    verify(_UNKNOWN_USER_HASH, password)
    return False


def _encoded_password(password: str) -> bytes:
    # A lone surrogate, which JSON can carry, makes a wrong password and not an error.
    return password.encode("utf-8", "surrogatepass")
