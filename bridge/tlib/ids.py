"""How identifiers are written as text."""

CONN_ID_DIGITS = 16


def conn_id_text(conn_id: int) -> str:
    """Write a ConnID as T-Server logs and GWS do: 16 lower-case hex digits."""
    return f"{conn_id:016x}"
