"""``kerasarch lint``: findings of the figures of a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.hosts.cli.lint import measure
from sphinx_kerasarch.spec import codec
from sphinx_kerasarch.theme import palette

SPECS = Path(__file__).parents[1] / "specs"
LENET = str(SPECS / "lenet.json")


def test_a_sound_model(run: Any) -> None:
    result = run("lint", LENET)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == ["lenet: nothing found (layered and graph)."]


def test_findings_end_with_status_1(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_kerasarch import lint

    monkeypatch.setattr(lint, "SMALLEST_TEXT", 9.0)
    result = run("lint", LENET, "--view", "layered")
    assert result.exit_code == 1
    *lines, last = result.stdout.splitlines()
    assert lines and all(line.startswith("layered: small-text: ") for line in lines)
    assert last == f"lenet: {len(lines)} findings (layered): {len(lines)} small-text."


def test_json(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_kerasarch import lint

    monkeypatch.setattr(lint, "THINNEST_STROKE", 0.65)
    result = run("lint", LENET, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"model": "lenet", "views": {"layered": [], "graph": []}}
    monkeypatch.setattr(lint, "THINNEST_STROKE", 0.75)
    result = run("lint", LENET, "--json", "--view", "layered")
    assert result.exit_code == 1
    findings = json.loads(result.stdout)["views"]["layered"]
    assert {finding["slug"] for finding in findings} == {"thin-stroke"}
    assert all(set(finding) == {"slug", "subject", "message"} for finding in findings)


def test_contrast_is_told_for_each_theme_and_the_rest_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_kerasarch import lint

    spec = codec.loads(Path(LENET).read_text("utf-8"))
    monkeypatch.setattr(lint, "TEXT_CONTRAST", 22.0)  # more than black on white
    monkeypatch.setattr(lint, "SMALLEST_TEXT", 9.0)
    found = measure(spec, "layered", (palette("light"), palette("dark")), {})
    assert len(found) == len(set(found))
    themes = [finding.message.partition(":")[0] for finding in found if finding.slug == "contrast"]
    assert themes.count("light") == themes.count("dark") > 0
    small = [finding.subject for finding in found if finding.slug == "small-text"]
    assert small and not any("dark" in finding.message for finding in found if finding.slug == "small-text")


def test_a_figure_that_is_refused_is_a_finding(run: Any) -> None:
    result = run(
        "lint", str(SPECS / "resnet50.json"), "--view", "layered", "--fold", "none", "--width", "60px"
    )
    assert result.exit_code == 1
    assert result.stdout.startswith("layered: draw: resnet50: ")
    spec = codec.loads((SPECS / "resnet50.json").read_text("utf-8"))
    found = measure(spec, "layered", [palette("light")], {"width": 60.0, "fold": "none"})
    assert [finding.slug for finding in found] == ["draw"]
    assert found[0].message


def test_the_width_is_that_of_the_view(run: Any) -> None:
    result = run("lint", str(SPECS / "vgg16.json"), "--width", "85mm")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--view", "layred"], "Did you mean 'layered'?"),
        (["--theme", "drak"], "Did you mean 'dark'?"),
        (["--view", "summary"], "is a table"),
        (["--view", "graph", "--shape", "u"], "takes --shape"),
    ],
)
def test_what_is_refused(run: Any, arguments: list[str], said: str) -> None:
    result = run("lint", LENET, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_own_colours_and_categories(run: Any, tmp_path: Path) -> None:
    encoder = str(SPECS / "transformer_encoder.json")
    own = ["--color", "conv=#0072b2,#56b4e9", "--color", "layer:dense*=#f0e442", "--role", "Positions=embed"]
    result = run("lint", encoder, *own, "--theme", "light", "--theme", "dark", "--theme", "grey")
    assert result.exit_code == 0, result.output
    result = run("render", encoder, "-o", "a.svg", *own)
    assert result.exit_code == 0, result.output
    svg = (tmp_path / "a.svg").read_text("utf-8")
    assert "#f0e442" in svg
    run("render", encoder, "-o", "b.svg")
    assert (tmp_path / "b.svg").read_text("utf-8").count("#a8c46c") < svg.count(
        "#a8c46c"
    )  # one more embedding


@pytest.mark.parametrize("command", ["lint", "render"])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--color", "conv"], "'conv' is not of the form NAME=COLOR."),
        (["--color", "cnov=#fff"], "Did you mean 'conv'?"),
        (["--color", "conv=sky"], "Write #0072b2"),
        (["--role", "Block=atn"], "Did you mean 'attn'?"),
    ],
)
def test_bad_colours_and_categories(run: Any, command: str, arguments: list[str], said: str) -> None:
    result = run(command, LENET, *arguments, *(["-o", "a.svg"] if command == "render" else []))
    assert result.exit_code == (2 if command == "lint" else 1)
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
