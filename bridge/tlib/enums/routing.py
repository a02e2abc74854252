"""Enumerations of attributes: routes, treatments, other sites and the network."""

from bridge.tlib.enums.base import WireEnum


class RouteType(WireEnum):
    """How a RequestRouteCall routes the call."""

    Unknown = 0
    Default = 1
    Label = 2
    OverwriteDNIS = 3
    DDD = 4
    IDDD = 5
    Direct = 6
    Reject = 7
    Announcement = 8
    PostFeature = 9
    DirectAgent = 10
    Priority = 11
    DirectPriority = 12
    AgentID = 13
    CallDisconnect = 14


class XRouteType(WireEnum):
    """How a call gets to another site."""

    Default = -1
    Route = 0
    Direct = 1
    Reroute = 2
    DirectUUI = 3
    DirectANI = 4
    DirectNoToken = 5
    DNISPooling = 6
    DirectDigits = 7
    PullBack = 8
    ExtProtocol = 9
    RouteUUI = 10
    DirectNetworkCallID = 11


class TreatmentType(WireEnum):
    """What is played to a caller who waits, or asked of it."""

    Unknown = 0
    IVR = 1
    Music = 2
    RingBack = 3
    Silence = 4
    Busy = 5
    CollectDigits = 6
    PlayAnnouncement = 7
    PlayAnnouncementAndDigits = 8
    VerifyDigits = 9
    RecordUserAnnouncement = 10
    DeleteUserAnnouncement = 11
    CancelCall = 12
    PlayApplication = 13
    SetDefaultRoute = 14
    TextToSpeech = 15
    TextToSpeechAndDigits = 16
    FastBusy = 17
    RAN = 18


class LocationInfoType(WireEnum):
    """What a RequestQueryLocation asks and its answer holds."""

    AllLocations = 0
    LocationData = 1
    MonitorLocation = 2
    CancelMonitorLocation = 3
    MonitorAllLocations = 4
    CancelMonitorAllLocations = 5
    LocationMonitorCanceled = 6
    AllLocationsMonitorCanceled = 7


class NetworkCallState(WireEnum):
    """How far an attended transfer through the network is."""

    Unknown = 0
    Consulting = 1
    ConsultHeld = 2
    Transferred = 3
    Conferenced = 4
    Reconnected = 5
    Disconnected = 6
    Null = 7


class NetworkDestState(WireEnum):
    """How far the destination of such a transfer is."""

    Unknown = 0
    Routing = 1
    Delivering = 2
    NoParty = 3
    Ok = 4


class NetworkPartyRole(WireEnum):
    """The part a party plays in such a transfer."""

    Unknown = 0
    Orig = 1
    Dest = 2
