"""Whatever a model's code does: a typed error, and the next request is answered as if nothing had been."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sphinx_kerasarch import errors
from sphinx_kerasarch.inspector import Inspector, Request, start

pytestmark = [pytest.mark.keras, pytest.mark.skipif(os.name != "posix", reason="signals")]


def fails(inspector: Inspector, function: str, cls: type[errors.KerasarchError]) -> errors.KerasarchError:
    with pytest.raises(cls) as caught:
        inspector.describe(Request(f"faults:{function}"))
    assert type(caught.value) is cls
    still_works(inspector)
    return caught.value


def still_works(inspector: Inspector) -> None:
    spec = inspector.describe(Request("faults:good", "units=5")).spec
    assert [layer.name for layer in spec.layers] == ["input_layer", "dense"]
    assert spec.calls[-1].outputs[0].shape == (None, 5)


def alive(pid: int) -> bool:
    """Running; a dead child that nobody has waited for is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def test_exception(inspector: Inspector) -> None:
    error = fails(inspector, "raises", errors.BuildError)
    assert "no such size" in error.message
    assert 'File "faults.py"' in error.traceback
    assert error.data["output"] == "before the fault"


def test_exceptions_that_are_none(inspector: Inspector) -> None:
    error = fails(inspector, "interrupts", errors.BuildError)
    assert "faults:interrupts raises KeyboardInterrupt" in error.message
    assert "in interrupts" in error.traceback


def test_exception_without_words(inspector: Inspector) -> None:
    error = fails(inspector, "says_nothing", errors.BuildError)
    assert "raises Speechless" in error.message
    assert "in says_nothing" in error.traceback


def test_exception_with_ten_million_letters(inspector: Inspector) -> None:
    error = fails(inspector, "says_much", errors.BuildError)
    assert "ValueError: xxx" in error.message
    assert len(error.message) < 1000
    assert len(error.traceback) < 4000


def test_sys_exit(inspector: Inspector) -> None:
    assert "sys.exit(4)" in fails(inspector, "leaves", errors.BuildError).message


def test_os_exit(inspector: Inspector) -> None:
    error = fails(inspector, "exits", errors.CrashError)
    assert "exit code 3" in error.message
    assert "faults:exits" in error.message
    assert error.data["output"] == "last words"


@pytest.mark.parametrize(
    ("function", "name"), [("aborts", "SIGABRT"), ("segfaults", "SIGSEGV"), ("killed", "SIGKILL")]
)
def test_signals(inspector: Inspector, function: str, name: str) -> None:
    error = fails(inspector, function, errors.CrashError)
    assert name in error.message
    if name != "SIGKILL":  # that one leaves no time to say where
        assert f"in {function}" in error.traceback
        assert "ctypes" not in error.traceback


STALLED = pytest.param(
    "is_stalled", marks=pytest.mark.skipif(sys.platform != "linux", reason="pending signals are found in /proc")
)


@contextlib.contextmanager
def hurried(inspector: Inspector, seconds: float) -> Iterator[None]:
    """Only for the model that does not come in time: on a busy machine others may take longer as well."""
    before, inspector._timeout = inspector._timeout, seconds
    try:
        yield
    finally:
        inspector._timeout = before


def late(inspector: Inspector, target: str) -> errors.KerasarchError:
    with hurried(inspector, 2.0), pytest.raises(errors.TimeoutExceededError) as caught:
        inspector.describe(Request(target))
    assert "2 s" in caught.value.message
    still_works(inspector)
    return caught.value


@pytest.mark.parametrize("function", ["loops", "sleeps_in_c", STALLED])
def test_time_out_says_where(inspector: Inspector, function: str) -> None:
    begin = time.monotonic()
    assert f"in {function}" in late(inspector, f"faults:{function}").traceback
    assert time.monotonic() - begin < 60.0  # of ten minutes or eternity


def test_deadlock_at_import(inspector: Inspector) -> None:
    assert late(inspector, "deadlock:build").traceback == 'File "deadlock.py", line 4, in <module>'


def test_endless_recursion_is_short(inspector: Inspector) -> None:
    error = fails(inspector, "recurses", errors.BuildError)
    assert "RecursionError" in error.message
    assert "more times" in error.traceback
    assert len(error.traceback) < 1000


def test_100_megabytes_of_output(inspector: Inspector) -> None:
    error = fails(inspector, "chatters", errors.BuildError)
    assert error.data["output"].endswith("99999")
    assert len(error.data["output"]) <= 4000


def test_output_of_a_good_model_is_not_shown(inspector: Inspector, capfd: pytest.CaptureFixture[str]) -> None:
    assert inspector.describe(Request("faults:chatters_well")).spec.layers
    assert capfd.readouterr() == ("", "")


def test_closed_descriptors(inspector: Inspector) -> None:
    fails(inspector, "closes", errors.CrashError)


def test_closed_output_is_no_fault(inspector: Inspector) -> None:
    assert inspector.describe(Request("faults:closes_output")).spec.layers
    assert inspector.describe(Request("faults:replaces_output")).spec.layers
    still_works(inspector)


