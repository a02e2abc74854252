"""Requests for routing and treatments, to other sites and through the network."""

from bridge.tlib import enums
from bridge.tlib.kv import KVList
from bridge.tlib.messages.base import U32, CallRequest, Request, written
from bridge.tlib.numbers import MessageNumber as Number


class RequestRouteCall(CallRequest, number=Number.RequestRouteCall):
    """Routes the call at a route point (T-Library, TRouteCall).

    `other_dn` may be empty where the route type names no target.
    """

    other_dn: str
    route_type: enums.RouteType = written(enums.RouteType.Unknown)
    location: str | None = None
    dnis: str | None = None
    user_data: KVList | None = None


class RequestApplyTreatment(CallRequest, number=Number.RequestApplyTreatment):
    """Plays or does something to a waiting call (T-Library, TApplyTreatment)."""

    treatment_type: enums.TreatmentType
    treatment_parms: KVList | None = None


class SimpleTreatmentRequest(CallRequest):
    """A request for one of the treatments of old. Legacy: RequestApplyTreatment replaces it."""

    music_path: str | None = None


class RequestGiveMusicTreatment(SimpleTreatmentRequest, number=Number.RequestGiveMusicTreatment):
    """Plays music."""


class RequestGiveSilenceTreatment(SimpleTreatmentRequest, number=Number.RequestGiveSilenceTreatment):
    """Plays nothing."""


class RequestGiveRingBackTreatment(SimpleTreatmentRequest, number=Number.RequestGiveRingBackTreatment):
    """Plays the ringing tone."""


class AccessRequest(CallRequest):
    """A request for a number by which a call gets to another site; no location means this one."""

    other_dn: str
    x_route_type: enums.XRouteType = written(enums.XRouteType.Default)
    location: str | None = None
    user_data: KVList | None = None


class RequestGetAccessNumber(AccessRequest, number=Number.RequestGetAccessNumber):
    """Asks an access number (T-Library, TGetAccessNumber). It takes no Reasons."""


class RequestCancelReqGetAccessNumber(CallRequest, number=Number.RequestCancelReqGetAccessNumber):
    """Withdraws a RequestGetAccessNumber (T-Library, TCancelReqGetAccessNumber)."""

    x_reference_id: U32


class RequestReserveAgent(Request, number=Number.RequestReserveAgent):
    """Keeps an agent free, named by DN, agent or place (T-Library, TReserveAgent).

    `timeout` is in milliseconds.
    """

    timeout: U32
    priority: U32
    this_dn: str | None = None
    agent_id: str | None = None
    place: str | None = None


class RequestReserveAgentAndGetAccessNumber(
    AccessRequest, number=Number.RequestReserveAgentAndGetAccessNumber
):
    """Does both at once (T-Library, TReserveAgentAndGetAccessNumber). `timeout` is in milliseconds."""

    timeout: U32
    priority: U32
    agent_id: str | None = None
    place: str | None = None


# --- attended transfer through the network ---------------------------------------------------------


class NetworkRequest(CallRequest):
    """A request for a network T-Server, passed on by the one at `home_location`."""

    home_location: str


class NetworkTargetRequest(NetworkRequest):
    """A request that names the DN to bring in."""

    other_dn: str
    location: str
    user_data: KVList | None = None


class RequestNetworkConsult(NetworkTargetRequest, number=Number.RequestNetworkConsult):
    """Consults (T-Library, TNetworkConsult)."""


class RequestNetworkSingleStepTransfer(NetworkTargetRequest, number=Number.RequestNetworkSingleStepTransfer):
    """Transfers without consultation (T-Library, TNetworkSingleStepTransfer)."""


class RequestNetworkAlternate(NetworkRequest, number=Number.RequestNetworkAlternate):
    """Changes between the two parties (T-Library, TNetworkAlternate)."""


class RequestNetworkTransfer(NetworkRequest, number=Number.RequestNetworkTransfer):
    """Completes the transfer (T-Library, TNetworkTransfer)."""


class RequestNetworkMerge(NetworkRequest, number=Number.RequestNetworkMerge):
    """Makes a conference (T-Library, TNetworkMerge)."""


class RequestNetworkReconnect(NetworkRequest, number=Number.RequestNetworkReconnect):
    """Returns to the first party (T-Library, TNetworkReconnect)."""


class RequestNetworkPrivateService(NetworkRequest, number=Number.RequestNetworkPrivateService):
    """Asks something of the vendor's own (T-Library, TNetworkPrivateService)."""

    private_msg_id: U32
    user_data: KVList | None = None
