"""The game: one stimulus after the other, and after each a check of all that must hold."""

from collections import Counter, deque
from itertools import chain, count
from random import Random
from typing import Any

import msgspec

from bridge.tlib import messages as m
from bridge.tlib.enums import ForwardMode
from bridge.tlib.kv import KVList, decode_kv_list
from tests.tserver_sim.play import invariants, layout, request_generator
from tests.tserver_sim.play.answer_checker import AnswerChecker
from tests.tserver_sim.play.event_tracker import EventTracker
from tests.tserver_sim.play.played_tserver import (
    CODEC,
    CONTROLLER,
    LISTENER,
    OWNER,
    WATCHER,
    ClientReconnects,
    CommandGiven,
    PlayedTServer,
    RequestSent,
    Stimulus,
    TimePasses,
)
from tserver_sim.phones.phones import Phones
from tserver_sim.switch.interface.commands import (
    Act,
    ActOutside,
    CallIn,
    Command,
    DialNumber,
    OutsideAct,
    SendDigits,
    SetPhone,
    SetService,
    UsePhone,
)
from tserver_sim.switch.interface.stimuli import AnyStimulus, Image
from tserver_sim.switch.state.switch_data import Requester
from tserver_sim.switch.switch import Switch

_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(AnyStimulus, dec_hook=decode_kv_list).decode
_read_image = msgspec.msgpack.Decoder(Image, dec_hook=decode_kv_list).decode

_REMEMBERED = 200
_AT_PHONES_SHARE = 0.4
_OUT_SHARE = 0.3
_PAUSES = (*(0.0, 0.5, 1.0, 2.0, 3.0, 5.0) * 4, 9.0, 21.0, 31.0, 61.0)
_ASKERS = (*(CONTROLLER,) * 16, OWNER, OWNER, OWNER, WATCHER)
RESTORED_EVERY = 50
"""Stimuli after which the mirror is restored anew from an encoded image."""


