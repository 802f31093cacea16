"""A loop inside an opened layer: its step is told once, between calls that say where the loop begins and ends.

``LSTM`` and ``TimeDistributed`` run the same code for each step. The graph of a spec has no cycles, so the step stands
in a block of its own with ``times`` (how often it runs), and these operations stand at its borders. What a step leaves
for the next one is told by the argument ``next`` of the state: the call that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping

from .model import ArchSpec, Block

MODULE = "sphinx_kerasarch.ops.loop"
"""Module of the operations below: they are not of Keras, whose layers run the loop in one piece."""

EACH_STEP = "EachStep"
"""(batch, steps, …) → (batch, …): what one step takes."""

PREVIOUS_STATE = "PreviousState"
"""What the step before has left; the initial state, or zeros, at the first."""

ALL_STEPS = "AllSteps"
"""(batch, …) → (batch, steps, …): what every step gives."""

LAST_STEP = "LastStep"
"""What the last step gives."""

NAMES = (EACH_STEP, PREVIOUS_STATE, ALL_STEPS, LAST_STEP)


def times_of(spec: ArchSpec) -> dict[str, int | None]:
    """Call id → how often it runs for one call of the model; None when a number of steps is not known."""
    blocks = {block.id: block for block in spec.blocks}
    known: dict[str | None, int | None] = {None: 1}
    return {call.id: _times(call.block, blocks, known) for call in spec.calls}


def _times(block: str | None, blocks: Mapping[str, Block], known: dict[str | None, int | None]) -> int | None:
    path: list[str] = []
    while block not in known:
        assert block is not None
        path.append(block)
        block = blocks[block].parent
    found = known[block]
    for step in reversed(path):
        own = blocks[step].times
        found = None if found is None or own is None else found * own
        known[step] = found
    return found


def times_text(block: Block) -> str:
    """``20 steps``, ``each step`` where their number is not known, empty for what is no loop."""
    if block.times == 1:
        return ""
    return "each step" if block.times is None else f"{block.times} steps"


def class_text(block: Block) -> str:
    """Class of a block, with its steps: ``LSTM, 20 steps``."""
    return ", ".join(filter(None, (block.class_name, times_text(block))))
