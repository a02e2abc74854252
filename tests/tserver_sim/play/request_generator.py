"""Random requests, made from their own types: each attribute gets a value, most often a fitting one.

A new kind of request is played without a change here; the tables only make more requests succeed.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, NamedTuple

from msgspec import inspect as types

from bridge.tlib import messages as m
from bridge.tlib.enums import RouteType, TreatmentType
from bridge.tlib.kv import KVList
from bridge.tlib.private import PrivateMsgID
from tests.tserver_sim.play import layout
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.state.party_states import CallPartyState

_ABSURD_SHARE = 0.02
_OPTIONAL_SHARE = 0.35
_FITTING_SHARE = 0.85
_USUAL_SHARE = 0.65

NOT_PLAYED = frozenset({m.RequestRegisterClient})
"""The first request of a connection; a second one ends it."""

KINDS = tuple(kind for kind in m.REQUESTS if kind not in NOT_PLAYED)
_S = CallPartyState

WITH_A_CALL: Mapping[CallPartyState, tuple[type[m.Request], ...]] = {
    _S.ALERTING: (*(m.RequestAnswerCall,) * 4, m.RequestRedirectCall, m.RequestReleaseCall),
    _S.CONNECTED: (
        m.RequestHoldCall,
        *(m.RequestSingleStepTransfer, m.RequestSingleStepConference) * 2,
        *(m.RequestInitiateTransfer, m.RequestInitiateConference) * 2,
        m.RequestMuteTransfer,
        m.RequestDeleteFromConference,
        m.RequestDeleteFromConference,
        m.RequestCollectDigits,
        m.RequestSendDTMF,
        *(m.RequestSetMuteOn, m.RequestSetMuteOff, m.RequestListenDisconnect, m.RequestListenReconnect),
        *(m.RequestUpdateUserData, m.RequestDeletePair, m.RequestSetCallInfo),
        m.RequestPrivateService,
        m.RequestReleaseCall,
    ),
    _S.HELD: (
        *(m.RequestRetrieveCall, m.RequestAlternateCall, m.RequestReconnectCall),
        *(m.RequestCompleteTransfer, m.RequestCompleteConference, m.RequestMergeCalls) * 2,
    ),
    _S.DIALING: (m.RequestSendDTMF, m.RequestAttachUserData, m.RequestReleaseCall),
    _S.FAILED: (m.RequestReleaseCall,),
    _S.QUEUED: (*(m.RequestRouteCall, m.RequestApplyTreatment) * 3, m.RequestUpdateUserData),
}
"""The usual requests about a call, by the state of the DN's party."""

WITHOUT: tuple[type[m.Request], ...] = (
    *(m.RequestMakeCall,) * 8,
    *(m.RequestSetDNDOff, m.RequestCallForwardSet, m.RequestCallForwardCancel, m.RequestMonitorNextCall),
)
"""The usual requests at a phone without a call."""

OF_AGENTS: tuple[type[m.Request], ...] = (
    *(m.RequestAgentReady, m.RequestAgentLogin) * 2,
    *(m.RequestAgentNotReady, m.RequestAgentLogout, m.RequestReserveAgent),
)
"""The same at a phone with an agent; without one, it is the login."""

OF_QUEUES: tuple[type[m.Request], ...] = (
    m.RequestMakePredictiveCall,
    m.RequestDistributeEvent,
    m.RequestQueryAddress,
)
"""The usual requests at queues and route points."""


class RequestContext(NamedTuple):
    """The DN and the call that a request is about, and the switch."""

    random: Random
    engine: Engine
    dn: str
    conn_id: int = 1


