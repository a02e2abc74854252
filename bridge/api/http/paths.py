"""Which paths are whose."""

from typing import Final

NOTIFICATIONS: Final = "/api/v2/notifications"

_GUARDED: Final = ("/api/", "/internal-api/")
_OPEN: Final = frozenset({"/api/v2/diagnostics/version", "/api/v2/diagnostics/version/"})


def is_guarded(path: str) -> bool:
    """Tell whether a path is asked with credentials only."""
    return path.startswith(_GUARDED) and path not in _OPEN


def is_cometd(path: str) -> bool:
    """Tell whether a path is CometD's: clients append a slash and a verb as they like."""
    return path.startswith(NOTIFICATIONS) and path[len(NOTIFICATIONS) :][:1] in ("", "/")
