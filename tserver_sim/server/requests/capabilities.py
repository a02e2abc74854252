"""The messages that a T-Server supports: ServerCapabilityMask of EventServerInfo."""

from collections.abc import Collection, Mapping

from bridge.tlib import messages as m
from bridge.tlib.session import capability_mask

_REQUIRED_REQUEST: Mapping[type[m.Event], type[m.Request]] = {
    m.EventMailBoxLogin: m.RequestLoginMailBox,
    m.EventMailBoxLogout: m.RequestLogoutMailBox,
    m.EventVoiceFileOpened: m.RequestOpenVoiceFile,
    m.EventVoiceFileClosed: m.RequestCloseVoiceFile,
    m.EventVoiceFileEndPlay: m.RequestPlayVoiceFile,
    m.EventAgentIdleReasonSet: m.RequestAgentSetIdleReason,
    m.EventTreatmentApplied: m.RequestApplyTreatment,
    m.EventTreatmentNotApplied: m.RequestApplyTreatment,
    m.EventTreatmentEnd: m.RequestApplyTreatment,
    m.EventRouteUsed: m.RequestRouteCall,
    m.EventAnswerAccessNumber: m.RequestGetAccessNumber,
    m.EventReqGetAccessNumberCanceled: m.RequestCancelReqGetAccessNumber,
    m.EventRemoteConnectionSuccess: m.RequestGetAccessNumber,
    m.EventRemoteConnectionFailed: m.RequestGetAccessNumber,
    m.EventNetworkCallStatus: m.RequestNetworkConsult,
    m.EventNetworkPrivateInfo: m.RequestNetworkPrivateService,
    m.EventTransactionStatus: m.RequestTransactionMonitoring,
}
"""Events that are sent only where a certain request is supported."""

_NEVER_SENT: frozenset[type[m.Event]] = frozenset(
    {
        m.EventServerConnected,
        m.EventServerDisconnected,
        m.EventRestoreConnection,
        m.EventHardwareError,
        m.EventResourceAllocated,
        m.EventResourceFreed,
        m.EventResourceInfo,
        m.EventAgentAfterCallWork,
        m.EventBridged,
        m.EventTreatmentRequired,
    }
)
"""Events made by the client's own library, superseded ones, and those about features this switch lacks."""


def capabilities(requests: Collection[type[m.Request]]) -> bytes:
    """Return the capability mask of a T-Server that supports these requests."""
    events = tuple(
        event
        for event in m.EVENTS
        if event not in _NEVER_SENT
        and (event not in _REQUIRED_REQUEST or _REQUIRED_REQUEST[event] in requests)
    )
    return capability_mask([message.number for message in (*requests, *events)])
