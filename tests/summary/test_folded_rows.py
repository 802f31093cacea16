"""Repeated parts as one row with their sums: nothing is lost, nothing counted twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.figure import Row, Table
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.folding import folded
from sphinx_kerasarch.spec.outline import Branch, outline, parts
from sphinx_kerasarch.spec.query import totals

SPECS = Path(__file__).parents[1] / "specs"
LARGE = {"nasnetlarge", "efficientnetv2l", "inceptionv3"}
ALL = sorted(
    str(path.relative_to(SPECS).with_suffix("")) for path in SPECS.rglob("*.json") if path.stem not in LARGE
)
FOLDS = ("auto", "0", "1")


def spec_of(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


def table_of(spec: ArchSpec, fold: str, **options: object) -> Table:
    table = draw(
        spec, "summary", fold=fold, columns=("layer", "type", "params", "macs", "connected"), **options
    ).figure
    assert isinstance(table, Table)
    return table


def texts(row: Row) -> list[str]:
    return [cell.text for cell in row.cells]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("fold", FOLDS)
def test_sums_of_the_outer_rows_are_the_totals(name: str, fold: str) -> None:
    spec = spec_of(name)
    table = table_of(spec, fold)
    outer = [row for row in table.rows if row.depth == 0]
    assert sum(int(row.cells[2].value or 0) for row in outer) == totals(spec).params
    if table.totals[0].cells[3].value is not None:
        assert sum(int(row.cells[3].value or 0) for row in outer) == table.totals[0].cells[3].value


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("fold", FOLDS)
def test_copies_times_one_copy_is_the_head_row(name: str, fold: str) -> None:
    spec = spec_of(name)
    groups, closed = parts(spec, folded(fold))
    copies = {group.id: 1 if group.same else len(group.copies) for group in groups}
    rows = table_of(spec, fold).rows
    for number, row in enumerate(rows):
        if row.ref in copies and row.ref not in closed:
            inside = []
            for other in rows[number + 1 :]:
                if other.depth <= row.depth:
                    break
                inside.append(other)
            first = [other for other in inside if other.depth == row.depth + 1]
            assert first
            assert (
                copies[row.ref] * sum(int(other.cells[2].value or 0) for other in first) == row.cells[2].value
            )


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("fold", FOLDS)
def test_every_call_is_in_the_outline_once(name: str, fold: str) -> None:
    spec = spec_of(name)
    tree = outline(spec, *parts(spec, folded(fold)))
    assert sorted(call.id for call in tree.calls()) == sorted(call.id for call in spec.calls)

    def check(branch: Branch) -> None:
        for item in branch.items:
            if isinstance(item, Branch):
                group = item.group
                if group:
                    drawn = {call.id for call in item.calls()} - {call.id for call in item.hidden}
                    assert drawn == set(group.copies[0])
                    assert {call.id for call in item.hidden} == set().union(*group.copies[1:])
                check(item)

    check(tree)


def test_rows_of_a_repeated_model() -> None:
    rows = table_of(spec_of("folding/copies"), "auto").rows
    assert texts(rows[2])[:3] == ["block_1–4 ×4", "Functional", "73,984"]
    assert texts(rows[3])[:3] == ["conv1", "Conv2D", "9,248 each"]
    assert texts(rows[7])[-1] == "block_1–4"
    assert len(table_of(spec_of("folding/copies"), "0").rows) == 5


def test_a_loop_is_told_from_copies() -> None:
    rows = table_of(spec_of("folding/refiner"), "auto").rows
    assert texts(rows[2])[:3] == ["refine, called 4×", "Functional", "18,496"]
    assert texts(rows[3])[2] == "9,248"


def test_parts_by_name_have_a_head_row_with_sums() -> None:
    rows = table_of(spec_of("resnet50"), "conv2, conv3, conv4, conv5", depth=0).rows
    heads = [texts(row)[:3] for row in rows if row.kind == "block"]
    assert [head[0] for head in heads] == ["conv2", "conv3", "conv4", "conv5"]
    assert heads[0][1] == "32 layers"
    changed = table_of(spec_of("densenet121"), "conv*_block*", depth=0).rows
    first = next(row for row in changed if row.kind == "block")
    assert texts(first)[1] == "7 layers each, channels 96 → 256"


def test_equal_single_layers_have_one_row() -> None:
    rows = table_of(spec_of("folding/tied"), "auto").rows
    assert [texts(row)[:2] for row in rows[1:3]] == [["step, called 4×", "Dense"], ["label", "Dense"]]
    assert len(table_of(spec_of("vgg16"), "auto").rows) == len(table_of(spec_of("vgg16"), "none").rows) - 2
