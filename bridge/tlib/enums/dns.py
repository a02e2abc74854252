"""Enumerations of attributes: DNs and the agents at them."""

from bridge.tlib.enums.base import WireEnum


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
    """How a client registers a DN: shared, for itself alone, or to watch only."""

    Share = 0
    Private = 1
    Monitor = 2


class ControlMode(WireEnum):
    """How a registration is carried out."""

    Default = 0
    Force = 1
    Local = 2


class AddressInfoType(WireEnum):
    """What a RequestQueryAddress asks, and what an EventRegistered or EventAddressInfo holds."""

    AddressStatus = 0
    MessageWaitingStatus = 1
    AssociationStatus = 2
    CallForwardingStatus = 3
    AgentStatus = 4
    NumberOfAgentsInQueue = 5
    NumberOfAvailableAgentsInQueue = 6
    NumberOfCallsInQueue = 7
    AddressType = 8
    CallsQuery = 9
    SendAllCallsStatus = 10
    QueueLoginAudit = 11
    NumberOfIdleClassifiers = 12
    NumberOfClassifiersInUse = 13
    NumberOfIdleTrunks = 14
    NumberOfTrunksInUse = 15
    DatabaseValue = 16
    DNStatus = 17
    QueueStatus = 18


class AddressStatus(WireEnum):
    """The AddressInfoStatus of an AddressInfoType AddressStatus."""

    Idle = 0
    Origination = 1
    Dialing = 2
    Talking = 3
    Ringing = 4
    Held = 5
    Treatment = 6
    LockedOut = 7
    Maintenance = 8
    Available = 9
    Vacant = 10


class MsgWaiting(WireEnum):
    """The AddressInfoStatus of an AddressInfoType MessageWaitingStatus."""

    Activated = 0
    Deactivated = 1
    ExecActivated = 2
    ExecDeactivated = 3
    NotAllowed = 4


class Association(WireEnum):
    """The AddressInfoStatus of an AddressInfoType AssociationStatus."""

    ThisSession = 0
    AnotherSession = 1
    NotAssociated = 2
    NotAllowed = 3


class DNState(WireEnum):
    """Whether a DN is in service; the value of `status` in Extensions."""

    Unknown = 0
    Ok = 1
    Virtual = 2
    OutOfService = 3


class ForwardMode(WireEnum):
    """When calls to a DN are forwarded; the value of `fwd` in Extensions."""

    NoForwarding = 0
    Unconditional = 1
    OnBusy = 2
    OnNoAnswer = 3
    OnBusyAndNoAnswer = 4
    SendAllCalls = 5


class AgentType(WireEnum):
    """The kind of agent that logs in."""

    Agent = 0
    Supervisor = 1


class AgentWorkMode(WireEnum):
    """How an agent is ready, or why not."""

    Unknown = 0
    ManualIn = 1
    AutoIn = 2
    AfterCallWork = 3
    AuxWork = 4
    NoCallDisconnect = 5
    WalkAway = 6
    ReturnBack = 7


class AgentStatus(WireEnum):
    """The state of an agent; the value of `AgentStatus` in Extensions, and of an AddressInfoStatus.

    The numbers are this project's own: no public list has any.
    """

    LoggedOut = 0
    NotReady = 1
    Ready = 2
    AfterCallWork = 3
