"""What is never written to a log: the local variables of a traceback, and the values of secrets."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bridge.runtime import logs

SECRET = "s3cret-mark"


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def configuration() -> Iterator[None]:
    """Put the configuration back that the other tests of this process use."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def fail() -> None:
    header = f"Basic {SECRET}"
    raise RuntimeError(f"cannot use {len(header)} bytes")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_traceback_has_no_local_variables(stream: type[io.StringIO]) -> None:
    out = stream()
    writer = logs.configure("debug", out)
    for log in (structlog.get_logger(), logging.getLogger("library")):
        try:
            fail()
        except RuntimeError:
            log.exception("a request could not be served")
    assert writer.flush()
    text = out.getvalue()
    assert text.count("cannot use") >= 2
    assert SECRET not in text


def test_the_traceback_of_an_earlier_fault_is_written() -> None:
    out = io.StringIO()
    writer = logs.configure("debug", out)
    with pytest.raises(RuntimeError) as caught:
        fail()
    fault = caught.value
    logging.getLogger("library").error("a task failed", exc_info=(type(fault), fault, fault.__traceback__))
    assert writer.flush()
    line = json.loads(next(text for text in out.getvalue().splitlines() if "a task failed" in text))
    assert line["exception"][0]["exc_type"] == "RuntimeError"


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_secrets_are_hidden_at_any_depth(stream: type[io.StringIO]) -> None:
    out = stream()
    writer = logs.configure("debug", out)
    structlog.get_logger().info(
        "request",
        user="ann",
        password=SECRET,
        headers={"Authorization": SECRET, "X-CSRF-TOKEN": SECRET, "Set-Cookie": [SECRET]},
        parts=[{"deeper": ({"user_data": {"Account": SECRET}},)}],
    )
    assert writer.flush()
    text = out.getvalue()
    assert "ann" in text
    assert SECRET not in text


def test_a_line_of_json_is_whole() -> None:
    out = io.StringIO()
    writer = logs.configure("debug", out)
    structlog.get_logger().info("request", parts={"token": SECRET, "count": 2})
    assert writer.flush()
    line = json.loads(next(text for text in out.getvalue().splitlines() if '"request"' in text))
    assert (line["event"], line["parts"]) == ("request", {"token": "(hidden)", "count": 2})
