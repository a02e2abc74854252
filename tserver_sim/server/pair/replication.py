"""The messages between the members of a pair."""

from typing import TypeAlias

import msgspec

from bridge.tlib.kv import decode_kv_list
from tserver_sim.server.pair.roles import ConfiguredRole
from tserver_sim.switch.interface.stimuli import AnyStimulus, Image


class Greeting(msgspec.Struct, frozen=True, tag=True):
    """The first message of both members on a connection: the state of the sender."""

    member: ConfiguredRole
    leads: bool
    epoch: int
    """How often the role has moved, as far as the sender knows. Of two primaries, the later one stays."""
    start_time: int
    """The ServerStartTime that its clients see. A member that starts empty takes a later one."""
    terms: str
    """A digest of what both members must have alike: the switch and the standby type."""


class FullState(msgspec.Struct, frozen=True, tag=True):
    """The whole state of the primary; log entries follow it."""

    epoch: int
    start_time: int
    image: Image


class Counters(msgspec.Struct, frozen=True, array_like=True):
    """The counters of a switch; `chances` counts its random choices."""

    events: int
    calls: int
    timers: int
    legs: int
    chances: int


class ReplicatedStimulus(msgspec.Struct, frozen=True, tag=True):
    """An entry of the log: a stimulus that the primary's switch has carried out."""

    stimulus: AnyStimulus
    after: Counters
    """The counters of the primary after it. If those of the backup differ, the backup has diverged."""


class EntriesConfirmed(msgspec.Struct, frozen=True, tag=True):
    """The number of log entries that the backup has applied."""

    entries: int


class HandOver(msgspec.Struct, frozen=True, tag=True):
    """The last entry of the log: its receiver is the primary from here on."""

    epoch: int


class AskForRole(msgspec.Struct, frozen=True, tag=True):
    """The backup asks the primary to hand over the role."""


PairMessage: TypeAlias = Greeting | FullState | ReplicatedStimulus | EntriesConfirmed | HandOver | AskForRole


def pair_message_decoder() -> msgspec.msgpack.Decoder[PairMessage]:
    """Return a decoder of pair messages."""
    return msgspec.msgpack.Decoder(PairMessage, dec_hook=decode_kv_list)
