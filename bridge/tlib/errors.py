"""The error numbers of EventError, as far as this project uses them.

Source: T-Library error codes (TERR_*), 2004 list; the texts are this project's own. Match on the
number, never on the text.
"""

from bridge.tlib.enums import WireEnum


class ErrorCode(WireEnum):
    """The value of AttributeErrorCode."""

    DNNotRegistered = 41
    DNHeldByAnother = 42
    UnknownError = 50
    OperationNotSupported = 51
    InvalidAttribute = 53
    SwitchNotConnected = 54
    ProtocolVersionMismatch = 55
    InvalidConnID = 56
    Timeout = 57
    DNNotConfigured = 59
    OriginBusy = 79
    LinkDown = 109
    BadPassword = 119
    DNBusy = 231
    InvalidDestination = 415
    CallInWrongState = 496
    UnknownLocation = 1000
    LocationDisconnected = 1001
    InvalidLocation = 1012
    NothingToAnswer = 1167


TEXTS = {
    ErrorCode.DNNotRegistered: "The client has not registered this DN",
    ErrorCode.DNHeldByAnother: "The DN is registered privately by another client",
    ErrorCode.UnknownError: "Unknown error",
    ErrorCode.OperationNotSupported: "Operation not supported",
    ErrorCode.InvalidAttribute: "Attribute missing or invalid",
    ErrorCode.SwitchNotConnected: "The switch link is not available",
    ErrorCode.ProtocolVersionMismatch: "Protocol version mismatch",
    ErrorCode.InvalidConnID: "Invalid connection id",
    ErrorCode.Timeout: "Timeout",
    ErrorCode.DNNotConfigured: "The DN is not configured",
    ErrorCode.OriginBusy: "The originating party is busy",
    ErrorCode.LinkDown: "The link is down",
    ErrorCode.BadPassword: "Bad password",
    ErrorCode.DNBusy: "The DN is busy",
    ErrorCode.InvalidDestination: "Invalid destination DN",
    ErrorCode.CallInWrongState: "The call is in the wrong state",
    ErrorCode.UnknownLocation: "No such location",
    ErrorCode.LocationDisconnected: "The location is not connected",
    ErrorCode.InvalidLocation: "Invalid location",
    ErrorCode.NothingToAnswer: "No call to answer",
}
"""What the simulated T-Server writes into ErrorMessage when it has nothing more precise to say."""
