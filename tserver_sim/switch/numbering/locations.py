"""The Location of a request: at which site it looks for its destination.

A `Location` is the name of a switch, or the T-Server's application name, `@` and the switch; none means this
site (T-Library, inter-site call control).
"""

from dataclasses import dataclass

from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.interface.refusal import RefusedError

MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Location:
    """One T-Server and its switch."""

    switch: str
    application: str

    @property
    def name(self) -> str:
        """The full name: application, `@`, switch."""
        return f"{self.application}@{self.switch}"

    def is_named(self, name: str) -> bool:
        """Return whether `name` means this location."""
        return name in (self.switch, self.name)


def other_site(name: str, own: Location, others: tuple[Location, ...]) -> str | None:
    """Return the switch that a Location means; None: the own one.

    Raises:
        RefusedError: the name is malformed or unknown.

    """
    if own.is_named(name):
        return None
    if not _is_well_formed(name):
        raise RefusedError(
            ErrorCode.InvalidLocation, "Location: expected the name of a switch, or TServer@Switch"
        )
    for location in others:
        if location.is_named(name):
            return location.switch
    raise RefusedError(ErrorCode.UnknownLocation, f"Location: {name} is not known")


def _is_well_formed(name: str) -> bool:
    segments = name.split("@")
    return len(segments) <= 2 and all(segments) and len(name) <= MAX_LENGTH and name.isprintable()  # noqa: PLR2004 (TServer and Switch)
