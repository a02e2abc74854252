"""Cases: connections on which spoilt and good frames are sent in an order that only chance knows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import perf_counter

from bridge.tlib import messages as t
from tests.fuzz import script, values
from tests.fuzz.mutate import mutate
from tests.fuzz.peers import Peer
from tests.fuzz.recorded import pack
from tests.fuzz.target import Target

CHECK_EVERY = 20
"""Cases between two looks at the witness."""

CLEAN_EVERY = 100
"""Cases until what they have left behind is ended."""

_SPOILT_SHARE = 0.5
_RECORDED_SHARE = 0.15
_USUAL_SHARE = 0.6
_FIRST_SHARE = 0.7
_PIECES_SHARE = 0.05
_PAUSE_SHARE = 0.05
_PAUSES = (0.5, 1.0, 3.0, 6.0, 11.0, 25.0)
_MOST_FRAMES = 40


@dataclass
class Tally:
    """What became of the frames that were spoilt."""

    frames: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    good: Counter[str] = field(default_factory=Counter)
    """What became of the good frames between them."""
    ways: Counter[str] = field(default_factory=Counter)
    cases: int = 0
    cleaned: int = 0
    checked: int = 0
    began: float = field(default_factory=perf_counter)

    @property
    def per_second(self) -> float:
        """How many frames were sent in a second."""
        return self.frames / (perf_counter() - self.began)


class Case:
    """One case; it takes down what it does."""

    def __init__(self, target: Target, random: Random, tally: Tally) -> None:
        self._target, self._input = target, target.input
        self._random, self._tally = random, tally
        self._world = values.World(target.input.dns)
        self._peers: list[Peer] = []
        self.steps: list[script.Step] = []

    def play(self) -> None:
        """Do it.

        Raises:
            BrokenError: what must never happen has happened.

        """
        random = self._random
        for _ in range(random.randint(1, self._input.most_peers)):
            self._connect()
        for _ in range(random.randint(1, _MOST_FRAMES)):
            at = random.randrange(len(self._peers))
            if self._peers[at].closed:
                if random.random() < 0.5 and self._may_reconnect():
                    self._connect()
                continue
            self._send_something(at)
            if random.random() < _PAUSE_SHARE:
                self._advance(random.choice(_PAUSES))
        for at, peer in enumerate(self._peers):
            self.steps.append(script.Step("finish", at))
            peer.finish_frame()
            self._receive(at)
            self.steps.append(script.Step("leave", at))
            peer.hang_up()

    def _may_reconnect(self) -> bool:
        return sum(not peer.closed for peer in self._peers) < self._input.most_peers

    def _connect(self) -> None:
        at = len(self._peers)
        self.steps.append(script.Step("connect", at))
        self._peers.append(self._target.connect())
        opening = self._input.opening
        match self._random.choice(("good",) * 14 + ("none", "twice", "spoilt")):
            case "none":
                return
            case "twice":
                opening *= 2
            case "spoilt":
                _, opening = mutate(self._random, opening, self._input.recorded)
            case _:
                pass
        greetings = self._input.greetings
        count = self._random.choice((0, len(greetings) // 2, *[len(greetings)] * 4))
        opening += b"".join(self._random.sample(greetings, count))
        self._send(at, opening)
        self._receive(at)

    def _send_something(self, at: int) -> None:
        random = self._random
        if random.random() < _RECORDED_SHARE:
            whole = random.choice(self._input.recorded)
        else:
            whole = pack(values.build(self._kind(), random, self._world))
        if random.random() >= _SPOILT_SHARE:
            in_step = self._peers[at].is_between_frames
            self._send(at, whole)
            received = self._receive(at)
            if in_step:
                self._tally.good[_outcome(self._peers[at], received)] += 1
            return
        ways, spoilt = mutate(random, whole, self._input.recorded)
        self._tally.frames += 1
        self._tally.ways.update(ways.split("+"))
        self._send(at, spoilt)
        if not self._peers[at].is_between_frames:
            self._tally.outcomes["unfinished"] += 1
            return
        self._tally.outcomes[_outcome(self._peers[at], self._receive(at))] += 1

    def _kind(self) -> type[t.Message]:
        if not self._world.parties and self._random.random() < _FIRST_SHARE:
            return self._input.first
        kinds = self._input.usual if self._random.random() < _USUAL_SHARE else self._input.kinds
        return self._random.choice(kinds)

    def _send(self, at: int, data: bytes) -> None:
        cuts: list[int] = []
        if self._random.random() < _PIECES_SHARE and len(data) > 1:
            cuts = sorted(self._random.randrange(len(data)) for _ in range(self._random.randint(1, 5)))
        self.steps.append(script.Step("send", at, data, cuts))
        self._peers[at].send_pieces(data, cuts)

    def _receive(self, at: int) -> list[t.Message]:
        peer = self._peers[at]
        if not peer.is_between_frames:
            return []  # it is closed, or waits for the rest
        self.steps.append(script.Step("hear", at))
        received = peer.receive()
        for message in received:
            self._world.remember(message)
        return received

    def _advance(self, seconds: float) -> None:
        self.steps.append(script.Step("advance", seconds=seconds))
        self._target.advance(seconds)


def _outcome(peer: Peer, received: Sequence[t.Message]) -> str:
    if peer.closed:
        return "closed"
    for message in received:
        if isinstance(message, t.EventError):
            return f"EventError {message.error_code.value} {message.error_code.name}"
    return "accepted"


class Fuzzer:
    """Plays one case after the other."""

    def __init__(self, name: str, target: Target, seed: int) -> None:
        self._name, self._target, self._seed = name, target, seed
        self.tally = Tally()
        self._mark = target.mark
        self._since_clean: list[list[script.Step]] = []

    def run(self, frames: int) -> None:
        """Go on until so many spoilt frames were sent in all, and everything is clean.

        Raises:
            BrokenError: what must never happen has happened.

        """
        tally = self.tally
        while tally.frames < frames:
            random = Random(f"{self._seed}:{tally.cases}")  # noqa: S311 (it is to be the same again)
            case = Case(self._target, random, tally)
            self._since_clean.append(case.steps)
            case.play()
            tally.cases += 1
            if tally.cases % CHECK_EVERY == 0:
                self._check(case.steps)
            if tally.cases % CLEAN_EVERY == 0:
                self._clean(case.steps)
        self._clean([] if not self._since_clean else self._since_clean[-1])

    def recording(self, reason: str) -> script.Script:
        """Give what was done since everything was clean."""
        return script.Script(self._name, self._seed, reason, self._mark, self._since_clean)

    def _check(self, steps: list[script.Step]) -> None:
        steps.append(script.Step("check"))
        self._target.check()
        self.tally.checked += 1

    def _clean(self, steps: list[script.Step]) -> None:
        steps.append(script.Step("clean"))
        self._target.clean()
        self.tally.cleaned += 1
        self._since_clean.clear()
        self._mark = self._target.mark


def replay(target: Target, recording: script.Script) -> None:
    """Do again what a script says.

    Raises:
        BrokenError: it goes wrong again.

    """
    target.catch_up(recording.mark)
    for steps in recording.cases:
        peers: list[Peer] = []
        for step in steps:
            _do(target, peers, step)
    target.check()


def _do(target: Target, peers: list[Peer], step: script.Step) -> None:
    match step.what:
        case "connect":
            peers.append(target.connect())
        case "send":
            peers[step.peer].send_pieces(step.data, step.cuts)
        case "hear":
            peers[step.peer].receive()
        case "finish":
            peers[step.peer].finish_frame()
        case "leave":
            peers[step.peer].hang_up()
        case "advance":
            target.advance(step.seconds)
        case "check":
            target.check()
        case "clean":
            target.clean()
