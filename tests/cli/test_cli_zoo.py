"""``kerasarch describe`` with many targets: where they come from, shards, the cache that they go into, the report."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from sphinx.cmd.build import main as sphinx_build

NAMES = ("lenet", "mlp", "vgg16", "unet", "vit")
LIST = "# the zoo\n" + "\n\n".join(f"  shop.models:{name}  " for name in NAMES) + "\n"


def said(result: Any) -> str:
    """The report, without the seconds of a busy machine."""
    return re.sub(r" in \d+ s", "", result.stdout)


def asked(recorded: Any) -> list[str]:
    """Names of the models that were described since the last call."""
    names = sorted(target.partition(":")[2] for target in recorded.asked)
    recorded.asked.clear()
    return names


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    (tmp_path / "zoo.txt").write_text(LIST)
    return tmp_path / "zoo.txt"


def test_several_targets_go_into_the_cache(run: Any, recorded: Any) -> None:
    result = run("describe", "shop.models:lenet", "shop.models:mlp", "shop.models:lenet")
    assert result.exit_code == 0 and asked(recorded) == ["lenet", "mlp"]
    assert said(result) == ".kerasarch: 2 models: 0 from the cache, 2 described\n"
    again = run("describe", "shop.models:lenet", "shop.models:mlp", "shop.models:vit", "-q")
    assert (
        said(again) == ".kerasarch: 3 models: 2 from the cache, 1 described\n" and again.stderr == ""
    )
    assert asked(recorded) == ["vit"]


def test_targets_of_a_file_and_of_a_pipe(
    run: Any, recorded: Any, zoo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("describe", "shop.models:cnn", "--from", str(zoo), "--cache", "one").exit_code == 0
    assert asked(recorded) == sorted([*NAMES, "cnn"])
    assert run("cache", "verify", "one").stdout.startswith("one: 6 files, ")
    from click.testing import CliRunner

    from sphinx_kerasarch.hosts.cli.main import main

    result = CliRunner().invoke(
        main, ["describe", "--from", "-", "--cache", "two"], input=io.BytesIO(LIST.encode())
    )
    assert result.exit_code == 0 and asked(recorded) == sorted(NAMES)


def test_shards_of_several_machines_become_one_cache(
    run: Any, recorded: Any, zoo: Path, tmp_path: Path
) -> None:
    parts = []
    for number in (1, 2, 3):
        result = run("describe", "--from", str(zoo), "--shard", f"{number}/3", "--cache", f"cache-{number}")
        part = asked(recorded)
        parts += part
        assert said(result) == (
            f"cache-{number}: shard {number}/3, {len(part)} of 5 models: "
            f"0 from the cache, {len(part)} described\n"
        )
        shutil.copytree(tmp_path / f"cache-{number}", tmp_path / "merged", dirs_exist_ok=True)
    assert sorted(parts) == sorted(NAMES)
    result = run("describe", "--from", str(zoo), "--cache", "merged")
    assert "5 from the cache, 0 described" in result.stdout and asked(recorded) == []


def test_failures_are_told_each_and_by_the_status(run: Any, recorded: Any) -> None:
    result = run("describe", "shop.models:broken", "shop.models:lenet", "-q", "--report", "report.json")
    assert result.exit_code == 1
    assert result.stderr == "shop.models:broken: build_broken raised ValueError: no. Mend it.\n"
    assert said(result).endswith("0 from the cache, 1 described, 1 failed\n")
    told = json.loads(Path("report.json").read_text("utf-8"))
    assert [(entry["target"], entry["state"]) for entry in told] == [
        ("shop.models:broken", "failed"),
        ("shop.models:lenet", "described"),
    ]
    assert told[0]["error"]["slug"] == "build" and told[1]["error"] is None


SITE = """Shop
====

.. keras-model:: shop.models:lenet

.. keras-graph:: shop.models:mlp

.. keras-summary:: shop.models:lenet
"""


def test_models_of_a_site_are_found_by_its_build(run: Any, recorded: Any, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text(
        "extensions = ['sphinx_kerasarch']\nkerasarch_cache_dir = '../cache'\nkerasarch_env = {'SIZE': '3'}\n"
        "kerasarch_path = ['../src']\n"
    )
    (docs / "index.rst").write_text(SITE)
    for number in (1, 2):
        result = run("describe", "--docs", "docs", "--shard", f"{number}/2", "--cache", f"cache-{number}")
        assert result.exit_code == 0 and len(asked(recorded)) == 1
        shutil.copytree(tmp_path / f"cache-{number}", tmp_path / "cache", dirs_exist_ok=True)
    assert recorded.started[-1]["env"] == {"SIZE": "3"}
    assert "2 from the cache, 0 described" in run("describe", "--docs", "docs").stdout
    assert sphinx_build(["-q", "-W", "-b", "html", str(docs), str(tmp_path / "out")]) == 0
    assert asked(recorded) == []
    assert len(list((tmp_path / "out" / "_images").glob("kerasarch-*.svg"))) == 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("describe",), "Missing argument 'TARGET'"),
        (("describe", "a:b", "c:d", "-o", "x.json"), "--output is for one TARGET"),
        (("describe", "a:b", "--shard", "3/2"), "There is no shard 3/2"),
        (("describe", "a:b", "--shard", "half"), "Write 2/4"),
        (("describe", "--from", "nowhere.txt"), "nowhere.txt cannot be read"),
        (("describe", "--shard", "1/2"), "There is no TARGET"),
        (("describe", "a:b", "--docs", "docs"), "takes no further TARGETs"),
        (("describe", "--docs", "nowhere"), "There is no folder nowhere"),
    ],
)
def test_what_cannot_be_is_one_line(run: Any, arguments: tuple[str, ...], text: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1 and text in result.stderr and len(result.stderr.splitlines()) == 1


def test_a_site_whose_cache_is_in_its_output_needs_another(run: Any, tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text("extensions = ['sphinx_kerasarch']\n")
    (tmp_path / "index.rst").write_text(SITE)
    assert "kerasarch_cache_dir" in run("describe", "--docs", ".").stderr
