"""Enumerations of attributes: calls and the parties in them."""

from enum import IntFlag

from bridge.tlib.enums.base import WireEnum


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
    Covered = 29
    ConverseOn = 30
    Bridged = 31
    Silence = 32
    Answer = 33
    NuTone = 34
    NoDialTone = 35
    NoProgress = 36
    NoRingBack = 37
    NoEstablished = 38
    PagerDetected = 39
    WrongParty = 40
    DialError = 41
    DropError = 42
    SwitchError = 43
    NoFreePort = 44
    TransferError = 45
    Stale = 46
    AgentCallBackError = 47
    GroupCallBackError = 48
    Deafened = 49
    Held = 50
    DoNotCall = 51
    Cancelled = 52
    WrongNumber = 53


class PartyState(WireEnum):
    """How a party takes part in its call: the low four bits of the attribute and of `ps-N` in Extensions.

    The bits above are `PartyStateFlag`.
    """

    Null = 0
    Initiated = 1
    Queued = 9
    Alerting = 10
    Busy = 11
    Connected = 12
    CPDetect = 13
    Held = 14
    Failed = 15


class PartyStateFlag(IntFlag):
    """The flags of a PartyState, above its low four bits."""

    NoListen = 0x10
    NoTalk = 0x20
    Bridged = 0x40
    Audit = 0x80
    TreatmentRequired = 0x100
    Treatment = 0x200
    Routing = 0x800
    Dialing = 0x10000
    Uncertain = 0x20000


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


class MergeType(WireEnum):
    """What a RequestMergeCalls makes of two calls."""

    ForTransfer = 0
    ForConference = 1


class ConsultType(WireEnum):
    """What a consultation call was placed for."""

    Transfer = 0
    MuteTransfer = 1
    Conference = 2


class CallInfoType(WireEnum):
    """What a RequestQueryCall asks."""

    PartiesQuery = 0
    StatusQuery = 1


class SetOperation(WireEnum):
    """What a RequestSetCallInfo does."""

    CreateCallInfo = 0
    SetCallInfo = 1
    DeleteCallInfo = 2
    AddParty = 3
    DeleteParty = 4
    CallInfoUpdate = 5


class MonitorNextCallType(WireEnum):
    """How long a supervisor monitors: one call, or all until cancelled."""

    OneCall = 0
    AllCalls = 1


class MediaType(WireEnum):
    """What a call is made of. Values from 100 on are a site's own."""

    Voice = 0
    VoIP = 1
    EMail = 2
    VMail = 3
    SMail = 4
    Chat = 5
    Video = 6
    Cobrowsing = 7
    Whiteboard = 8
    AppSharing = 9
    WebForm = 10
    WorkItem = 11
