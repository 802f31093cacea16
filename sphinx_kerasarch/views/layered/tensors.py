"""What is drawn: one :class:`Node` for each tensor worth a box, with the calls that it stands for.

Convolution (or dense) + normalization + activation become one node, in any order, where each has one consumer.
Dropout and identity leave no mark; arithmetic with a constant is a ball over its constant.
Padding belongs to what follows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...spec.loops import PREVIOUS_STATE
from ...spec.model import ArchSpec, Call, Layer, Shape, Slot
from .operands import SIGNS, hard_sigmoids, is_ball, operand

SHORT: Mapping[str, str] = {
    "LayerNormalization": "LN",
    "BatchNormalization": "BN",
    "GroupNormalization": "GN",
    "RMSNormalization": "RMS",
    "UnitNormalization": "UN",
    "SpectralNormalization": "SN",
    "MultiHeadAttention": "MHA",
    "GroupQueryAttention": "GQA",
    "GroupedQueryAttention": "GQA",
    "Attention": "Attn",
    "AdditiveAttention": "Attn",
}
"""Class → the value line of its box."""

ACTIVATIONS: Mapping[str, str] = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "gelu": "GELU",
    "elu": "ELU",
    "selu": "SELU",
    "celu": "CELU",
    "silu": "SiLU",
    "swish": "SiLU",
    "leaky_relu": "LeakyReLU",
    "prelu": "PReLU",
    "hard_silu": "hard SiLU",
    "hard_swish": "hard SiLU",
    "hard_sigmoid": "hard sigmoid",
}
"""Name of an activation → as printed; others are printed with spaces for underscores."""

ACTIVATION_CLASSES: Mapping[str, str] = {
    "ReLU": "relu",
    "Relu": "relu",
    "Relu6": "relu6",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
    "Softmax": "softmax",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Gelu": "gelu",
    "Silu": "silu",
}

OUTPUT_WORDS = frozenset({"softmax", "sigmoid", "tanh", "log_softmax"})
"""Activations of model outputs that are written under the box and not drawn as a band."""

SOLID = frozenset({"conv", "up", "dense"})
"""Categories that take up a following normalization and activation."""


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    """Id of the call that gives the box its name."""
    cat: str
    """Category token: ``conv``, ``pool``, …, and ``merge`` for balls."""
    kind: str
    """``input``, ``slab``, ``pool``, ``up`` (shape-changing ends of a run) or ``ball``."""
    shape: Shape
    """Without the batch axis, channels last."""
    inputs: tuple[str, ...]
    """Nodes that feed it, each once, in the order of the inputs."""
    calls: tuple[str, ...]
    """Calls that it stands for, in the order in which they run."""
    class_name: str = ""
    sign: str = ""
    """Word of a ball."""
    act: str = ""
    """Name of the activation drawn as a band, as printed."""
    value: str = ""
    """First line when it is not a number of the shape (``LN``)."""
    word: str = ""
    """Second line when it is not the spatial size (``softmax``); the constant operand of a ball."""
    caption: str = ""
    """Third line."""
    heads: int = 0
    depthwise: bool = False
    """A convolution of each channel by itself."""
    output: bool = False
    block: str | None = None
    image: str = ""
    """Picture for the face of an input, base64 of a PNG."""
    copies: tuple[tuple[str, ...], ...] = ()
    """Calls of the further copies that this node stands for, when a repeat is folded."""
    projected: tuple[int, ...] = ()
    """Of a folded residual: the copies, counted from 1, whose shortcut has a convolution that this one lacks."""
    shortcut: str = ""
    """What is written at those convolutions: their channels and stride."""
    channels: tuple[int, int] | None = None
    """Smallest and largest last axis over the folded copies when they differ."""

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def volume(self) -> bool:
        return len(self.shape) >= 3


BLOCK = "Block"
"""Class name of the box of a closed part; it stands apart from others."""

Net = Mapping[str, Node]
"""Node id → node, in topological order."""


@dataclass(slots=True)
class _Draft:
    """A node while it takes up calls."""

    call: Call
    layer: Layer
    cat: str
    kind: str
    inputs: list[str]
    calls: list[str]
    last: str
    act: str = ""
    normed: bool = False
    extra: dict[str, str] = field(default_factory=dict)


def _axes(shape: Shape, channels_first: bool) -> Shape:
    axes = shape[1:]
    return (*axes[1:], axes[0]) if channels_first and len(axes) >= 3 else axes


def _tensor(call: Call) -> Shape:
    return call.outputs[0].shape if call.outputs else ()


def activation_name(layer: Layer) -> str:
    """Name of the activation that an activation layer (or operation) applies."""
    name = layer.activation or layer.config.get("activation")
    if isinstance(name, str):
        return name
    return ACTIVATION_CLASSES.get(layer.class_name, layer.class_name.lower())


def _same_shape(call: Call) -> bool:
    return bool(call.inputs and call.outputs) and call.inputs[0].shape == call.outputs[0].shape


def _spread(call: Call) -> bool:
    """Whether a vector gets axes of length 1 before its channels, as between pooling and convolutions of 1×1."""
    if len(call.inputs) != 1 or len(call.outputs) != 1:
        return False
    before, after = call.inputs[0].shape, call.outputs[0].shape
    return len(before) == 2 and len(after) > 3 and after[1:] == (*(1 for _ in after[2:]), before[1])


class _Fuser:
    """One pass over the calls in topological order."""

    def __init__(self, spec: ArchSpec) -> None:
        self.spec = spec
        self.layers = {layer.id: layer for layer in spec.layers}
        self.calls = {call.id: call for call in spec.calls}
        self.producers: dict[str, list[str]] = {call.id: [] for call in spec.calls}
        self.consumers: dict[str, list[str]] = {call.id: [] for call in spec.calls}
        for edge in sorted(spec.edges, key=lambda e: e.target.index):
            source, target = edge.source.call, edge.target.call
            if source in self.consumers and target in self.producers and source not in self.producers[target]:
                self.producers[target].append(source)
                self.consumers[source].append(target)
        self.outputs = {slot.port.call for slot in spec.outputs}
        self.inputs = {slot.port.call for slot in spec.inputs}
        self.first = any(layer.config.get("data_format") == "channels_first" for layer in spec.layers)
        self.drafts: dict[str, _Draft] = {}
        self.home: dict[str, str] = {}
        self.ahead: dict[str, list[str]] = {}
        self.hard = hard_sigmoids(spec.calls, self.layers, self.producers, self.consumers)

    def layer(self, call: str) -> Layer:
        return self.layers[self.calls[call].layer]

    def alone(self, call: str) -> bool:
        """One consumer, and that is not the world outside."""
        return len(self.consumers[call]) + (call in self.outputs) <= 1

    def activation(self, call: str) -> str:
        """Name of the activation that an activation call applies."""
        return "hard_sigmoid" if call in self.hard else activation_name(self.layer(call))

    def trait(self, call: str) -> str:
        """``keep``, ``norm``, ``act``, ``none`` (leaves no mark) or ``pad``."""
        layer, here = self.layer(call), self.calls[call]
        if call in self.inputs or len(self.producers[call]) != 1:
            return "keep"
        if layer.role == "norm" or (layer.role == "prep" and layer.class_name == "Normalization"):
            return "norm"
        if layer.role == "act" or call in self.hard:
            visible = self.hard.get(call, "shift") == "shift" and self.activation(call) != "linear"
            return "act" if visible else "none"
        if layer.class_name.startswith("ZeroPadding"):
            return "pad"
        spread = layer.role == "reshape" and call not in self.outputs and _spread(here)
        if not spread and (layer.weights or not _same_shape(here)):
            return "keep"
        if layer.role in {"reg", "prep", "reshape"}:
            return "none"
        if layer.role == "custom" and ".layers" not in layer.module and ".ops" in layer.module:
            return "none"
        return "keep"

    def leads_to(self, call: str, roles: frozenset[str]) -> bool:
        """Whether only markless calls lie between ``call`` and a layer of one of ``roles``."""
        while self.alone(call) and self.consumers[call]:
            call = self.consumers[call][0]
            trait = self.trait(call)
            if trait == "keep":
                return len(self.producers[call]) == 1 and self.layer(call).role in roles
            if trait == "norm" and self.layer(call).class_name == "LayerNormalization":
                return False
        return False

    def absorb(self, call: str) -> bool:
        """Give a call to a node that exists, or put it aside for the node that follows."""
        trait = self.trait(call)
        if trait == "keep":
            return False
        source = self.producers[call][0]
        layer = self.layer(call)
        if source in self.ahead and self.alone(source):
            fits = trait != "norm" or layer.class_name != "LayerNormalization"
            return fits and self.put_aside(call, source)
        return self.settle(call, source, trait)

    def settle(self, call: str, source: str, trait: str) -> bool:
        """Take a call up in the node before it, put it aside, or leave it (False)."""
        layer, draft = self.layer(call), self.drafts[self.home[source]]
        single = self.alone(source) and draft.last == source
        if trait == "none":
            return self.take(call, draft, source, single)
        if trait == "norm":
            pre = layer.class_name != "LayerNormalization" and self.leads_to(call, SOLID_ROLES)
            if single and draft.cat in SOLID and not draft.normed:
                draft.normed = True
                return self.take(call, draft, source, True)
            return pre and self.put_aside(call, source)
        if trait == "act":
            name = self.activation(call)
            if single and draft.cat in BANDED and not draft.act:
                draft.act = name
                return self.take(call, draft, source, True)
            if single and call in self.outputs and name in OUTPUT_WORDS and draft.kind != "ball":
                draft.extra["word"] = printed_activation(name)
                return self.take(call, draft, source, True)
            shown = call in self.outputs and name in OUTPUT_WORDS
            formula = draft.kind == "ball" and layer.class_name in ARITHMETIC  # |a − b| is not a − b
            if single and not formula and (name not in OUTPUT_WORDS or (draft.kind == "ball" and not shown)):
                if draft.kind == "ball" and not draft.act:
                    draft.act = name
                return self.take(call, draft, source, True)
            return not formula and self.leads_to(call, SOLID_ROLES) and self.put_aside(call, source)
        return self.leads_to(call, PADDED_ROLES) and self.put_aside(call, source)

    def take(self, call: str, draft: _Draft, source: str, single: bool) -> bool:
        draft.calls.append(call)
        self.home[call] = draft.call.id
        if single:
            draft.last = call
        return True

    def put_aside(self, call: str, source: str) -> bool:
        self.ahead[call] = [*self.ahead.get(source, []), call]
        self.home[call] = self.home[source]
        return True

    def start(self, call: Call) -> None:
        """A node of its own."""
        layer = self.layer(call.id)
        inputs: list[str] = []
        before: list[str] = []
        for source in self.producers[call.id]:
            before += self.ahead.get(source, [])
            home = self.home[source]
            if home not in inputs:
                inputs.append(home)
        cat, kind = category(layer, call, call.id in self.inputs, len(inputs))
        draft = _Draft(call, layer, cat, kind, inputs, [*before, call.id], call.id)
        if cat in BANDED and layer.role != "act" and layer.activation not in {None, "linear"}:
            draft.act = str(layer.activation)
        if layer.role == "act":
            draft.act = ""
            draft.extra["word"] = printed_activation(self.activation(call.id))
        self.drafts[call.id] = draft
        self.home[call.id] = call.id

    def run(self) -> dict[str, _Draft]:
        for call in self.spec.calls:
            if not self.producers[call.id] or not self.absorb(call.id):
                self.start(call)
        return self.drafts


ARITHMETIC = frozenset(
    {
        "Abs",
        "Absolute",
        "Exp",
        "Expm1",
        "Log",
        "Log10",
        "Log1p",
        "Log2",
        "Negative",
        "Reciprocal",
        "Rsqrt",
        "Sqrt",
    }
    | {"Square"}
)
"""Operations that count as activations elsewhere, but after a sum or difference are half of the formula."""
SOLID_ROLES = frozenset({"conv", "dense", "up"})
PADDED_ROLES = frozenset({"conv", "pool", "up"})
BANDED = frozenset({"conv", "up", "dense", "norm", "custom", "act"})


def category(layer: Layer, call: Call, is_input: bool, sources: int) -> tuple[str, str]:
    """(category, kind) of the node that a call starts."""
    if is_input:
        return "data", "input"
    if is_ball(layer, call, sources):
        return "merge", "ball"
    role = layer.role
    if "Transpose" in layer.class_name and role in {"conv", "up"}:
        return "up", "slab"
    if role in {"pool", "up"} and sources == 1:
        return role, role
    if role in {"pool", "up", "conv", "norm", "dense", "recur", "attn", "embed", "data"}:
        return role, "slab"
    return role, "slab"


def printed_activation(name: str) -> str:
    return ACTIVATIONS.get(name, name.replace("_", " "))


def _kernel(layer: Layer) -> str:
    """``conv 7×7, /2`` for kernels that a reader would not expect."""
    kernel, strides = layer.config.get("kernel_size"), layer.config.get("strides")
    sizes, steps = _numbers(kernel), _numbers(strides)
    if layer.role != "conv" or len(sizes) < 2 or max(sizes) < 5:
        return ""
    text = "conv " + "×".join(map(str, sizes))
    return f"{text}, /{max(steps)}" if steps and max(steps) > 1 else text


def _numbers(value: object) -> list[int]:
    """A setting that may be a list of whole numbers; a class of the user's own may give it another meaning."""
    if not isinstance(value, list | tuple) or not all(type(item) is int for item in value):
        return []
    return list(value)


