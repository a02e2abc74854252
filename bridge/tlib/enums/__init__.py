"""The enumerations of the attributes, with the integers that travel.

Source: T-Library 7.x enumerations; `Cause`, `ConsultType`, `DNState`, `Reliability`, `SetOperation` and
`SubscriptionOperation` from one public test model; `AgentStatus` is this project's own.
"""

from bridge.tlib.enums.base import WireEnum
from bridge.tlib.enums.calls import (
    CallInfoType,
    CallState,
    CallType,
    Cause,
    ConsultType,
    DNRole,
    MakeCallType,
    MediaType,
    MergeType,
    MonitorNextCallType,
    PartyState,
    PartyStateFlag,
    SetOperation,
)
from bridge.tlib.enums.dns import (
    AddressInfoType,
    AddressStatus,
    AddressType,
    AgentStatus,
    AgentType,
    AgentWorkMode,
    Association,
    ControlMode,
    DNState,
    ForwardMode,
    MsgWaiting,
    RegisterMode,
)
from bridge.tlib.enums.routing import (
    LocationInfoType,
    NetworkCallState,
    NetworkDestState,
    NetworkPartyRole,
    RouteType,
    TreatmentType,
    XRouteType,
)
from bridge.tlib.enums.server import Reliability, ServerRole, SubscriptionOperation, SwitchInfoType

__all__ = [
    "AddressInfoType",
    "AddressStatus",
    "AddressType",
    "AgentStatus",
    "AgentType",
    "AgentWorkMode",
    "Association",
    "CallInfoType",
    "CallState",
    "CallType",
    "Cause",
    "ConsultType",
    "ControlMode",
    "DNRole",
    "DNState",
    "ForwardMode",
    "LocationInfoType",
    "MakeCallType",
    "MediaType",
    "MergeType",
    "MonitorNextCallType",
    "MsgWaiting",
    "NetworkCallState",
    "NetworkDestState",
    "NetworkPartyRole",
    "PartyState",
    "PartyStateFlag",
    "RegisterMode",
    "Reliability",
    "RouteType",
    "ServerRole",
    "SetOperation",
    "SubscriptionOperation",
    "SwitchInfoType",
    "TreatmentType",
    "WireEnum",
    "XRouteType",
]
