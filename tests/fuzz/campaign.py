"""A run against one target, from the first frame to the last look at its memory."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.fuzz import script
from tests.fuzz.fuzzer import Fuzzer, Tally, replay
from tests.fuzz.link import LinkTarget
from tests.fuzz.log_monitor import LogMonitor, monitored_logs
from tests.fuzz.server import ServerTarget
from tests.fuzz.target import Target
from tests.fuzz.tcp import TcpTarget

TARGETS: Mapping[str, Callable[[LogMonitor], Target]] = {
    "server": ServerTarget,
    "link": LinkTarget,
    "tcp": lambda _: TcpTarget(),
}

WARM_UP_SHARE = 0.1

MOST_GROWTH_BYTES = 32 << 20
"""How much memory may grow after the warm-up.

A frame may have 1 MiB and a client may leave 8 MiB unread, so the allocator may well hold some of these for
good. In a run of a million frames, 36 bytes lost with each frame are found.
"""


class FailedError(Exception):
    """The target failed; the text tells why and how to see it again."""


class Growth(msgspec.Struct, frozen=True):
    """Something at the end of the warm-up and at the end."""

    before: int
    after: int


class Result(msgspec.Struct, frozen=True):
    """What a run that went well tells."""

    tally: Tally
    resident: Growth
    live: Growth


@contextmanager
def _target(name: str) -> Iterator[Target]:
    with monitored_logs() as log_monitor:
        target = TARGETS[name](log_monitor)
        try:
            yield target
        finally:
            target.close()


def run(name: str, seed: int, frames: int, folder: Path) -> Result:
    """Send so many spoilt frames to a target.

    Raises:
        FailedError: the target did what must never happen, or it has grown.

    """
    with _target(name) as target:
        fuzzer = Fuzzer(name, target, seed)
        try:
            fuzzer.run(int(frames * WARM_UP_SHARE))
            live, resident = target.live(), target.resident()
            fuzzer.run(frames)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            file = script.write(_reduced(fuzzer.recording(reason)), folder)
            again = f"python -m tests.fuzz --replay {file}"
            raise FailedError(f"{reason}\n\nTo see it again: {again}") from error
        result = Result(fuzzer.tally, Growth(resident, target.resident()), Growth(live, target.live()))
    again = f"python -m tests.fuzz --target {name} --seed {seed} --frames {frames}"
    if result.live.after > result.live.before + target.slack:
        raise FailedError(f"objects that are not let go: {result.live}\n\nTo see it again: {again}")
    if result.resident.after > result.resident.before + MOST_GROWTH_BYTES:
        raise FailedError(f"memory grows: {result.resident} bytes\n\nTo see it again: {again}")
    return result


def play_again(file: Path) -> str | None:
    """Do again what a script says; gives what goes wrong, or None."""
    return _fails(script.read(file))


def _reduced(whole: script.Script) -> script.Script:
    """Leave out the cases before the last one if that one fails by itself."""
    last = msgspec.structs.replace(whole, cases=whole.cases[-1:])
    return last if _fails(last) else whole


def _fails(recording: script.Script) -> str | None:
    try:
        with _target(recording.target) as target:
            replay(target, recording)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
        return f"{type(error).__name__}: {error}"
    return None