def _recurrent(layer: Layer) -> str:
    name = layer.class_name
    if name == "Bidirectional":
        inner = layer.config.get("layer")
        inner_class = inner.get("class_name", "") if isinstance(inner, Mapping) else ""
        return f"Bi{inner_class}" if inner_class else "Bidirectional"
    return name


def _is_depthwise(layer: Layer) -> bool:
    """Whether each channel has a kernel of its own: by class, or by as many groups as filters."""
    groups = layer.config.get("groups")
    grouped = isinstance(groups, int) and groups > 1 and groups == layer.config.get("filters")
    return layer.class_name.startswith("DepthwiseConv") or grouped


def _node(draft: _Draft, fuser: _Fuser, names: Mapping[str, str]) -> Node:
    layer, call = draft.layer, draft.call
    output = any(c in fuser.outputs for c in draft.calls)
    act, word = draft.act, draft.extra.get("word", "")
    if output and act in OUTPUT_WORDS:
        act, word = "", printed_activation(act)
    value = SHORT.get(layer.class_name, "") if draft.cat in {"norm", "attn"} else ""
    heads = layer.config.get("num_heads") or layer.config.get("num_query_heads") or 0
    heads = heads if isinstance(heads, int) and draft.cat == "attn" else 0
    if heads:
        word = f"{heads} heads" if heads > 1 else "1 head"
    if not call.outputs and not value:
        value = "?"
    caption = names.get(call.id) or next((names[c] for c in draft.calls if c in names), "")
    if draft.cat == "recur" and not word:
        word = _recurrent(layer)
    if draft.cat in {"custom"} and not word:
        word = layer.class_name
    if layer.class_name == PREVIOUS_STATE and not word:
        word = layer.name
    sign = SIGNS.get(layer.class_name, "") if draft.kind == "ball" else ""
    if draft.kind == "ball":
        word = operand(layer, call)
        caption = "" if layer.label and len(draft.inputs) > 1 else caption  # lines come from everywhere
    elif layer.role == "merge" and not word:
        word = f"{layer.class_name.lower()} {operand(layer, call)}".strip()
    return Node(
        id=call.id,
        cat=draft.cat,
        kind=draft.kind,
        shape=_axes(_tensor(call), fuser.first),
        inputs=tuple(draft.inputs),
        calls=tuple(draft.calls),
        class_name=layer.class_name,
        sign=sign,
        act=printed_activation(act) if act else "",
        value=value,
        word=word,
        caption=caption,
        heads=heads,
        depthwise=_is_depthwise(layer),
        output=output,
        block=call.block,
        image=fuser.spec.images.get(call.id, "") if draft.kind == "input" else "",
    )


