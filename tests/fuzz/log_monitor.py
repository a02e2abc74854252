"""Nothing may be logged as an error while a target is tested."""

import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, NoReturn

import structlog
from twisted.python import log as twisted_log

from tests.fuzz.peers import BrokenError

_FAILURES = ("error", "critical", "exception")


class LogMonitor:
    """Takes all that is logged, and keeps what must not be."""

    def __init__(self) -> None:
        self._failures: list[str] = []

    def structlog(self, _logger: object, method: str, entry: MutableMapping[str, Any]) -> NoReturn:
        """Take what this project logs."""
        if method in _FAILURES:
            traceback_text = traceback.format_exc() if entry.get("exc_info") else ""
            self._failures.append(f"{dict(entry)}\n{traceback_text}")
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
def monitored_logs() -> Iterator[LogMonitor]:
    """Keep all that is logged away from the terminal, and look at it."""
    log_monitor = LogMonitor()
    processors = structlog.get_config()["processors"]
    usual = processors.copy()
    processors[:] = [log_monitor.structlog]  # in place: loggers that exist already have this very list
    twisted_log.addObserver(log_monitor.twisted)
    try:
        yield log_monitor
    finally:
        twisted_log.removeObserver(log_monitor.twisted)
        processors[:] = usual
