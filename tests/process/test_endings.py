from __future__ import annotations

from sphinx_kerasarch.wire.endings import TAIL, crash, own_frames, tail, timed_out

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


def test_tail_is_short_whole_lines_without_colours() -> None:
    output = b"\x1b[31mred\x1b[0m\n" + b"".join(b"line %d\n" % number for number in range(2000))
    text = tail(output)
    assert len(text) <= TAIL
    assert text.endswith("line 1999")
    assert text.splitlines()[0].startswith("line ")
    assert tail(b"\x1b[31mred\x1b[0m\r\n 10%\r100% \xff") == "red\n100% \ufffd"
    assert tail(b"x" * 10_000) == "x" * TAIL


def test_crash_names_the_signal_or_the_code() -> None:
    assert "SIGSEGV" in crash("m:f", -11).message
    assert "memory" in crash("m:f", -9).advice
    error = crash("m:f", 3, "one\ntwo")
    assert "exit code 3" in error.message
    assert error.traceback == "one\ntwo"
    assert error.data == {"code": 3, "output": "one\ntwo"}


def test_time_out_says_the_limit() -> None:
    error = timed_out("m:f", 2.5, traceback="there")
    assert (error.slug, error.traceback) == ("timeout", "there")
    assert "2.5 s" in error.message