GENERIC = re.compile(r"input.*|.*_input|(in|x|data|args?)(_?\d+)?")
"""Names of an only input that tell nothing."""


def slot_names(spec: ArchSpec) -> dict[str, str]:
    """Words under inputs, outputs and layers with a label: the author's names, of an only input unless it tells
    nothing. Several outputs are all told: ``output 2`` where the author gave no name, ``z_mean, output`` where the
    model goes on."""
    layers = {layer.id: layer for layer in spec.layers}
    owner = {call.id: layers[call.layer] for call in spec.calls}
    used = {edge.source.call for edge in spec.edges}
    names: dict[str, str] = {}

    def own(slot: Slot) -> bool:
        layer = owner.get(slot.port.call)
        return layer is not None and not (layer.auto_named and slot.name in {layer.name, ""})

    for slot in spec.inputs:
        if own(slot) and (len(spec.inputs) > 1 or not GENERIC.fullmatch(slot.name)):
            names[slot.port.call] = slot.name
    told: dict[str, list[str]] = {}
    for k, slot in enumerate(spec.outputs) if len(spec.outputs) > 1 else ():
        told.setdefault(slot.port.call, []).append(slot.name if own(slot) else f"output {k + 1}")
    for call, words in told.items():
        text = " / ".join(dict.fromkeys(words))
        names[call] = f"{text}, output" if call in used and not text.startswith("output") else text
    return names | {call: layer.label for call, layer in owner.items() if layer.label}


