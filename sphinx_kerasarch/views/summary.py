"""Summary view: a row per call, nested models indented under a head row, every weight counted once.

The counts follow ``keras.Model.summary``: seed generators, metrics and optimizer variables are not counted
(keras/src/utils/summary_utils.py, ``count_params``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import OptionError
from ..figure import Cell, Column, Row, Table
from ..options import Option, suggest, words
from ..registry import View
from ..spec import ArchSpec, Block, Call, Layer, Tensor, Weight
from ..spec.loops import class_text
from ..spec.parameters import type_text
from ..spec.query import weight_bytes, weights_bytes

if TYPE_CHECKING:  # a page of usual tables does not load the formulas
    from ..spec.cost import CallCost, ModelCost
    from ..spec.cost.field import Seen

COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column("layer", "Layer"),
        Column("type", "Type"),
        Column("shape", "Output shape"),
        Column("params", "Params", "right"),
        Column("share", "Share", "right"),
        Column("macs", "MACs", "right"),
        Column("flops", "FLOPs", "right"),
        Column("memory", "Memory", "right"),
        Column("activations", "Activations", "right"),
        Column("field", "Field", "right"),
        Column("dtype", "Dtype"),
        Column("trainable", "Train.", "center"),
        Column("connected", "Connected to"),
    )
}
DEFAULT_COLUMNS = ("layer", "type", "shape", "params", "trainable", "connected")
NOTHING = "–"
UNKNOWN = "?"
COST_COLUMNS = frozenset({"macs", "flops", "activations", "field"})


@dataclass(slots=True)
class _Branch:
    """A block (or the whole model) with its calls and inner blocks in the order of first call."""

    block: Block | None
    items: list[Call | _Branch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What every row needs to know of the whole model."""

    spec: ArchSpec
    layers: Mapping[str, Layer]
    names: Mapping[str, str]
    """Call or block id → name as printed."""
    paths: Mapping[str | None, tuple[str, ...]]
    """Block id → ids of its blocks, outermost first."""
    blocks: Mapping[str, str | None]
    """Call id → its block."""
    sources: Mapping[str, tuple[str, ...]]
    new: Mapping[str, tuple[Weight, ...]]
    total: int
    cost: ModelCost | None
    """None when no column asks for it."""
    fields: Mapping[str, Seen]


def draw(
    spec: ArchSpec, *, columns: Sequence[str] = DEFAULT_COLUMNS, depth: int = 99, batch: int = 1
) -> Table:
    """The table of ``columns``; nested models deeper than ``depth`` are summed up in their head row.

    ``batch``: samples for which operations and activations are counted.
    Raises :class:`.OptionError` for an unknown column.
    """
    unknown = [key for key in columns if key not in COLUMNS]
    if unknown:
        raise OptionError(
            f"The summary has no column {unknown[0]!r}.",
            advice=suggest(unknown[0], COLUMNS),
            data={"column": unknown[0]},
        )
    facts = _facts(spec, *_costs(spec, columns, batch))
    rows = tuple(_rows(facts, _tree(spec), columns, 0, depth))
    return Table(
        title=spec.name,
        columns=tuple(COLUMNS[key] for key in columns),
        rows=rows,
        totals=(_total_row(facts, columns),),
        note=_note(spec, facts.cost),
    )


def _costs(
    spec: ArchSpec, columns: Sequence[str], batch: int
) -> tuple[ModelCost | None, Mapping[str, Seen]]:
    """What the columns of costs need, nothing without them."""
    asked = COST_COLUMNS.intersection(columns)
    if not asked:
        return None, {}
    from ..spec.cost import cost, receptive_fields

    return cost(spec, batch=batch), receptive_fields(spec) if "field" in asked else {}


def _facts(spec: ArchSpec, costs: ModelCost | None, fields: Mapping[str, Seen]) -> _Facts:
    layers = {layer.id: layer for layer in spec.layers}
    names = {call.id: _call_name(call, layers[call.layer]) for call in spec.calls}
    names |= {block.id: _block_name(block, spec.blocks) for block in spec.blocks}
    sources: dict[str, list[str]] = {}
    for edge in spec.edges:
        known = sources.setdefault(edge.target.call, [])
        if edge.source.call not in known:
            known.append(edge.source.call)
    seen: set[str] = set()
    new: dict[str, tuple[Weight, ...]] = {}
    for call in _calls(_tree(spec)):
        fresh = tuple(weight for weight in layers[call.layer].weights if weight.id not in seen)
        seen.update(weight.id for weight in fresh)
        new[call.id] = fresh
    return _Facts(
        spec=spec,
        layers=layers,
        names=names,
        paths=_paths(spec.blocks),
        blocks={call.id: call.block for call in spec.calls},
        sources={call: tuple(producers) for call, producers in sources.items()},
        new=new,
        total=sum(count(weights) for weights in new.values()),
        cost=costs,
        fields=fields,
    )


