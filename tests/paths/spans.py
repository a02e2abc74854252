"""What Python calls between the moment a function is called and the moment it returns, and in which files."""

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the file below `bridge/`, the function, and how deep it is in the span."""

    file: str
    function: str
    depth: int


@dataclass(slots=True)
class Span:
    """The calls from one call of an entry to its return, in order."""

    entry: str
    data: bytes
    """The first bytes that the entry was called with."""
    calls: list[Call] = field(default_factory=list)

    def within(self, function: str) -> "Span":
        """Return the part below the first call of a function."""
        start = next(n for n, call in enumerate(self.calls) if call.function == function)
        depth = self.calls[start].depth
        end = next(
            (n for n, call in enumerate(self.calls[start + 1 :], start + 1) if call.depth <= depth),
            len(self.calls),
        )
        return Span(function, self.data, self.calls[start:end])

    @property
    def switches(self) -> int:
        """How often a call is in another file than the call before it."""
        files = [call.file for call in self.calls]
        return sum(one != other for one, other in itertools.pairwise(files))

    @property
    def files(self) -> int:
        """How many files the calls are in."""
        return len({call.file for call in self.calls})

    def lines(self) -> Iterator[str]:
        """Write the calls as indented lines; an asterisk marks another file than before."""
        last = ""
        for number, call in enumerate(self.calls, 1):
            mark = " " if call.file == last else "*"
            yield f"{number:3} {mark} {'  ' * call.depth}{call.file}:{call.function}"
            last = call.file


class Recorder:
    """Records the spans of some entries, as a profile function of the interpreter."""

    def __init__(self, folder: str, entries: dict[CodeType, str]) -> None:
        self.spans: list[Span] = []
        self._folder = folder
        self._entries = entries
        self._root: FrameType | None = None
        self._depth = 0

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record while the block runs."""
        sys.setprofile(self._on_profile_event)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _on_profile_event(self, frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call":
            if self._root is None and code in self._entries:
                self._root, self._depth = frame, 0
                self.spans.append(Span(self._entries[code], _first_bytes(frame.f_locals)))
            if self._root is not None and code.co_filename.startswith(self._folder):
                file = code.co_filename.removeprefix(self._folder)
                self.spans[-1].calls.append(Call(file, code.co_qualname, self._depth))
                self._depth += 1
        elif event == "return" and self._root is not None and code.co_filename.startswith(self._folder):
            self._depth -= 1
            if frame is self._root:
                self._root = None


def _first_bytes(values: dict[str, Any]) -> bytes:
    return next((value for value in values.values() if isinstance(value, bytes)), b"")
