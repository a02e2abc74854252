"""How identifiers are written as text."""

import re

CONN_ID_DIGITS = 16

_CONN_ID = re.compile(rf"[0-9a-fA-F]{{{CONN_ID_DIGITS}}}", re.ASCII)


def conn_id_text(conn_id: int) -> str:
    """Write a ConnID as T-Server logs and GWS do: 16 lower-case hex digits."""
    return f"{conn_id:016x}"


def conn_id_of(text: str) -> int:
    """Read what `conn_id_text` writes; capital letters are read too.

    Raises:
        ValueError: it is not 16 hex digits.

    """
    if _CONN_ID.fullmatch(text) is None:
        raise ValueError(f"a ConnID is {CONN_ID_DIGITS} hex digits, not {text!r}")
    return int(text, 16)
