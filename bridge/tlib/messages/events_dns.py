"""Events of agents, of the features of a DN, and of those who listen in."""

from bridge.tlib import enums
from bridge.tlib.messages.base import U32, U64, DNEvent, Event
from bridge.tlib.numbers import MessageNumber as Number


class AgentEvent(DNEvent):
    """Something about the agent at a DN."""

    this_queue: str | None = None
    agent_work_mode: enums.AgentWorkMode | None = None
    place: str | None = None


class EventAgentLogin(AgentEvent, number=Number.EventAgentLogin):
    """The agent has logged in."""


class EventAgentLogout(AgentEvent, number=Number.EventAgentLogout):
    """The agent has logged out altogether."""


class EventQueueLogout(AgentEvent, number=Number.EventQueueLogout):
    """The agent has logged out of one queue and is still logged in to others."""


class EventAgentReady(AgentEvent, number=Number.EventAgentReady):
    """The agent takes calls."""


class EventAgentNotReady(AgentEvent, number=Number.EventAgentNotReady):
    """The agent takes no calls; Reasons, and `ReasonCode` in Extensions, may hold the reason."""


class EventAgentAfterCallWork(AgentEvent, number=Number.EventAgentAfterCallWork):
    """The agent works on after a call. Legacy: EventAgentNotReady with that work mode means the same."""


class EventAgentIdleReasonSet(AgentEvent, number=Number.EventAgentIdleReasonSet):
    """The reason is set. Deprecated."""


class EventAgentReserved(Event, number=Number.EventAgentReserved):
    """The agent is kept free for `timeout` milliseconds; one of DN, agent and place is named."""

    timeout: U32
    this_dn: str | None = None
    agent_id: str | None = None
    place: str | None = None
    priority: U32 | None = None


# --- features of a DN ---------------------------------------------------------------------------------


class EventDNDOn(DNEvent, number=Number.EventDNDOn):
    """Do-not-disturb is on at the DN."""


class EventDNDOff(DNEvent, number=Number.EventDNDOff):
    """The DN may be disturbed again."""


class ForwardEvent(DNEvent):
    """Something about the forwarding of calls."""

    forward_mode: enums.ForwardMode
    other_dn: str | None = None


class EventForwardSet(ForwardEvent, number=Number.EventForwardSet):
    """Calls to the DN go to `other_dn`."""


class EventForwardCancel(ForwardEvent, number=Number.EventForwardCancel):
    """Calls to the DN are no longer forwarded."""


class EventMessageWaitingOn(DNEvent, number=Number.EventMessageWaitingOn):
    """Messages wait."""


class EventMessageWaitingOff(DNEvent, number=Number.EventMessageWaitingOff):
    """No messages wait."""


class HookEvent(DNEvent):
    """Something about the handset, of a call if there is one."""

    conn_id: U64 | None = None
    call_id: U32 | None = None
    call_type: enums.CallType | None = None


class EventOffHook(HookEvent, number=Number.EventOffHook):
    """The handset is lifted."""


class EventOnHook(HookEvent, number=Number.EventOnHook):
    """The handset is back."""


class EventDNOutOfService(DNEvent, number=Number.EventDNOutOfService):
    """The DN is out of service."""


class EventDNBackInService(DNEvent, number=Number.EventDNBackInService):
    """The DN is back in service."""


class MonitoringEvent(DNEvent):
    """Something about a supervisor who listens in; Extensions as in RequestMonitorNextCall."""

    this_dn_role: enums.DNRole
    other_dn: str
    other_dn_role: enums.DNRole
    monitor_next_call_type: enums.MonitorNextCallType


class EventMonitoringNextCall(MonitoringEvent, number=Number.EventMonitoringNextCall):
    """Monitoring has been arranged."""


class EventMonitoringCancelled(MonitoringEvent, number=Number.EventMonitoringCancelled):
    """Monitoring has ended."""


# --- voice mail and voice files: legacy -----------------------------------------------------------------


class VoiceFileEvent(DNEvent):
    """Something about a mailbox or a voice file."""

    conn_id: U64 | None = None
    file_handle: U32 | None = None


class EventMailBoxLogin(VoiceFileEvent, number=Number.EventMailBoxLogin):
    """The mailbox is open."""


class EventMailBoxLogout(VoiceFileEvent, number=Number.EventMailBoxLogout):
    """The mailbox is closed."""


class EventVoiceFileOpened(VoiceFileEvent, number=Number.EventVoiceFileOpened):
    """The voice file is open."""


class EventVoiceFileClosed(VoiceFileEvent, number=Number.EventVoiceFileClosed):
    """The voice file is closed."""


class EventVoiceFileEndPlay(VoiceFileEvent, number=Number.EventVoiceFileEndPlay):
    """The voice file has been played."""
