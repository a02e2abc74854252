"""Everything that ever moves a switch, as plain data.

A switch that carries out the same stimuli, in the same order and from the same state, ends in the same state
and tells the same events. What is refused changes nothing and is no stimulus.
"""

from typing import TYPE_CHECKING, TypeAlias, Union

import msgspec

from bridge.tlib import messages as m
from tserver_sim.switch.interface.commands import Command
from tserver_sim.switch.iscc.messages import SiteInput
from tserver_sim.switch.state.switch_data import Requester, SwitchData

if TYPE_CHECKING:
    AnyRequest: TypeAlias = m.Request
else:
    AnyRequest = Union[m.REQUESTS]  # noqa: UP007 (built from a tuple: msgspec has to know every one)


class Stimulus(msgspec.Struct, frozen=True):
    """When it came, and what had happened until then."""

    now: float
    """Seconds since 1970-01-01T00:00:00Z."""
    sequence: int
    """The number of the last event before it."""


class Requested(Stimulus, frozen=True, tag=True):
    """A client of the T-Server asked for something."""

    requester: Requester
    request: AnyRequest


class Commanded(Stimulus, frozen=True, tag=True):
    """Somebody else wanted something."""

    command: Command


class FromSite(Stimulus, frozen=True, tag=True):
    """Another site said something, or can be reached, or no more."""

    site: str
    """The switch there."""
    message: SiteInput


class TimePassed(Stimulus, frozen=True, tag=True):
    """Something fell due; or only the numbers went on, because the T-Server told something of its own."""


AnyStimulus: TypeAlias = Requested | Commanded | FromSite | TimePassed


class Image(msgspec.Struct, frozen=True):
    """A whole switch at one moment, between two stimuli."""

    state: SwitchData
    calls_by_dn: dict[str, list[int]]
    """DN -> the ConnIDs of its calls, in the order in which it came to them."""
