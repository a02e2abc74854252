"""Requests that place, change and end calls."""

from bridge.tlib import enums
from bridge.tlib.kv import KVList
from bridge.tlib.messages.base import U32, U64, CallRequest, DNRequest, written
from bridge.tlib.numbers import MessageNumber as Number


class RequestMakeCall(DNRequest, number=Number.RequestMakeCall):
    """Places a call from `this_dn` to `other_dn` (T-Library, TMakeCall)."""

    other_dn: str
    make_call_type: enums.MakeCallType = written(enums.MakeCallType.Regular)
    location: str | None = None
    user_data: KVList | None = None


class RequestMakePredictiveCall(DNRequest, number=Number.RequestMakePredictiveCall):
    """Calls `other_dn` for a queue or route point (T-Library, TMakePredictiveCall).

    `timeout` is how long it may ring, in seconds.
    """

    other_dn: str
    timeout: U32
    location: str | None = None
    user_data: KVList | None = None


class RequestAnswerCall(CallRequest, number=Number.RequestAnswerCall):
    """Answers the ringing call (T-Library, TAnswerCall)."""


class RequestReleaseCall(CallRequest, number=Number.RequestReleaseCall):
    """Leaves the call (T-Library, TReleaseCall)."""


class RequestClearCall(CallRequest, number=Number.RequestClearCall):
    """Ends the call for all its parties (T-Library, TClearCall)."""


class RequestHoldCall(CallRequest, number=Number.RequestHoldCall):
    """Puts the call on hold (T-Library, THoldCall)."""


class RequestRetrieveCall(CallRequest, number=Number.RequestRetrieveCall):
    """Takes the held call up again (T-Library, TRetrieveCall)."""


class RequestRedirectCall(CallRequest, number=Number.RequestRedirectCall):
    """Sends the ringing call on to `other_dn` (T-Library, TRedirectCall)."""

    other_dn: str
    location: str | None = None


# --- transfer and conference ---------------------------------------------------------------------


class CallOnRequest(CallRequest):
    """A request that brings `other_dn` to a call, or to a consultation beside it."""

    other_dn: str
    location: str | None = None
    user_data: KVList | None = None


class RequestSingleStepTransfer(CallOnRequest, number=Number.RequestSingleStepTransfer):
    """Replaces `this_dn` by `other_dn` in the call, without consultation (T-Library, TSingleStepTransfer)."""


class RequestInitiateTransfer(CallOnRequest, number=Number.RequestInitiateTransfer):
    """Holds the call and consults `other_dn` (T-Library, TInitiateTransfer)."""


class RequestMuteTransfer(CallOnRequest, number=Number.RequestMuteTransfer):
    """Transfers to `other_dn` without waiting for its answer (T-Library, TMuteTransfer)."""


class RequestInitiateConference(CallOnRequest, number=Number.RequestInitiateConference):
    """Holds the call and consults `other_dn`, to bring it in (T-Library, TInitiateConference)."""


class RequestSingleStepConference(CallOnRequest, number=Number.RequestSingleStepConference):
    """Brings `other_dn` into the call, without consultation (T-Library, TSingleStepConference)."""


class RequestCompleteTransfer(CallRequest, number=Number.RequestCompleteTransfer):
    """Joins the parties of two calls and leaves (T-Library, TCompleteTransfer).

    A client sends the held call first, the consultation second; a server accepts either order.
    """

    transfer_conn_id: U64


class RequestCompleteConference(CallRequest, number=Number.RequestCompleteConference):
    """Joins the parties of two calls and stays (T-Library, TCompleteConference)."""

    conference_conn_id: U64


class RequestMergeCalls(CallRequest, number=Number.RequestMergeCalls):
    """Joins two calls (T-Library, TMergeCalls)."""

    transfer_conn_id: U64
    merge_type: enums.MergeType


class RequestAlternateCall(CallRequest, number=Number.RequestAlternateCall):
    """Holds one call and takes up the other (T-Library, TAlternateCall)."""

    previous_conn_id: U64


class RequestReconnectCall(CallRequest, number=Number.RequestReconnectCall):
    """Leaves the consultation and takes up the held call (T-Library, TReconnectCall)."""

    previous_conn_id: U64


class RequestDeleteFromConference(CallRequest, number=Number.RequestDeleteFromConference):
    """Removes `other_dn` from the conference (T-Library, TDeleteFromConference)."""

    other_dn: str


# --- within a call -------------------------------------------------------------------------------


class RequestSendDTMF(CallRequest, number=Number.RequestSendDTMF):
    """Sends tones (T-Library, TSendDTMF)."""

    dtmf_digits: str


class RequestCollectDigits(CallRequest, number=Number.RequestCollectDigits):
    """Collects digits, in seconds at most `timeout`, 0 for no limit (T-Library, TCollectDigits)."""

    number_of_digits: U32
    terminate_digits: str = written("")
    timeout: U32 = written(0)


class RequestSetMuteOn(CallRequest, number=Number.RequestSetMuteOn):
    """Mutes `this_dn`: the other parties no longer hear it (T-Library, TSetMuteOn)."""


class RequestSetMuteOff(CallRequest, number=Number.RequestSetMuteOff):
    """Ends the muting of `this_dn` (T-Library, TSetMuteOff)."""


class RequestListenDisconnect(CallRequest, number=Number.RequestListenDisconnect):
    """`other_dn` hears the call no more (T-Library, TListenDisconnect)."""

    other_dn: str


class RequestListenReconnect(CallRequest, number=Number.RequestListenReconnect):
    """`other_dn` hears the call again (T-Library, TListenReconnect)."""

    other_dn: str


class RequestAttachUserData(CallRequest, number=Number.RequestAttachUserData):
    """Adds pairs to the call's user data (T-Library, TAttachUserData)."""

    user_data: KVList


class RequestUpdateUserData(CallRequest, number=Number.RequestUpdateUserData):
    """Replaces pairs of the call's user data by key (T-Library, TUpdateUserData)."""

    user_data: KVList


class RequestDeletePair(CallRequest, number=Number.RequestDeletePair):
    """Deletes the pairs with one key (T-Library, TDeleteUserData)."""

    data_key: str


class RequestDeleteUserData(CallRequest, number=Number.RequestDeleteUserData):
    """Deletes all user data of the call (T-Library, TDeleteAllUserData)."""


class RequestSetCallInfo(CallRequest, number=Number.RequestSetCallInfo):
    """Changes what the T-Server knows of the call (T-Library, TSetCallInfo)."""

    set_operation: enums.SetOperation
    other_dn: str | None = None
    call_type: enums.CallType | None = None
    ani: str | None = None
    dnis: str | None = None
    user_data: KVList | None = None
