from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch import errors
from sphinx_kerasarch.cache import Store, artifact_key
from sphinx_kerasarch.inspector import Description, Request
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.wire import record

SPEC = loads((Path(__file__).parents[1] / "specs" / "mlp.json").read_text("utf-8"))
ASKED = Request("mypkg.models:build")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    place = tmp_path / "one" / "checkout"
    (place / "mypkg").mkdir(parents=True)
    (place / "mypkg" / "models.py").write_text("UNITS = 3\n")
    (place / "mypkg" / "sizes.json").write_text('{"units": 3}')
    return place


def inputs(checkout: Path, **more: Any) -> dict[str, Any]:
    files = [checkout / "mypkg" / "models.py", checkout / "mypkg" / "sizes.json"]
    return {"files": {str(file): record.file_digest(file) for file in files}, "code": record.code_digest(), **more}


def settings(checkout: Path, **more: Any) -> dict[str, Any]:
    return {"path": ["."], "roots": [str(checkout)], **more}


@pytest.fixture
def kept(checkout: Path, tmp_path: Path) -> Path:
    """A cache with one description."""
    directory = tmp_path / "cache"
    Store(directory).keep(ASKED, settings(checkout), Description(SPEC, inputs(checkout)))
    return directory


def entries(directory: Path) -> list[Path]:
    return sorted((directory / "descriptions").rglob("*.json"))


def test_what_is_kept_is_found_as_it_was(kept: Path, checkout: Path) -> None:
    assert Store(kept).find(ASKED, settings(checkout)) == Description(SPEC, inputs(checkout))


@pytest.mark.parametrize(
    "other",
    [
        Request("mypkg.models:other"),
        Request("mypkg.models:build", arguments="units=4"),
        Request("mypkg.models:build", input_shape="3"),
        Request("mypkg.models:build", backend="jax"),
    ],
)
def test_another_question_is_not_answered(kept: Path, checkout: Path, other: Request) -> None:
    assert Store(kept).find(other, settings(checkout)) is None


@pytest.mark.parametrize("other", [{"path": ["src"]}, {"python": "/usr/bin/python"}, {"env": {"SIZE": "3"}}])
def test_other_settings_are_another_question(kept: Path, checkout: Path, other: dict[str, Any]) -> None:
    assert Store(kept).find(ASKED, settings(checkout, **other)) is None


@pytest.mark.parametrize("name", ["models.py", "sizes.json"])
def test_a_changed_file_is_seen_by_a_new_store_and_by_the_same(kept: Path, checkout: Path, name: str) -> None:
    store = Store(kept)
    file = checkout / "mypkg" / name
    old, stat = file.read_text(), file.stat()
    assert store.find(ASKED, settings(checkout))
    file.write_text(old.replace("3", "4"))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # same size, same time: only the content tells
    assert store.find(ASKED, settings(checkout)) is None
    assert Store(kept).find(ASKED, settings(checkout)) is None
    file.write_text(old)
    assert store.find(ASKED, settings(checkout))


def test_a_deleted_file_is_seen(kept: Path, checkout: Path) -> None:
    (checkout / "mypkg" / "sizes.json").unlink()
    assert Store(kept).find(ASKED, settings(checkout)) is None


def test_a_file_that_was_missed_and_comes_is_seen(checkout: Path, tmp_path: Path) -> None:
    store, extra = Store(tmp_path / "cache"), checkout / "local.json"
    found = inputs(checkout)
    found["files"][str(extra)] = ""
    store.keep(ASKED, settings(checkout), Description(SPEC, found))
    assert store.find(ASKED, settings(checkout))
    extra.write_text("{}")
    assert store.find(ASKED, settings(checkout)) is None


def test_times_do_not_matter(kept: Path, checkout: Path) -> None:
    for file in checkout.rglob("*.*"):
        os.utime(file, (1, 1))
    assert Store(kept).find(ASKED, settings(checkout))


def test_another_checkout_of_the_same_content_is_a_hit(kept: Path, checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "two" / "elsewhere" / "checkout"
    shutil.copytree(checkout, other)
    shutil.rmtree(checkout)
    found = Store(kept).find(ASKED, settings(other))
    assert found is not None
    assert set(found.inputs["files"]) == {str(other / "mypkg" / name) for name in ("models.py", "sizes.json")}
    (other / "mypkg" / "models.py").write_text("UNITS = 5\n")
    assert Store(kept).find(ASKED, settings(other)) is None


def test_without_roots_a_cache_moves_with_its_project(checkout: Path, tmp_path: Path) -> None:
    bare = {"path": ["."]}
    Store(checkout / "docs" / ".cache").keep(ASKED, bare, Description(SPEC, inputs(checkout)))
    moved = tmp_path / "moved"
    checkout.rename(moved)
    assert Store(moved / "docs" / ".cache").find(ASKED, bare)


def test_entries_hold_no_absolute_path_of_the_project(kept: Path, checkout: Path) -> None:
    (entry,) = entries(kept)
    assert str(checkout) not in entry.read_text()


def test_branches_do_not_push_each_other_out(kept: Path, checkout: Path) -> None:
    file = checkout / "mypkg" / "models.py"
    file.write_text("UNITS = 4\n")
    Store(kept).keep(ASKED, settings(checkout), Description(SPEC, inputs(checkout)))
    assert Store(kept).find(ASKED, settings(checkout))
    file.write_text("UNITS = 3\n")
    assert Store(kept).find(ASKED, settings(checkout))
    for number in range(20):
        file.write_text(f"UNITS = {number}\n")
        Store(kept).keep(ASKED, settings(checkout), Description(SPEC, inputs(checkout)))
    assert len(entries(kept)) == 8


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("code", "0" * 64),
        ("python", "2.7.18"),
        ("packages", {"pytest": "0.1"}),
        ("packages", {"no-such-package": "1"}),
        ("packages", {"pytest": ""}),
        ("env", {"MODEL_SIZE": record.text_digest("3")}),
        ("keras_config", {"image_data_format": "channels_first"}),
        ("listings", {"/nowhere": "1"}),
    ],
)
def test_everything_recorded_is_verified(checkout: Path, tmp_path: Path, part: str, value: Any) -> None:
    store = Store(tmp_path / "cache")
    store.keep(ASKED, settings(checkout), Description(SPEC, inputs(checkout, **{part: value})))
    assert store.find(ASKED, settings(checkout)) is None