def count(weights: Sequence[Weight]) -> int:
    """Number of scalars."""
    return sum(math.prod(weight.shape) for weight in weights)


def _call_name(call: Call, layer: Layer) -> str:
    _, at, number = call.id.rpartition("@")
    return f"{layer.shown} (call {number})" if at and number.isdigit() else layer.shown


def _block_name(block: Block, blocks: Sequence[Block]) -> str:
    twins = [other.id for other in blocks if block.model and other.model == block.model]
    number = twins.index(block.id) + 1 if block.id in twins else 1
    return f"{block.label} (call {number})" if number > 1 else block.label


def _paths(blocks: Sequence[Block]) -> dict[str | None, tuple[str, ...]]:
    by_id = {block.id: block for block in blocks}
    paths: dict[str | None, tuple[str, ...]] = {None: ()}
    for block in blocks:
        path = [block.id]
        while (parent := by_id[path[-1]].parent) is not None:
            path.append(parent)
        paths[block.id] = tuple(reversed(path))
    return paths


def _tree(spec: ArchSpec) -> _Branch:
    root = _Branch(None)
    branches: dict[str | None, _Branch] = {None: root}
    blocks = {block.id: block for block in spec.blocks}

    def branch(block_id: str | None) -> _Branch:
        path: list[str] = []
        while block_id not in branches:
            assert block_id is not None
            path.append(block_id)
            block_id = blocks[block_id].parent
        found = branches[block_id]
        for step in reversed(path):
            inner = branches[step] = _Branch(blocks[step])
            found.items.append(inner)
            found = inner
        return found

    for call in spec.calls:
        branch(call.block).items.append(call)
    return root


def _calls(branch: _Branch) -> Iterator[Call]:
    for item in branch.items:
        if isinstance(item, Call):
            yield item
        else:
            yield from _calls(item)


def _rows(facts: _Facts, branch: _Branch, columns: Sequence[str], level: int, depth: int) -> Iterator[Row]:
    for item in branch.items:
        if isinstance(item, Call):
            yield _call_row(facts, item, columns, level)
        else:
            yield _block_row(facts, item, columns, level)
            if level < depth:
                yield from _rows(facts, item, columns, level + 1, depth)


def _call_row(facts: _Facts, call: Call, columns: Sequence[str], level: int) -> Row:
    layer = facts.layers[call.layer]
    again = bool(layer.weights) and not facts.new[call.id]
    cells = {
        "layer": Cell(facts.names[call.id], layer.name),
        "type": Cell(_type(layer), layer.class_name),
        "shape": _shape_cell(call.outputs),
        "params": _params_cell(count(facts.new[call.id]), bool(layer.weights), again),
        "share": _share_cell(facts, count(facts.new[call.id]), bool(layer.weights)),
        "memory": _memory_cell(facts.new[call.id], layer.weights),
        "dtype": Cell(layer.dtype, layer.dtype),
        "trainable": _trainable_cell(layer.weights),
        "connected": _connected_cell(facts, facts.sources.get(call.id, ()), call.block),
    } | _cost_cells(facts, [call.id])
    return Row(tuple(cells[key] for key in columns), level, "layer", layer.role, call.id)


def _block_row(facts: _Facts, branch: _Branch, columns: Sequence[str], level: int) -> Row:
    block = branch.block
    assert block is not None
    calls = list(_calls(branch))
    inside = {call.id for call in calls}
    weights = tuple(weight for call in calls for weight in facts.layers[call.layer].weights)
    fresh = sum(count(facts.new[call.id]) for call in calls)
    sources: dict[str, None] = {}
    for call in calls:
        sources.update(dict.fromkeys(name for name in facts.sources.get(call.id, ()) if name not in inside))
    cells = {
        "layer": Cell(facts.names[block.id], block.label),
        "type": Cell(class_text(block), block.class_name),
        "shape": _shape_cell(_block_outputs(facts, inside)),
        "params": _params_cell(fresh, bool(weights), bool(weights) and not fresh),
        "share": _share_cell(facts, fresh, bool(weights)),
        "memory": _memory_cell([weight for call in calls for weight in facts.new[call.id]], weights),
        "dtype": Cell("", None),
        "trainable": _trainable_cell(weights),
        "connected": _connected_cell(facts, tuple(sources), block.parent),
    } | _cost_cells(facts, [call.id for call in calls])
    return Row(tuple(cells[key] for key in columns), level, "block", "custom", block.id)