@pytest.mark.parametrize("group", [True, False], ids=["same-group", "own-session"])
@pytest.mark.skipif(sys.platform != "linux", reason="orphans are only inherited on Linux")
def test_no_orphans(inspector: Inspector, tmp_path: Path, group: bool) -> None:
    note = tmp_path / "pid"
    inspector.describe(Request("faults:leaves_a_process", f"group={group}, note={str(note)!r}"))
    still_works(inspector)
    assert gone(int(note.read_text()))


@pytest.mark.parametrize("function", ["leaves_a_thread", "forgets_a_fork", "deep", "fits"])
def test_what_is_left_behind_does_not_matter(inspector: Inspector, function: str) -> None:
    assert inspector.describe(Request(f"faults:{function}")).spec.layers
    still_works(inspector)


def test_no_model_reaches_the_next(inspector: Inspector) -> None:
    inspector.describe(Request("faults:pollutes"))
    spec = inspector.describe(Request("faults:clean")).spec
    assert [layer.name for layer in spec.layers] == ["input_layer", "dense"]
    inspector.describe(Request("faults:untouched"))


def test_own_modules_do_not_hide_the_users(inspector: Inspector) -> None:
    assert inspector.describe(Request("namesake:build")).spec.layers


def test_describe_many_goes_on(inspector: Inspector) -> None:
    asked = [Request("faults:good"), Request("faults:exits"), Request("faults:nothing"), Request("faults:good")]
    answers = list(inspector.describe_many(asked))
    kinds = sorted((request.target, getattr(answer, "slug", "fine")) for request, answer in answers)
    assert kinds == [
        ("faults:exits", "crash"),
        ("faults:good", "fine"),
        ("faults:good", "fine"),
        ("faults:nothing", "import"),
    ]


def test_worker_starts_late_and_ends_with_the_block(project: Path) -> None:
    with Inspector(path=(str(project),), timeout=100.0) as own:
        assert not own.started
        own.describe(Request("faults:good"))
        assert own.started
        (worker,) = own._workers.values()
        pid = worker.process.pid
        assert alive(pid)
    assert not own.started
    assert not alive(pid)


def test_worker_that_is_killed_is_replaced(project: Path) -> None:
    with Inspector(path=(str(project),), timeout=100.0) as own:
        own.describe(Request("faults:good"))
        (worker,) = own._workers.values()
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        still_works(own)


def test_worker_ends_when_its_parent_is_killed(project: Path, tmp_path: Path) -> None:
    """Also in the middle of a request that would never end."""
    note = tmp_path / "pid"
    program = (
        "import sys, threading\n"
        "from sphinx_kerasarch.inspector import Inspector, Request\n"
        f"inspector = Inspector(path=({str(project)!r},), timeout=600)\n"
        "inspector.describe(Request('faults:good'))\n"
        "threading.Thread(target=inspector.describe, args=(Request('faults:loops'),), daemon=True).start()\n"
        "worker = next(iter(inspector._workers.values()))\n"
        "found = lambda: [asked.builder.pid for asked in list(worker.pending.values()) if asked.builder]\n"
        "running = lambda: max(found(), default=0)\n"
        "import time\n"
        "while not running(): time.sleep(0.01)\n"
        "print(worker.process.pid, running(), flush=True)\n"
        "threading.Event().wait()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(text) for text in process.stdout.readline().split()]
    note.write_text(str(pids))
    assert len(pids) == 2
    assert all(map(alive, pids))
    process.kill()
    process.wait()
    process.stdout.close()
    assert all(map(gone, pids))


def test_one_process_for_all_where_nothing_can_fork(project: Path) -> None:
    with Inspector(path=(str(project),), timeout=100.0, fork=False) as own:
        still_works(own)
        error = fails(own, "raises", errors.BuildError)
        assert error.data["output"] == "before the fault"
        fails(own, "replaces_output_and_raises", errors.BuildError)
        assert fails(own, "raises", errors.BuildError).data["output"] == "before the fault"
        own.describe(Request("faults:pollutes"))
        spec = own.describe(Request("faults:clean")).spec
        assert [layer.name for layer in spec.layers] == ["input_layer", "dense"]
        assert "exit code 3" in fails(own, "exits", errors.CrashError).message
        first = own.describe(Request("faults:good"))
        assert first.inputs["files"] == own.describe(Request("faults:good")).inputs["files"]
        traceback = late(own, "faults:loops").traceback
        assert traceback.startswith('File "faults.py", line ') and traceback.endswith("in loops")
        if sys.platform == "linux":
            assert late(own, "faults:is_stalled").traceback.endswith("in is_stalled")


def test_channel_over_stdin_and_stdout(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where no descriptors can be inherited; what user code prints must not get into the frames."""
    monkeypatch.setattr(start, "posix", start.elsewhere)
    with Inspector(path=(str(project),), timeout=100.0, fork=False) as own:
        assert own.describe(Request("faults:chatters_well")).spec.layers
        assert fails(own, "raises", errors.BuildError).data["output"] == "before the fault"
        workers = list(own._workers.values())
    assert workers and not any(alive(worker.process.pid) for worker in workers)
