"""Models as they are born in a notebook: what is done to each before it is read, and what must be as before after it.

Run as a program in a process of its own, ``live_models.py TARGET…``; prints JSON. Only Keras and this package.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import random
import sys
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "worker"), str(HERE.parent / "specs")]


class Careless:
    """Mixed into a model: a call that leaves traces in its object."""

    def remember(self, x: Any) -> None:
        self.last = x
        self.seen.append(tuple(x.shape))
        self.by_rank[len(x.shape)] = self.seen
        self.dice = random.random()


def careless() -> Any:
    import keras

    class Model(Careless, keras.Model):
        def __init__(self) -> None:
            super().__init__(name="careless")
            self.first, self.drop = keras.layers.Dense(4), keras.layers.Dropout(0.5)
            self.norm, self.second = keras.layers.BatchNormalization(), keras.layers.Dense(2)
            self.unused = keras.layers.Dense(3)
            self.seen: list[Any] = []
            self.by_rank: dict[int, Any] = {}

        def call(self, x: Any, training: Any = None) -> Any:
            self.remember(x)
            x = self.drop(self.norm(self.first(x), training=training), training=training)
            late = keras.layers.Dense(2, name="late")  # a layer of this call alone
            return keras.ops.tanh(self.second(x) + late(x)) * keras.random.uniform((2,), seed=1)

    model = Model()
    model.build((None, 8))
    return model


def trained() -> Any:
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, "relu"), keras.layers.Dropout(0.5)])
    model.add(keras.layers.Dense(1))
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((4, 8)), np.ones((4, 1)), verbose=0)
    return model


def uids() -> dict[str, int]:
    from keras.src.backend.common import global_state

    return dict(global_state.get_global_attribute("object_name_uids") or {})


def state(model: Any) -> dict[str, Any]:
    """All that must be the same before and after; texts and numbers only."""
    import numpy as np
    from keras.src.backend.common import global_state

    layers = list(model._flatten_layers(include_self=True, recursive=True))
    functional = [one._functional for one in layers if getattr(one, "_functional", None) is not None]
    operations = {id(op): op for one in (*layers, *functional) for op in getattr(one, "operations", ())}
    owners = [*layers, *(op for key, op in operations.items() if key not in set(map(id, layers)))]
    found = {
        "names": [one.name for one in owners],
        "built": [one.built for one in layers],
        "nodes": [[len(one._inbound_nodes), len(one._outbound_nodes)] for one in owners],
        "weights": [float(np.sum(np.asarray(keras_numpy(one)))) for one in model.variables if is_number(one)],
        "variables": [[id(v) for v in one.variables] for one in layers],
        "attributes": [{key: id(value) for key, value in vars(one).items()} for one in layers],
        "config": config(model),
        "kept": [list(kept) for one in layers if isinstance(kept := vars(one).get("seen"), list)],
        "tracked": [
            [one._tracker.locked, {name: len(ids) for name, ids in one._tracker.stored_ids.items()}]
            for one in layers
            if hasattr(one, "_tracker")
        ],
        "uids": uids(),
        "global": sorted(vars(global_state.GLOBAL_STATE_TRACKER)),
        "random": [hash(random.getstate()), str(np.random.get_state()[1:])],
        "tensorflow": "tensorflow" in sys.modules,
    }
    if "torch" in sys.modules:
        found["torch"] = sys.modules["torch"].get_rng_state().sum().item()
    if "tensorflow" in sys.modules:
        from tensorflow.python.eager.context import context

        rng = vars(context()).get("_rng")
        found["seeds"] = rng and hash(rng.getstate())
    return found


def is_number(variable: Any) -> bool:
    return "seed" not in variable.path and str(variable.dtype) != "string"


def keras_numpy(variable: Any) -> Any:
    import keras

    return keras.ops.convert_to_numpy(variable.value)


def config(model: Any) -> str:
    try:
        return str(model.get_config())
    except NotImplementedError:
        return "none"


def made(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)()


def read(target: str) -> dict[str, Any]:
    """Digest of one model, and which of its states have changed."""
    import keras

    from sphinx_kerasarch import from_model
    from sphinx_kerasarch.spec.codec import digest

    keras.utils.clear_session()
    model = made(target)
    before = state(model)
    spec = from_model(model)
    after = state(model)
    again = digest(from_model(model))
    changed = [key for key in before if before[key] != after[key]]
    return {"digest": digest(spec), "again": again, "changed": changed, "backend": spec.provenance.backend}


def failure(work: Any) -> list[str]:
    from sphinx_kerasarch.errors import KerasarchError

    try:
        work()
    except KerasarchError as error:
        return [type(error).__name__, str(error)]
    return []


def unbuilt() -> dict[str, Any]:
    """What is said of models without shapes; one that is told is forgotten, and the model works with another."""
    import keras
    import numpy as np
    import subclassed

    from sphinx_kerasarch import from_model

    own, rows = subclassed.ResNet(), keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])
    before = [state(own), state(rows)]
    shapes = [from_model(own, input_shape=(8, 8, 3)), from_model(rows, input_shape="8")]
    by_array = from_model(own, inputs=np.zeros((2, 8, 8, 3), "float32"))
    told = [failure(lambda: from_model(own)), failure(lambda: from_model(rows))]
    wrong = failure(lambda: from_model(rows, input_shape="eight"))
    same = before == [state(own), state(rows)]
    own(np.zeros((2, 16, 16, 1), "float32"))
    rows(np.ones((2, 5), "float32"))
    return {
        "later": [list(own.stem.kernel.shape), rows.count_params(), len(own.trainable_weights)],
        "calls": [len(one.calls) for one in (*shapes, by_array)],
        "traced": [bool(one.edges) for one in (*shapes, by_array)],
        "told": told,
        "wrong": wrong,
        "same": same,
    }


def dtypes() -> list[str]:
    """An input of whole numbers cannot be known of a subclassed model; ``inputs`` tells it."""
    import numpy as np
    import subclassed

    from sphinx_kerasarch import from_model

    model = subclassed.called_on_arrays()
    told = from_model(model, inputs={"ids": np.zeros((1, 5), "int32"), "features": np.zeros((1, 3), "float32")})
    return [told.calls[index].outputs[0].dtype for index in range(2)]


def long_session() -> list[str]:
    """Names after much else was built: those that Keras chose count from nothing, an author's stay."""
    import keras

    from sphinx_kerasarch import from_model

    keras.utils.clear_session()
    for _ in range(5):
        keras.layers.Dense(1)
    layers = [keras.layers.Dense(4), keras.layers.Dense(4, name="head_9"), keras.layers.Dense(4)]
    return [layer.name for layer in from_model(keras.Sequential([keras.Input((4,)), *layers])).layers]


