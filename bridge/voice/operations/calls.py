"""The operations on calls: their parameters, and the T-Server request that each becomes.

Source: GWS v2 Voice API, one page per operation; the requests follow the T-Library function of the same
meaning.
"""

from typing import Annotated, Any

import msgspec

from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from bridge.voice.model.call import Call
from bridge.voice.model.consultation import find_consultation, find_swap
from bridge.voice.model.device import Device
from bridge.voice.model.user_data import to_kv
from bridge.voice.operations.base import (
    MAX_NUMBER_LENGTH,
    MakeRequest,
    Operation,
    OperationRow,
    PhoneNumber,
    Resource,
)

MAX_URI_LENGTH = 2048
"""The longest address of a call that is accepted."""

MAX_KEY_LENGTH = 1024
"""The longest key of user data that can be deleted."""

CALLER_ID = "CPNDigits"
"""The key of Extensions with the number that the called party sees."""

CallUri = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_URI_LENGTH)]
Digits = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[0-9A-Da-d*#]*$")]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_KEY_LENGTH)]


class Destination(msgspec.Struct, rename="camel"):
    """Whom to call. Every destination is an object."""

    phone_number: PhoneNumber


class DestinationOperation(Operation):
    """An operation that adds another party."""

    destination: Destination
    location: Annotated[str, msgspec.Meta(max_length=MAX_NUMBER_LENGTH)] | None = None
    user_data: dict[str, Any] | None = None

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the request.

        An empty location means none (T-Library wants null, not "").
        """
        return {
            "other_dn": self.destination.phone_number,
            "location": self.location or None,
            "user_data": None if self.user_data is None else to_kv(self.user_data),
        }


# --- one call ---------------------------------------------------------------------------------------


class Dial(DestinationOperation, tag=True):
    """Places a call. `outbound_caller_id` is the number that the called party is to see."""

    outbound_caller_id: PhoneNumber | None = None


class Answer(Operation, tag=True):
    """Answers the ringing call."""


class Hangup(Operation, tag=True):
    """Leaves the call."""


class ClearCall(Operation, tag=True):
    """Ends the call for everybody."""


class Hold(Operation, tag=True):
    """Puts the call on hold."""


class Retrieve(Operation, tag=True):
    """Takes the held call up again."""


class SendDtmf(Operation, tag=True):
    """Sends tones."""

    digits: Digits


class MuteCall(Operation, tag=True):
    """Lets nobody hear this device any more."""


class UnmuteCall(Operation, tag=True):
    """Lets this device be heard again."""


# --- others come, and go ----------------------------------------------------------------------------


class SingleStepTransfer(DestinationOperation, tag=True):
    """Replaces this device by the destination in the call, without consultation."""


class SingleStepConference(DestinationOperation, tag=True):
    """Brings the destination into the call, without consultation."""


class InitiateTransfer(DestinationOperation, tag=True):
    """Holds the call and consults the destination."""


class InitiateConference(DestinationOperation, tag=True):
    """Holds the call and consults the destination, to bring it in."""


class ConsultationOperation(Operation):
    """An operation that ends a consultation. Without a URI the server finds the consultation."""

    consult_call_uri: CallUri | None = None


class CompleteTransfer(ConsultationOperation, tag=True):
    """Joins the parties of both calls, and leaves."""


class CompleteConference(ConsultationOperation, tag=True):
    """Joins the parties of both calls, and stays."""


class SwapCalls(Operation, tag=True):
    """Holds the active call and takes up the held one; either may be the one that is posted to."""

    other_call_uri: CallUri


class RemoveParticipantFromConference(Operation, tag=True):
    """Puts another party out of the conference."""

    participant: PhoneNumber


# --- what the call carries --------------------------------------------------------------------------


class UserDataOperation(Operation):
    """An operation that brings pairs."""

    user_data: dict[str, Any]


class AttachUserData(UserDataOperation, tag=True):
    """Adds pairs, even where there are some with these keys."""


class UpdateUserData(UserDataOperation, tag=True):
    """Replaces pairs with these keys, and adds the others."""


class DeleteUserDataPair(Operation, tag=True):
    """Deletes the pairs with one key."""

    key: Key


class DeleteUserData(Operation, tag=True):
    """Deletes all pairs. This is not the operation of the same name for instant messages, which has a key."""


# --- the requests -----------------------------------------------------------------------------------


def dial_request(dn: str, body: Dial) -> t.Request:
    """Return the request that places a call."""
    extensions = None if body.outbound_caller_id is None else KVList(((CALLER_ID, body.outbound_caller_id),))
    return t.RequestMakeCall(this_dn=dn, extensions=extensions, **body.attributes())


def _call_request(request: type[t.CallRequest]) -> MakeRequest:
    """Return the maker of a request that has no parameters but the call."""
    return lambda device, call, _: request(this_dn=device.number, conn_id=call.conn_id)


def _destination_request(request: type[t.CallOnRequest]) -> MakeRequest:
    return lambda device, call, body: request(
        this_dn=device.number, conn_id=call.conn_id, **body.attributes()
    )


def _complete_transfer(device: Device, call: Call, body: CompleteTransfer) -> t.Request:
    pair = find_consultation(device, call, body.consult_call_uri)
    return t.RequestCompleteTransfer(
        this_dn=device.number, conn_id=pair.main.conn_id, transfer_conn_id=pair.consultation.conn_id
    )


def _complete_conference(device: Device, call: Call, body: CompleteConference) -> t.Request:
    pair = find_consultation(device, call, body.consult_call_uri)
    return t.RequestCompleteConference(
        this_dn=device.number, conn_id=pair.main.conn_id, conference_conn_id=pair.consultation.conn_id
    )


def _swap(device: Device, call: Call, body: SwapCalls) -> t.Request:
    swap = find_swap(device, call, body.other_call_uri)
    return t.RequestAlternateCall(
        this_dn=device.number, conn_id=swap.active.conn_id, previous_conn_id=swap.held.conn_id
    )


def _with_user_data(request: type[t.RequestAttachUserData | t.RequestUpdateUserData]) -> MakeRequest:
    return lambda device, call, body: request(
        this_dn=device.number, conn_id=call.conn_id, user_data=to_kv(body.user_data)
    )


REQUESTS: dict[type[Operation], MakeRequest] = {
    Answer: _call_request(t.RequestAnswerCall),
    Hangup: _call_request(t.RequestReleaseCall),
    ClearCall: _call_request(t.RequestClearCall),
    Hold: _call_request(t.RequestHoldCall),
    Retrieve: _call_request(t.RequestRetrieveCall),
    SendDtmf: lambda device, call, body: t.RequestSendDTMF(
        this_dn=device.number, conn_id=call.conn_id, dtmf_digits=body.digits
    ),
    MuteCall: _call_request(t.RequestSetMuteOn),
    UnmuteCall: _call_request(t.RequestSetMuteOff),
    SingleStepTransfer: _destination_request(t.RequestSingleStepTransfer),
    SingleStepConference: _destination_request(t.RequestSingleStepConference),
    InitiateTransfer: _destination_request(t.RequestInitiateTransfer),
    InitiateConference: _destination_request(t.RequestInitiateConference),
    CompleteTransfer: _complete_transfer,
    CompleteConference: _complete_conference,
    SwapCalls: _swap,
    RemoveParticipantFromConference: lambda device, call, body: t.RequestDeleteFromConference(
        this_dn=device.number, conn_id=call.conn_id, other_dn=body.participant
    ),
    AttachUserData: _with_user_data(t.RequestAttachUserData),
    UpdateUserData: _with_user_data(t.RequestUpdateUserData),
    DeleteUserDataPair: lambda device, call, body: t.RequestDeletePair(
        this_dn=device.number, conn_id=call.conn_id, data_key=body.key
    ),
    DeleteUserData: _call_request(t.RequestDeleteUserData),
}
"""The request of each operation on a call, from the device, the call and the body."""

ROWS = (
    OperationRow(Dial, on=(Resource.DEVICE_CALLS,)),
    *(OperationRow(body, on=(Resource.CALL,)) for body in REQUESTS),
)
