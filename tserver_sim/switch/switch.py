"""The entrance to the simulated switch.

It is driven from outside only: by requests and commands, one at a time, and by the passing of time. The same
stimuli at the same times lead to the same events, byte for byte, in every process.
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
from tserver_sim.switch.iscc.messages import SiteInput, SiteMessage
from tserver_sim.switch.models.vocabulary import EventKind
from tserver_sim.switch.numbering.locations import other_site
from tserver_sim.switch.operations import COMMANDS, OPERATIONS
from tserver_sim.switch.operations.agents.agent_states import (
    apply_deferred_agent_state,
    end_after_call_work,
    note_answered_call,
)
from tserver_sim.switch.operations.agents.queues import (
    add_to_queue,
    change_queued_call,
    handle_overflow_timeout,
    remove_from_queue,
)
from tserver_sim.switch.operations.agents.supervision import start_monitoring, stop_monitoring
from tserver_sim.switch.operations.base.checks import check_size
from tserver_sim.switch.operations.base.membership import end_if_only_queues
from tserver_sim.switch.operations.calls.basic import handle_ring_timeout, start_ring_timer
from tserver_sim.switch.operations.calls.external_calls import release_failed_caller, report_network_reached
from tserver_sim.switch.operations.calls.predictive import handle_predictive_timeout
from tserver_sim.switch.operations.devices.by_request import handle_agent_reservation_timeout
from tserver_sim.switch.operations.devices.dn_features import update_hook_state
from tserver_sim.switch.operations.iscc.access_numbers import (
    handle_access_timeout,
    handle_reservation_timeout,
    handle_seek_timeout,
    request_access_number,
)
from tserver_sim.switch.operations.iscc.incoming import receive_from_site
from tserver_sim.switch.operations.iscc.legs import handle_setup_timeout, signal_remote_end
from tserver_sim.switch.operations.media.dtmf_and_muting import handle_digits_timeout, refuse_collecting
from tserver_sim.switch.operations.media.treatments import handle_treatment_timeout
from tserver_sim.switch.operations.routing.built_in_router import (
    handle_router_timeout,
    route_arrived_call,
    route_treated_call,
)
from tserver_sim.switch.state.switch_data import Requester, SwitchTimer, TimerKind

FollowUps: TypeAlias = Mapping[EventKind, tuple[FollowUp, ...]]
Timers: TypeAlias = Mapping[TimerKind, Callable[[Engine, SwitchTimer], None]]

FOLLOW_UPS: FollowUps = {
    m.EventDialing: (update_hook_state,),
    m.EventRinging: (start_ring_timer, report_network_reached),
    m.EventQueued: (add_to_queue,),
    m.EventRouteRequest: (route_arrived_call,),
    m.EventTreatmentEnd: (route_treated_call,),
    m.EventEstablished: (note_answered_call, update_hook_state, start_monitoring),
    m.EventPartyChanged: (change_queued_call,),
    m.EventDiverted: (remove_from_queue,),
    m.EventAbandoned: (remove_from_queue, apply_deferred_agent_state),
    m.EventReleased: (
        remove_from_queue,
        refuse_collecting,
        stop_monitoring,
        apply_deferred_agent_state,
        update_hook_state,
        end_if_only_queues,
    ),
    m.EventDestinationBusy: (release_failed_caller,),
}
"""What follows from an event, in this order, when the change that it belongs to is complete."""

TIMERS: Timers = {
    TimerKind.RING: handle_ring_timeout,
    TimerKind.OVERFLOW: handle_overflow_timeout,
    TimerKind.WRAP_UP: end_after_call_work,
    TimerKind.DIGITS: handle_digits_timeout,
    TimerKind.RESERVED: handle_agent_reservation_timeout,
    TimerKind.ROUTER: handle_router_timeout,
    TimerKind.TREATMENT: handle_treatment_timeout,
    TimerKind.PREDICTIVE: handle_predictive_timeout,
    TimerKind.SEEK: handle_seek_timeout,
    TimerKind.ACCESS: handle_access_timeout,
    TimerKind.RESERVATION: handle_reservation_timeout,
    TimerKind.SETUP: handle_setup_timeout,
}


def _send_nowhere(_site: str, _message: SiteMessage) -> None:
    """Drop a message to another site: there are no other sites."""


class SwitchExtension(Protocol):
    """An object beside the switch that acts on its events, such as its phones."""

    @property
    def follow_ups(self) -> FollowUps:
        """What it does after each event."""

    @property
    def timers(self) -> Timers:
        """The handlers of its own kinds of timers."""


class Switch:
    """DNs, the calls on them, and the operations of a T-Server on both.

    Args:
        config: the configuration.
        publish: receives the events, in their order.
        extensions: objects that act on the events, such as phones.
        send: sends messages to other sites.

    """

    def __init__(
        self, config: SwitchConfig, publish: Publish, *extensions: SwitchExtension, send: Send = _send_nowhere
    ) -> None:
        follow_ups = dict(FOLLOW_UPS)
        timers = dict(TIMERS)
        for extension in extensions:
            for event, actions in extension.follow_ups.items():
                follow_ups[event] = (*follow_ups.get(event, ()), *actions)
            timers.update(extension.timers)
        self.engine = Engine(
            config,
            follow_ups=follow_ups,
            timers=timers,
            publish=publish,
            signal_remote_end=signal_remote_end,
            send=send,
        )
        self.state = self.engine.state
        self.record: Callable[[AnyStimulus], None] | None = None
        """Called with every stimulus once it has been carried out."""

    @property
    def deadline(self) -> float | None:
        """When `advance` is to be called next, in seconds since 1970-01-01T00:00:00Z; None: no timer runs."""
        return self.engine.deadline

    def advance(self, now: float) -> None:
        """Set the time to `now` and handle the timers that fell due."""
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

    def execute_request(self, request: m.Request, requester: Requester, now: float) -> None:
        """Carry out a request about one of the switch's DNs.

        Raises:
            RefusedError: it is refused; nothing has changed.

        """
        self.advance(now)
        before = self.state.sequence
        changed = True
        try:
            self._execute_request(request, requester)
        except RefusedError:
            changed = False
            raise
        finally:
            if changed and self.record is not None:
                self.record(Requested(now, before, requester, request))

    def _execute_request(self, request: m.Request, requester: Requester) -> None:
        operation = OPERATIONS.get(type(request))
        if operation is None:
            raise RefusedError(ErrorCode.OperationNotSupported, f"{request.name} is not supported")
        check_size("Reasons", request.reasons)
        location: str | None = getattr(request, "location", None)
        if location is not None:
            config = self.engine.config
            site = other_site(location, config.location, config.other_locations)
            if site is not None:
                request_access_number(self.engine, site, request, requester)
                self.engine.settle()
                return
        operation(self.engine, request, requester)
        self.engine.settle()

    def command(self, command: Command, now: float) -> Done:
        """Carry out a command and return its result.

        Raises:
            RefusedError: it is refused; nothing has changed.

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

    def receive_from_site(self, site: str, message: SiteInput, now: float) -> None:
        """Handle a message of another site, or that it can be reached, or no longer can."""
        self.advance(now)
        before = self.state.sequence
        try:
            receive_from_site(self.engine, site, message)
            self.engine.settle()
        finally:
            if self.record is not None:
                self.record(FromSite(now, before, site, message))

    # --- replication -----------------------------------------------------------------------------

    def replay(self, stimulus: AnyStimulus) -> None:
        """Carry out a stimulus that another switch with the same state has recorded.

        Raises:
            RefusedError: it is refused here, so the two switches differ.

        """
        self.state.sequence = stimulus.sequence
        if isinstance(stimulus, Requested):
            self.execute_request(stimulus.request, stimulus.requester, stimulus.now)
        elif isinstance(stimulus, Commanded):
            self.command(stimulus.command, stimulus.now)
        elif isinstance(stimulus, FromSite):
            self.receive_from_site(stimulus.site, stimulus.message, stimulus.now)
        else:
            self.advance(stimulus.now)

    def image(self) -> Image:
        """Return the whole state, not copied: encode it before the next stimulus."""
        return Image(self.state, self.engine.calls_by_dn())

    def restore(self, image: Image) -> None:
        """Replace the state by an image, which belongs to this switch then."""
        self.engine.restore(image.state, image.calls_by_dn)

    def reset(self, call_count: int) -> None:
        """Return to the initial state; the next call is named as the one after `call_count` calls."""
        self.engine.reset(call_count)
