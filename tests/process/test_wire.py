from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch import wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(st.text(), JSON), max_size=4), st.integers(1, 9))
def test_messages_arrive_whole_in_any_pieces(messages: list[dict[str, object]], size: int) -> None:
    data = b"".join(map(wire.encode, messages))
    decoder = wire.Decoder()
    found = [item for start in range(0, len(data), size) for item in decoder.feed(data[start : start + size])]
    assert found == messages


def test_lone_surrogates_pass() -> None:
    message = {"name": "\udc80 layer"}
    assert wire.Decoder().feed(wire.encode(message)) == [message]


def test_send_writes_more_than_a_pipe_holds() -> None:
    source, sink = os.pipe()
    message = {"text": "x" * 1_000_000}
    thread = threading.Thread(target=wire.send, args=(sink, message))
    thread.start()
    decoder, found = wire.Decoder(), []
    while not found:
        found = decoder.feed(os.read(source, 65536))
    thread.join()
    os.close(source)
    os.close(sink)
    assert found == [message]


@pytest.mark.parametrize(
    "data",
    [b"\0\0\0\2no", b"\0\0\0\1]", b"\0\0\0\4null", b"\xff\xff\xff\xffhuge", b"\0\0\0\1\xff"],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(wire.FrameError):
        wire.Decoder().feed(data)


def test_an_incomplete_frame_waits() -> None:
    assert wire.Decoder().feed(wire.encode({"a": 1})[:-1]) == []