def big() -> list[float]:
    """MB of weights, and by how much memory grows when the model is read."""
    import resource

    import keras

    from sphinx_kerasarch import from_model

    model = keras.Sequential([keras.Input((4000,)), keras.layers.Dense(4000), keras.layers.Dense(4000)])
    from_model(keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    from_model(model)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [model.count_params() * 4 / 1e6, grown]


def others() -> dict[str, Any]:
    import keras

    from sphinx_kerasarch import draw, from_model

    i = keras.Input((6, 4))
    model = keras.Model(i, keras.layers.LSTM(3)(i))
    mlp = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    return {
        "layer": failure(lambda: from_model(keras.layers.Dense(3))),
        "text": failure(lambda: from_model(3)),
        "list": failure(lambda: from_model([model])),
        "opened": len(from_model(model, open="LSTM").blocks),
        "values": sum(map(len, from_model(mlp, weights=True).values.values())) > 0,
        "drawn": draw(mlp, "graph").svg() == draw(from_model(mlp), "graph").svg(),
    }


def keras_2() -> dict[str, Any]:
    """Model of Keras 2 → whether it is read alike twice, whether it is as before, and how many calls it has."""
    import keras

    if keras.backend.backend() != "tensorflow" or not importlib.util.find_spec("tf_keras"):
        return {}
    import legacy_models

    from sphinx_kerasarch import from_model
    from sphinx_kerasarch.spec.codec import digest

    found = {}
    for name in ("sequential", "nested", "own_layer", "subclassed"):
        model = legacy_models.of_keras_2(name)
        before = state_2(model)
        specs = [from_model(model), from_model(model)]
        found[name] = [digest(specs[0]) == digest(specs[1]), before == state_2(model), len(specs[0].calls)]
    return found


def state_2(model: Any) -> list[Any]:
    counts = sys.modules["tf_keras.src.backend"].PER_GRAPH_OBJECT_NAME_UIDS
    layers = list(model._flatten_layers(include_self=True, recursive=True))
    nodes = [[len(one._inbound_nodes), len(one._outbound_nodes)] for one in layers]
    views = [sorted(vars(node)) for one in layers for node in one._inbound_nodes]
    return [
        [one.name for one in layers],
        nodes,
        views,
        [{key: id(value) for key, value in vars(one).items()} for one in layers],
        [dict(one) for one in counts.values()],
    ]


CASES = {case.__name__: case for case in (unbuilt, dtypes, long_session, big, others, keras_2)}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    found = {name: CASES[name]() if name in CASES else read(name) for name in sys.argv[1:]}
    print(json.dumps(found))
