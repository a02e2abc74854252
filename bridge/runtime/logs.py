"""Logs: one structured line per event, to stderr; JSON, or in colour on a terminal.

The records of the standard library's loggers (uvicorn) and of Twisted's come out in the same form. Lines are
written by `bridge.runtime.log_writer`: logging never waits, and never raises into its caller.
"""

import json
import logging
import sys
from collections.abc import Mapping
from functools import partial
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)

from bridge.runtime.log_writer import LogWriter

_SECRETS = frozenset(
    {
        *("application_password", "authorization", "cookie", "csrf_token", "password", "password_hash"),
        *("set_cookie", "token", "user_data", "x_csrf_token"),
    }
)
"""The keys whose values are never written, in lower case and with underscores."""


def configure(level: str, stream: TextIO = sys.stderr) -> LogWriter:
    """Configure the logs of this process; call it once, at the start.

    Args:
        level: the lowest level that is written, one of `bridge.runtime.settings.Level`.
        stream: the stream to write to; in colour if it is a terminal, as JSON if not.

    Returns:
        What writes the lines. The end of the program flushes it.

    """
    writer = LogWriter(stream, partial(_lost_line, stream.isatty()))
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
        logger_factory=partial(_LineLogger, writer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=number, force=True)
    # uvicorn and Twisted log every step at level info, and what concerns an operator as a warning.
    logging.getLogger("uvicorn").setLevel(max(number, logging.WARNING))
    important = LogLevelFilterPredicate(defaultLogLevel=LogLevel.warn)
    observer = FilteringLogObserver(STDLibLogObserver(), [important])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=True)
    return writer


def _rendering(*, terminal: bool) -> list[Processor]:
    # Tracebacks without local variables: these hold credentials, cookies and user data.
    if terminal:
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(),
    ]


class _LineLogger:
    """What structlog gives a rendered line to, at every level."""

    def __init__(self, writer: LogWriter, *_names: str) -> None:
        self._writer = writer

    def msg(self, line: str) -> None:
        self._writer.write(line)

    log = debug = info = warn = warning = error = critical = fatal = exception = failure = msg


def _lost_line(is_terminal: bool, count: int) -> str:  # noqa: FBT001 (a partial's)
    text = "log lines were lost: they could not be written"
    if is_terminal:
        return f"{text} (count={count})"
    return json.dumps({"event": text, "count": count, "level": "warning"})


def _hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of secrets at any depth, should a log call have any."""
    for key, value in event.items():
        event[key] = _without_secrets(key, value)
    return event


def _without_secrets(key: object, value: object) -> object:
    if isinstance(key, str) and key.lower().replace("-", "_") in _SECRETS:
        return "(hidden)"
    if isinstance(value, Mapping):
        return {each: _without_secrets(each, inner) for each, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(None, each) for each in value]
    if isinstance(value, tuple):  # stays one: `exc_info` would not be read from a list
        return tuple(_without_secrets(None, each) for each in value)
    return value


class _Forward(logging.Handler):
    """Passes records of the standard library's loggers to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
        )