def _captions(net: dict[str, Node], spec: ArchSpec) -> dict[str, Node]:
    """Kernels as third line, when few are unusual."""
    layers = {layer.id: layer for layer in spec.layers}
    owner = {call.id: layers[call.layer] for call in spec.calls}
    kernels = {i: _kernel(owner[i]) for i, node in net.items() if node.volume and not node.caption}
    kernels = {i: text for i, text in kernels.items() if text}
    if len(kernels) <= 3:
        net |= {i: replace(net[i], caption=text) for i, text in kernels.items()}
    return net


def _without_flatten(net: dict[str, Node]) -> dict[str, Node]:
    """Flatten joined to the dense layer that follows it: the dashed lines say it."""
    users: dict[str, list[str]] = {i: [] for i in net}
    for i, node in net.items():
        for feeding in node.inputs:
            users[feeding].append(i)
    gone: dict[str, str] = {}
    result: dict[str, Node] = {}
    for i, node in net.items():
        source = net[node.inputs[0]] if len(node.inputs) == 1 else None
        if (
            node.class_name in {"Flatten", "Reshape"}
            and source is not None
            and source.kind not in {"ball", "input"}
            and not node.output
            and node.rank == 1
            and source.rank > 1
            and len(users[i]) == 1
            and net[users[i][0]].cat == "dense"
            and len(net[users[i][0]].inputs) == 1
        ):
            gone[i] = source.id
            continue
        dropped = [net[s] for s in node.inputs if s in gone]
        calls = (*(c for d in dropped for c in d.calls), *node.calls)
        result[i] = replace(node, inputs=tuple(gone.get(s, s) for s in node.inputs), calls=calls)
    return result


KEEP_FLATTEN = 9
"""Up to this many boxes a flatten has a bar of its own."""


def nodes(spec: ArchSpec, keep_flatten: int = KEEP_FLATTEN) -> Net:
    """The nodes of a model, in topological order. Every call is in the ``calls`` of exactly one of them.

    ``keep_flatten``: boxes up to which a flatten is one of its own.
    """
    fuser = _Fuser(spec)
    names = slot_names(spec)
    net = {i: _node(draft, fuser, names) for i, draft in fuser.run().items()}
    net = _captions(net, spec)
    return net if len(net) <= keep_flatten else _without_flatten(net)
