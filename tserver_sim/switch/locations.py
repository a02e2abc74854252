"""Where a request wants its destination looked for.

A `Location` is the name of a switch, or the T-Server's application name, `@` and the switch; none means
here (T-Library, inter-site call control). There are no links between sites: only one's own location works.
"""

from dataclasses import dataclass

from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.refusal import RefusedError

MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Location:
    """One T-Server and its switch."""

    switch: str
    application: str

    def is_named(self, name: str) -> bool:
        """Say whether `name` means this location."""
        return name in (self.switch, f"{self.application}@{self.switch}")


def check_local(name: str | None, own: Location, others: tuple[Location, ...]) -> None:
    """Let a request pass that stays on its own switch.

    Raises:
        RefusedError: the name is malformed, unknown, or another site's.

    """
    if name is None or own.is_named(name):
        return
    if not _is_well_formed(name):
        raise RefusedError(
            ErrorCode.InvalidLocation, "Location: expected the name of a switch, or TServer@Switch"
        )
    if any(location.is_named(name) for location in others):
        raise RefusedError(ErrorCode.LocationDisconnected, f"Location: {name} is not linked to {own.switch}")
    raise RefusedError(ErrorCode.UnknownLocation, f"Location: {name} is not known")


def _is_well_formed(name: str) -> bool:
    segments = name.split("@")
    return len(segments) <= 2 and all(segments) and len(name) <= MAX_LENGTH and name.isprintable()  # noqa: PLR2004 (TServer and Switch)
