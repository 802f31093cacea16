"""Texts that are nested without end do no harm, whatever a project has set the recursion limit to."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sphinx_kerasarch.spec import shallow

DEEP = """
import sys
sys.setrecursionlimit(10**6)
from sphinx_kerasarch.spec import shallow
for text in ("[" * 10**6, '{"a":' * 10**6, b"[" * 10**6):
    try:
        shallow.loads(text)
    except RecursionError:
        print("refused", sys.getrecursionlimit())
"""


def test_a_raised_limit_is_no_way_to_end_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "refused 1000000\n" * 3), done.stderr


@pytest.mark.parametrize("limit", [900, 1000, 50_000])
def test_what_is_nested_as_far_as_files_are_is_read(limit: int) -> None:
    before = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(limit)
        assert shallow.loads("[" * 200 + "1" + "]" * 200)[0][0]
        assert shallow.loads(b'{"a": [1, "b"]}') == {"a": [1, "b"]}
        assert sys.getrecursionlimit() == limit
    finally:
        sys.setrecursionlimit(before)
