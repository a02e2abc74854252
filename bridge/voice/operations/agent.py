"""The operations on the state of an agent, and the T-Server request that each becomes.

Sources: GWS v2, Ready, NotReady and the other agent states, and agent-states settings; T-Library,
TAgentSetReady, TAgentSetNotReady, TAgentLogout.
"""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from bridge.runtime import features
from bridge.tlib import messages as t
from bridge.tlib.enums import AgentWorkMode
from bridge.tlib.kv import KVList
from bridge.voice.model.agents import CustomState
from bridge.voice.operations.base import Operation, OperationRow, Resource

MAX_NAME_LENGTH = 255
"""The longest name of an operation that is looked up among the custom states."""

WRAP_UP_TIME = "WrapUpTime"
"""The key of Extensions that carries the seconds of after-call work (SIP Server)."""

REASON_CODE = "ReasonCode"
"""The key of Extensions, and of Reasons, that carries the reason of an agent state."""

_Seconds = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,5}$")]
_Number = Annotated[int, msgspec.Meta(ge=0, le=86_400)]


class Ready(Operation, tag=True):
    """Takes calls."""


class NotReady(Operation, tag=True):
    """Takes no calls."""


class AuxWork(Operation, tag=True):
    """Takes no calls, and does other work."""


class AfterCallWork(Operation, tag=True):
    """Takes no calls, and works on after one; `wrap_up_time` is in seconds, and a text in the pages."""

    wrap_up_time: _Seconds | _Number | None = None


class Offline(Operation, tag=True):
    """Logs out; the session goes on."""


class Custom(Operation, tag=True):
    """Gets into a state of the contact center's own. It is made from any name that is no other operation's.

    Attributes:
        operation: the name.

    """

    operation: str

    @property
    def name(self) -> str:
        """The `operationName`."""
        return self.operation


def _ready(dn: str, _: Ready) -> t.Request:
    return t.RequestAgentReady(this_dn=dn)


def _not_ready(dn: str, _: NotReady) -> t.Request:
    return t.RequestAgentNotReady(this_dn=dn)


def _aux_work(dn: str, _: AuxWork) -> t.Request:
    return t.RequestAgentNotReady(this_dn=dn, agent_work_mode=AgentWorkMode.AuxWork)


def _after_call_work(dn: str, body: AfterCallWork) -> t.Request:
    extensions = None
    if body.wrap_up_time is not None:
        extensions = KVList([(WRAP_UP_TIME, int(body.wrap_up_time))])
    return t.RequestAgentNotReady(
        this_dn=dn, agent_work_mode=AgentWorkMode.AfterCallWork, extensions=extensions
    )


def _offline(dn: str, _: Offline) -> t.Request:
    return t.RequestAgentLogout(this_dn=dn)


REQUESTS: dict[type[Operation], Callable[[str, Any], t.Request]] = {
    Ready: _ready,
    NotReady: _not_ready,
    AuxWork: _aux_work,
    AfterCallWork: _after_call_work,
    Offline: _offline,
}
"""The request of each operation, from the DN and the body."""

OWN_CHANNELS = (Resource.CHANNEL, Resource.ME)
"""The resources of a user's own channels: the voice channel, and all channels."""

STATES_ON = (*OWN_CHANNELS, Resource.CHANNEL_OF_USER)
"""The resources that agent states are posted to."""


def _rows(body: type[Operation]) -> tuple[OperationRow, OperationRow]:
    """Return the rows of a state: the user's own, and that of others, which a supervisor may set."""
    return (
        OperationRow(body, OWN_CHANNELS),
        OperationRow(body, (Resource.CHANNEL_OF_USER,), (features.AGENT_CONTROL,), for_supervisors=True),
    )


ROWS = tuple(row for body in REQUESTS for row in _rows(body))

CUSTOM_ROWS = _rows(Custom)


def custom_request(dn: str, state: CustomState) -> t.Request:
    """Return the request for a custom state. Switches read the reason from Reasons or from Extensions."""
    reason = None if state.reason is None else KVList([(REASON_CODE, state.reason)])
    mode = AgentWorkMode.__members__.get(state.work_mode or "")
    kind = t.RequestAgentReady if state.state == "Ready" else t.RequestAgentNotReady
    return kind(this_dn=dn, agent_work_mode=mode, reasons=reason, extensions=reason)