def make_request(random: Random, engine: Engine, dns: Sequence[str], reference: int) -> m.Request:
    """Return a random request about one of some DNs."""
    dn = random.choice([dn for dn in dns for _ in range(1 + 2 * len(engine.parties_of(dn)))])
    conn_id = random.choice(list(engine.parties_of(dn)) or [*engine.state.calls, 1])
    context = RequestContext(random, engine, dn, conn_id)
    kind = random.choice(_usual_kinds(context) if random.random() < _USUAL_SHARE else KINDS)
    attributes = {
        name: _absurd(random, make, context) if random.random() < _ABSURD_SHARE else make(context)
        for name, required, make in _makers(kind)
        if required or random.random() < _OPTIONAL_SHARE
    }
    return kind(**{**attributes, "reference_id": reference})


def _usual_kinds(context: RequestContext) -> tuple[type[m.Request], ...]:
    parties = context.engine.parties_of(context.dn)
    if context.conn_id in parties and context.random.random() < _FITTING_SHARE:
        return WITH_A_CALL[parties[context.conn_id].state]
    if context.dn not in layout.EXTENSIONS:
        return OF_QUEUES
    agent = context.engine.state.devices[context.dn].agent
    return (*WITHOUT, *(OF_AGENTS if agent is not None else (m.RequestAgentLogin,) * 3))


# --- values -----------------------------------------------------------------------------------------

ValueMaker = Callable[[RequestContext], Any]


@cache
def _makers(kind: type[m.Request]) -> tuple[tuple[str, bool, ValueMaker], ...]:
    info = types.type_info(kind)
    assert isinstance(info, types.StructType)
    return tuple(
        (field.name, field.required or field.name in _ALWAYS, _maker(kind, field.name, field.type))
        for field in info.fields
        if field.name != "reference_id"
    )


_ALWAYS = ("this_dn", "conn_id", "merge_type", "agent_work_mode", "route_type")


def _maker(request: type[m.Request], name: str, kind: types.Type) -> ValueMaker:
    if isinstance(kind, types.UnionType):
        (kind,) = (each for each in kind.types if not isinstance(each, types.NoneType))
    make = _BY_NAME.get(name)
    if name == "other_dn" and issubclass(request, m.CallRequest) and not hasattr(request, "location"):
        make = _other_party
    if make is not None:
        return make
    if isinstance(kind, types.StrType):
        return _number if name.endswith("dn") else _word
    if isinstance(kind, types.IntType):
        return _other_call if name.endswith("conn_id") else _integer
    if isinstance(kind, types.BytesType):
        return lambda context: bytes(context.random.choice((0, 255)) for _ in range(64))
    if isinstance(kind, types.CustomType) and kind.cls is KVList:
        return _pairs
    cls = getattr(kind, "cls", None)
    assert cls is not None, (name, kind)
    values = list(cls)
    return lambda context: context.random.choice(values)


def _absurd(random: Random, make: ValueMaker, context: RequestContext) -> Any:
    """Return a value that fits another request, or an extreme one."""
    value = make(
        RequestContext(random, context.engine, random.choice(layout.DNS), random.choice((0, 1, 2**64 - 1)))
    )
    if type(value) is str:
        return random.choice(("", value, "x" * 300, "9" * 255, "*"))
    return random.choice((0, value, 2**32 - 1)) if type(value) is int else value


def _number(context: RequestContext) -> str:
    """Return a number to dial: every other time a phone that is free."""
    if context.random.random() < 0.5:
        free = [dn for dn in layout.EXTENSIONS if not context.engine.parties_of(dn)]
        return context.random.choice(free or layout.EXTENSIONS)
    return context.random.choice(layout.NUMBERS)


def _other_party(context: RequestContext) -> str:
    """Return the DN of another party of the call."""
    call = context.engine.state.calls.get(context.conn_id)
    others = [party.dn for party in call.parties if party.dn != context.dn] if call is not None else []
    return context.random.choice(others or layout.NUMBERS)


def _other_call(context: RequestContext) -> int:
    mine = [conn_id for conn_id in context.engine.parties_of(context.dn) if conn_id != context.conn_id]
    if mine and context.random.random() < _FITTING_SHARE:
        return context.random.choice(mine)
    return context.random.choice([*context.engine.state.calls, 1])