class Game:
    """Two switches that get the same stimuli, and a mirror that replays what the first has recorded.

    Args:
        profile: the kind of switch.
        seed: the seed of chance at the switch.

    """

    def __init__(self, profile: str, seed: int = 0) -> None:
        self.played, self.second = PlayedTServer(profile, seed), PlayedTServer(profile, seed)
        assert self.played.take_frames() == self.second.take_frames()
        self.switch = self.played.tserver.switch
        self._config = self.switch.engine.config
        self._events: list[m.Event] = []
        self._mirrored: list[m.Event] = []
        self._mirror = self._new_mirror()
        self.switch.record = self._replay
        self._publish = self.switch.engine.publish
        self.switch.engine.publish = self._on_event
        self._tracker = EventTracker(self.switch)
        self._answer_checker = AnswerChecker(self.switch)
        self._references = count(1)
        self._masked = False
        self._last_number = self.switch.state.sequence
        self.steps = 0
        self.counts: Counter[str] = Counter()
        self.recent: deque[Stimulus] = deque(maxlen=_REMEMBERED)

    # --- stimuli ---------------------------------------------------------------------------------

    def ask(self, random: Random) -> None:
        """Send a random request from a client."""
        client = random.choice(_ASKERS)
        dns = layout.PRIVATE if client == OWNER else layout.SHARED
        request = request_generator.make_request(random, self.switch.engine, dns, next(self._references))
        self.give(RequestSent(WATCHER if type(request) in _OF_THE_LINK else client, request))

    def act(self, random: Random) -> None:
        """Give a random command."""
        self.give(CommandGiven(self._command(random)))

    def wait(self, random: Random) -> None:
        """Advance the clock by a random pause."""
        self.give(TimePasses(random.choice(_PAUSES)))

    def change_clients(self, random: Random) -> None:
        """Disconnect a client and connect it again."""
        self.give(ClientReconnects(random.choice((CONTROLLER, WATCHER, OWNER))))

    def step(self, random: Random) -> None:
        """Play one random stimulus."""
        mark = random.random()
        if mark < 0.72:
            self.ask(random)
        elif mark < 0.86:
            self.act(random)
        elif mark < 0.995:
            self.wait(random)
        else:
            self.change_clients(random)

    def _command(self, random: Random) -> Command:
        dn, number = random.choice(layout.EXTENSIONS), random.choice(layout.NUMBERS)
        conn_id = random.choice([*self.switch.state.calls, 1])
        if random.random() < _AT_PHONES_SHARE:
            act = random.choice(tuple(Act))
            return random.choice((DialNumber(dn, number), UsePhone(dn, act), UsePhone(dn, act)))
        out = random.random() < _OUT_SHARE
        devices = self.switch.state.devices.values()
        there = [each.number for each in devices if each.out_of_service is not out]
        caller, kind = random.choice(("0699", "301", "15000")), random.choice(("sale", "support"))
        return random.choice(
            (
                SetPhone(dn, random.choice(layout.PHONES)),
                SetService(random.choice(there or [dn]), out),
                SendDigits(conn_id, random.choice(("1", "12", "#"))),
                ActOutside(conn_id, random.choice(tuple(OutsideAct))),
                CallIn(caller, number, random.choice(("", "city", "old")), KVList.of(Kind=kind)),
            )
        )

    # --- one stimulus ----------------------------------------------------------------------------

    def give(self, stimulus: Stimulus) -> None:
        """Carry out a stimulus and check everything.

        Raises:
            AssertionError: something does not hold.

        """
        self.recent.append(stimulus)
        self.steps += 1
        if isinstance(stimulus, ClientReconnects):
            self._answer_checker.forget(stimulus.client)
        self.played.execute_request(stimulus)
        self.second.execute_request(stimulus)
        frames = self.played.take_frames()
        assert frames == self.second.take_frames(), "the same stimuli lead to something else"
        delivered = [[_decoded(frame) for frame in each] for each in frames]
        self._check_delivered(stimulus, delivered)
        self._check_mirror()
        invariants.check(self.switch)
        self._tracker.settle()
        if any(isinstance(event, m.EventUnregistered) for event in delivered[LISTENER]):
            for played in (self.played, self.second):
                played.register(LISTENER)
                played.take_frames()
            self._last_number = self.switch.state.sequence

    def _check_delivered(self, stimulus: Stimulus, delivered: list[list[m.Event]]) -> None:
        asker, reference = None, 0
        if isinstance(stimulus, RequestSent):
            asker, reference = stimulus.client, stimulus.request.reference_id or 0
            self._masked |= type(stimulus.request) is m.RequestSetInputMask
            refused = any(isinstance(event, m.EventError) for event in delivered[asker])
            self.counts[f"{stimulus.request.name} {'refused' if refused else 'done'}"] += 1
        else:
            self.counts[type(stimulus).__name__] += 1
        self._answer_checker.check(delivered, asker, reference, WATCHER if self._masked else None)
        self._check_listener(delivered[LISTENER])
        events = chain(self._events, *delivered)
        numbers = sorted({event.event_sequence_number for event in events})
        last = self._last_number + len(numbers)
        assert numbers == list(range(self._last_number + 1, last + 1)), f"numbers: {numbers}"
        assert last == self.switch.state.sequence
        self.counts["events"] += len(numbers)
        self._last_number = last

    def _check_listener(self, delivered: list[m.Event]) -> None:
        """The client that registered all shared DNs gets all their events, in order."""
        if any(isinstance(event, m.EventUnregistered) for event in delivered):
            return
        numbers = [
            event.event_sequence_number
            for event in self._events
            if isinstance(event, m.DNEvent) and event.this_dn in layout.SHARED
        ]
        received = [event.event_sequence_number for event in delivered]
        assert received == sorted(received), "not in order"
        assert set(numbers) <= set(received), "an event that the listener did not get"

    def _on_event(self, event: m.Event, requester: Requester) -> None:
        self._events.append(event)
        self._tracker.follow(event)
        self._publish(event, requester)

    # --- the mirror ------------------------------------------------------------------------------

    def _new_mirror(self) -> Switch:
        """Return a switch restored from the encoded image of the first."""
        mirror = Switch(self._config, lambda event, _: self._mirrored.append(event), Phones())
        mirror.restore(_read_image(_write(self.switch.image())))
        return mirror

    def _replay(self, stimulus: AnyStimulus) -> None:
        self._mirror.replay(_read(_write(stimulus)))

    def _check_mirror(self) -> None:
        state = self.switch.state
        self._mirror.state.now, self._mirror.state.sequence = state.now, state.sequence
        assert _write(self._mirror.image()) == _write(self.switch.image()), "what is written down is not all"
        assert self._mirrored == self._events, "a switch that was written down tells something else"
        self._mirrored.clear()
        self._events.clear()
        if self.steps % RESTORED_EVERY == 0:
            self._mirror = self._new_mirror()

    # --- the end ---------------------------------------------------------------------------------

    def finish(self) -> None:
        """Hang up at all phones and advance the clock: nothing is left.

        Raises:
            AssertionError: something is.

        """
        for client in (WATCHER, OWNER, CONTROLLER):  # others may have ended their registrations
            self.give(ClientReconnects(client))
        for _ in range(_ROUNDS):
            self._hang_up()
            self.give(TimePasses(_MINUTES))
        for dn in layout.EXTENSIONS:
            self._ask(m.RequestAgentLogout, dn)
            self._ask(m.RequestSetDNDOff, dn)
            self._ask(m.RequestCallForwardCancel, dn, forward_mode=ForwardMode.NoForwarding)
            self.give(CommandGiven(SetService(dn, out=False)))
        self.give(TimePasses(_AN_HOUR))
        state = self.switch.state
        assert not state.calls, f"calls that nobody can end: {list(state.calls.values())}"
        assert not state.legs
        assert not state.lines_in_use
        assert not state.timers
        self.counts["finished"] += 1

    def _hang_up(self) -> None:
        """Release all parties, at the phones of the switch and outside."""
        for dn in layout.EXTENSIONS:
            for conn_id in tuple(self.switch.engine.parties_of(dn)):
                if conn_id in self.switch.engine.parties_of(dn):
                    self._ask(m.RequestReleaseCall, dn, conn_id=conn_id)
        for call in tuple(self.switch.state.calls.values()):
            for number in [party.dn for party in call.parties if party.leg]:
                self.give(CommandGiven(ActOutside(call.conn_id, OutsideAct.HANG_UP, number)))

    def _ask(self, kind: type[m.DNRequest], dn: str, **attributes: Any) -> None:
        client = OWNER if dn in layout.PRIVATE else CONTROLLER
        self.give(RequestSent(client, kind(this_dn=dn, reference_id=next(self._references), **attributes)))


def _decoded(frame: bytes) -> m.Event:
    event = CODEC.decode(frame[_HEADER:])
    assert isinstance(event, m.Event)
    return event


_HEADER = 4
_ROUNDS = 4
"""Ending one call may begin another one: a queue offers a call to a phone that is free again."""
_MINUTES, _AN_HOUR = 200.0, 3600.0

_OF_THE_LINK = frozenset(
    {
        m.RequestSetInputMask,
        m.RequestRegisterAddress,
        m.RequestUnregisterAddress,
        m.RequestRegisterAll,
        m.RequestUnregisterAll,
    }
)
"""Only one client sends these: the others must keep their registrations."""
