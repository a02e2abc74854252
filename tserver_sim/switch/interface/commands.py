"""The commands to a switch, as plain data: what happens without a request of a T-Server client.

A user uses a phone, a call comes in from outside, a test sets how a phone behaves. Commands are stimuli like
requests: they can be recorded, and sent to the other member of a pair. The handlers are in `operations`.
"""

from enum import Enum
from typing import TypeAlias

import msgspec

from bridge.tlib.enums import CallState
from bridge.tlib.kv import KVList
from tserver_sim.switch.state.phone_behaviour import Behaviour


class Act(Enum):
    """What a user does at a phone."""

    ANSWER = "answer"
    REJECT = "reject"
    HANG_UP = "hang_up"
    HOLD = "hold"
    RETRIEVE = "retrieve"


class OutsideAct(Enum):
    """What a party outside does."""

    ANSWER = "answer"
    HANG_UP = "hang_up"


class SetPhone(msgspec.Struct, frozen=True, tag=True):
    """Set the behaviour of a phone; calls that ring there already are left as they are."""

    dn: str
    phone: Behaviour | None
    """None: it rings until a request or command answers."""


class DialNumber(msgspec.Struct, frozen=True, tag=True):
    """Dial a number at a phone."""

    dn: str
    number: str
    user_data: KVList = KVList()


class UsePhone(msgspec.Struct, frozen=True, tag=True):
    """Act on a call at a phone."""

    dn: str
    act: Act
    conn_id: int = 0
    """The call; 0: the one that the act fits."""


class CallIn(msgspec.Struct, frozen=True, tag=True):
    """Call a number of this switch from outside."""

    ani: str
    """The caller's number."""
    dnis: str
    """The called number."""
    trunk: str = ""
    """The trunk group through which the call comes; empty: the first."""
    user_data: KVList = KVList()


class ActOutside(msgspec.Struct, frozen=True, tag=True):
    """Act on a call as a party outside."""

    conn_id: int
    act: OutsideAct
    number: str = ""
    """The party's number as the call knows it; empty: the only party that can act so."""


class SendDigits(msgspec.Struct, frozen=True, tag=True):
    """Press keys as a party outside."""

    conn_id: int
    digits: str
    number: str = ""
    """The party's number as the call knows it; empty: the only party that can."""


class SetService(msgspec.Struct, frozen=True, tag=True):
    """Take a DN out of service, or put it back."""

    dn: str
    out: bool
    """Whether it is out of service from now on."""


Command: TypeAlias = SetService | SetPhone | DialNumber | UsePhone | CallIn | ActOutside | SendDigits


class Done(msgspec.Struct, frozen=True):
    """The result of a command."""

    conn_id: int = 0
    """The call that the command was about; 0: none."""
    failure: CallState | None = None
    """The CallState with which a call from outside failed."""
