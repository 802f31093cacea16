"""Many models at once: outcomes, cache, shards; engines that run the same work elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from recorded import Recorded

from sphinx_kerasarch import describe_many, errors, many
from sphinx_kerasarch.spec import codec
from sphinx_kerasarch.wire.question import Description, Request

SPECS = Path(__file__).parents[1] / "specs"
ZOO = """
import keras

def net(units):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)], name=f"net{units}")

def broken():
    raise ValueError("no such net")
"""


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with ``zoo.py`` in it."""
    (tmp_path / "zoo.py").write_text(ZOO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def recorded(recorded: Recorded, zoo: Path) -> Recorded:
    """As in all tests, with models of ``zoo.py`` that take half a second each."""
    for name in ("mlp", "lenet", "vgg16", "unet"):
        recorded.files[name], recorded.seconds[name] = zoo / "zoo.py", 0.5
    return recorded


def told(found: Iterator[many.Outcome]) -> dict[str, str]:
    """Target → name of the model, or slug of the error."""
    return {
        item.target: item.spec.name if item.spec else item.error.slug
        for item in found
        if item.spec or item.error
    }


def test_each_target_has_its_outcome(recorded: Recorded) -> None:
    found = list(describe_many(["zoo:mlp", "zoo:nothing", "zoo:lenet", "zoo:mlp"]))
    assert [item.target for item in found] == ["zoo:mlp", "zoo:nothing", "zoo:lenet"]
    assert [item.seconds for item in found] == [0.5, 0.0, 0.5]
    assert isinstance(found[1].error, errors.ImportTargetError) and found[1].spec is None
    assert found[0].spec == codec.loads((SPECS / "mlp.json").read_text("utf-8"))
    assert len(recorded.started) == 1


def test_no_target_starts_no_worker(recorded: Recorded) -> None:
    assert list(describe_many([])) == [] and recorded.started == []


def test_what_the_cache_knows_is_not_described(recorded: Recorded, zoo: Path) -> None:
    first = told(describe_many(["zoo:mlp", "zoo:nothing"], cache_dir="cache"))
    again = list(describe_many(["zoo:lenet", "zoo:mlp", "zoo:nothing"], cache_dir="cache"))
    assert recorded.asked == ["zoo:mlp", "zoo:nothing", "zoo:lenet", "zoo:nothing"]  # failures are not kept
    assert [item.target for item in again if item.cached] == ["zoo:mlp"]
    assert told(iter(again)) == {**first, "zoo:lenet": "lenet"}
    (zoo / "zoo.py").write_text(f"{ZOO}\n# another\n")
    assert not any(item.cached for item in describe_many(["zoo:mlp"], cache_dir="cache"))


def test_arguments_are_told_apart(recorded: Recorded) -> None:
    asked = [Request("zoo:mlp", "units=3"), Request("zoo:mlp", "units=4")]
    assert [item.request for item in describe_many(asked, cache_dir="cache")] == asked
    assert len(recorded.asked) == 2


def test_a_shared_store_is_asked_and_told(recorded: Recorded, tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="the extra remote is not installed")
    url = f"memory://{tmp_path.name}/many"
    list(describe_many(["zoo:mlp", "zoo:lenet"], cache_dir="one", cache_remote=url))
    found = list(describe_many(["zoo:mlp", "zoo:lenet"], cache_dir="two", cache_remote=url))
    assert all(item.cached for item in found) and len(recorded.asked) == 2
    with pytest.warns(UserWarning, match="cannot be used"):
        list(describe_many(["zoo:unet"], cache_dir="three", cache_remote="no-such-protocol://x"))


@pytest.mark.parametrize(
    ("options", "said"),
    [({"chunk": 0}, "chunk"), ({"cache_remote": "memory://x"}, "cache_dir")],
)
def test_options_that_mean_nothing(recorded: Recorded, options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.OptionError, match=said):
        describe_many(["zoo:mlp"], **options)


# ---- engines


class Engine(Executor):
    """Runs a piece of work when it is submitted, and counts."""

    def __init__(self, error: Exception | None = None) -> None:
        self.pieces: list[many.Piece] = []
        self.error = error

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.pieces.append(args[0])
        future: Future[Any] = Future()
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_work_is_cut_into_pieces(recorded: Recorded) -> None:
    engine = Engine()
    targets = ["zoo:mlp", "zoo:lenet", "zoo:nothing", "zoo:vgg16", "zoo:unet"]
    found = told(describe_many(targets, executor=engine, chunk=2, cache_dir="cache"))
    assert [len(piece.requests) for piece in engine.pieces] == [2, 2, 1]
    assert found == told(describe_many(targets, executor=engine, chunk=2, cache_dir="cache"))
    assert len(engine.pieces) == 4  # only the failure is asked again
    assert set(found) == set(targets) and found["zoo:nothing"] == "import"


def test_answers_of_an_engine_hold_no_path_of_its_machine(recorded: Recorded, zoo: Path) -> None:
    (answer,) = many.work(many.Piece((Request("zoo:mlp"),), many.Means()))
    assert str(zoo) not in repr(answer) and answer["inputs"]["files"].keys() == {"0:zoo.py"}
    (found,) = many._unpacked(Engine().submit(many.work, many.Piece((Request("zoo:mlp"),), many.Means())),
                              many.Piece((Request("zoo:mlp"),), many.Means()))  # fmt: skip
    assert isinstance(found[1], Description) and found[1].inputs["files"].keys() == {str(zoo / "zoo.py")}


def test_an_engine_that_loses_work_is_told_for_each_target(recorded: Recorded) -> None:
    found = list(describe_many(["zoo:mlp", "zoo:lenet"], executor=Engine(RuntimeError("node 7 is gone"))))
    assert [type(item.error) for item in found] == [errors.CrashError] * 2
    assert "RuntimeError: node 7 is gone" in str(found[0].error)


def test_who_stops_listening_cancels_the_rest(recorded: Recorded) -> None:
    class Lazy(Engine):
        waiting: list[Future[Any]] = []  # noqa: RUF012

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            if not self.pieces:
                return super().submit(fn, *args, **kwargs)
            self.waiting.append(Future())
            return self.waiting[-1]

    engine = Lazy()
    found = describe_many(["zoo:mlp", "zoo:lenet", "zoo:vgg16"], executor=engine, chunk=1)
    assert next(found).target == "zoo:mlp"
    found.close()  # type: ignore[attr-defined]
    assert len(engine.waiting) == 2 and all(future.cancelled() for future in engine.waiting)


TARGETS = ["zoo:net(3)", "zoo:broken", "zoo:net(4)"]
HERE: dict[str, Any] = {"path": ["."], "backend": "symbolic", "chunk": 2, "cache_dir": "cache"}


# A process with threads, as this one is below xdist, is not to be forked.
SPAWNED = partial(ProcessPoolExecutor, mp_context=get_context("spawn"))


@pytest.mark.keras
@pytest.mark.parametrize("pool", [ThreadPoolExecutor, SPAWNED], ids=["threads", "processes"])
def test_real_models_on_pools(zoo: Path, pool: Any) -> None:
    with pool(2) as executor:
        found = {item.target: item for item in describe_many(TARGETS, executor=executor, **HERE)}
    assert told(iter(found.values())) == {"zoo:net(3)": "net3", "zoo:broken": "build", "zoo:net(4)": "net4"}
    assert "no such net" in str(found["zoo:broken"].error) and found["zoo:net(3)"].seconds > 0
    # What an engine has described is a hit here, and so is what is described here.
    again = {
        item.target: item
        for item in describe_many(TARGETS, path=["."], backend="symbolic", cache_dir="cache")
    }
    assert [again[target].cached for target in TARGETS] == [True, False, True]


@pytest.mark.keras
def test_real_models_on_dask(zoo: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask's distributed is not installed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = told(describe_many(TARGETS, executor=client.get_executor(), **HERE))
    assert found == {"zoo:net(3)": "net3", "zoo:broken": "build", "zoo:net(4)": "net4"}
    assert [
        item.cached for item in describe_many(TARGETS[::2], path=["."], backend="symbolic", cache_dir="cache")
    ] == [True, True]


# ---- shards


def test_shards_are_disjoint_and_complete_and_the_same_everywhere() -> None:
    targets = [f"zoo:net({number})" for number in range(1001)]
    parts = [many.shard(targets, number, 7) for number in range(1, 8)]
    assert sorted(target for part in parts for target in part) == sorted(targets)
    assert {len(part) for part in parts} == {143}
    assert [many.shard(reversed(targets), number, 7) for number in range(1, 8)] == parts
    assert many.shard([*targets, *targets], 3, 7) == parts[2]
    assert many.shard(targets[:4], 1, 4) == ["zoo:net(1)"] or len(many.shard(targets[:4], 1, 4)) == 1


def test_a_shard_is_the_same_in_every_process() -> None:
    assert many.shard("abcdefgh", 1, 3) == ["e", "h", "a"]


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "-1/4", "1/0", "a/b", "1/4/2", "1.5/4"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(errors.OptionError) as caught:
        many.parse_shard(text)
    assert "4" in caught.value.advice


def test_a_shard_as_it_is_written() -> None:
    assert many.parse_shard("2/4") == (2, 4) and many.parse_shard(" 1 / 1 ") == (1, 1)