def _block_outputs(facts: _Facts, inside: set[str]) -> tuple[Tensor, ...]:
    """Tensors that leave the block, in the order of the calls that made them."""
    ports = dict.fromkeys(
        (edge.source.call, edge.source.index)
        for edge in facts.spec.edges
        if edge.source.call in inside and edge.target.call not in inside
    )
    ports |= dict.fromkeys(
        (slot.port.call, slot.port.index) for slot in facts.spec.outputs if slot.port.call in inside
    )
    calls = {call.id: call for call in facts.spec.calls if call.id in inside}
    return tuple(calls[call].outputs[index] for call, index in ports if index < len(calls[call].outputs))


def _type(layer: Layer) -> str:
    return "Input" if layer.class_name == "InputLayer" else type_text(layer)


def shape_text(shape: Sequence[int | None]) -> str:
    """``28×28×20`` without the batch axis, ``?`` where unknown, ``1`` for one number per sample."""
    axes = shape[1:]
    return "×".join("?" if axis is None else str(axis) for axis in axes) or "1"


def _shape_cell(outputs: Sequence[Tensor]) -> Cell:
    texts = list(dict.fromkeys(shape_text(tensor.shape) for tensor in outputs))
    return Cell(", ".join(texts) or NOTHING, ", ".join(texts) or None)


def _params_cell(number: int, weighted: bool, again: bool) -> Cell:
    if not weighted:
        return Cell(NOTHING, 0, "no weights")
    return Cell("0 new", 0, "weights counted above") if again else Cell(f"{number:,}", number)


def _share_cell(facts: _Facts, number: int, weighted: bool) -> Cell:
    if not weighted or not facts.total:
        return Cell(NOTHING, 0.0)
    return Cell(f"{100 * number / facts.total:.1f} %", number / facts.total)


def _memory_cell(fresh: Sequence[Weight], weights: Sequence[Weight] | None = None) -> Cell:
    """Bytes of the weights that are not counted further up."""
    if not (fresh if weights is None else weights):
        return Cell(NOTHING, 0, "no weights")
    number = weights_bytes(fresh)
    return Cell(size_text(number), number) if fresh else Cell("0 new", 0, "weights counted above")


def _cost_cells(facts: _Facts, calls: Sequence[str], whole: bool = False) -> dict[str, Cell]:
    """Cells of one call, of all calls of a block, or of the ``whole`` model."""
    if facts.cost is None:
        return {}
    costs = [facts.cost.calls[call] for call in calls]
    lacking = [item for item in costs if item.work is None]
    why = "; ".join(dict.fromkeys(item.reason for item in lacking))
    macs = sum(item.work.macs for item in costs if item.work)
    flops = sum(item.work.flops for item in costs if item.work)
    return {
        "macs": _count_cell(macs, bool(lacking), why),
        "flops": _count_cell(flops, bool(lacking), why),
        "activations": _activation_cell(costs),
        "field": _field_cell(facts, calls, whole),
    }


def _count_cell(number: int, partial: bool, why: str) -> Cell:
    """A count; ``+ ?`` after what is known when a part is not, ``?`` alone when nothing is."""
    if not partial:
        return Cell(count_text(number), number) if number else Cell(NOTHING, 0, "none")
    if number:
        return Cell(f"{count_text(number)} + ?", number, f"without {why}")
    return Cell(UNKNOWN, None, why)


def _activation_cell(costs: Sequence[CallCost]) -> Cell:
    known = [item.activations for item in costs if item.activations is not None]
    if len(known) < len(costs):
        return Cell(UNKNOWN, None, "an axis is not known before it runs")
    return Cell(size_text(sum(known)), sum(known))


def _field_cell(facts: _Facts, calls: Sequence[str], whole: bool) -> Cell:
    """Of a block the field at its end; of the whole model none."""
    text = ""
    if facts.fields and calls and not whole:
        from ..spec.cost import field_text

        text = field_text(facts.fields.get(calls[-1]))
    return Cell(text or (NOTHING if not whole else ""), text or None)


