"""Payloads come out whole, in whatever pieces the stream arrives, behind a length or in lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tlib.codec import Framing
from bridge.tlib.json_lines import LINES, LineReader
from bridge.tlib.message_pack import LENGTH_PREFIXED, FrameReader, frame

payloads = st.lists(st.binary(max_size=40), max_size=8)
texts = st.lists(st.text("abc{}", min_size=1, max_size=40).map(str.encode), max_size=8)


def cut(framing: Framing, sent: list[bytes], data: st.DataObject) -> list[bytes]:
    stream = b"".join(map(framing.frame, sent))
    reader, got = framing.reader(64), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += [bytes(payload) for payload in reader.feed(stream[:size])]
        stream = stream[size:]
    assert (reader.buffered, reader.fault) == (0, None)
    return got


@given(payloads, st.data())
def test_any_cutting_of_the_stream_gives_the_same_frames(sent: list[bytes], data: st.DataObject) -> None:
    assert cut(LENGTH_PREFIXED, sent, data) == sent


@given(texts, st.data())
def test_any_cutting_of_the_stream_gives_the_same_lines(sent: list[bytes], data: st.DataObject) -> None:
    assert cut(LINES, sent, data) == sent


def test_a_frame_comes_out_with_its_last_byte_and_not_before() -> None:
    reader, whole = FrameReader(64), frame(b"payload")
    for at in range(len(whole) - 1):
        assert reader.feed(whole[at : at + 1]) == []
    assert reader.feed(whole[-1:]) == [b"payload"]


@pytest.mark.parametrize("length", [65, 2**32 - 1])
def test_a_length_over_the_limit_is_refused_before_its_bytes_arrive(length: int) -> None:
    reader = FrameReader(64)
    assert reader.feed(frame(b"before") + length.to_bytes(4, "big")) == [b"before"]
    assert reader.fault == f"a frame of {length} bytes; at most 64 are accepted"
    assert reader.buffered == 0


@pytest.mark.parametrize(
    "pieces",
    [[b"before\n" + b"a" * 65], [b"before\n", b"a" * 60, b"a" * 5], [b"before\n", b"a" * 65 + b"\n"]],
)
def test_a_line_over_the_limit_is_refused_before_its_end_arrives(pieces: list[bytes]) -> None:
    reader = LineReader(64)
    assert [line for piece in pieces for line in reader.feed(piece)] == [b"before"]
    assert reader.fault == "a line of more than 64 bytes"
    assert reader.buffered == 0


def test_people_end_lines_as_they_like_and_send_empty_ones() -> None:
    assert LineReader(64).feed(b"\r\n one \r\n\n\ntwo\n") == [b"one", b"two"]


@pytest.mark.parametrize("framing", [LENGTH_PREFIXED, LINES])
def test_the_limit_can_be_raised_between_two_payloads_of_one_piece(framing: Framing) -> None:
    reader = framing.reader(4)
    assert reader.feed(framing.frame(b"open") + framing.frame(b"a longer one"), most=1) == [b"open"]
    assert reader.feed(b"", most=0) == []
    reader.limit = 64
    assert reader.feed(b"") == [b"a longer one"]
    assert reader.fault is None
