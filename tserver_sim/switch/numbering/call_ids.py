"""The identifiers of calls.

A ConnID ends in a counter over a base that is fixed for the life of a T-Server; a CallUUID is a prefix
of 26 characters and the same counter, written in base 32 with the digits 0-9 and A-V. Both layouts are
read off published samples; clients must take the ids as they are.
"""

from typing import NamedTuple

FIRST_CALL_ID = 1001

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_COUNTER_DIGITS = 6
_U32 = 2**32


class CallIds(NamedTuple):
    """What names one call."""

    conn_id: int
    call_id: int
    call_uuid: str


def name_call(number: int, conn_id_base: int, call_uuid_prefix: str) -> CallIds:
    """Name a call.

    Args:
        number: which call of the switch it is, from 1 on.
        conn_id_base: the ConnID before the first.
        call_uuid_prefix: the first 26 of the 32 characters of every CallUUID.

    """
    call_id = (FIRST_CALL_ID - 1 + number) % _U32
    return CallIds(conn_id_base + number, call_id, call_uuid_prefix + _counter(number))


def _counter(number: int) -> str:
    bits_left = range(5 * (_COUNTER_DIGITS - 1), -1, -5)
    return "".join([_DIGITS[number >> shift & 31] for shift in bits_left])
