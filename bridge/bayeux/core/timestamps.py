"""The time as messages bear it (Bayeux 1.0, timestamp field): GMT, to the hundredth of a second."""

from datetime import UTC, datetime


def format_timestamp(now: float) -> str:
    """Write a time that is given in seconds since 1970."""
    moment = datetime.fromtimestamp(now, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 10_000:02}"
