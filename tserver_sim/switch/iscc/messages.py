"""The messages that switches of different sites send each other about calls, as plain data.

A call between sites is one call at either site, joined by a leg: each end has a party that stands for the
other end. First a T-Server asks the remote one for an access number (`Seek`, `Found`), then it sets up the
leg to that number (`Setup`, `Arrived`); from then on either end sends what the other end has to know.
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
    """The DN that transferred it."""
    conn_id: int
    """The ConnID that the call had there."""


class History(msgspec.Struct, frozen=True):
    """The sites through which a call has come."""

    home: str
    """The switch where the call began."""
    first: TransferRecord | None = None
    last: TransferRecord | None = None

    def after(self, passing: TransferRecord) -> "History":
        """Return the history with one more transfer."""
        return History(self.home, self.first or passing, passing)

    def attributes(self) -> dict[str, Any]:
        """Return the history as attributes of an event."""
        attributes: dict[str, Any] = {"home_location": self.home}
        for name, passing in (("first", self.first), ("last", self.last)):
            if passing is not None:
                attributes[f"{name}_transfer_home_location"] = passing.location
                attributes[f"{name}_transfer_orig_dn"] = passing.dn
                attributes[f"{name}_transfer_conn_id"] = passing.conn_id
        return attributes


class DataVersion(msgspec.Struct, frozen=True, order=True):
    """The version of a call's user data; all sites order two versions alike."""

    count: int = 0
    by: str = ""
    """The switch where they were changed; it decides between changes at the same time."""


class LegFacts(msgspec.Struct, frozen=True):
    """What the other end of a leg has to know of the call at this end."""

    conn_id: int
    call_uuid: str
    dn: str
    """The number of the party at this end."""
    role: DNRole
    user_data: KVList
    mark: DataVersion
    history: History
    parent: int = 0
    """Of a consult call: the ConnID of its main call."""
    call_state: CallState = CallState.Ok
    """The CallState with which that party came to this end."""
    bringer: str | None = None
    """The third party that brought it."""
    bringer_role: DNRole = DNRole.Unknown
    """The role of that third party."""


# --- access numbers ----------------------------------------------------------------------------------


class Seek(msgspec.Struct, frozen=True, tag=True):
    """Ask for the access number of a destination."""

    xref: int
    """The number of the question."""
    number: str
    must_be_free: bool = False
    """Whether a busy destination is refused."""
    conn_id: int = 0
    """The call for which the number is needed; 0: one that has not begun."""
    user_data: KVList = KVList()
    """User data for the call when it arrives, added to what it has then."""


class Found(msgspec.Struct, frozen=True, tag=True):
    """Answer a `Seek` with an access number, which is kept for a limited time."""

    xref: int
    access_number: str


class NotFound(msgspec.Struct, frozen=True, tag=True):
    """Answer a `Seek` with the reason why there is no access number."""

    xref: int
    code: ErrorCode
    text: str


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Give back an access number that is not needed any more."""

    xref: int


# --- legs ----------------------------------------------------------------------------------------------


class Setup(msgspec.Struct, frozen=True, tag=True):
    """Set up a leg: a call comes to an access number."""

    leg: str
    """The name of the leg, the same at both ends."""
    access_number: str
    facts: LegFacts
    dnis: str
    ani: str
    role: DNRole
    """The role of the destination in the call."""


class Arrived(msgspec.Struct, frozen=True, tag=True):
    """Confirm a `Setup`: the call has come to its destination, which need not have answered."""

    leg: str
    conn_id: int
    """Its ConnID there; it differs only where the first is in use already."""
    dn: str
    """The DN that the call has come to."""


class Answered(msgspec.Struct, frozen=True, tag=True):
    """Report that the destination has answered."""

    leg: str
    dn: str
    """The DN that answered."""


class Update(msgspec.Struct, frozen=True, tag=True):
    """Report a change of the call."""

    leg: str
    facts: LegFacts


class Left(msgspec.Struct, frozen=True, tag=True):
    """Report that this end of the leg has no party any more, or never had; the leg is gone."""

    leg: str
    call_state: CallState = CallState.Ok
    code: ErrorCode | None = None
    """The reason why the call did not arrive."""


# --- the connection itself -----------------------------------------------------------------------------


class Joined(msgspec.Struct, frozen=True, tag=True):
    """The remote T-Server can be reached from now on. Made by the T-Server here, not sent."""


class Lost(msgspec.Struct, frozen=True, tag=True):
    """The remote T-Server cannot be reached any more. Made by the T-Server here, not sent."""


LegMessage: TypeAlias = Arrived | Answered | Update | Left
SiteMessage: TypeAlias = Seek | Found | NotFound | Cancel | Setup | LegMessage
"""What is sent."""

SiteInput: TypeAlias = SiteMessage | Joined | Lost
"""What a switch receives about another site."""
