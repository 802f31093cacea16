"""Operations counted by our formulas against TensorFlow's profiler or XLA's cost analysis.

``python tests/benchmarks/operations.py [NAME …]`` with the backend of ``KERAS_BACKEND`` (tensorflow or jax),
for all of ``keras.applications`` unless names are given. Nothing is run: both references look at a traced graph.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any


def tensorflow_operations(model: Any) -> float:
    """``float_ops`` of the graph of one forward pass, batch 1."""
    import tensorflow as tf
    from tensorflow.python.profiler.model_analyzer import profile
    from tensorflow.python.profiler.option_builder import ProfileOptionBuilder

    graph = tf.__internal__.FuncGraph("forward")  # captures the constants of preprocessing layers
    with graph.as_default():
        inputs = [tf.compat.v1.placeholder(item.dtype, (1, *item.shape[1:])) for item in model.inputs]
        model(inputs if len(inputs) > 1 else inputs[0], training=False)
    options = ProfileOptionBuilder(ProfileOptionBuilder.float_operation()).with_empty_output().build()
    return float(profile(graph, options=options).total_float_ops)


def jax_operations(model: Any) -> float:
    """``flops`` of XLA's cost analysis of the lowered forward pass, batch 1."""
    import jax

    def symbol(thing: Any, shape: tuple[int, ...]) -> Any:
        return jax.ShapeDtypeStruct(shape, thing.dtype)

    def forward(trainable: Any, rest: Any, inputs: Any) -> Any:
        return model.stateless_call(trainable, rest, inputs, training=False)[0]

    inputs = [symbol(item, (1, *item.shape[1:])) for item in model.inputs]
    lowered = jax.jit(forward).lower(
        [symbol(item, tuple(item.shape)) for item in model.trainable_variables],
        [symbol(item, tuple(item.shape)) for item in model.non_trainable_variables],
        inputs if len(inputs) > 1 else inputs[0],
    )
    return float(lowered.cost_analysis()["flops"])


REFERENCES: dict[str, Callable[[Any], float]] = {"tensorflow": tensorflow_operations, "jax": jax_operations}


def compare(name: str) -> tuple[int, int, float]:
    """(multiply–accumulates, operations, operations of the reference)."""
    import keras

    from sphinx_kerasarch.spec.cost import cost
    from sphinx_kerasarch.worker.describe import describe

    with keras.StatelessScope(initialize_variables=False):
        shape = (
            {"input_shape": (224, 224, 3)} if name.startswith("MobileNetV3") else {}
        )  # it leaves the size open
        model = getattr(keras.applications, name)(weights=None, **shape)
        total = cost(describe(model))
        if total.work is None:
            raise SystemExit(f"{name}: {total.calls[total.unknown[0]].reason}")
        return total.work.macs, total.work.flops, REFERENCES[keras.config.backend()](model)


def main(names: list[str]) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    sys.setrecursionlimit(100_000)
    import keras

    worst = 0.0
    for name in names or [name for name in dir(keras.applications) if name[0].isupper()]:
        macs, flops, reference = compare(name)
        off = flops / reference - 1
        worst = max(worst, abs(off))
        print(
            f"{name:20} {macs / 1e9:9.3f} G {flops / 1e9:9.3f} G {reference / 1e9:9.3f} G {off:+7.1%}",
            flush=True,
        )
        keras.utils.clear_session()
    print(f"worst {worst:.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
