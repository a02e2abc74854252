"""What the members of a pair say to each other."""

from typing import TypeAlias

import msgspec

from bridge.tlib.kv import decode_kv_list
from tserver_sim.server.pair.roles import ConfiguredRole
from tserver_sim.switch.interface.stimuli import AnyStimulus, Image


class Greeting(msgspec.Struct, frozen=True, tag=True):
    """What a member is when it meets the other one; both say it first."""

    member: ConfiguredRole
    leads: bool
    epoch: int
    """How often the role has moved, as far as this member knows: of two primaries, the later one stays."""
    start_time: int
    """The ServerStartTime that it says to its clients; one that begins anew takes a later one."""
    terms: str
    """What both have to agree on, as a digest: the switch, and what sort of pair it is."""


class FullState(msgspec.Struct, frozen=True, tag=True):
    """Everything that the primary knows; the log begins behind it."""

    epoch: int
    start_time: int
    image: Image


class Counters(msgspec.Struct, frozen=True, array_like=True):
    """What a switch has counted: events, calls, timers, legs and chances."""

    events: int
    calls: int
    timers: int
    legs: int
    chances: int


class ReplicatedStimulus(msgspec.Struct, frozen=True, tag=True):
    """What has happened at the primary."""

    stimulus: AnyStimulus
    after: Counters
    """What it led to: if the backup counts otherwise, it is no mirror."""


class EntriesConfirmed(msgspec.Struct, frozen=True, tag=True):
    """The backup has carried out so many entries of the log."""

    entries: int


class HandOver(msgspec.Struct, frozen=True, tag=True):
    """The last entry of the log: from here on the other one is the primary."""

    epoch: int


class AskForRole(msgspec.Struct, frozen=True, tag=True):
    """The backup wants to be the primary."""


PairMessage: TypeAlias = Greeting | FullState | ReplicatedStimulus | EntriesConfirmed | HandOver | AskForRole


def pair_message_decoder() -> msgspec.msgpack.Decoder[PairMessage]:
    """Make what reads these."""
    return msgspec.msgpack.Decoder(PairMessage, dec_hook=decode_kv_list)