def _agent(context: RequestContext) -> str:
    device = context.engine.state.devices.get(context.dn)
    if device is not None and device.agent is not None and context.random.random() < _FITTING_SHARE:
        return device.agent.agent_id
    return context.random.choice(layout.AGENTS)


def _queue(context: RequestContext) -> str:
    device = context.engine.state.devices.get(context.dn)
    mine = device.agent.queues if device is not None and device.agent is not None else []
    return context.random.choice(mine if mine and context.random.random() < 0.5 else layout.QUEUES)


def _integer(context: RequestContext) -> int:
    return context.random.choice((0, 1, 2, 3, 5, 30))


def _word(context: RequestContext) -> str:
    return context.random.choice(("", "Kind", "Größe", "Switch_B", "x" * 300))


_ROUTE_TYPES = tuple(RouteType)
_TREATMENTS = (TreatmentType.CollectDigits, TreatmentType.Music, TreatmentType.SetDefaultRoute)
_PAIRS: tuple[tuple[str, str | int], ...] = (
    ("Kind", "sale"),
    ("Kind", "support"),
    ("From", "play"),
    ("Größe", 7),
    ("BusinessCall", 1),
)
_EXTENSIONS: tuple[tuple[str, str | int], ...] = (
    *(("ConsultUserData", value) for value in ("separate", "inherited", "joint", "whatever")),
    *(("MonitorMode", value) for value in ("mute", "connect", "coach", "loud")),
    *(("MonitorScope", value) for value in ("call", "agent")),
    *(("WrapUpTime", value) for value in (0, 5, -1)),
    ("CallUUID", "01RCC3N118B1V0SL807GK2LAES000001"),
    ("ReasonCode", "lunch"),
)
_PARMS: tuple[tuple[str, str | int], ...] = (
    ("DURATION", 5),
    ("MAX_DIGITS", 3),
    ("MAX_DIGITS", "many"),
    ("TERM_DIGITS", "*"),
    ("DIGIT_TIMEOUT", 2),
    ("DEST", "15003"),
    ("DEST", "4711"),
)


def _pairs(context: RequestContext) -> KVList:
    return KVList(context.random.choices(_PAIRS, k=context.random.randrange(4)))


_BY_NAME: Mapping[str, ValueMaker] = {
    "this_dn": lambda context: context.dn,
    "conn_id": lambda context: context.conn_id,
    "agent_id": _agent,
    "this_queue": _queue,
    "other_queue": lambda context: context.random.choice(layout.QUEUES),
    "location": lambda context: context.random.choice(("Switch_A",) * 10 + ("Switch_B", "Nowhere")),
    "dtmf_digits": lambda context: context.random.choice(("1", "12#", "5*", "ABCD", "x")),
    "terminate_digits": lambda context: context.random.choice(("", "#", "#*")),
    "timeout": lambda context: context.random.choice((0, 2, 10, 3000)),
    "extensions": lambda context: KVList(context.random.choices(_EXTENSIONS, k=context.random.randrange(3))),
    "route_type": lambda context: context.random.choice((*_ROUTE_TYPES, *(RouteType.Unknown,) * 8)),
    "treatment_type": lambda context: context.random.choice((*TreatmentType, *_TREATMENTS * 4)),
    "treatment_parms": lambda context: KVList(context.random.choices(_PARMS, k=context.random.randrange(3))),
    "data_key": lambda context: context.random.choice(_PAIRS)[0],
    "private_msg_id": lambda context: context.random.choice([*PrivateMsgID, 1]),
    "user_event": lambda context: context.random.choice(
        (m.EventQueued.number.value, m.EventDiverted.number.value, 1)
    ),
}


def request_text(request: m.Request) -> str:
    """Return a request as text for a person to read."""
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    given = ", ".join(f"{name}={value!r}" for name, value in fields.items() if value is not None)
    return f"{request.name}({given})"
