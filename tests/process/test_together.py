"""Several models described at the same time by children of one worker."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from sphinx_kerasarch import errors
from sphinx_kerasarch.inspector import Inspector, Request

pytestmark = [pytest.mark.keras, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]

MEETING = '''
import os, pathlib, time
import keras

def model():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="good")

def meets(mine, other):
    """Ends only when the other has begun."""
    pathlib.Path(mine).touch()
    until = time.monotonic() + 60
    while not os.path.exists(other):
        assert time.monotonic() < until, "alone"
        time.sleep(0.01)
    return model()

def waits_for(note):
    while not os.path.exists(note):
        time.sleep(0.01)
    return model()

def waits(seconds):
    time.sleep(seconds)
    return model()

def ends_the_server_once(note):
    if not os.path.exists(note):
        pathlib.Path(note).touch()
        time.sleep(0.5)
        os.kill(os.getppid(), 9)
        time.sleep(60)
    return model()

def ends_the_server():
    time.sleep(0.5)
    os.kill(os.getppid(), 9)
    time.sleep(60)
'''


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("meeting")
    (folder / "meeting.py").write_text(MEETING)
    return folder


def test_two_are_built_at_the_same_time(place: Path, tmp_path: Path) -> None:
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    asked = [Request(f"meeting:meets({a!r}, {b!r})"), Request(f"meeting:meets({b!r}, {a!r})")]
    with Inspector(path=(str(place),), timeout=100.0, jobs=2) as own:
        answers = dict(own.describe_many(asked))
    assert all(not isinstance(answer, errors.KerasarchError) for answer in answers.values()), answers


def test_the_quick_one_comes_first_and_the_worker_goes_on_meanwhile(place: Path, tmp_path: Path) -> None:
    """The slow one has all the time until the others have been answered."""
    slow = Request(f"meeting:waits_for({str(tmp_path / 'note')!r})")
    quick = [Request(f"meeting:waits({number / 1000})") for number in range(3)]
    order = []
    with Inspector(path=(str(place),), timeout=100.0, jobs=2) as own:
        for request, found in own.describe_many([slow, *quick]):
            assert not isinstance(found, errors.KerasarchError), found
            order.append(request)
            if len(order) == len(quick):
                (tmp_path / "note").touch()
    assert order == [*quick, slow]


def test_more_requests_than_the_pipe_is_given_at_once(place: Path) -> None:
    asked = [Request(f"meeting:waits({number / 10000})") for number in range(40)]
    with Inspector(path=(str(place),), timeout=100.0, jobs=3) as own:
        answers = dict(own.describe_many(asked))
    assert answers.keys() == set(asked)
    assert not any(isinstance(found, errors.KerasarchError) for found in answers.values()), answers


def test_time_out_of_one_leaves_the_others_alone(place: Path) -> None:
    asked = [Request("meeting:waits(600)"), Request("meeting:waits(0.1)"), Request("meeting:waits(0.5)")]
    with Inspector(path=(str(place),), timeout=4.0, jobs=2) as own:
        answers = {request.target: found for request, found in own.describe_many(asked)}
    assert isinstance(answers.pop("meeting:waits(600)"), errors.TimeoutExceededError)
    assert not any(isinstance(found, errors.KerasarchError) for found in answers.values())


def test_those_lost_with_the_server_are_asked_again(place: Path, tmp_path: Path) -> None:
    asked = [
        Request(f"meeting:ends_the_server_once({str(tmp_path / 'note')!r})"),
        Request("meeting:waits(1)"),
        Request("meeting:waits(0.01)"),
    ]
    with Inspector(path=(str(place),), timeout=100.0, jobs=2) as own:
        answers = dict(own.describe_many(asked))
    assert set(answers) == set(asked)
    assert not any(isinstance(found, errors.KerasarchError) for found in answers.values()), answers


def test_only_the_one_that_ends_the_server_is_blamed(place: Path) -> None:
    asked = [Request("meeting:ends_the_server"), Request("meeting:waits(1)"), Request("meeting:waits(1.01)")]
    with Inspector(path=(str(place),), timeout=100.0, jobs=2) as own:
        answers = {request.target: found for request, found in own.describe_many(asked)}
    blamed = answers.pop("meeting:ends_the_server")
    assert isinstance(blamed, errors.CrashError)
    assert "SIGKILL" in blamed.message
    assert not any(isinstance(found, errors.KerasarchError) for found in answers.values()), answers


def test_leaving_early_ends_the_worker_at_once(place: Path) -> None:
    with Inspector(path=(str(place),), timeout=700.0, jobs=2) as own:
        answers = own.describe_many([Request("meeting:waits(0.01)"), Request("meeting:waits(600)")])
        next(answers)
        (worker,) = own._workers.values()
        begin = time.monotonic()
        answers.close()  # type: ignore[attr-defined]
        assert time.monotonic() - begin < 60
        with pytest.raises(ProcessLookupError):
            os.killpg(worker.process.pid, signal.SIGCONT)
        assert own.describe(Request("meeting:model")).spec.name == "good"


def test_a_question_between_two_answers(place: Path) -> None:
    asked = [Request(f"meeting:waits({number / 100})") for number in range(4)]
    with Inspector(path=(str(place),), timeout=100.0, jobs=2) as own:
        for _, found in own.describe_many(asked):
            assert not isinstance(found, errors.KerasarchError), found
            assert own.describe(Request("meeting:model")).spec.name == "good"
