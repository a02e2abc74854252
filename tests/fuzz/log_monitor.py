"""Nothing may be logged as an error while a target is tested."""

import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, NoReturn

import structlog
from twisted.python import log as twisted_log

from tests.fuzz.peers import BrokenError

_FAILURES = ("error", "critical", "exception")


class Watch:
    """Takes all that is logged, and keeps what must not be."""

    def __init__(self) -> None:
        self._failures: list[str] = []

    def structlog(self, _logger: object, method: str, entry: MutableMapping[str, Any]) -> NoReturn:
        """Take what this project logs."""
        if method in _FAILURES:
            told = traceback.format_exc() if entry.get("exc_info") else ""
            self._failures.append(f"{dict(entry)}\n{told}")
        raise structlog.DropEvent

    def twisted(self, event: dict[str, Any]) -> None:
        """Take what Twisted logs."""
        if event.get("isError"):
            self._failures.append(str(twisted_log.textFromEventDict(event)))

    def check(self) -> None:
        """See that there was no failure.

        Raises:
            BrokenError: there was.

        """
        failures, self._failures = self._failures, []
        if failures:
            raise BrokenError("\n".join(("logged:", *failures)))


@contextmanager
def watched() -> Iterator[Watch]:
    """Keep all that is logged away from the terminal, and look at it."""
    watch = Watch()
    processors = structlog.get_config()["processors"]
    usual = processors.copy()
    processors[:] = [watch.structlog]  # in place: loggers that exist already have this very list
    twisted_log.addObserver(watch.twisted)
    try:
        yield watch
    finally:
        twisted_log.removeObserver(watch.twisted)
        processors[:] = usual
