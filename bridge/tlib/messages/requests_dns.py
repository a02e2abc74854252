"""Requests of agents and of those who look after them, and for the features of a DN."""

from bridge.tlib import enums
from bridge.tlib.messages.base import DNRequest
from bridge.tlib.numbers import MessageNumber as Number


class RequestAgentLogin(DNRequest, number=Number.RequestAgentLogin):
    """Logs an agent in at a DN (T-Library, TAgentLogin)."""

    agent_id: str
    this_queue: str | None = None
    password: str | None = None
    agent_work_mode: enums.AgentWorkMode | None = None
    agent_type: enums.AgentType | None = None
    place: str | None = None


class RequestAgentLogout(DNRequest, number=Number.RequestAgentLogout):
    """Logs the agent out, of one queue or altogether (T-Library, TAgentLogout)."""

    this_queue: str | None = None
    agent_id: str | None = None


class AgentStateRequest(DNRequest):
    """A request to change the state of the agent at a DN."""

    this_queue: str | None = None
    agent_work_mode: enums.AgentWorkMode | None = None
    agent_id: str | None = None


class RequestAgentReady(AgentStateRequest, number=Number.RequestAgentReady):
    """The agent takes calls (T-Library, TAgentSetReady)."""


class RequestAgentNotReady(AgentStateRequest, number=Number.RequestAgentNotReady):
    """The agent takes no calls; Reasons may hold the reason (T-Library, TAgentSetNotReady)."""


class RequestAgentSetIdleReason(AgentStateRequest, number=Number.RequestAgentSetIdleReason):
    """Sets the reason why the agent takes no calls. Deprecated (T-Library, TAgentSetIdleReason)."""


class RequestSetDNDOn(DNRequest, number=Number.RequestSetDNDOn):
    """Do not disturb (T-Library, TSetDNDOn)."""


class RequestSetDNDOff(DNRequest, number=Number.RequestSetDNDOff):
    """Ends do-not-disturb (T-Library, TSetDNDOff)."""


class RequestCallForwardSet(DNRequest, number=Number.RequestCallForwardSet):
    """Forwards calls to `other_dn` (T-Library, TCallSetForward)."""

    other_dn: str
    forward_mode: enums.ForwardMode


class RequestCallForwardCancel(DNRequest, number=Number.RequestCallForwardCancel):
    """Ends forwarding (T-Library, TCallCancelForward)."""

    forward_mode: enums.ForwardMode


class RequestSetMessageWaitingOn(DNRequest, number=Number.RequestSetMessageWaitingOn):
    """Lights the message lamp (T-Library, TSetMessageWaitingOn)."""


class RequestSetMessageWaitingOff(DNRequest, number=Number.RequestSetMessageWaitingOff):
    """Puts the message lamp out (T-Library, TSetMessageWaitingOff)."""


class RequestMonitorNextCall(DNRequest, number=Number.RequestMonitorNextCall):
    """A supervisor listens in at `other_dn` (T-Library, TMonitorNextCall).

    Extensions `MonitorMode` and `MonitorScope` hold how.
    """

    other_dn: str
    monitor_next_call_type: enums.MonitorNextCallType


class RequestCancelMonitoring(DNRequest, number=Number.RequestCancelMonitoring):
    """Ends the monitoring of `other_dn` (T-Library, TCancelMonitoring)."""

    other_dn: str
