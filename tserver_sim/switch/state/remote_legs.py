"""The state of calls and requests between sites, as plain data."""

from typing import TypeAlias

import msgspec

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState
from bridge.tlib.kv import KVList
from tserver_sim.switch.iscc.messages import DataVersion, LegFacts
from tserver_sim.switch.state.requesters import Requester, ThirdParty

RemoteRequest: TypeAlias = (
    m.RequestMakeCall
    | m.RequestRedirectCall
    | m.RequestInitiateTransfer
    | m.RequestInitiateConference
    | m.RequestMuteTransfer
    | m.RequestSingleStepTransfer
    | m.RequestSingleStepConference
    | m.RequestRouteCall
    | m.RequestGetAccessNumber
)
"""The requests that may have a destination at another site."""


class Transaction(msgspec.Struct, frozen=True):
    """A request that waits for another site's access number."""

    site: str
    requester: Requester
    request: RemoteRequest
    timer: int


class AccessNumber(msgspec.Struct, frozen=True):
    """An access number that was found, and has not been called."""

    site: str
    """The switch to which it leads; it may be this one."""
    access_number: str
    number: str
    """The destination."""
    xref: int
    conn_id: int = 0
    """The call for which a client requested it."""
    timer: int = 0
    """The timer after which it is given up, when a client is to call it."""
    requester: Requester | None = None
    """The client of the request that goes on with it, when the T-Server itself calls it."""
    this_dn: str = ""
    """The DN of that request."""


class Reservation(msgspec.Struct, frozen=True):
    """An access number that was given to another site."""

    site: str
    xref: int
    number: str
    """The destination."""
    user_data: KVList
    timer: int


class RemoteLeg(msgspec.Struct, eq=False):
    """The other end of a leg that leads to another site."""

    site: str
    key: str = ""
    """The name of the leg at both sites; empty: it has not been set up."""
    sent_facts: LegFacts | None = None
    """What the other end knows of this one."""
    conn_id: int = 0
    """The ConnID of the call at the other end; 0: not yet known."""
    mark: DataVersion = DataVersion()
    """The latest version of the user data that the other end knows."""
    call_state: CallState = CallState.Ok
    third: ThirdParty | None = None
    """The third party that brought the present party to this end."""
    is_over: bool = False
    """Whether the other end knows that the leg is gone, or has reported it."""
    access: AccessNumber | None = None
    """The access number of the leg, until the call has arrived."""
    timer: int = 0
    """The timer that limits the wait for the arrival."""
