"""Logs: one structured line per event, to stderr; JSON, or in colour on a terminal.

The records of the standard library's loggers (uvicorn) and of Twisted's come out in the same form.
"""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)

_SECRETS = {"application_password", "authorization", "cookie", "password", "password_hash"}


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Configure the logs of this process; call it once, at the start.

    Args:
        level: the lowest level that is written, one of `bridge.runtime.settings.Level`.
        stream: the stream to write to; in colour if it is a terminal, as JSON if not.

    """
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _hide_secrets,
            *_rendering(terminal=stream.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=number, force=True)
    # uvicorn and Twisted log every step at level info, and what concerns an operator as a warning.
    logging.getLogger("uvicorn").setLevel(max(number, logging.WARNING))
    important = LogLevelFilterPredicate(defaultLogLevel=LogLevel.warn)
    observer = FilteringLogObserver(STDLibLogObserver(), [important])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=True)


def _rendering(*, terminal: bool) -> list[Processor]:
    if terminal:
        return [structlog.dev.ConsoleRenderer()]
    return [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]


def _hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of secrets, should a log call have any."""
    for key in event.keys() & _SECRETS:
        event[key] = "(hidden)"
    return event


class _Forward(logging.Handler):
    """Passes records of the standard library's loggers to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
        )