def test_variables_are_those_of_the_worker(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "cache")
    told = {"MODEL_SIZE": record.text_digest("3"), "UNSET": "", "KERAS_BACKEND": record.text_digest("jax")}
    asked = Request("mypkg.models:build", backend="jax")
    here = settings(checkout, env={"MODEL_SIZE": "3"})
    store.keep(asked, here, Description(SPEC, inputs(checkout, env=told)))
    assert store.find(asked, here)
    monkeypatch.setenv("UNSET", "")
    assert store.find(asked, here) is None


def test_a_backend_in_keras_json_counts_where_no_variable_tells_one(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "jax", "floatx": "float16"}))
    here = {"KERAS_HOME": str(tmp_path)}
    assert record.keras_config(here) == {"backend": "jax", "floatx": "float16"}
    assert record.keras_config({**here, "KERAS_BACKEND": "torch"}) == {"floatx": "float16"}


def test_a_listing_counts_by_its_names(checkout: Path, tmp_path: Path) -> None:
    store, place = Store(tmp_path / "cache"), checkout / "mypkg"
    told = {str(place): record.listing_digest(place)}
    store.keep(ASKED, settings(checkout), Description(SPEC, inputs(checkout, listings=told)))
    (place / "__pycache__").mkdir()
    assert store.find(ASKED, settings(checkout))
    (place / "another.py").touch()
    assert store.find(ASKED, settings(checkout)) is None


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def resigned(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    """A whole entry with other content, as another program or version would write it."""

    def change_bytes(data: bytes) -> bytes:
        entry = json.loads(data.partition(b"\n")[2])
        change(entry)
        body = json.dumps(entry).encode()
        return hashlib.sha256(body).hexdigest().encode() + b"\n" + body

    return change_bytes


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-10],
        lambda data: data[:70],
        flipped,
        lambda data: b"something else entirely",
        lambda data: b"\xff\xfe" + data,
        resigned(lambda entry: entry.update(layout=99)),
        resigned(lambda entry: entry.update(key="0")),
        resigned(lambda entry: entry.pop("spec")),
        resigned(lambda entry: entry["spec"].update(odd=1)),
    ],
    ids=["empty", "cut", "head", "flipped", "foreign", "binary", "layout", "swapped", "no-spec", "odd-spec"],
)
def test_a_damaged_entry_is_a_miss_and_is_written_anew(
    kept: Path, checkout: Path, damage: Callable[[bytes], bytes]
) -> None:
    (entry,) = entries(kept)
    entry.write_bytes(damage(entry.read_bytes()))
    store = Store(kept)
    assert store.find(ASKED, settings(checkout)) is None
    store.keep(ASKED, settings(checkout), Description(SPEC, inputs(checkout)))
    assert store.find(ASKED, settings(checkout))


def test_nothing_is_left_of_a_write_that_fails(kept: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(errors.CacheError, match="No space left"):
        Store(kept).keep(ASKED, settings(checkout, env={"A": "1"}), Description(SPEC, inputs(checkout)))
    assert len(entries(kept)) == 1
    assert not [path for path in kept.rglob("*") if path.name.startswith(".new-")]


def test_a_directory_that_cannot_be_made_is_told_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.CacheError) as caught:
        Store(tmp_path / "file" / "cache")
    assert "kerasarch_cache_dir" in caught.value.advice
    assert str(tmp_path) not in caught.value.message


def test_artifacts_come_back_whole_or_not_at_all(tmp_path: Path) -> None:
    store = Store(tmp_path)
    key = artifact_key("spec", "layered", {"width": 3.0}, "svg", "light")
    assert store.artifact(key, ".svg") is None
    path = store.keep_artifact(key, ".svg", b"<svg/>")
    assert store.artifact(key, ".svg") == path
    assert store.artifact(key, ".pdf") is None
    path.write_bytes(b"<svg>")
    assert store.artifact(key, ".svg") is None
    assert Store(tmp_path).artifact(key, ".svg") is None
    store.keep_artifact(key, ".svg", b"<svg/>")
    assert Store(tmp_path).artifact(key, ".svg") == path


def test_artifact_keys_tell_everything_apart() -> None:
    keys = {
        artifact_key(*asked)
        for asked in [
            ("a", "layered", {}, "svg", "light"),
            ("b", "layered", {}, "svg", "light"),
            ("a", "graph", {}, "svg", "light"),
            ("a", "layered", {"width": 1}, "svg", "light"),
            ("a", "layered", {}, "pdf", "light"),
            ("a", "layered", {}, "svg", "dark"),
        ]
    }
    assert len(keys) == 6
    one, other = {"x": 1, "y": (2,)}, {"y": (2,), "x": 1}
    assert artifact_key("a", "v", one, "svg", "") == artifact_key("a", "v", other, "svg", "")


def test_git_leaves_a_cache_out_and_nothing_else(tmp_path: Path) -> None:
    Store(tmp_path / "made")
    assert (tmp_path / "made" / ".gitignore").read_text() == "*\n"
    (tmp_path / "mine").mkdir()
    Store(tmp_path / "mine")
    assert not (tmp_path / "mine" / ".gitignore").exists()
