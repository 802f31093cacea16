"""One batch per build: what is asked, what is remembered, what is said."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sphinx.errors import ConfigError, ExtensionError

from sphinx_kerasarch import errors
from sphinx_kerasarch.hosts.page.origin import Origin
from sphinx_kerasarch.hosts.sphinx import batch, memory

SHARED = Path(__file__).parents[1] / "shared"

TWO = {
    "index": "Shop\n====\n\n.. toctree::\n\n   a\n   b\n",
    "a": "A\n=\n\n.. keras-graph:: shop.models:lenet\n\n.. keras-summary:: shop.models:lenet\n   :no-index:\n",
    "b": "B\n=\n\n.. keras-graph:: shop.models:mlp\n",
}


def test_one_inspector_answers_all_and_each_model_once(site):
    built = site.write(**TWO).build()
    assert built.warnings == ""
    assert len(site.recorded.started) == 1
    assert site.recorded.asked == ["shop.models:lenet", "shop.models:mlp"]
    assert "describing Keras models... [ 50%] shop.models:lenet" in built.status
    assert "kerasarch: 0 models from the cache, 2 described" in built.status


def test_second_build_imports_nothing_and_says_so(site):
    site.write(**TWO).build()
    built = site.build()
    assert "kerasarch: 2 models from the cache, nothing was imported" in built.status
    assert len(site.recorded.started) == 1
    assert "updated" not in built.status.partition("updating environment:")[2].partition("\n")[0]


def test_a_fresh_environment_still_finds_the_cache(site):
    site.write(**TWO).build()
    built = site.build(fresh=True)
    assert "nothing was imported" in built.status
    assert len(site.recorded.started) == 1


def test_other_builders_share_the_descriptions(site):
    site.write(**TWO).build()
    for builder in ("latex", "epub", "text"):
        assert "nothing was imported" in site.build(builder, epub_show_urls="no", version="1").status
    assert len(site.recorded.started) == 1


def test_changed_file_reads_again_exactly_the_pages_that_depend_on_it(site, tmp_path):
    for name in ("lenet", "mlp"):
        site.recorded.files[name] = tmp_path / f"{name}.py"
        site.recorded.files[name].write_text("units = 1\n")
    site.write(**TWO).build()
    site.recorded.files["mlp"].write_text("units = 2\n")
    site.recorded.asked.clear()
    built = site.build()
    assert site.recorded.asked == ["shop.models:mlp"]
    assert "1 model from the cache, 1 described" in built.status
    assert [Path(path) for path in built.app.env.dependencies["b"]] == [tmp_path / "mlp.py"]


@pytest.mark.parametrize("builder", sorted(batch.WITHOUT_CONTENT - {"coverage", "doctest", "spelling"}))
def test_builders_without_content_start_no_worker(site, builder):
    built = site.write(**TWO).build(builder)
    assert site.recorded.started == []
    assert built.warnings == ""
    assert "kerasarch" not in built.status
    # The page that a content-free builder has read is still drawn by the next one.
    assert site.build().read("b.html").count('src="_images/kerasarch-mlp-graph-') == 1


def test_failure_spares_the_others_and_is_repeated_until_mended(site):
    error = errors.BuildError(
        "build raised ValueError: no units.",
        advice="Mend it.",
        traceback='  File "models.py", line 3, in mlp\n    raise ValueError("no units")\n',
    )
    site.recorded.failing["mlp"] = error
    for _ in range(3):
        built = site.write(**TWO).build(numfig=True)
        assert "b.rst:4: WARNING: keras-graph shop.models:mlp: build raised ValueError" in built.warnings
        assert '    raise ValueError("no units")' in built.warnings
        assert "[kerasarch.build]" in built.warnings
        assert built.warnings.count("WARNING") == 1
        html = built.read("b.html")
        assert "Mend it." in html
        assert "raise ValueError(" in html
        assert "<img" not in html.partition("kerasarch-failure")[2].partition("</figure>")[0]
        assert "kerasarch-lenet-graph-" in built.read("a.html")
    del site.recorded.failing["mlp"]
    built = site.build(numfig=True)
    assert built.warnings == ""
    assert "kerasarch-mlp-graph-" in built.read("b.html")
    assert "nothing was imported" in site.build(numfig=True).status


def test_no_stale_figure_in_place_of_an_error(site, tmp_path):
    file = site.recorded.files["mlp"] = tmp_path / "models.py"
    file.write_text("a = 1\n")
    site.write(**TWO).build()
    file.write_text("a = (\n")
    site.recorded.failing["mlp"] = errors.ImportTargetError("SyntaxError in models.py.")
    built = site.build()
    assert "kerasarch.import" in built.warnings
    assert "kerasarch-mlp-graph-" not in built.read("b.html")


def test_failed_table_keeps_its_number_in_every_builder(page, recorded):
    recorded.failing["bad"] = errors.CrashError("The worker died.", traceback="File x")
    text = """
