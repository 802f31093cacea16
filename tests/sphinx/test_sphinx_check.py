"""``kerasarch check`` and what ``freeze`` writes, of a Sphinx project with recorded models."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sphinx_kerasarch import errors
from sphinx_kerasarch.cache import lock
from sphinx_kerasarch.hosts.cli.main import main

PAGES = {
    "index": "Shop\n====\n\n.. toctree::\n\n   a\n\n.. keras-graph:: shop.models:lenet\n",
    "a": "A\n=\n\n.. keras-summary:: shop.models:lenet\n\n.. keras-graph:: shop.models:mlp\n",
}


@pytest.fixture
def run(site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``kerasarch`` where the project is, whose two models are ``lenet`` and ``mlp``; the lock is there."""
    (site.src / "conf.py").write_text('extensions = ["sphinx_kerasarch"]\nkerasarch_mode = "frozen"\n')
    site.write(**PAGES)
    monkeypatch.chdir(site.src.parent)
    for name in ("lenet", "mlp"):
        site.recorded.files[name] = site.src / f"{name}.py"
        site.recorded.files[name].write_text(name)

    def call(*arguments: str, code: int = 0) -> Result:
        site.recorded.asked.clear()
        result = CliRunner().invoke(main, list(arguments))
        assert result.exit_code == code, result.output
        return result

    call("freeze", "src")
    return call


@pytest.fixture
def path(site: Any) -> Path:
    return Path(site.src / "kerasarch.lock")


