"""Frames come out whole, in whatever pieces the stream arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tlib.framing import FrameReader, FrameTooLongError, frame

payloads = st.lists(st.binary(max_size=40), max_size=8)


@given(payloads, st.data())
def test_any_cutting_of_the_stream_gives_the_same_frames(sent: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(frame, sent))
    reader, got = FrameReader(64), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += [bytes(payload) for payload in reader.feed(stream[:size])]
        stream = stream[size:]
    assert got == sent
    assert reader.buffered == 0


def test_a_frame_comes_out_with_its_last_byte_and_not_before() -> None:
    reader, whole = FrameReader(64), frame(b"payload")
    for at in range(len(whole) - 1):
        assert list(reader.feed(whole[at : at + 1])) == []
    assert list(reader.feed(whole[-1:])) == [b"payload"]


@pytest.mark.parametrize("length", [65, 2**32 - 1])
def test_a_length_over_the_limit_is_refused_before_its_bytes_arrive(length: int) -> None:
    reader = FrameReader(64)
    with pytest.raises(FrameTooLongError, match=str(length)):
        list(reader.feed(length.to_bytes(4, "big")))
    assert reader.buffered == 0


def test_the_limit_can_be_raised_between_two_frames_of_one_piece() -> None:
    reader, got = FrameReader(4), []
    for payload in reader.feed(frame(b"open") + frame(b"a longer one")):
        got.append(bytes(payload))
        reader.limit = 64
    assert got == [b"open", b"a longer one"]
