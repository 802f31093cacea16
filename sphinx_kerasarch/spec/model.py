"""ArchSpec and its parts.

A *layer* is one set of weights and is counted; a *call* is one use of a layer and is drawn. The graph is flat: a
nested model does not appear as a call but as a :class:`Block`, whose inner calls are connected directly to the calls
outside. An inner ``InputLayer`` is therefore not a call; the edges run to the real producer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Shape = tuple[int | None, ...]
"""Axes with the batch axis first; ``None`` is unknown at build time."""


@dataclass(frozen=True, slots=True)
class Tensor:
    shape: Shape
    """Axes, batch first; ``None`` where unknown."""
    dtype: str


@dataclass(frozen=True, slots=True)
class Weight:
    id: str
    """Same id in two layers = the same variable (tied weights), counted once."""
    name: str
    """Name inside its layer, as ``kernel`` or ``cell/bias``."""
    shape: tuple[int, ...]
    dtype: str
    trainable: bool


@dataclass(frozen=True, slots=True)
class Layer:
    id: str
    """Unique in the spec: path of names, as ``encoder/conv2d``."""
    name: str
    """The layer's own name."""
    class_name: str
    """JSON key ``class``."""
    module: str
    """Module of the class, as ``keras.src.layers.convolutional.conv2d``."""
    role: str
    """Category, see :mod:`.roles`."""
    weights: tuple[Weight, ...] = ()
    trainable: bool = True
    """The layer's own ``trainable`` attribute (false = frozen)."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able part of ``get_config()``: ``filters``, ``kernel_size``, ``activation``, …"""
    activation: str | None = None
    """Name of the activation applied by the layer itself, ``None`` for linear or none."""
    auto_named: bool = False
    """True when Keras chose the name (``conv2d_3``), false when the author did."""
    dtype: str = "float32"
    """Name of the dtype policy."""
    label: str = ""
    """What figures say instead of the name, see :func:`.with_labels`."""

    @property
    def shown(self) -> str:
        """The label, or else the name."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    """Unique in the spec: the layer's id, with ``@2``, ``@3``, … for its later calls. For a layer of a nested model
    that is called several times the block path tells the calls apart."""
    layer: str
    """Id of the called layer."""
    block: str | None = None
    """Id of the innermost block it stands in."""
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that are not tensors, JSON-able, for raw operations (``{"axis": -1}``, ``{"x2": 0.5}``)."""


@dataclass(frozen=True, slots=True)
class Port:
    call: str
    index: int = 0
    """Which output (as source) or input (as target) of the call."""


@dataclass(frozen=True, slots=True)
class Edge:
    source: Port
    target: Port
    argument: str = ""
    """Name of the call argument when it is not the first (``query``, ``value``, ``initial_state``, ``mask``)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One tensor of the model's input or output structure."""

    name: str
    """Key of a dict or name of the layer, path joined with ``/``."""
    port: Port


@dataclass(frozen=True, slots=True)
class Block:
    id: str
    label: str
    """Name of the nested model, or of the stage."""
    parent: str | None = None
    class_name: str = "Functional"
    """JSON key ``class``."""
    model: str = ""
    """Same text in two blocks = the same nested model called twice (same weights)."""
    kind: str = "model"
    """``model`` (nested model), ``layer`` (custom layer opened), ``opened`` (layer of Keras opened) or ``stage``
    (found by structure)."""
    auto_named: bool = False
    times: int | None = 1
    """How often what is inside runs for one call of the block: the steps of a loop, ``None`` when their number is not
    known. In JSON only where it is not 1."""


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be found out: shown, never dropped."""

    slug: str
    subject: str
    """Id of the layer, call or block, or empty for the whole model."""
    message: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """How the spec was made; not part of its digest."""

    target: str = ""
    tier: str = ""
    """``symbolic``, ``backend``, ``plain`` or ``static``."""
    backend: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    """``python``, ``keras``, backend package → version."""
    materialized: int = 0
    """Bytes of weights that the factory really read or wrote."""


@dataclass(frozen=True, slots=True)
class ArchSpec:
    name: str
    class_name: str = "Functional"
    """Class of the model. JSON key ``class``."""
    layers: tuple[Layer, ...] = ()
    """Every set of weights, in the order of first call."""
    calls: tuple[Call, ...] = ()
    """In topological order (the order in which Keras runs them)."""
    edges: tuple[Edge, ...] = ()
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Slot, ...] = ()
    blocks: tuple[Block, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    """Call id of an input → picture for its face (base64 PNG)."""
    notes: tuple[Note, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    values: Mapping[str, Any] = field(default_factory=dict)
    """Layer id of a dense layer → numbers of its kernel, rows and columns as :func:`.sample.shown` names them; only
    when they were asked for. ``None`` for what is no finite number."""
