"""Summary view: a row per call, nested models indented under a head row, every weight counted once.

The counts follow ``keras.Model.summary``: seed generators, metrics and optimizer variables are not counted
(keras/src/utils/summary_utils.py, ``count_params``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import OptionError
from ..figure import Cell, Column, Row, Table
from ..options import FOLD, Option, suggest, words
from ..registry import View
from ..spec import ArchSpec, Block, Call, Layer, Tensor, Weight
from ..spec.folding import folded
from ..spec.groups import Group
from ..spec.loops import class_text
from ..spec.outline import Branch, outline, parts
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
MIXED = "mixed_"
"""Beginning of the name of a policy whose weights are wider than what is computed."""
COST_COLUMNS = frozenset({"macs", "flops", "activations", "field"})


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
    groups: Mapping[str, tuple[Group, ...]]
    """Call id → repeated parts that it is in, outermost first."""
    sources: Mapping[str, tuple[str, ...]]
    new: Mapping[str, tuple[Weight, ...]]
    total: int
    cost: ModelCost | None
    """None when no column asks for it."""
    fields: Mapping[str, Seen]


def draw(
    spec: ArchSpec,
    *,
    columns: Sequence[str] = DEFAULT_COLUMNS,
    depth: int = 99,
    batch: int = 1,
    fold: str = "none",
) -> Table:
    """The table of ``columns``; nested models deeper than ``depth`` are summed up in their head row.

    ``batch``: samples for which operations and activations are counted. ``fold``: repeated parts have a head row with
    the sums of all copies and the rows of one copy, see :func:`.parts`.
    Raises :class:`.OptionError` for an unknown column.
    """
    unknown = [key for key in columns if key not in COLUMNS]
    if unknown:
        raise OptionError(
            f"The summary has no column {unknown[0]!r}.",
            advice=suggest(unknown[0], COLUMNS),
            data={"column": unknown[0]},
        )
    found, closed = parts(spec, folded(fold))
    facts = _facts(spec, found, *_costs(spec, columns, batch))
    rows = tuple(_rows(facts, outline(spec, found, closed), columns, 0, depth))
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


def _facts(
    spec: ArchSpec, found: Sequence[Group], costs: ModelCost | None, fields: Mapping[str, Seen]
) -> _Facts:
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
    groups: dict[str, tuple[Group, ...]] = {}
    for group in found:
        for copy in group.copies:
            groups |= {call: (*groups.get(call, ()), group) for call in copy}
    for call in outline(spec).calls():
        fresh = tuple(weight for weight in layers[call.layer].weights if weight.id not in seen)
        seen.update(weight.id for weight in fresh)
        new[call.id] = fresh
    return _Facts(
        spec=spec,
        layers=layers,
        names=names,
        paths=_paths(spec.blocks),
        blocks={call.id: call.block for call in spec.calls},
        groups=groups,
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


def _rows(
    facts: _Facts, branch: Branch, columns: Sequence[str], level: int, depth: int, each: bool = False
) -> Iterator[Row]:
    """``each``: the rows are those of one copy of several with weights of their own."""
    for item in branch.items:
        if isinstance(item, Call):
            yield _call_row(facts, item, columns, level, each)
        else:
            yield _branch_row(facts, item, columns, level, each)
            if level < depth and not item.closed:
                several = item.group is not None and len(item.group.copies) > 1 and not item.group.same
                yield from _rows(facts, item, columns, level + 1, depth, each or several)


def _call_row(facts: _Facts, call: Call, columns: Sequence[str], level: int, each: bool) -> Row:
    layer = facts.layers[call.layer]
    again = bool(layer.weights) and not facts.new[call.id]
    cells = {
        "layer": Cell(facts.names[call.id], layer.name),
        "type": Cell(_type(layer), layer.class_name),
        "shape": _shape_cell(call.outputs),
        "params": _params_cell(count(facts.new[call.id]), bool(layer.weights), again, each),
        "share": _share_cell(facts, count(facts.new[call.id]), bool(layer.weights)),
        "memory": _memory_cell(facts.new[call.id], layer.weights),
        "dtype": Cell(layer.dtype, layer.dtype),
        "trainable": _trainable_cell(layer.weights),
        "connected": _connected_cell(facts, facts.sources.get(call.id, ()), call.block, call.id),
    } | _cost_cells(facts, [call.id])
    return Row(tuple(cells[key] for key in columns), level, "layer", layer.role, call.id)


def _branch_row(facts: _Facts, branch: Branch, columns: Sequence[str], level: int, each: bool) -> Row:
    """The head row of a nested model or of a repeated part, with its sums."""
    block, group = branch.block, branch.group
    calls = list(branch.calls())
    inside = {call.id for call in calls}
    weights = tuple(weight for call in calls for weight in facts.layers[call.layer].weights)
    fresh = sum(count(facts.new[call.id]) for call in calls)
    sources: dict[str, None] = {}
    for call in calls:
        sources.update(dict.fromkeys(name for name in facts.sources.get(call.id, ()) if name not in inside))
    name = _group_name(group) if group else facts.names[block.id] if block else ""
    kind = class_text(block) if block else _layers_text(facts, group)
    around = group.block if group else block.parent if block else None
    cells = {
        "layer": Cell(name, block.label if block and not group else name),
        "type": Cell(kind, block.class_name if block else kind),
        "shape": _shape_cell(_block_outputs(facts, inside)),
        "params": _params_cell(fresh, bool(weights), bool(weights) and not fresh, each),
        "share": _share_cell(facts, fresh, bool(weights)),
        "memory": _memory_cell([weight for call in calls for weight in facts.new[call.id]], weights),
        "dtype": Cell("", None),
        "trainable": _trainable_cell(weights),
        "connected": _connected_cell(facts, tuple(sources), around, "", group),
    } | _cost_cells(facts, [call.id for call in calls])
    ref = group.id if group else block.id if block else ""
    return Row(tuple(cells[key] for key in columns), level, "block", "custom", ref)


def _group_name(group: Group) -> str:
    """``block_1–4 ×4``; ``refine, called 4×`` of one set of weights."""
    copies = len(group.copies)
    if copies == 1:
        return group.title
    return f"{group.title}, called {copies}×" if group.same else f"{group.title} ×{copies}"


def _layers_text(facts: _Facts, group: Group | None) -> str:
    """``10 layers each``, and how the copies differ; the type of a single layer."""
    if group is None:
        return ""
    if len(group.copies[0]) == 1:
        call = group.copies[0][0]
        return _type(next(facts.layers[c.layer] for c in facts.spec.calls if c.id == call))
    layers = len(group.copies[0])
    each = " each" * (len(group.copies) > 1 and not group.same)
    return f"{layers} layer{'s' * (layers != 1)}{each}" + f", {group.changes}" * bool(group.changes)


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


def _params_cell(number: int, weighted: bool, again: bool, each: bool = False) -> Cell:
    if not weighted:
        return Cell(NOTHING, 0, "no weights")
    text = f"{number:,}" + " each" * each
    return Cell("0 new", 0, "weights counted above") if again else Cell(text, number)


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


def _connected_cell(
    facts: _Facts, sources: Sequence[str], block: str | None, call: str, group: Group | None = None
) -> Cell:
    """The producers as seen from ``call``, or from ``group``, in ``block``.

    A layer inside a nested model or a repeated part is named by that.
    """
    own = facts.paths[block]
    inside = facts.groups.get(call, ())
    if group:
        inside = facts.groups[group.copies[0][0]]
        inside = inside[: inside.index(group)]
    seen: dict[str, None] = {}
    for source in sources:
        path = facts.paths[facts.blocks[source]]
        foreign = [step for level, step in enumerate(path) if level >= len(own) or own[level] != step]
        part = next((other for other in facts.groups.get(source, ()) if other not in inside), None)
        if part and (part.block is None or part.block not in foreign):
            seen[part.title] = None
        else:
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
            f"{next(iter(sizes))}{_computed(spec)}"
            if len(sizes) == 1
            else ", ".join(f"{size_text(number)} {dtype}" for dtype, number in sizes.items())
        )
        size = size_text(weights_bytes(weights.values()))
        parts = [f"{trainable:,} trainable, {frozen:,} non-trainable", f"{size} of weights", kinds]
    text = "; ".join(parts) + "."
    return text + _cost_note(spec, costs) + "".join(f" {note.message}" for note in spec.notes)


def _computed(spec: ArchSpec) -> str:
    """``throughout``, or what layers compute in whose policy is a mixed one: their weights do not tell it."""
    mixed = {policy.removeprefix(MIXED): None for layer in spec.layers if (policy := layer.dtype).startswith(MIXED)}
    if not mixed:
        return " throughout"
    whole = all(layer.dtype.startswith(MIXED) for layer in spec.layers if layer.weights)
    return f", computed in {' and '.join(mixed)}" if whole else f", computed in part in {' and '.join(mixed)}"


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
    gives=Table,
    options=(
        Option("columns", words, DEFAULT_COLUMNS, "Columns of the table, in this order.", tuple(COLUMNS)),
        Option("depth", _depth, 99, "Levels of nested models shown with their layers."),
        Option(
            "fold",
            FOLD.convert,
            "none",
            "Repeated blocks: none lists every copy; auto gives them a head row with the sums and lists one copy, a "
            "number leaves as many levels open, names with stars (block_*) give what they match a head row.",
        ),
        Option("batch", _batch, 1, "Samples for which operations and activations are counted."),
    ),
)
