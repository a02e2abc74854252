"""The stimuli of a switch, as plain data: everything that ever changes it.

A switch that carries out the same stimuli, in the same order and from the same state, ends in the same state
and publishes the same events. What is refused changes nothing and is no stimulus.
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
    """The time of a stimulus, and the number of events before it."""

    now: float
    """Seconds since 1970-01-01T00:00:00Z."""
    sequence: int
    """The EventSequenceNumber of the last event before it."""


class Requested(Stimulus, frozen=True, tag=True):
    """A request of a T-Server client."""

    requester: Requester
    request: AnyRequest


class Commanded(Stimulus, frozen=True, tag=True):
    """A command."""

    command: Command


class FromSite(Stimulus, frozen=True, tag=True):
    """A message of another site, or that the site can be reached, or no longer can."""

    site: str
    """The switch of that site."""
    message: SiteInput


class TimePassed(Stimulus, frozen=True, tag=True):
    """A timer fell due; or only the EventSequenceNumber went on, by an event of the T-Server's own."""


AnyStimulus: TypeAlias = Requested | Commanded | FromSite | TimePassed


class Image(msgspec.Struct, frozen=True):
    """The whole state of a switch between two stimuli."""

    state: SwitchData
    calls_by_dn: dict[str, list[int]]
    """DN -> the ConnIDs of its calls, the oldest first."""