.. keras-summary:: shop.models:bad
   :name: bad

   First.

.. keras-summary:: shop.models:mlp
   :name: good

   Second.

:numref:`good`
"""
    html = page(text, numfig=True).read("index.html")
    assert "Table 2" in html
    assert "The worker died." in html
    for builder, name in (
        ("latex", "shop.tex"),
        ("text", "index.txt"),
        ("man", "shop.1"),
        ("texinfo", "shop.texi"),
    ):
        assert "The worker died." in page(text, builder, numfig=True).read(name)


def test_on_error_raise_stops_and_ignore_is_silent(site):
    site.recorded.failing["mlp"] = errors.BuildError("No.")
    with pytest.raises(ExtensionError, match="could not be shown in 1 document"):
        site.write(**TWO).build(kerasarch_on_error="raise")
    built = site.build(kerasarch_on_error="ignore")
    assert built.warnings == ""
    assert "kerasarch-failure" in built.read("b.html")


def test_defect_of_a_view_is_a_failure_not_a_crash(site, monkeypatch):
    from sphinx_kerasarch import api

    def draw(spec, view, **options):
        raise KeyError("oops")

    monkeypatch.setattr(api, "draw", draw)
    built = site.write(**TWO).build()
    assert built.warnings.count("Unexpected KeyError: 'oops'.") == 3
    assert "[kerasarch.draw]" in built.warnings


def test_mode_off_draws_nothing_and_warns_of_nothing(site):
    built = site.write(**TWO).build(kerasarch_mode="off")
    assert built.warnings == ""
    assert site.recorded.started == []
    assert "Not drawn: kerasarch_mode is" in built.read("b.html")
    assert "kerasarch-mlp-graph-" in site.build().read("b.html")


def test_mode_live_asks_again(site):
    site.write(**TWO).build()
    site.recorded.asked.clear()
    site.build(kerasarch_mode="live")
    assert site.recorded.asked == ["shop.models:lenet", "shop.models:mlp"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"lock": ""}, "names no file"),
        ({"mode": "aut"}, "Did you mean 'auto'"),
        ({"views": ["grph"]}, "Did you mean 'graph'"),
        ({"theme": "pink"}, "'pink' is not a choice"),
        ({"timeout": -1.0}, "must be positive"),
        ({"jobs": -1}, "must not be negative"),
    ],
)
def test_meaningless_configuration_is_refused(site, values, said):
    with pytest.raises(ConfigError, match=said):
        site.write(**TWO).build(**{f"kerasarch_{name}": value for name, value in values.items()})


def test_settings_reach_the_inspector(site, monkeypatch):
    (site.src / "pkg").mkdir()
    elsewhere = site.src.parent / "elsewhere"
    elsewhere.mkdir()
    (site.src / "conf.py").write_text(
        "import sys\nsys.path.insert(0, '../elsewhere')\n"
        f"sys.path.insert(0, {str(elsewhere)!r})\n"
        "extensions = ['sphinx_kerasarch']\nkerasarch_path = ['pkg']\nkerasarch_python = 'py'\n"
        "kerasarch_env = {'A': '1'}\nkerasarch_timeout = 7\nkerasarch_backend = 'jax'\n"
    )
    import sys

    monkeypatch.setattr(sys, "path", list(sys.path))
    site.write(
        index="A\n=\n\n.. keras-graph:: m:mlp\n\n.. keras-graph:: m:lenet\n   :python: other\n"
    ).build()
    first, second = site.recorded.started
    assert first["path"][:2] == (str(site.src / "pkg"), str(elsewhere))
    assert not any("site-packages" in entry for entry in first["path"])
    assert (first["python"], second["python"]) == ("py", "other")
    assert first["env"] == {"A": "1"}
    assert first["timeout"] == 7.0
    assert first["backend"] == "jax"


def test_jobs_are_the_inspectors_concern(site):
    built = site.write(**TWO).build(kerasarch_jobs=2)
    assert [settings["jobs"] for settings in site.recorded.started] == [2]
    assert sorted(site.recorded.asked) == ["shop.models:lenet", "shop.models:mlp"]
    assert built.warnings == ""


def test_unusable_cache_is_said_once_and_the_build_goes_on(site):
    (site.src / "taken").write_text("a file where the folder should be")
    built = site.write(**TWO).build(kerasarch_cache_dir="taken")
    assert built.warnings.count("[kerasarch.cache]") == 1
    assert "kerasarch-mlp-graph-" in built.read("b.html")
    assert "kerasarch-lenet-graph-" in built.read("a.html")


def images_of(site):
    return site.src.parent / "out" / "doctrees" / "kerasarch-images"


def test_deleted_cache_costs_a_description_only_where_a_figure_must_be_drawn(site):
    site.write(**TWO).build()
    shutil.rmtree(site.src.parent / "out" / ".kerasarch")
    site.write(b=TWO["b"] + "\nMore.\n")
    site.recorded.asked.clear()
    assert "nothing was imported" in site.build().status
    assert site.recorded.asked == []
    shutil.rmtree(images_of(site))
    site.write(b=TWO["b"] + "\nStill more.\n")
    built = site.build()
    assert site.recorded.asked == ["shop.models:mlp"]
    assert built.warnings == ""
    assert "kerasarch-mlp-graph-" in built.read("b.html")


def test_changed_settings_ask_again(site):
    site.write(**TWO).build()
    assert "2 described" in site.build(kerasarch_env={"A": "1"}).status
    assert "nothing was imported" in site.build(kerasarch_env={"A": "1"}).status
    assert "2 described" in site.build(kerasarch_env={"A": "1"}, kerasarch_backend="jax").status


def test_what_was_learned_is_kept_when_no_page_has_changed(site, monkeypatch):
    """Else all models would be looked for in the cache at every build that follows."""
    site.write(**TWO).build()
    again = site.build(kerasarch_env={"A": "1"})
    assert "2 described" in again.status and "0 changed" in again.status
    looked_for: list[object] = []
    monkeypatch.setattr(Origin, "from_cache", lambda self, sources: looked_for.extend(sources) or iter(()))
    built = site.build(kerasarch_env={"A": "1"})
    assert "nothing was imported" in built.status and built.warnings == ""
    assert looked_for == []


def test_changed_drawing_code_draws_again_without_describing(site, monkeypatch):
    site.write(**TWO).build()
    monkeypatch.setattr(memory, "drawing_stamp", lambda: "another version")
    built = site.build()
    assert "nothing was imported" in built.status
    assert len(built.app.env.get_domain("keras").results.drawn) == 3


def test_warm_build_loads_neither_views_nor_formats_nor_the_inspector(tmp_path):
    """What a build without changes must not pay for; counted in a process of its own."""
    src = tmp_path / "src"
    src.mkdir()
    (src / "index.rst").write_text("A\n=\n\n.. keras-graph:: shop.models:mlp\n\n   C.\n")
    fake = f"import sys\nsys.path.insert(0, {str(SHARED)!r})\nimport recorded\nrecorded.install()\n"
    conf = "extensions = ['sphinx_kerasarch']\nkerasarch_path = ['.']\n"
    (src / "conf.py").write_text(fake + "sys.path.pop(0)\n" + conf)
    build = [
        sys.executable,
        "-c",
        "import sys; from sphinx.cmd.build import main; main(sys.argv[1:]); print(*sys.modules)",
    ]
    subprocess.run([*build, "-q", str(src), str(tmp_path / "out")], check=True, capture_output=True)
    (src / "conf.py").write_text(conf)
    (src / "index.rst").write_text((src / "index.rst").read_text() + "\nTouched.\n")
    run = subprocess.run(
        [*build, str(src), str(tmp_path / "out")], check=True, capture_output=True, text=True
    )
    assert "nothing was imported" in run.stdout
    modules = set(run.stdout.splitlines()[-1].split())
    for part in ("views", "formats", "layout", "figure", "inspector", "worker", "cache.store", "spec.model"):
        assert not [name for name in modules if name.startswith(f"sphinx_kerasarch.{part}")], part
    for heavy in ("keras", "tensorflow", "jax", "torch", "numpy", "reportlab"):
        assert heavy not in modules
