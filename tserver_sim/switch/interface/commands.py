"""What can be asked of a switch besides the requests of a T-Server, as plain data.

Somebody picks up a phone, a call comes in from outside, a phone is told how to behave. Commands are stimuli
like requests: they can be recorded, and sent to the other member of a pair. The handlers are in the
operations.
"""

from enum import Enum
from typing import TypeAlias

import msgspec

from bridge.tlib.enums import CallState
from bridge.tlib.kv import KVList
from tserver_sim.switch.state.phone_behaviour import Behaviour


class Act(Enum):
    """What a hand does at a phone."""

    ANSWER = "answer"
    REJECT = "reject"
    HANG_UP = "hang_up"
    HOLD = "hold"
    RETRIEVE = "retrieve"


class OutsideAct(Enum):
    """What somebody outside does."""

    ANSWER = "answer"
    HANG_UP = "hang_up"


class SetPhone(msgspec.Struct, frozen=True, tag=True):
    """From now on a phone behaves so; calls that ring there already are left as they are."""

    dn: str
    phone: Behaviour | None
    """None: it rings until somebody answers."""


class DialNumber(msgspec.Struct, frozen=True, tag=True):
    """Somebody dials at a phone."""

    dn: str
    number: str
    user_data: KVList = KVList()


class UsePhone(msgspec.Struct, frozen=True, tag=True):
    """Somebody does something with a call at a phone."""

    dn: str
    act: Act
    conn_id: int = 0
    """Which call; 0: the one that the act fits."""


class CallIn(msgspec.Struct, frozen=True, tag=True):
    """Somebody outside calls a number of this switch."""

    ani: str
    """Who calls."""
    dnis: str
    """What is called."""
    trunk: str = ""
    """The trunk group through which the call comes; empty: the first."""
    user_data: KVList = KVList()


class ActOutside(msgspec.Struct, frozen=True, tag=True):
    """Somebody outside does something with a call."""

    conn_id: int
    act: OutsideAct
    number: str = ""
    """Who, by the number that the call knows; empty: the one party to which the act is open."""


class SendDigits(msgspec.Struct, frozen=True, tag=True):
    """Somebody outside presses keys."""

    conn_id: int
    digits: str
    number: str = ""
    """Who, by the number that the call knows; empty: the one party who can."""


class SetService(msgspec.Struct, frozen=True, tag=True):
    """A DN is lost, or found again."""

    dn: str
    out: bool
    """Whether it is out of service from now on."""


Command: TypeAlias = SetService | SetPhone | DialNumber | UsePhone | CallIn | ActOutside | SendDigits


class Done(msgspec.Struct, frozen=True):
    """What came of a command."""

    conn_id: int = 0
    """The call that it was about; 0: none."""
    failure: CallState | None = None
    """Why a call from outside reached nobody."""