def become(site: Any, name: str, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The factory ``name`` now builds ``other``, and its file has changed."""
    from dataclasses import replace

    describe = site.recorded.describe

    def told(request: Any) -> Any:
        if request.target.endswith(f":{name}"):
            asked = site.recorded.files.get(name)
            site.recorded.files[other] = asked
            return describe(replace(request, target=f"shop.models:{other}"))
        return describe(request)

    monkeypatch.setattr(site.recorded, "describe", told)
    site.recorded.files[name].write_text("another")


def test_a_current_lock_is_one_line_and_describes_nothing(run, site):
    assert run("check", "src").stdout == "src/kerasarch.lock: 2 models, current\n"
    assert site.recorded.asked == []


def test_sources_that_build_the_same_are_no_fault_and_are_told(run, site):
    site.recorded.files["mlp"].write_text("mlp  # a comment")
    said = run("check", "src").stdout
    assert said == "src/kerasarch.lock: 2 models, current; the sources of 1 have changed, not what they build\n"
    assert site.recorded.asked == ["shop.models:mlp"]


def test_another_architecture_is_told_in_words_with_the_place(run, site, monkeypatch):
    become(site, "mlp", "cnn", monkeypatch)
    said = run("check", "src", code=1).stdout.splitlines()
    assert said[0] == "src/a.rst:6: shop.models:mlp is another one now"
    assert any(re.fullmatch(r"  \+ \w+ Conv2D\(.*\)", line) for line in said)
    assert any(re.fullmatch(r"  params [\d,]+ → [\d,]+ \([+-][\d,]+\)", line) for line in said)
    assert said[-1] == "src/kerasarch.lock: 1 changed, 1 model current: run kerasarch freeze src"
    assert site.recorded.asked == ["shop.models:cnn"]
    run("freeze", "src")
    run("check", "src")


def test_missing_and_unused_models_are_named(run, site):
    site.write(a="A\n=\n\n.. keras-graph:: shop.models:vit\n")
    assert run("check", "src", code=1).stdout.splitlines() == [
        "src/a.rst:4: shop.models:vit is not in src/kerasarch.lock",
        "shop.models:mlp is shown by no page any more",
        "src/kerasarch.lock: 1 missing, 1 unused, 1 model current: run kerasarch freeze src",
    ]
    assert run("freeze", "src").stdout == "src/kerasarch.lock: 2 models, 1 described, 1 removed\n"
    run("check", "src")


def test_a_model_that_fails_is_told(run, site):
    site.recorded.files["mlp"].write_text("another")
    site.recorded.failing["mlp"] = errors.BuildError("build_mlp raised ValueError: no.", advice="Mend it.")
    said = run("check", "src", code=1).stdout.splitlines()
    assert said[0] == "src/a.rst:6: shop.models:mlp cannot be described"
    assert said[1] == "  build_mlp raised ValueError: no. Mend it."


def test_without_keras_the_sources_alone_are_compared(run, site, monkeypatch):
    missing = errors.MissingPackageError("Keras is not installed.", advice="Install it.")
    site.recorded.failing.update(lenet=missing, mlp=missing)
    run("check", "src")
    said = run("check", "src", "--all").stdout
    assert "2 models, current; 2 by their sources alone, as Keras is not here" in said
    site.recorded.files["mlp"].write_text("another")
    assert "shop.models:mlp cannot be described\n  Keras is not installed." in run("check", "src", code=1).stdout


def test_another_version_of_this_package_describes_all_anew(run, site, path):
    text = path.read_text("utf-8")
    code = json.loads(text)["made_by"]["code"]
    path.write_text(text.replace(code, "0" * 64))
    assert run("check", "src").stdout == "src/kerasarch.lock: 2 models, current\n"
    assert len(site.recorded.asked) == 2
    run("freeze", "src")
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("spoil", "line", "said"),
    [
        (lambda text: "", 1, "it is empty"),
        (lambda text: text[:2000], None, "it is no JSON"),
        (lambda text: "<<<<<<< HEAD\n" + text, 1, "a merge conflict is not resolved"),
        (lambda text: text.replace('_lock": 1', '_lock": 9'), 1, "has format 9"),
    ],
)
def test_a_spoiled_lock_is_told_and_frozen_anew(run, site, path, spoil, line, said):
    text = path.read_text("utf-8")
    path.write_text(spoil(text), "utf-8")
    told = run("check", "src", code=1).stdout.splitlines()
    assert re.match(rf"src/kerasarch\.lock:{line or '[0-9]+'}: .*{said}", told[0]), told
    assert told[1:] == ["src/kerasarch.lock: run kerasarch freeze src"]
    run("freeze", "src")
    assert path.read_text("utf-8") == text


def test_a_damaged_model_is_told_with_its_line(run, path):
    text = path.read_text("utf-8")
    path.write_text(text.replace('"units": ', '"units": 1', 1), "utf-8")
    said = run("check", "src", code=1).stdout
    assert re.search(r"^src/kerasarch\.lock:\d+: shop.models:\w+ cannot be used\n  its digest does not fit", said)
    run("freeze", "src")
    assert path.read_text("utf-8") == text


def test_json_tells_the_same(run, site, monkeypatch):
    become(site, "mlp", "cnn", monkeypatch)
    data = json.loads(run("check", "src", "--json", code=1).stdout)
    assert data["lock"] == "src/kerasarch.lock" and data["current"] is False
    by_model = {model["model"]: model for model in data["models"]}
    assert by_model["shop.models:lenet"]["state"] == "current"
    assert by_model["shop.models:mlp"]["state"] == "changed" and by_model["shop.models:mlp"]["lines"]
    assert by_model["shop.models:mlp"]["location"] == "src/a.rst:6"


# ---- what is written


def test_freezing_again_changes_nothing_and_describes_nothing(run, site, path):
    before = path.read_bytes()
    assert run("freeze", "src").stdout == "src/kerasarch.lock: 2 models, 0 described, unchanged\n"
    assert site.recorded.asked == []
    assert run("freeze", "src", "--all").stdout == "src/kerasarch.lock: 2 models, 2 described, unchanged\n"
    assert path.read_bytes() == before


def test_no_path_of_this_machine_is_written(run, site, path):
    text = path.read_text("utf-8")
    assert str(site.src) not in text and str(site.src.parent) not in text and '"/' not in text
    assert '"mlp.py"' in text


def test_another_checkout_writes_the_same(run, site, path, tmp_path_factory, monkeypatch):
    import shutil

    other = tmp_path_factory.mktemp("other") / "deeper" / "copy"
    shutil.copytree(site.src, other)
    (other / "kerasarch.lock").unlink()
    for name in site.recorded.files:
        site.recorded.files[name] = other / f"{name}.py"
    monkeypatch.chdir(other)
    run("freeze", ".")
    assert (other / "kerasarch.lock").read_bytes() == path.read_bytes()


def test_a_failing_model_keeps_the_lock_as_it_was_unless_told_otherwise(run, site, path):
    before = path.read_bytes()
    site.recorded.files["mlp"].write_text("another")
    site.recorded.failing["mlp"] = errors.BuildError("build_mlp raised ValueError: no.", advice="Mend it.")
    result = run("freeze", "src", code=1)
    assert result.stderr.splitlines() == [
        "src/a.rst:6: shop.models:mlp: build_mlp raised ValueError: no. Mend it.",
        "kerasarch: 1 model failed, nothing was written. See --keep-going.",
    ]
    assert path.read_bytes() == before
    assert "1 model, 0 described, 1 removed, 1 left out" in run("freeze", "src", "--keep-going").stdout
    assert [question.target for question in lock.read(path).entries] == ["shop.models:lenet"]


def test_only_the_machine_is_no_reason_to_write(run, site, path, monkeypatch):
    """A model that is described again on another Python keeps its provenance, and so its digest."""
    from dataclasses import replace

    before = path.read_bytes()
    describe = site.recorded.describe

    def elsewhere(request: Any) -> Any:
        found = describe(request)
        provenance = replace(found.spec.provenance, versions={**found.spec.provenance.versions, "python": "9.9"})
        return replace(found, spec=replace(found.spec, provenance=provenance))

    monkeypatch.setattr(site.recorded, "describe", elsewhere)
    run("freeze", "src", "--all")
    assert path.read_bytes() == before


def test_weights_shapes_and_interpreters_are_questions_of_their_own(run, site, path):
    site.write(
        a="A\n=\n\n.. keras-neurons:: shop.models:mlp\n   :weights:\n\n.. keras-graph:: shop.models:mlp\n"
        "   :input-shape: 28, 28\n\n.. keras-graph:: shop.models:mlp\n   :python: ../other/bin/python\n\n"
        ".. keras-graph:: shop.models:mlp\n   :open: LSTM,GRU\n"
    )
    run("freeze", "src")
    assert [str(question) for question in lock.read(path).entries] == [
        "shop.models:lenet",
        "shop.models:mlp (weights)",
        "shop.models:mlp (python: ../other/bin/python)",
        "shop.models:mlp (open: LSTM, GRU)",
        "shop.models:mlp (input-shape: (28, 28))",
    ]
    assert {settings["python"] for settings in site.recorded.started[1:]} == {"", "../other/bin/python"}


# ---- which site


@pytest.mark.parametrize(
    ("docs", "said"),
    [
        ("nowhere", "There is no folder nowhere. Name the folder of conf.py, mkdocs.yml or zensical.toml."),
        (".", "There is no conf.py, mkdocs.yml or zensical.toml in .. Did you mean docs/source?"),
        ("docs/source/index.rst", "is no site. Name conf.py, mkdocs.yml or zensical.toml, or the folder it is in."),
        ("two", "two is the folder of 2 sites. Name two/conf.py or two/mkdocs.yml."),
        ("plain", "plain does not use sphinx_kerasarch. Add it to the extensions in conf.py."),
        ("bad", "ZeroDivisionError: division by zero. See sphinx-build -b dummy"),
    ],
)
def test_what_is_no_site_is_told(tmp_path, monkeypatch, docs, said):
    monkeypatch.chdir(tmp_path)
    for folder in ("docs/source", "two", "plain", "bad"):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("conf.py", "index.rst"):
            (tmp_path / folder / name).write_text("")
    (tmp_path / "two" / "mkdocs.yml").write_text("")
    (tmp_path / "bad" / "conf.py").write_text("1/0\n")
    result = CliRunner().invoke(main, ["freeze", docs])
    assert result.exit_code == 1 and said in result.stderr and len(result.stderr.splitlines()) == 1, result.stderr


def test_settings_and_tags_reach_sphinx(run, site):
    site.write(index="Shop\n====\n\n.. toctree::\n\n   a\n")
    (site.src / "conf.py").write_text(
        'extensions = ["sphinx_kerasarch"]\nexclude_patterns = ["a.rst"] if tags.has("short") else []\n'
    )
    run("freeze", "src", "-o", "none.lock", "-t", "short")
    assert lock.read(site.src.parent / "none.lock").entries == {}
    moved = site.src.parent / "conf"
    moved.mkdir()
    (site.src / "conf.py").rename(moved / "conf.py")
    result = run("freeze", "src", "-c", "conf", "-D", "kerasarch_lock=../other.lock")
    assert result.stdout.startswith("other.lock: 2 models")
    assert "is not NAME=VALUE" in run("freeze", "src", "-c", "conf", "-D", "x", code=1).stderr
