"""The identifiers of calls.

A ConnID ends in a counter over a base that is fixed for the life of a T-Server; a CallUUID is a prefix of 26
characters and the same counter, in base 32 with the digits 0-9 and A-V. Both layouts come from published
samples; clients must treat the ids as opaque.
"""

from typing import NamedTuple

FIRST_CALL_ID = 1001

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_COUNTER_DIGITS = 6
_U32 = 2**32


class CallIds(NamedTuple):
    """The identifiers of one call."""

    conn_id: int
    call_id: int
    call_uuid: str


def name_call(number: int, conn_id_base: int, call_uuid_prefix: str) -> CallIds:
    """Return the identifiers of a call.

    Args:
        number: the number of the call at this switch, from 1 on.
        conn_id_base: the ConnID before the first.
        call_uuid_prefix: the first 26 of the 32 characters of every CallUUID.

    """
    call_id = (FIRST_CALL_ID - 1 + number) % _U32
    return CallIds(conn_id_base + number, call_id, call_uuid_prefix + _counter(number))


def _counter(number: int) -> str:
    bits_left = range(5 * (_COUNTER_DIGITS - 1), -1, -5)
    return "".join([_DIGITS[number >> shift & 31] for shift in bits_left])
