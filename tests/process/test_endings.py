from __future__ import annotations

import pytest

from sphinx_kerasarch.wire.endings import CLOSED, closed, crash, own_frames, timed_out
from sphinx_kerasarch.wire.said import TAIL, Said

STACK = """Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/lib/ctypes/__init__.py", line 519 in string_at
  File "/proj/mypkg/blocks.py", line 7 in block
  File "/lib/keras/layer.py", line 1 in wrap
  File "/proj/mypkg/models.py", line 3 in build

Thread 0x00007e (most recent call first):
  File "/lib/threading.py", line 3 in wait
"""


def test_only_the_users_frames_outermost_first() -> None:
    found = own_frames(STACK, lambda name: name.startswith("/proj"), lambda name: name.removeprefix("/proj/"))
    assert found == 'File "mypkg/models.py", line 3, in build\nFile "mypkg/blocks.py", line 7, in block'


def test_no_stack_no_frames() -> None:
    assert own_frames("", lambda name: True, str) == ""


def said(*pieces: bytes) -> str:
    found = Said()
    for piece in pieces:
        found.add(piece)
    return found.text()


def test_all_is_kept_of_little_without_colours() -> None:
    assert said(b"\x1b[31mred\x1b[0m\r\n 10%\r100% \xff") == "red\n100% \ufffd"
    assert said(b"x" * TAIL) == "x" * TAIL


@pytest.mark.parametrize("count", [1, 20_000])
@pytest.mark.parametrize("lines", [2_000, 200_000])
def test_of_much_whole_lines_of_both_ends_are_kept(lines: int, count: int) -> None:
    """``count``: pieces that it comes in."""
    output = b"\x1b[31mred\x1b[0m\n" + b"".join(b"line %d\n" % number for number in range(lines))
    size = -(-len(output) // count)
    text = said(*(output[begin : begin + size] for begin in range(0, len(output), size)))
    assert len(text) <= TAIL
    first, middle, last = text.partition("\n[… ")
    assert middle and first.startswith("red\nline 0\n")
    assert last.endswith(f"line {lines - 1}")
    assert all(line == "red" or line.startswith("line ") for line in first.splitlines())
    assert all(line.startswith("line ") for line in last.splitlines()[1:])


def test_memory_is_bounded() -> None:
    found = Said()
    for _ in range(1000):
        found.add(b"x" * 10_000)
    assert len(found.raw()) < 50_000
    assert "in all 10,000,000 bytes" in found.text()


def test_crash_names_the_signal_or_the_code() -> None:
    assert "SIGSEGV" in crash("m:f", -11).message
    assert "memory" in crash("m:f", -9).advice
    error = crash("m:f", 3, "one\ntwo")
    assert "exit code 3" in error.message
    assert error.lines == "It printed:\n    one\n    two"
    assert error.data == {"code": 3, "output": "one\ntwo"}
    assert crash("m:f", CLOSED).message == closed("m:f").message


def test_below_an_error_stand_few_lines_of_what_was_printed() -> None:
    output = "\n".join(f"{number} {'x' * 1000}" for number in range(100))
    error = crash("m:f", 3, output, 'File "m.py", line 3, in f')
    lines = error.lines.splitlines()
    assert lines[:2] == ['File "m.py", line 3, in f', "It printed:"]
    assert lines[2].startswith("    0 x") and lines[-1].startswith("    99 x")
    assert len(lines) < 20 and max(map(len, lines)) < 180


def test_time_out_says_the_limit() -> None:
    error = timed_out("m:f", 2.5, traceback="there")
    assert (error.slug, error.traceback) == ("timeout", "there")
    assert "2.5 s" in error.message
