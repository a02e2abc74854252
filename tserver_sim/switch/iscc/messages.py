"""What switches of different sites say to each other about calls, as plain data.

A call between sites is one call at either site, joined by a leg: each end has a party that stands for the
other end. First the far T-Server is asked for an access number (`Seek`, `Found`), then the leg is set up to
that number (`Setup`, `Arrived`), and from then on either end tells what the other has to know.
"""

from typing import Any, TypeAlias

import msgspec

from bridge.tlib.enums import CallState, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList


class TransferRecord(msgspec.Struct, frozen=True):
    """A transfer in the history of a call."""

    location: str
    """The switch where it was transferred."""
    dn: str
    """Who did it."""
    conn_id: int
    """The ConnID that the call had there."""


class History(msgspec.Struct, frozen=True):
    """Where a call that came from another site has been."""

    home: str
    """The switch where it began."""
    first: TransferRecord | None = None
    last: TransferRecord | None = None

    def after(self, passing: TransferRecord) -> "History":
        """Return the history after one more transfer."""
        return History(self.home, self.first or passing, passing)

    def attributes(self) -> dict[str, Any]:
        """Return the same as attributes of an event."""
        told: dict[str, Any] = {"home_location": self.home}
        for name, passing in (("first", self.first), ("last", self.last)):
            if passing is not None:
                told[f"{name}_transfer_home_location"] = passing.location
                told[f"{name}_transfer_orig_dn"] = passing.dn
                told[f"{name}_transfer_conn_id"] = passing.conn_id
        return told


class DataVersion(msgspec.Struct, frozen=True, order=True):
    """Which of two versions of the same user data is the later one, at all sites alike."""

    count: int = 0
    by: str = ""
    """The switch where they were changed; of changes at the same time one wins, everywhere the same."""


class LegFacts(msgspec.Struct, frozen=True):
    """What the other end of a leg has to know of the call at this end."""

    conn_id: int
    call_uuid: str
    dn: str
    """Who is at this end."""
    role: DNRole
    user_data: KVList
    mark: DataVersion
    history: History
    parent: int = 0
    """Of a consult call: the ConnID of the call that it is about."""
    call_state: CallState = CallState.Ok
    """How it came about that this one is at this end."""
    bringer: str | None = None
    """Who brought it about."""
    bringer_role: DNRole = DNRole.Unknown
    """The part that this one played."""


# --- access numbers ----------------------------------------------------------------------------------


class Seek(msgspec.Struct, frozen=True, tag=True):
    """By which number does a call get to this destination, if there is one."""

    xref: int
    """Numbers the question."""
    number: str
    must_be_free: bool = False
    """Whether a busy destination will not do."""
    conn_id: int = 0
    """The call that it is about; 0: one that has not begun."""
    user_data: KVList = KVList()
    """What the call is to have when it arrives, besides what it has then."""


class Found(msgspec.Struct, frozen=True, tag=True):
    """By this number, for a while."""

    xref: int
    access_number: str


class NotFound(msgspec.Struct, frozen=True, tag=True):
    """No, or not now."""

    xref: int
    code: ErrorCode
    text: str


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """The access number is not needed any more."""

    xref: int


# --- legs ----------------------------------------------------------------------------------------------


class Setup(msgspec.Struct, frozen=True, tag=True):
    """Here comes a call."""

    leg: str
    """Names the leg, at both ends."""
    access_number: str
    facts: LegFacts
    dnis: str
    ani: str
    role: DNRole
    """What the destination is to be in the call."""


class Arrived(msgspec.Struct, frozen=True, tag=True):
    """It has come to its destination, which need not have answered."""

    leg: str
    conn_id: int
    """Its ConnID there; another one only where the first is in use already."""
    dn: str
    """Who it has come to."""


class Answered(msgspec.Struct, frozen=True, tag=True):
    """The destination has answered."""

    leg: str
    dn: str
    """Who it was."""


class Update(msgspec.Struct, frozen=True, tag=True):
    """Something about the call has changed."""

    leg: str
    facts: LegFacts


class Left(msgspec.Struct, frozen=True, tag=True):
    """Nobody is at this end any more, or ever was; the leg is gone."""

    leg: str
    call_state: CallState = CallState.Ok
    code: ErrorCode | None = None
    """Why the call did not arrive."""


# --- the connection itself -----------------------------------------------------------------------------


class Joined(msgspec.Struct, frozen=True, tag=True):
    """The other T-Server can be reached from now on."""


class Lost(msgspec.Struct, frozen=True, tag=True):
    """The other T-Server cannot be reached any more."""


LegMessage: TypeAlias = Arrived | Answered | Update | Left
SiteMessage: TypeAlias = Seek | Found | NotFound | Cancel | Setup | LegMessage
"""What is said."""

SiteInput: TypeAlias = SiteMessage | Joined | Lost
"""What a switch hears of another site."""
