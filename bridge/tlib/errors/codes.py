"""The error numbers of EventError.

Source: T-Library error codes (TERR_*), 2004 list, in plain names. A number that is not listed here keeps
its value; where the public list gives a range, the name has the number. Match on the number, never on
the text.
"""

from bridge.tlib.enums import WireEnum


class ErrorCode(WireEnum):
    """The value of AttributeErrorCode."""

    # the T-Server itself
    NoLicence = 40
    DNNotRegistered = 41
    DNHeldByAnother = 42
    AlreadyInState = 43
    UnknownError = 50
    OperationNotSupported = 51
    InternalError = 52
    InvalidAttribute = 53
    SwitchNotConnected = 54
    ProtocolVersionMismatch = 55
    InvalidConnID = 56
    Timeout = 57
    OutOfService = 58
    DNNotConfigured = 59
    UnknownCause = 100
    LinkDown = 109

    # calls and devices, any switch
    InvalidCallingTrunk = 60
    InvalidCallingDN = 61
    CallingDNIncomplete = 70
    InvalidCalledDN = 71
    CalledDNIncomplete = 72
    OriginNotUsable = 74
    DestinationNotUsable = 75
    OriginUserType = 76
    OriginCustomerNumber = 77
    OriginSystemProblem = 78
    OriginBusy = 79
    OriginOnHook = 82
    OriginSetBusy = 83
    OriginRinging = 84
    OriginNotDisconnected = 85
    DestinationBusy = 91
    DestinationRestricted = 92
    DestinationInWrongState = 93
    DestinationAccessBlocked = 94
    DestinationSystemError = 95
    ConferenceNotCompleted = 96
    TransferNotStarted = 97
    TransferNotCompleted = 98
    OriginNotRetrieved = 99
    RequestInProgress = 110
    TooManyRequests = 111
    BadPassword = 119
    DNUnknown = 123
    DNAlreadyRegistered = 125
    DNWrongType = 128
    FlowControl160 = 160
    FlowControl161 = 161
    FlowControl162 = 162
    FlowControl163 = 163
    ResourceUnavailable = 166
    InvalidOriginAddress = 168
    InvalidDestinationRequest = 169
    RetrieveFailed = 171
    TransferFailed = 172
    ConferenceFailed = 173
    AnswerFailed = 174
    ReleaseFailed = 175
    InvalidTargetDN = 177
    TargetNotAgent = 182
    SetInWrongState = 185
    TargetSetInWrongState = 186
    AgentLoggedOff = 187
    InvalidAgentID = 192
    InvalidForwardTarget = 195
    BadParameter = 223
    DNBusy = 231
    NoAnswer = 232
    CallRejected = 233
    OperationTimedOut = 236
    CallDisconnected = 237
    NotSupportedNow = 258
    InvalidPassword = 259
    InvalidDTMF = 302
    InvalidRouteAddress = 402
    InvalidDestination = 415
    AllTrunksBusy = 452
    InvalidTarget = 459
    PartyNotOnCall = 470
    PartyOnHold = 471
    InvalidCallID = 477
    AgentNotSignedOn = 481
    TransferNotAllowed = 490
    NothingHeld = 491
    CallInWrongState = 496
    InvalidDestinationDN = 497
    InvalidSignIn = 526
    AlreadySignedIn = 527
    InvalidState = 565

    # the links of two vendors
    AsaiInvalidNumber = 600
    AsaiProtocolError = 601
    AsaiResourceUnavailable = 602
    AsaiItemMissing = 605
    AsaiInvalidItem = 606
    AsaiCallTerminated = 608
    AsaiWrongState = 609
    AsaiNotLoggedIn = 613
    AsaiUserBusy = 615
    AsaiPermissionDenied = 617
    AsaiOutOfService = 619
    AsaiAgentStateInconsistent = 620
    AsaiMaximumLogins = 621
    AsaiPassword = 622
    AsaiAlreadyInAgentState = 623
    AsaiQueueFull = 628
    AsaiUnassignedNumber = 632
    AsaiRejected = 633
    AsaiNoAnswer = 643
    AsaiNoTrunks = 644
    AsaiUnknownCause = 648
    AspectNegativeAck = 910
    AspectInvalidEquipment = 911
    AspectSetInWrongState = 912
    AspectInvalidReasonCode = 970

    # between sites
    UnknownLocation = 1000
    LocationDisconnected = 1001
    RemoteServerError = 1002
    RemoteProtocolVersion = 1003
    RemoteLinkDown = 1004
    FeatureNotInitialised = 1005
    NoFreeCDN = 1006
    NoAccessNumber = 1007
    TCSNotInitialised = 1008
    BadRouteType = 1009
    BadRemoteRequest = 1010
    NoPrimaryAtLocation = 1011
    InvalidLocation = 1012
    TransactionExpired = 1013
    AccessNotConfigured = 1014
    AccessNotRegistered = 1015
    ClientNotAuthorised = 1016
    BadTransactionType = 1017
    BadTransactionData = 1018
    BadLocationQuery = 1019
    BadOriginLocation = 1020
    BadRemoteDestination = 1021

    # switches with CSTA
    CSTADuplicate = 1110
    CSTAUnrecognised = 1111
    CSTAMistyped = 1112
    CSTALimit = 1113
    OperationError = 1140
    RequestDoesNotFit = 1141
    ValueOutOfRange = 1142
    ObjectNotKnown = 1143
    InvalidCallingDevice = 1144
    InvalidCalledDevice = 1145
    InvalidForwardingTarget = 1146
    NoPrivilegeOnDevice = 1147
    NoPrivilegeOnCalledDevice = 1148
    NoPrivilegeOnCallingDevice = 1149
    InvalidCallIdentifier = 1150
    InvalidDeviceIdentifier = 1151
    InvalidConnectionIdentifier = 1152
    InvalidCSTADestination = 1153
    InvalidFeature = 1154
    InvalidAllocationState = 1155
    InvalidCrossReference = 1156
    InvalidObjectType = 1157
    SecurityViolation = 1158
    StateIncompatible = 1160
    ObjectInWrongState = 1161
    ConnectionInWrongState = 1162
    NoActiveCall = 1163
    NoHeldCall = 1164
    NoCallToClear = 1165
    NoConnectionToClear = 1166
    NothingToAnswer = 1167
    NothingToComplete = 1168
    ResourceProblem = 1170
    ServiceBusy = 1171
    ResourceBusy = 1172
    ResourceOutOfService = 1173
    NetworkBusy = 1174
    NetworkOutOfService = 1175
    MonitorLimit = 1176
    ConferenceMemberLimit = 1177
    CSTALimit1180 = 1180
    CSTALimit1181 = 1181
    CSTALimit1182 = 1182
    CSTALimit1183 = 1183
    CSTALimit1184 = 1184
    CSTALimit1185 = 1185
    CSTALimit1186 = 1186
    CSTASecurity1190 = 1190
    CSTASecurity1191 = 1191
    CSTASecurity1192 = 1192
    CSTASecurity1193 = 1193
    CSTASecurity1194 = 1194
    CSTAUnspecified = 1199

    # features of the T-Server
    AgentAlreadyReserved = 1700
    WrongAgentID = 1703
    AgentIDInUse = 1704
    WrongAgentPassword = 1705
    AgentAlreadyLoggedIn = 1706
    AgentNotLoggedIn = 1707
    Rejected = 1710
    Expired = 1711
    InvalidCallState = 1712
