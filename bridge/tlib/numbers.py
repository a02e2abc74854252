"""The numbers of all messages, under their public names.

Source: T-Library message list (TMessageType, protocol 4.2); two independent public lists agree on
every value.
"""

from enum import IntEnum


class MessageNumber(IntEnum):
    """The value of the key `Message`. Negative numbers are private to this project's wire format."""

    KeepAliveReply = -2
    KeepAlivePoll = -1
    RequestRegisterClient = 0
    RequestQueryServer = 1
    RequestQueryAddress = 2
    RequestRegisterAddress = 3
    RequestUnregisterAddress = 4
    RequestRegisterAll = 5
    RequestUnregisterAll = 6
    RequestSetInputMask = 7
    RequestAgentLogin = 8
    RequestAgentLogout = 9
    RequestAgentReady = 10
    RequestAgentNotReady = 11
    RequestSetDNDOn = 12
    RequestSetDNDOff = 13
    RequestMakeCall = 14
    RequestMakePredictiveCall = 15
    RequestAnswerCall = 16
    RequestReleaseCall = 17
    RequestHoldCall = 18
    RequestRetrieveCall = 19
    RequestInitiateConference = 20
    RequestCompleteConference = 21
    RequestDeleteFromConference = 22
    RequestInitiateTransfer = 23
    RequestMuteTransfer = 24
    RequestSingleStepTransfer = 25
    RequestCompleteTransfer = 26
    RequestMergeCalls = 27
    RequestAlternateCall = 28
    RequestReconnectCall = 29
    RequestAttachUserData = 30
    RequestUpdateUserData = 31
    RequestDeleteUserData = 32
    RequestDeletePair = 33
    RequestCallForwardSet = 34
    RequestCallForwardCancel = 35
    RequestRouteCall = 36
    RequestGiveMusicTreatment = 37
    RequestGiveSilenceTreatment = 38
    RequestGiveRingBackTreatment = 39
    RequestLoginMailBox = 40
    RequestLogoutMailBox = 41
    RequestOpenVoiceFile = 42
    RequestCloseVoiceFile = 43
    RequestPlayVoiceFile = 44
    RequestCollectDigits = 45
    RequestSetMessageWaitingOn = 46
    RequestSetMessageWaitingOff = 47
    RequestDistributeUserEvent = 48
    RequestDistributeEvent = 49
    EventServerConnected = 50
    EventServerDisconnected = 51
    EventError = 52
    EventRegistered = 53
    EventUnregistered = 54
    EventRegisteredAll = 55
    EventUnregisteredAll = 56
    EventQueued = 57
    EventDiverted = 58
    EventAbandoned = 59
    EventRinging = 60
    EventDialing = 61
    EventNetworkReached = 62
    EventDestinationBusy = 63
    EventEstablished = 64
    EventReleased = 65
    EventHeld = 66
    EventRetrieved = 67
    EventPartyChanged = 68
    EventPartyAdded = 69
    EventPartyDeleted = 70
    EventRouteRequest = 71
    EventRouteUsed = 72
    EventAgentLogin = 73
    EventAgentLogout = 74
    EventAgentReady = 75
    EventAgentNotReady = 76
    EventDNDOn = 77
    EventDNDOff = 78
    EventMailBoxLogin = 79
    EventMailBoxLogout = 80
    EventVoiceFileOpened = 81
    EventVoiceFileClosed = 82
    EventVoiceFileEndPlay = 83
    EventDigitsCollected = 84
    EventAttachedDataChanged = 85
    EventOffHook = 86
    EventOnHook = 87
    EventForwardSet = 88
    EventForwardCancel = 89
    EventMessageWaitingOn = 90
    EventMessageWaitingOff = 91
    EventAddressInfo = 92
    EventServerInfo = 93
    EventLinkDisconnected = 94
    EventLinkConnected = 95
    EventUserEvent = 96
    RequestSendDTMF = 97
    EventDTMFSent = 98
    EventResourceAllocated = 99
    EventResourceFreed = 100
    EventRemoteConnectionSuccess = 101
    EventRemoteConnectionFailed = 102
    RequestRedirectCall = 103
    RequestListenDisconnect = 104
    RequestListenReconnect = 105
    EventListenDisconnected = 106
    EventListenReconnected = 107
    RequestQueryCall = 108
    EventPartyInfo = 109
    RequestClearCall = 110
    RequestSetCallInfo = 111
    EventCallInfoChanged = 112
    RequestApplyTreatment = 113
    EventTreatmentApplied = 114
    EventTreatmentNotApplied = 115
    EventTreatmentEnd = 116
    EventHardwareError = 117
    EventAgentAfterCallWork = 118
    EventTreatmentRequired = 119
    RequestSingleStepConference = 120
    RequestQuerySwitch = 121
    EventSwitchInfo = 122
    RequestGetAccessNumber = 123
    RequestCancelReqGetAccessNumber = 124
    EventAnswerAccessNumber = 125
    EventReqGetAccessNumberCanceled = 126
    RequestReserveAgent = 127
    EventAgentReserved = 128
    RequestReserveAgentAndGetAccessNumber = 129
    RequestAgentSetIdleReason = 130
    EventAgentIdleReasonSet = 131
    EventRestoreConnection = 132
    EventPrimaryChanged = 133
    RequestLostBackupConnection = 134
    RequestSetDNInfo = 135
    RequestQueryLocation = 136
    EventLocationInfo = 137
    EventACK = 138
    RequestMonitorNextCall = 139
    RequestCancelMonitoring = 140
    EventMonitoringNextCall = 141
    EventMonitoringCancelled = 142
    RequestSetMuteOn = 143
    RequestSetMuteOff = 144
    EventMuteOn = 145
    EventMuteOff = 146
    EventDNOutOfService = 147
    EventDNBackInService = 148
    RequestPrivateService = 149
    EventPrivateInfo = 150
    EventBridged = 151
    EventQueueLogout = 152
    EventReserved_1 = 153
    EventReserved_2 = 154
    EventReserved_3 = 155
    EventReserved_4 = 156
    EventReserved_5 = 157
    EventReserved_6 = 158
    EventReserved_7 = 159
    EventCallCreated = 160
    EventCallDataChanged = 161
    EventCallDeleted = 162
    EventCallPartyAdded = 163
    EventCallPartyState = 164
    EventCallPartyMoved = 165
    EventCallPartyDeleted = 166
    RequestStartCallMonitoring = 167
    RequestStopCallMonitoring = 168
    RequestSendReturnReceipt = 169
    EventReturnReceipt = 170
    RequestNetworkConsult = 171
    RequestNetworkAlternate = 172
    RequestNetworkTransfer = 173
    RequestNetworkMerge = 174
    RequestNetworkReconnect = 175
    RequestNetworkSingleStepTransfer = 176
    RequestNetworkPrivateService = 177
    EventNetworkCallStatus = 178
    EventNetworkPrivateInfo = 179
    RequestTransactionMonitoring = 180
    EventTransactionStatus = 181
    EventResourceInfo = 182


RESERVED_NUMBERS = tuple(number for number in MessageNumber if number.name.startswith("EventReserved_"))
"""Numbers that the public list keeps free: no message has them."""

REQUEST_NUMBERS = tuple(number for number in MessageNumber if number.name.startswith("Request"))
"""The numbers of what clients ask, in order. A T-Server answers each of them, if only with EventError 51."""

EVENT_NUMBERS = tuple(
    number for number in MessageNumber if number.name.startswith("Event") and number not in RESERVED_NUMBERS
)
"""The numbers of the events, in order."""

LOCAL_NUMBERS = (MessageNumber.EventServerConnected, MessageNumber.EventServerDisconnected)
"""Those of them that a client's own library makes; a T-Server sends none."""
