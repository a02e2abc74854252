"""Addresses of resources, as clients send them back."""


def id_from_uri(uri: str) -> str:
    """Return the id that a `uri`, a `path` or a bare id ends in."""
    return uri.rstrip("/").rpartition("/")[2]