def _trainable_cell(weights: Sequence[Weight]) -> Cell:
    flags = {weight.trainable for weight in weights}
    if not flags:
        return Cell(NOTHING, None, "no weights")
    if flags == {True}:
        return Cell("●", "all", "all weights trainable")
    return (
        Cell("○", "none", "no weight trainable") if flags == {False} else Cell("◐", "part", "part trainable")
    )


def _connected_cell(facts: _Facts, sources: Sequence[str], block: str | None) -> Cell:
    """The producers as seen from ``block``: a layer inside a nested model is named by that model."""
    own = facts.paths[block]
    seen: dict[str, None] = {}
    for source in sources:
        path = facts.paths[facts.blocks[source]]
        foreign = [step for level, step in enumerate(path) if level >= len(own) or own[level] != step]
        seen[facts.names[foreign[0] if foreign else source]] = None
    text = ", ".join(seen)
    return Cell(text or NOTHING, text or None)


def _total_row(facts: _Facts, columns: Sequence[str]) -> Row:
    number = len(facts.spec.layers)
    cells = {
        "layer": Cell("Total", None),
        "type": Cell(f"{number} layer{'s' * (number != 1)}", number),
        "params": Cell(f"{facts.total:,}", facts.total),
        "share": Cell("100 %" if facts.total else NOTHING, 1.0),
        "memory": _memory_cell(tuple({w.id: w for x in facts.spec.layers for w in x.weights}.values())),
    } | _cost_cells(facts, [call.id for call in facts.spec.calls], whole=True)
    return Row(tuple(cells.get(key, Cell("", None)) for key in columns), 0, "total")


def _note(spec: ArchSpec, costs: ModelCost | None = None) -> str:
    weights = {weight.id: weight for layer in spec.layers for weight in layer.weights}
    if not weights:
        parts = ["No weights"]
    else:
        trainable = count([weight for weight in weights.values() if weight.trainable])
        frozen = count([weight for weight in weights.values() if not weight.trainable])
        sizes = weight_bytes(spec)
        kinds = (
            f"{next(iter(sizes))} throughout"
            if len(sizes) == 1
            else ", ".join(f"{size_text(number)} {dtype}" for dtype, number in sizes.items())
        )
        size = size_text(weights_bytes(weights.values()))
        parts = [f"{trainable:,} trainable, {frozen:,} non-trainable", f"{size} of weights", kinds]
    text = "; ".join(parts) + "."
    return text + _cost_note(spec, costs) + "".join(f" {note.message}" for note in spec.notes)


def _cost_note(spec: ArchSpec, costs: ModelCost | None) -> str:
    """Memory of a forward pass, and why some costs are question marks."""
    if costs is None:
        return ""
    from ..spec.cost import reasons

    text = ""
    if costs.activations is not None and costs.peak is not None:
        text = (
            f" Activations of {costs.batch} sample{'s' * (costs.batch != 1)}: {size_text(costs.activations)}"
            f" in all, {size_text(costs.peak)} at once."
        )
    missing = [f"{number} × {reason}" for reason, number in reasons(spec, costs).items()]
    return f"{text} Not known: {'; '.join(missing)}." if missing else text


def count_text(number: int) -> str:
    """``3.86 G``: three digits and a decimal prefix."""
    value = float(number)
    for unit in ("", "k", "M", "G", "T"):
        if value < 999.5 or unit == "T":
            return f"{number}" if not unit else f"{value:.3g} {unit}"
        value /= 1000
    raise AssertionError


def size_text(number: int) -> str:
    """``1.44 MiB``: three digits and a binary unit (IEC 80000-13)."""
    value = float(number)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1000 or unit == "GiB":
            return f"{number} B" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1024
    raise AssertionError


def _depth(text: str) -> int:
    if not text.strip().isdigit():
        raise ValueError(f"{text!r} is not a number of levels. Write 0, 1, 2, …")
    return int(text)


def _batch(text: str) -> int:
    if not text.strip().isdigit() or not int(text):
        raise ValueError(f"{text!r} is not a number of samples. Write 1, 2, 3, …")
    return int(text)


VIEW = View(
    name="summary",
    title="Summary",
    draw=draw,
    options=(
        Option("columns", words, DEFAULT_COLUMNS, "Columns of the table, in this order.", tuple(COLUMNS)),
        Option("depth", _depth, 99, "Levels of nested models shown with their layers."),
        Option("batch", _batch, 1, "Samples for which operations and activations are counted."),
    ),
)
