"""Builds from a lock: frozen, as long as it is current, and with a lock that is spoiled."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sphinx_kerasarch.hosts.cli.main import main

PAGES = {
    "index": "Shop\n====\n\n.. toctree::\n\n   a\n   b\n",
    "a": "A\n=\n\n.. keras-model:: shop.models:lenet\n   :args: classes=10\n",
    "b": "B\n=\n\n.. keras-graph:: shop.models:mlp\n",
}
FROZEN: dict[str, Any] = {"kerasarch_mode": "frozen"}


def freeze(site: Any, *more: str) -> Result:
    if not (site.src / "conf.py").exists():
        (site.src / "conf.py").write_text(
            'project = "Shop"\nextensions = ["sphinx_kerasarch"]\nshow_warning_types = True\n'
        )
    return CliRunner().invoke(main, ["freeze", str(site.src), *more])


@pytest.fixture
def shop(site: Any) -> Any:
    """A site with two models and its lock; nothing has been asked of a worker since."""
    site.write(**PAGES)
    for name in ("lenet", "mlp"):
        site.recorded.files[name] = site.src / f"{name}.py"
        site.recorded.files[name].write_text(name)
    result = freeze(site)
    assert result.exit_code == 0, result.output
    assert sorted(site.recorded.asked) == ["shop.models:lenet", "shop.models:mlp"]
    site.recorded.started.clear()
    site.recorded.asked.clear()
    return site


def place(shop: Any) -> Path:
    return Path(shop.src / "kerasarch.lock")


# ---- frozen


def test_a_frozen_build_shows_everything_and_asks_nobody(shop):
    built = shop.build(**FROZEN)
    assert built.warnings == "" and shop.recorded.started == []
    assert "kerasarch: 2 models from kerasarch.lock, nothing was imported" in built.status
    assert "kerasarch-lenet-layered-" in built.read("a.html") and "kerasarch-mlp-graph-" in built.read("b.html")
    again = shop.build(**FROZEN)
    assert "2 models from kerasarch.lock, nothing was imported" in again.status
    assert "0 added, 0 changed" in again.status and "updating environment: 0" in again.status
    for file in shop.recorded.files.values():  # what the sources are now is no question of a frozen build
        file.unlink()
    assert shop.build(fresh=True, **FROZEN).warnings == ""
    assert shop.recorded.started == []


def test_a_live_build_of_the_same_pages_draws_the_same(shop):
    frozen = shop.build(out=shop.src.parent / "frozen", trees=shop.src.parent / "t1", **FROZEN)
    live = shop.build(out=shop.src.parent / "live", trees=shop.src.parent / "t2", kerasarch_mode="live")
    assert len(shop.recorded.asked) == 2
    assert frozen.read("a.html") == live.read("a.html") and frozen.read("b.html") == live.read("b.html")


def test_a_model_that_is_not_in_the_lock_is_a_located_error_with_advice(shop):
    shop.write(b=PAGES["b"] + "\n.. keras-graph:: shop.models:vit\n\n.. keras-graph:: shop.models:mlp\n   :weights:\n")
    built = shop.build(**FROZEN)
    advice = "Run kerasarch freeze src where Keras is, and commit kerasarch.lock."
    said = f"keras-graph: shop.models:vit is not in kerasarch.lock. {advice} [kerasarch.lock]"
    assert f"b.rst:6: WARNING: {said}" in built.warnings, built.warnings
    assert "kerasarch.lock has shop.models:mlp, but not shop.models:mlp (weights)." in built.warnings
    page = built.read("b.html")
    assert "kerasarch-mlp-graph-" in page and page.count("kerasarch-failure") == 2
    assert "kerasarch freeze src" in page and shop.recorded.started == []
    assert "kerasarch: 2 models from kerasarch.lock, 2 failed" in built.status
    freeze(shop)
    assert shop.recorded.asked == ["shop.models:vit", "shop.models:mlp"]  # what the lock had is not described again
    assert shop.build(**FROZEN).warnings == ""


def test_arguments_may_be_written_otherwise(shop):
    shop.write(a="A\n=\n\n.. keras-model:: shop.models:lenet( classes = 10 )\n")
    assert shop.build(**FROZEN).warnings == ""
    shop.write(a="A\n=\n\n.. keras-model:: shop.models:lenet(classes=11)\n")
    assert "shop.models:lenet(classes=11) is not in kerasarch.lock" in shop.build(**FROZEN).warnings


def test_a_changed_lock_renews_the_pages_that_show_what_has_changed(shop):
    first = shop.build(**FROZEN)
    # Times of their own, so that none is written anew within the smallest step of a clock; later than their sources.
    for name in ("index", "a", "b"):
        os.utime(first.out / f"{name}.html", (4_000_000_000, 4_000_000_000))
    change_spec(place(shop), "shop.models:mlp")
    second = shop.build(**FROZEN)
    pages = ("index", "a", "b")
    changed = {name for name in pages if (second.out / f"{name}.html").stat().st_mtime != 4_000_000_000}
    assert changed == {"b", "index"} and second.warnings == ""  # Sphinx itself renews what has it in its toctree
    assert "updating environment: 0 added, 0 changed" in second.status


def change_spec(path: Path, target: str) -> None:
    """As if the model had been frozen with another class."""
    from dataclasses import replace

    from sphinx_kerasarch.cache import lock

    found = lock.read(path)
    entries = dict(found.entries)
    for question, entry in found.entries.items():
        if question.target == target:
            layers = [dict(layer) for layer in entry.spec["layers"]]
            layers[-1]["name"] = "renamed"
            entries[question] = replace(entry, spec={**entry.spec, "layers": layers})
    path.write_text(lock.dumps(replace(found, entries=entries)), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: "", "line 1: it is empty"),
        (lambda text: text[:5000], "it is no JSON"),
        (lambda text: text.replace(' "models"', '<<<<<<< HEAD\n "models"', 1), "a merge conflict is not resolved"),
        (lambda text: text.replace('"kerasarch_lock": 1', '"kerasarch_lock": 7'), "has format 7"),
        (lambda text: "{}", "it is no lock of kerasarch"),
        (lambda text: '"swapped"', "it is no lock of kerasarch"),
    ],
    ids=["empty", "truncated", "conflict", "foreign", "other", "swapped"],
)
def test_a_spoiled_lock_is_told_with_its_line_and_the_docs_are_built(shop, spoil, said):
    whole = place(shop).read_text("utf-8")
    place(shop).write_text(spoil(whole), "utf-8")
    built = shop.build(**FROZEN)
    assert re.search(rf"kerasarch\.lock:\d+: WARNING: .*{said}.*\[kerasarch.lock\]", built.warnings), built.warnings
    assert len(re.findall(r"[ab]\.rst:4: WARNING: keras-\w+ shop", built.warnings)) == 2
    assert built.read("b.html").count("kerasarch-failure") == 1 and shop.recorded.started == []
    place(shop).write_text(whole, "utf-8")
    mended = shop.build(**FROZEN)
    assert mended.warnings == "" and "kerasarch-mlp-graph-" in mended.read("b.html")


def test_one_damaged_model_leaves_the_others(shop):
    text = place(shop).read_text("utf-8")
    at = text.index('"target": "shop.models:mlp"')
    place(shop).write_text(text[:at] + text[at:].replace("Dense", "Dinse", 1), "utf-8")
    built = shop.build(**FROZEN)
    assert re.search(r"b\.rst:4: WARNING: .*line \d+: its digest does not fit: it was edited", built.warnings)
    assert "a.rst" not in built.warnings and "kerasarch-lenet-layered-" in built.read("a.html")


def test_without_a_lock_a_frozen_build_says_how_to_get_one(site):
    built = site.write(**PAGES).build(**FROZEN)
    assert built.warnings.count("There is no lock kerasarch.lock. Run kerasarch freeze src") == 2
    assert site.recorded.started == []


def test_builders_of_all_kinds_are_fed_from_the_lock(shop):
    for builder, name in (("latex", "shop.tex"), ("text", "b.txt"), ("epub", "b.xhtml")):
        built = shop.build(builder, **FROZEN)
        assert "kerasarch" not in built.warnings, built.warnings
        assert (built.out / name).is_file()
    assert shop.recorded.started == []


# ---- auto and live


def test_auto_takes_the_lock_as_long_as_it_is_current(shop):
    built = shop.build()
    assert "kerasarch: 2 models from kerasarch.lock, nothing was imported" in built.status
    assert shop.recorded.started == [] and built.warnings == ""
    assert "2 models from the cache, nothing was imported" in shop.build().status  # remembered by the environment


def test_auto_describes_what_the_lock_no_longer_says_and_says_so(shop):
    shop.recorded.files["mlp"].write_text("another")
    built = shop.build()
    assert shop.recorded.asked == ["shop.models:mlp"] and built.warnings == ""
    assert "1 model is not as kerasarch.lock says; kerasarch freeze src writes it anew" in built.status
    assert "kerasarch: 1 model from kerasarch.lock, 1 described" in built.status


def test_auto_goes_on_without_a_lock_that_is_spoiled(shop):
    place(shop).write_text(">>>>>>> theirs\n")
    built = shop.build()
    assert re.search(r"kerasarch\.lock:1: WARNING: .*merge conflict.*\[kerasarch.lock\]", built.warnings)
    assert built.warnings.count("WARNING") == 1 and len(shop.recorded.asked) == 2


def test_live_ignores_the_lock(shop):
    place(shop).write_text("nonsense")
    built = shop.build(kerasarch_mode="live")
    assert len(shop.recorded.asked) == 2 and built.warnings == ""


def test_modes_do_not_borrow_from_each_other(shop):
    """What a frozen build remembers is no answer where the sources count, and the other way round."""
    shop.build(**FROZEN)
    shop.recorded.files["mlp"].write_text("another")
    shop.build()
    assert shop.recorded.asked == ["shop.models:mlp"]
    change_spec(place(shop), "shop.models:mlp")
    assert "renamed" in shop.build("text", **FROZEN).app.env.get_domain("keras").results.describing.spec(
        ("shop.models:mlp", "", "", "", "", "", "")
    ).layers[-1].name


def test_off_reads_no_lock(shop):
    place(shop).write_text("nonsense")
    built = shop.build(kerasarch_mode="off")
    assert built.warnings == "" and "Not drawn" in built.read("b.html") and shop.recorded.started == []


def test_the_lock_may_lie_elsewhere(shop):
    (shop.src.parent / "locks").mkdir()
    place(shop).rename(shop.src.parent / "locks" / "shop.json")
    built = shop.build(kerasarch_lock="../locks/shop.json", **FROZEN)
    assert built.warnings == "" and "from shop.json" in built.status


# ---- what is frozen


def test_all_places_of_a_directive_are_found(site, monkeypatch):
    (site.src / "conf.py").write_text(
        "import sys\nsys.path.insert(0, 'mods')\n"
        'extensions = ["sphinx_kerasarch", "sphinx.ext.autodoc", "myst_parser"]\nexclude_patterns = ["part.rst"]\n'
    )
    (site.src / "mods").mkdir()
    (site.src / "mods" / "kerasarch_shop_of_test.py").write_text(
        'def f():\n    """Doc.\n\n    .. keras-summary:: shop.models:vit\n    """\n'
    )
    (site.src / "part.rst").write_text(".. keras-graph:: shop.models:lenet\n")
    (site.src / "more.md").write_text("# More\n\n```{keras-graph} shop.models:mlp\n```\n")
    site.write(
        index="Shop\n====\n\n.. toctree::\n\n   more\n\n.. include:: part.rst\n\n"
        ".. autofunction:: kerasarch_shop_of_test.f\n\n.. only:: latex\n\n   .. keras-graph:: shop.models:siamese\n"
    )
    monkeypatch.chdir(site.src)
    monkeypatch.setattr(sys, "path", list(sys.path))
    result = freeze(site)
    assert result.exit_code == 0, result.output
    targets = [model["target"] for model in json.loads(place(site).read_text("utf-8"))["models"]]
    assert targets == [f"shop.models:{name}" for name in ("lenet", "mlp", "siamese", "vit")]


def test_a_saved_model_is_named_by_its_place_in_the_project(shop, monkeypatch):
    saved = shop.src / "saved" / "lenet.keras"
    saved.parent.mkdir()
    saved.write_bytes(b"a model")
    shop.write(b="B\n=\n\n.. keras-graph:: saved/lenet.keras\n")
    describe = shop.recorded.describe

    def by_name(request: Any) -> Any:
        from dataclasses import replace

        target = "shop:lenet" if request.target == str(saved) else request.target
        return describe(replace(request, target=target))

    monkeypatch.setattr(shop.recorded, "describe", by_name)
    assert freeze(shop).exit_code == 0
    text = place(shop).read_text("utf-8")
    assert '"target": "saved/lenet.keras"' in text and str(shop.src) not in text
    moved = shop.src.rename(shop.src.parent / "elsewhere")
    shop.src = moved
    saved.unlink(missing_ok=True)
    assert shop.build(fresh=True, **FROZEN).warnings == ""
