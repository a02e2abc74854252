"""What clients of a T-Server usually send."""

from bridge.tlib import messages as t
from tests.fuzz.recorded import OPENING, golden, only, pack
from tests.fuzz.sites import DNS
from tests.fuzz.target import Input

_USUAL = (
    t.RequestRegisterAddress,
    t.RequestMakeCall,
    t.RequestAnswerCall,
    t.RequestReleaseCall,
    t.RequestHoldCall,
    t.RequestRetrieveCall,
    t.RequestSingleStepTransfer,
    t.RequestInitiateTransfer,
    t.RequestCompleteTransfer,
    t.RequestInitiateConference,
    t.RequestCompleteConference,
    t.RequestRedirectCall,
    t.RequestRouteCall,
    t.RequestAgentLogin,
    t.RequestAgentReady,
    t.RequestUpdateUserData,
)
_REGISTRATIONS = tuple(
    pack(t.RequestRegisterAddress(this_dn=dn, reference_id=number)) for number, dn in enumerate(DNS, start=1)
)
FROM_CLIENTS = Input(
    kinds=t.REQUESTS,
    usual=_USUAL,
    first=t.RequestMakeCall,
    dns=DNS,
    opening=OPENING,
    greetings=_REGISTRATIONS,
    recorded=only(t.REQUESTS, golden()),
    most_peers=3,
)
