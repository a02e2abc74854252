"""A log that cannot be written, or is not read, does not concern the program."""

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.runtime.log_writer import LogWriter


def report(count: int) -> str:
    return f"{count} lost"


@pytest.fixture
def pipe() -> Iterator[tuple[int, io.TextIOWrapper]]:
    """Yield the reading end of a pipe, and a stream that writes to it."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        yield reading, stream
    os.close(reading)


def test_lines_are_written_in_order() -> None:
    stream = io.StringIO()
    writer = LogWriter(stream, report)
    for number in range(1000):
        writer.write(f"line {number}")
    assert writer.flush()
    assert stream.getvalue() == "".join(f"line {number}\n" for number in range(1000))


def test_a_reader_that_stalls_does_not_stop_the_writer(pipe: tuple[int, io.TextIOWrapper]) -> None:
    reading, stream = pipe
    writer = LogWriter(stream, report, capacity=10)
    line = "x" * 1000
    count = 0
    while writer.flush(0.01):  # until the pipe is full
        writer.write(line)
        count += 1
    for _ in range(100):  # far more than the buffer holds
        writer.write(line)
    count += 100

    read: list[str] = []

    def read_all() -> None:
        with os.fdopen(reading, encoding="utf-8", closefd=False) as source:
            for text in source:
                read.append(text.rstrip("\n"))
                if text == "the last\n":
                    return

    thread = threading.Thread(target=read_all)
    thread.start()
    assert writer.flush(30)
    writer.write("the last")
    thread.join(30)
    lost = [int(text.split()[0]) for text in read if text.endswith(" lost")]
    assert lost
    assert read.count(line) + sum(lost) == count


def test_a_full_disk_is_counted_and_reported_when_there_is_room() -> None:
    class Disk(io.StringIO):
        is_full = True

        def write(self, text: str) -> int:
            if self.is_full:
                raise OSError(28, "No space left on device")
            return super().write(text)

    disk = Disk()
    writer = LogWriter(disk, report)
    for number in range(3):
        writer.write(f"line {number}")
        assert writer.flush()
    disk.is_full = False
    writer.write("line 3")
    assert writer.flush()
    assert disk.getvalue() == "3 lost\nline 3\n"


def test_a_stream_that_is_closed_or_has_no_reader() -> None:
    closed = io.StringIO()
    closed.close()
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as unread, Path("/dev/full").open("w") as full:
        for broken in (closed, unread, full):
            writer = LogWriter(broken, report)
            writer.write("a line")
            assert writer.flush()
