"""The lock as a text: the same for the same content, and every damage noticed."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.cache import current, lock
from sphinx_kerasarch.cache.lock import Entry, Lock, Question
from sphinx_kerasarch.cache.lockpaths import LockPaths
from sphinx_kerasarch.cache.verify import Verifier
from sphinx_kerasarch.errors import LockError
from sphinx_kerasarch.wire import record

SPECS = Path(__file__).parents[1] / "specs"


def spec(name: str) -> Any:
    return json.loads((SPECS / f"{name}.json").read_text("utf-8"))


def entry(name: str, target: str = "", **files: str) -> Entry:
    inputs = {"files": {f"../src/{key}.py": value for key, value in files.items()}, "packages": {"keras": "3.15.1"}}
    return Entry(Question(target or f"shop.models:{name}"), inputs, spec(name))


def locked(*entries: Entry, **settings: Any) -> Lock:
    return Lock(settings, {"code": "c", "sphinx-kerasarch": "0.1.0"}, {one.question: one for one in entries})


LENET, MLP = entry("lenet", models="a" * 64, blocks="b" * 64), entry("mlp", models="a" * 64)
TEXT = lock.dumps(locked(LENET, MLP, path=["../src"]))
MODELS = TEXT.split("\n").index(' "models": [') + 1
"""Line at which the models begin."""


def test_what_is_written_is_read() -> None:
    assert lock.loads(TEXT) == locked(LENET, MLP, path=["../src"])


def test_the_order_of_models_settings_and_files_does_not_count() -> None:
    turned = replace(LENET, inputs={part: dict(reversed(values.items())) for part, values in LENET.inputs.items()})
    assert lock.dumps(locked(MLP, turned, path=["../src"])) == TEXT


def test_a_layer_has_a_line_and_so_has_a_file() -> None:
    lines = TEXT.split("\n")
    for layer in spec("mlp")["layers"]:
        assert sum(f'"id": "{layer["id"]}", "module"' in line for line in lines) >= 1
    assert sum("../src/models.py" in line and "a" * 64 in line for line in lines) == 1
    changed = lock.dumps(locked(LENET, replace(MLP, spec={**MLP.spec, "name": "other"}), path=["../src"]))
    before, after = set(lines), set(changed.split("\n"))
    assert len(before - after) == len(after - before) == 2  # the name and the digest


def test_a_model_that_saw_another_value_says_so_itself() -> None:
    odd = entry("vit", models="c" * 64)
    text = lock.dumps(locked(LENET, MLP, odd))
    assert f'"files": [["../src/models.py", "{"c" * 64}"]]' in text
    assert lock.loads(text).entries[odd.question] == odd


def test_nothing_hides_in_the_text_and_everything_can_be_said() -> None:
    name = "a\u202eb\u2028c\ud800d\x85e\u200b ü漢𝄞"
    text = lock.dumps(locked(replace(MLP, spec={**MLP.spec, "name": name})))
    assert not {sign for sign in text if sign in "\u202e\u2028\ud800\x85\u200b"}
    assert "ü漢𝄞" in text
    text.encode()
    (found,) = lock.loads(text).entries.values()
    assert found.spec["name"] == name


# ---- damage


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "it is empty"),
        (" \n\n", 1, "it is empty"),
        (TEXT[: len(TEXT) // 2], TEXT[: len(TEXT) // 2].count("\n") + 1, "it is no JSON"),
        (TEXT.replace(' "models"', '<<<<<<< ours\n "models"', 1), MODELS, "a merge conflict is not resolved"),
        (TEXT.replace(' "models"', '>>>>>>> theirs\n "models"', 1), MODELS, "a merge conflict is not resolved"),
        ("[]", 1, "it is no lock of kerasarch"),
        ('{"models": []}', 1, "it is no lock of kerasarch"),
        ('{"kerasarch_lock": 1}', 1, "it has no inputs or no models"),
        ("[" * 200_000, 1, "it is no JSON"),
        ("\x00" * 50, 1, "it is no JSON"),
        ('{"kerasarch_lock": 1, "inputs": {}, "models": [' + "9" * 5000 + "]}", 1, "it is no JSON"),
    ],
)
def test_a_broken_lock_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(LockError) as caught:
        lock.loads(text)
    assert said in caught.value.message and f"line {line}" in caught.value.message
    assert caught.value.data["line"] == line and caught.value.advice


@pytest.mark.parametrize("version", [0, 2, "1.5", None, [1]])
def test_a_foreign_format_is_named(version: Any) -> None:
    with pytest.raises(LockError, match=r"has format .*, this version of sphinx-kerasarch reads 1\. Install"):
        lock.loads(json.dumps({**json.loads(TEXT), lock.MARK: version}))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="There is no lock"):
        lock.read(tmp_path / "kerasarch.lock")
    with pytest.raises(LockError, match="cannot be read"):
        lock.read(tmp_path)
    (tmp_path / "kerasarch.lock").write_bytes(b"{\n\xff}")
    with pytest.raises(LockError, match="line 2: it is not UTF-8"):
        lock.read(tmp_path / "kerasarch.lock")


def test_a_hand_that_changes_one_model_leaves_the_other() -> None:
    at = TEXT.index('"units": 16') if '"units": 16' in TEXT else TEXT.index('"units"', TEXT.index("shop.models:mlp"))
    edited = TEXT[:at] + TEXT[at:].replace('"units": ', '"units": 9', 1)
    found = lock.loads(edited)
    assert list(found.entries) == [LENET.question]
    (damage,) = found.damaged
    assert damage.target == "shop.models:mlp" and "its digest does not fit" in damage.problem
    assert TEXT.split("\n")[damage.line] == '   "target": "shop.models:mlp",'  # the line below the bracket


def test_a_digest_of_a_file_that_was_changed_by_a_merge_spoils_those_that_were_made_from_it() -> None:
    found = lock.loads(TEXT.replace("b" * 64, "d" * 64))
    assert list(found.entries) == [MLP.question] and found.damaged[0].target == "shop.models:lenet"


def test_two_that_contradict_each_other_are_both_refused() -> None:
    other = replace(MLP, spec={**MLP.spec, "name": "other"})
    data, more = json.loads(TEXT), json.loads(lock.dumps(locked(other)))
    found = lock.loads(json.dumps({**data, "models": [*data["models"], *more["models"]]}))
    assert list(found.entries) == [LENET.question]
    assert found.damaged[0].problem == "it stands there twice, each time otherwise"
    twice = lock.loads(json.dumps({**data, "models": [*data["models"], data["models"][1]]}))
    assert len(twice.entries) == 2 and not twice.damaged


def test_no_flipped_bit_goes_unnoticed_or_does_more_than_a_lock_error() -> None:
    """Every model that is read from a spoiled lock is one that was written."""
    whole = lock.loads(TEXT).entries
    chance = random.Random(5)
    data = TEXT.encode()
    for _ in range(300):
        at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        spoiled = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
        try:
            found = lock.loads(spoiled.decode())
        except (LockError, UnicodeDecodeError):
            continue
        for question, one in found.entries.items():
            assert whole[question] == one


@pytest.mark.parametrize(
    "model",
    [
        None,
        {},
        {"target": 5},
        {"target": "a:b"},
        {"target": "a:b", "weights": "yes", "spec": {}, "inputs": {}},
        {"target": "a:b", "spec": {}, "inputs": []},
        {"target": "a:b", "spec": {}, "inputs": {"files": {}}},
        {"target": "a:b", "spec": {}, "inputs": {"files": ["not-there"]}},
        {"target": "a:b", "spec": {}, "inputs": {"files": [["a"]]}},
        {"target": "a:b", "spec": {"x": float("nan")}, "inputs": {}},
    ],
)
def test_what_is_no_model_is_damage(model: Any) -> None:
    text = json.dumps({lock.MARK: 1, "inputs": {}, "models": [model]})
    found = lock.loads(text)
    assert not found.entries and len(found.damaged) == 1


# ---- paths


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/home/me/shop/src/models.py", "../src/models.py"),
        ("/home/me/shop/docs/weights.h5", "weights.h5"),
        ("/home/me/shop/docs", "."),
        ("/opt/zoo/nets/a.py", "@1/nets/a.py"),
        ("/var/lib/far/a.py", "@?/a.py"),
    ],
)
def test_paths_are_those_of_any_checkout(path: str, written: str) -> None:
    paths = LockPaths(Path("/home/me/shop/docs"), ["/opt/zoo"])
    assert paths.written(path) == written
    assert paths.absolute(written) == ("" if "@?" in written else path)
    elsewhere = LockPaths(Path("/ci/7/docs"), ["/ci/zoo"])
    assert elsewhere.absolute("../src/models.py") == "/ci/7/src/models.py"
    assert elsewhere.absolute("@1/nets/a.py") == "/ci/zoo/nets/a.py"
    assert elsewhere.absolute("@2/nets/a.py") == ""


def test_a_record_loses_what_only_its_machine_knows() -> None:
    told = {
        "files": {"/s/me/my/shop/docs/a.py": "1", "/far/x/a.py": "2", "/far/y/a.py": "3"},
        "listings": {"/data/nets": "4"},
        "packages": {"keras": "3", "certifi": "2026", "mine": "1"},
        "sites": ["/venv/lib/python3.11/site-packages"],
        "python": "3.11.2",
        "code": "x",
        "backend": "tensorflow",
    }
    kept = LockPaths(Path("/s/me/my/shop/docs"), []).pack(told)
    assert kept == {
        "files": {"a.py": "1", "@?/a.py": "2", "@?/a.py'": "3"},
        "listings": {"@?/nets": "4"},
        "packages": {"keras": "3", "mine": "1"},
    }


# ---- whether it is still true


def project(folder: Path, **more: Any) -> current.Project:
    return current.Project(LockPaths(folder, [str(folder / "src")]), **more)


def made(folder: Path, here: current.Project, **inputs: Any) -> tuple[Lock, Entry]:
    (folder / "a.py").write_text("one")
    seen = {"files": {"a.py": record.file_digest(folder / "a.py")}, "packages": {}, **inputs}
    one = Entry(Question("a:b"), seen, {})
    return Lock(here.settings(), {}, {one.question: one}), one


def test_an_entry_is_current_in_any_checkout_until_a_file_moves_on(tmp_path: Path) -> None:
    here = project(tmp_path)
    lock_, one = made(tmp_path, here)
    assert current.moved(lock_, one, here, Verifier()) == ""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.py").write_text("one")
    assert current.moved(lock_, one, project(tmp_path / "other"), Verifier()) == ""
    (tmp_path / "a.py").write_text("two")
    assert current.moved(lock_, one, here, Verifier()) == "a.py"
    (tmp_path / "a.py").unlink()
    assert current.moved(lock_, one, here, Verifier()) == "a.py"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"backend": "jax"}, "the setting backend"),
        ({"env": {"DEPTH": "3"}}, "the setting env"),
        ({"custom_objects": ("a:B",)}, "the setting custom_objects"),
        ({"python": "/elsewhere/bin/python"}, ""),
    ],
)
def test_settings_count_and_the_place_of_the_interpreter_does_not(tmp_path: Path, changed: Any, said: str) -> None:
    lock_, one = made(tmp_path, project(tmp_path))
    assert current.moved(lock_, one, project(tmp_path, **changed), Verifier()) == said


def test_a_package_counts_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = project(tmp_path)
    lock_, one = made(tmp_path, here, packages={"nets": "1.0", "gone": ""})
    assert current.moved(lock_, one, here, Verifier()) == ""
    site = tmp_path / "site-packages"
    (site / "nets-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(site))
    assert current.moved(lock_, one, here, Verifier()) == ""
    assert current.record_of(one, here)["packages"] == {"nets": "1.0"}
    (site / "nets-1.0.dist-info").rename(site / "nets-2.0.dist-info")
    assert current.moved(lock_, one, here, Verifier()) == "nets 2.0"
    (site / "nets-2.0.dist-info").rename(site / "gone-1.dist-info")
    assert current.moved(lock_, one, here, Verifier()) == "gone 1"
    other = tmp_path / "venv" / "lib" / "python3.12" / "site-packages"
    (other / "nets-3.0.dist-info").mkdir(parents=True)
    foreign = project(tmp_path, python=str(tmp_path / "venv" / "bin" / "python"))
    assert current.moved(lock_, one, foreign, Verifier()) == "nets 3.0"


def test_a_secret_is_in_no_lock(tmp_path: Path) -> None:
    here = project(tmp_path, env={"TOKEN": "hunter2"})
    lock_, _ = made(tmp_path, here)
    text = lock.dumps(lock_)
    assert "hunter2" not in text and "TOKEN" in text and str(tmp_path) not in text


def test_a_module_that_comes_before_another_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "src" / "shop" / "blocks.py").write_text("")
    here = project(tmp_path)
    src = str(tmp_path / "src")
    told = {"modules": {src: {"shop/": "shop/"}, f"{src}/shop": {"blocks": "blocks.py"}}, "missing": ["local_settings"]}
    kept = here.paths.pack(told)
    assert kept == {
        "missing": {"local_settings": ""},
        "modules": {"src import shop/": "shop/", "src/shop import blocks": "blocks.py"},
    }
    assert here.paths.unpack(kept) == told
    one = Entry(Question("a:b"), kept, {})
    lock_ = Lock(here.settings(), {}, {one.question: one})
    assert current.moved(lock_, one, here, Verifier()) == ""
    (tmp_path / "src" / "shop" / "blocks").mkdir()
    (tmp_path / "src" / "shop" / "blocks" / "__init__.py").write_text("")
    assert current.moved(lock_, one, here, Verifier()) == "blocks"


@pytest.mark.parametrize("part", ["files", "listings", "kinds"])
def test_what_lies_nowhere_near_is_never_current(tmp_path: Path, part: str) -> None:
    here = project(tmp_path / "a" / "b" / "c" / "d" / "e")
    far = tmp_path / "nets"
    far.mkdir()
    value = {"files": "1", "listings": record.listing_digest(far), "kinds": "folder"}[part]
    kept = here.paths.pack({part: {str(far): value}})
    assert list(kept[part]) == ["@?/nets"]
    one = Entry(Question("a:b"), kept, {})
    lock_ = Lock(here.settings(), {}, {one.question: one})
    assert current.moved(lock_, one, here, Verifier()) != ""


@pytest.mark.parametrize(
    "record",
    [
        {"env": {"HOME": "\ud800"}, "files": {"a.py": "x"}},
        {"env": {"\ud800": "x"}},
        {"files": {"a\0.py": "x"}},
        {"files": ["a.py"]},
        {"files": {"a.py": {"x": 1}}},
        {"packages": [["keras", 3]]},
        {"missing": {"keras": None}},
        {"modules": {"a": [1]}},
        {"keras_config": 7},
        {"kinds": {"x" * 5000: "file"}},
    ],
)
def test_a_record_of_other_types_is_one_that_has_moved_on(tmp_path: Path, record: Any) -> None:
    """As of somebody who has counted the digest anew."""
    lock_ = lock.Lock(project(tmp_path).settings())
    one = lock.Entry(lock.Question("m:build"), record, {"version": 1})
    assert current.moved(lock_, one, project(tmp_path), Verifier()) != ""
