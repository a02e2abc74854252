"""The enumerations of the attributes in use, with the integers that travel.

Source: T-Library 7.x enumerations; `Cause` from one public test model. Later releases may know more
values than these public lists, so a value from 0 to 2**31-1 that is not listed decodes to a member of
its own, named `Unknown<n>`, instead of losing the event that carries it.
"""

from enum import IntEnum
from typing import Self

_INT32_MAX = 2**31 - 1


class WireEnum(IntEnum):
    """An enumeration whose unlisted values survive the trip."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int) or not 0 <= value <= _INT32_MAX:
            return None
        member = int.__new__(cls, value)
        member._name_ = f"Unknown{value}"
        member._value_ = value
        return member

    @property
    def is_listed(self) -> bool:
        """Whether the public lists know this value."""
        return self.name in type(self).__members__


class AddressType(WireEnum):
    """What kind of address a DN is."""

    Unknown = 0
    DN = 1
    Position = 2
    Queue = 3
    RouteDN = 4
    Trunk = 5
    VoiceChannel = 6
    DataChannel = 7
    Announcement = 8
    ASAI = 9
    ACDGroup = 10
    VSP = 11
    RouteQueue = 12
    AgentID = 13
    Other = 99


class RegisterMode(WireEnum):
    """How a client wants a DN: shared, for itself alone, or to watch only."""

    Share = 0
    Private = 1
    Monitor = 2


class ControlMode(WireEnum):
    """How a registration is carried out."""

    Default = 0
    Force = 1
    Local = 2


class AddressInfoType(WireEnum):
    """What an EventRegistered or EventAddressInfo tells."""

    AddressStatus = 0
    AddressType = 8
    CallsQuery = 9
    DNStatus = 17


class MakeCallType(WireEnum):
    """The kind of call a RequestMakeCall places."""

    Regular = 0
    DirectAgent = 1
    SupervisorAssist = 2
    Priority = 3
    DirectPriority = 4


class CallType(WireEnum):
    """A call seen from the local switch."""

    Unknown = 0
    Internal = 1
    Inbound = 2
    Outbound = 3
    Consult = 4


class CallState(WireEnum):
    """What qualifies an event. It is not the state of a party."""

    Ok = 0
    Transferred = 1
    Conferenced = 2
    GeneralError = 3
    SystemError = 4
    RemoteRelease = 5
    Busy = 6
    NoAnswer = 7
    SitDetected = 8
    AnsweringMachineDetected = 9
    AllTrunksBusy = 10
    SitInvalidNum = 11
    SitVacant = 12
    SitIntercept = 13
    SitUnknown = 14
    SitNoCircuit = 15
    SitReorder = 16
    FaxDetected = 17
    QueueFull = 18
    Cleared = 19
    Overflowed = 20
    Abandoned = 21
    Redirected = 22
    Forwarded = 23
    Consult = 24
    Pickedup = 25
    Dropped = 26
    DroppedNoAnswer = 27
    Unknown = 28


class DNRole(WireEnum):
    """The part a DN plays in a call or in a change of it."""

    Unknown = 0
    Origination = 1
    Destination = 2
    ConferenceMember = 3
    NewParty = 4
    AddedBy = 5
    DeletedBy = 6
    TransferredBy = 7
    DeletedParty = 8
    ConferencedBy = 9
    Observer = 10


class Cause(WireEnum):
    """Why an event came, finer than CallState (servers of 7.2 and later)."""

    Empty = 0
    ACD = 1
    Busy = 2
    NoAnswer = 3
    Reject = 4
    Route = 5
    Coverage = 6
    ConverseOn = 7
    Forward = 8
    Redirect = 9
    Transfer = 10
    SingleStepTransfer = 11
    Conference = 12
    AMDetected = 13
    FaxDetected = 14
    SITDetected = 15


class ServerRole(WireEnum):
    """Which of a pair a T-Server is."""

    Primary = 0
    Backup = 1
