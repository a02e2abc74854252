"""A telephone switch: the one door to it.

It is driven from outside only: by requests, each at a time, and by the passing of time. The same stimuli at
the same times lead to the same events, byte for byte, in every process.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.config.switch_config import SwitchConfig
from tserver_sim.switch.engine.engine import Engine, FollowUp, Publish, Send
from tserver_sim.switch.interface.commands import Command, Done
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.interface.stimuli import (
    AnyStimulus,
    Commanded,
    FromSite,
    Image,
    Requested,
    TimePassed,
)
from tserver_sim.switch.iscc.messages import Heard, SiteMessage
from tserver_sim.switch.models.vocabulary import EventKind
from tserver_sim.switch.numbering.locations import other_site
from tserver_sim.switch.operations import COMMANDS, OPERATIONS
from tserver_sim.switch.operations.agents.agent_states import call_answered, call_ended, worked_long_enough
from tserver_sim.switch.operations.agents.queues import (
    change_call_in_line,
    leave_line,
    stand_in_line,
    waited_too_long,
)
from tserver_sim.switch.operations.agents.supervision import listen_in, stop_listening
from tserver_sim.switch.operations.base.checks import check_size
from tserver_sim.switch.operations.base.membership import end_if_forsaken
from tserver_sim.switch.operations.calls.basic import rang_too_long, start_ring_timer
from tserver_sim.switch.operations.calls.external_calls import lose_interest, reach_network
from tserver_sim.switch.operations.calls.predictive import nobody_answers
from tserver_sim.switch.operations.devices.by_request import reservation_over
from tserver_sim.switch.operations.devices.dn_features import move_handset
from tserver_sim.switch.operations.iscc.access_numbers import (
    access_over,
    reservation_lapsed,
    seek,
    seeking_too_long,
)
from tserver_sim.switch.operations.iscc.incoming import hear
from tserver_sim.switch.operations.iscc.legs import not_arrived, signal
from tserver_sim.switch.operations.media.dtmf_and_muting import give_up_digits, waited_for_digits
from tserver_sim.switch.operations.media.treatments import treatment_over
from tserver_sim.switch.operations.routing.built_in_router import (
    call_arrived,
    router_is_silent,
    treatment_ended,
)
from tserver_sim.switch.state.switch_data import Asked, Timer, TimerKind

FollowUps: TypeAlias = Mapping[EventKind, tuple[FollowUp, ...]]
Timers: TypeAlias = Mapping[TimerKind, Callable[[Engine, Timer], None]]

FOLLOW_UPS: FollowUps = {
    m.EventDialing: (move_handset,),
    m.EventRinging: (start_ring_timer, reach_network),
    m.EventQueued: (stand_in_line,),
    m.EventRouteRequest: (call_arrived,),
    m.EventTreatmentEnd: (treatment_ended,),
    m.EventEstablished: (call_answered, move_handset, listen_in),
    m.EventPartyChanged: (change_call_in_line,),
    m.EventDiverted: (leave_line,),
    m.EventAbandoned: (leave_line, call_ended),
    m.EventReleased: (
        leave_line,
        give_up_digits,
        stop_listening,
        call_ended,
        move_handset,
        end_if_forsaken,
    ),
    m.EventDestinationBusy: (lose_interest,),
}
"""What follows from an event, in this order, when the change that it belongs to is complete."""

TIMERS: Timers = {
    TimerKind.RING: rang_too_long,
    TimerKind.OVERFLOW: waited_too_long,
    TimerKind.WRAP_UP: worked_long_enough,
    TimerKind.DIGITS: waited_for_digits,
    TimerKind.RESERVED: reservation_over,
    TimerKind.ROUTER: router_is_silent,
    TimerKind.TREATMENT: treatment_over,
    TimerKind.PREDICTIVE: nobody_answers,
    TimerKind.SEEK: seeking_too_long,
    TimerKind.ACCESS: access_over,
    TimerKind.RESERVATION: reservation_lapsed,
    TimerKind.SETUP: not_arrived,
}


def _nowhere(_site: str, _message: SiteMessage) -> None:
    """There are no other sites."""


class Part(Protocol):
    """Something around the switch that acts upon its events."""

    @property
    def follow_ups(self) -> FollowUps:
        """What it does after which event."""

    @property
    def timers(self) -> Timers:
        """What it does when a timer of its own falls due."""


class Switch:
    """DNs, the calls on them, and what a T-Server can ask of them.

    Args:
        config: what it is built from.
        publish: takes its events, in their order.
        parts: what stands around the switch and acts upon its events, such as phones.
        send: takes what it says to other sites.

    """

    def __init__(self, config: SwitchConfig, publish: Publish, *parts: Part, send: Send = _nowhere) -> None:
        follow_ups = dict(FOLLOW_UPS)
        timers = dict(TIMERS)
        for part in parts:
            for event, actions in part.follow_ups.items():
                follow_ups[event] = (*follow_ups.get(event, ()), *actions)
            timers.update(part.timers)
        self.engine = Engine(
            config, follow_ups=follow_ups, timers=timers, publish=publish, signal=signal, send=send
        )
        self.state = self.engine.state
        self.record: Callable[[AnyStimulus], None] | None = None
        """Takes every stimulus once it has been carried out."""

    @property
    def deadline(self) -> float | None:
        """When `advance` wants to be called next, in seconds since 1970-01-01T00:00:00Z."""
        return self.engine.deadline

    def advance(self, now: float) -> None:
        """Let time pass until `now`."""
        due = self.engine.deadline
        if due is None or due > now:
            self.engine.advance(now)
            return
        before = self.state.sequence
        try:
            self.engine.advance(now)
        finally:
            if self.record is not None:
                self.record(TimePassed(now, before))

    def carry_out(self, request: m.Request, asked: Asked, now: float) -> None:
        """Do what a request about one of the switch's DNs asks.

        Raises:
            RefusedError: it cannot be done; nothing has changed.

        """
        self.advance(now)
        before = self.state.sequence
        changed = True
        try:
            self._carry_out(request, asked)
        except RefusedError:
            changed = False
            raise
        finally:
            if changed and self.record is not None:
                self.record(Requested(now, before, asked, request))

    def _carry_out(self, request: m.Request, asked: Asked) -> None:
        operation = OPERATIONS.get(type(request))
        if operation is None:
            raise RefusedError(ErrorCode.OperationNotSupported, f"{request.name} is not supported")
        check_size("Reasons", request.reasons)
        location: str | None = getattr(request, "location", None)
        if location is not None:
            config = self.engine.config
            site = other_site(location, config.location, config.other_locations)
            if site is not None:
                seek(self.engine, site, request, asked)
                self.engine.settle()
                return
        operation(self.engine, request, asked)
        self.engine.settle()

    def command(self, command: Command, now: float) -> Done:
        """Do what somebody wants who is no client of the T-Server.

        Raises:
            RefusedError: it cannot be done; nothing has changed.

        """
        self.advance(now)
        before = self.state.sequence
        changed = True
        try:
            done = COMMANDS[type(command)](self.engine, command)
            self.engine.settle()
        except RefusedError:
            changed = False
            raise
        finally:
            if changed and self.record is not None:
                self.record(Commanded(now, before, command))
        return done

    def hear(self, site: str, message: Heard, now: float) -> None:
        """Take in what another site says, or that it can be reached, or no more."""
        self.advance(now)
        before = self.state.sequence
        try:
            hear(self.engine, site, message)
            self.engine.settle()
        finally:
            if self.record is not None:
                self.record(FromSite(now, before, site, message))

    # --- the same switch twice -------------------------------------------------------------------

    def replay(self, stimulus: AnyStimulus) -> None:
        """Let happen again what has moved another switch that was like this one.

        Raises:
            RefusedError: it cannot be done here, so this switch is not like the other one.

        """
        self.state.sequence = stimulus.sequence
        if isinstance(stimulus, Requested):
            self.carry_out(stimulus.request, stimulus.asked, stimulus.now)
        elif isinstance(stimulus, Commanded):
            self.command(stimulus.command, stimulus.now)
        elif isinstance(stimulus, FromSite):
            self.hear(stimulus.site, stimulus.message, stimulus.now)
        else:
            self.advance(stimulus.now)

    def image(self) -> Image:
        """Return the whole state as it is; it is no copy, write it down before anything else happens."""
        return Image(self.state, self.engine.seating())

    def restore(self, image: Image) -> None:
        """Become like the switch of an image, which is given up to this one."""
        self.engine.restore(image.state, image.seating)

    def begin_anew(self, call_count: int) -> None:
        """Forget everything; the next call is named as the one after `call_count` calls."""
        self.engine.begin_anew(call_count)
