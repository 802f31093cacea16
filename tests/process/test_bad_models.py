"""Models with bad habits: described or refused with the reason, and the same whatever was asked before.

All are asked of one inspector in several orders, with a child process for each and with one process for all.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch import api
from sphinx_kerasarch.errors import KerasarchError
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import digest
from sphinx_kerasarch.spec.cost import cost
from sphinx_kerasarch.spec.query import totals

pytestmark = pytest.mark.keras

HABITS = r'''
import os, random, sys, threading
import keras, numpy
from keras import layers, ops

def good(units=3):
    return keras.Sequential([keras.Input((4,)), layers.Dense(units)], name="good")

# ---- global state

def policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    return good()

def floats():
    keras.config.set_floatx("float64")
    keras.config.set_epsilon(0.5)
    return good()

def channels():
    keras.config.set_image_data_format("channels_first")
    return keras.Sequential([keras.Input((3, 8, 8)), layers.Conv2D(2, 3)])

def image():
    return keras.Sequential([keras.Input((8, 9, 3)), layers.Conv2D(2, 3)])

def backend():
    os.environ["KERAS_BACKEND"] = "jax"
    return good()

def seeds():
    keras.utils.set_random_seed(99)
    random.seed(1)
    numpy.random.seed(1)
    return good()

def draws():
    """An architecture by chance."""
    return good(random.randint(1, 10_000) + int(numpy.random.randint(1, 10_000)))

def paths():
    sys.path[:] = []
    os.environ.clear()
    sys.argv.clear()
    return good()

def asks():
    """As a script does, when it is imported."""
    import argparse
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=5)
    return good(parser.parse_args().units)

def registers():
    @keras.saving.register_keras_serializable("mine")
    class Thing(layers.Layer):
        def call(self, x):
            return x
    return keras.Sequential([keras.Input((4,)), Thing()])

def limits():
    sys.setrecursionlimit(200)
    return good()

def prints():
    for _ in range(300):
        print("x" * 100_000)
        sys.stderr.write("y" * 100_000)
    return good()

def moves():
    """To another folder, without what was opened there."""
    import tempfile
    os.chdir(tempfile.gettempdir())
    return good()

def warns():
    """Every warning is an error from here on."""
    import logging, warnings
    warnings.simplefilter("error")
    logging.disable(logging.CRITICAL)
    return good()

def clears():
    keras.utils.clear_session()
    keras.config.disable_traceback_filtering()
    keras.config.disable_interactive_logging()
    keras.config.enable_unsafe_deserialization()
    return good()

def leaves_a_thread():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return good()

def long_names():
    i = keras.Input((4,), name="i")
    return keras.Model(i, layers.Dense(2, name="n" * 5000)(layers.Dense(2, name="zwei\nZeilen \u2603 \ud800")(i)))

def thousand_outputs():
    i = keras.Input((1000, 2))
    return keras.Model(i, ops.unstack(i, axis=1))

def huge_constant():
    i = keras.Input((300, 300))
    return keras.Model(i, i + numpy.ones((1, 300, 300), "float32"))

# ---- layers

class Plain(layers.Layer):
    def __init__(self, secret, **settings):
        super().__init__(**settings)
        self.secret = secret

    def call(self, x):
        return x * 2.0

def no_config():
    return keras.Sequential([keras.Input((4,)), Plain(object())])

class Strange(layers.Layer):
    def get_config(self):
        loop = []
        loop.append(loop)
        return {"lock": threading.Lock(), "code": lambda x: x, "nan": float("nan"), "bytes": bytes(3), "type": int,
                "array": numpy.zeros((3, 2)), "set": {2, 1}, 5: "number", "loop": loop, "self": self}

    def call(self, x):
        return x

def strange_config():
    return keras.Sequential([keras.Input((4,)), Strange()])

class Raising(layers.Layer):
    @property
    def activation(self):
        raise RuntimeError("no activation")

    @property
    def layer(self):
        raise RuntimeError("no layer")

    @property
    def kerasarch_role(self):
        raise RuntimeError("no role")

    def get_config(self):
        raise ValueError("no config")

    def __repr__(self):
        raise ValueError("no text")

    def call(self, x):
        return x

def raising():
    return keras.Sequential([keras.Input((4,)), Raising()])

class Lookup(layers.Layer):
    """Answers to every name."""

    def __getattr__(self, name):
        if name.startswith("_") or name in ("weights", "name"):
            raise AttributeError(name)
        return lambda *args, **kwargs: name

    def call(self, x):
        return x

def every_name():
    return keras.Sequential([keras.Input((4,)), Lookup()])

def same_names():
    def part(name):
        i = keras.Input((4,), name="x")
        return keras.Model(i, layers.Dense(4, name="d")(layers.Dense(4, name="e")(i)), name=name)
    i = keras.Input((4,), name="x")
    return keras.Model(i, layers.Dense(2, name="d")(part("q")(part("p")(i))))

# ---- shapes

def wide():
    return keras.Sequential([keras.Input((1_000_000,)), layers.Dense(1_000_000), layers.Dense(1)])

def rank_0():
    i = keras.Input(())
    return keras.Model(i, ops.exp(i) + 1.0)

def no_batch():
    i = keras.Input(batch_shape=())
    return keras.Model(i, i * 2.0)

def empty_axis():
    i = keras.Input((0, 4))
    return keras.Model(i, layers.Dense(2)(i))

def nine_axes():
    i = keras.Input((1, 2, 3, 4, 5, 6, 7, 8))
    return keras.Model(i, layers.Dense(2)(i))

def steps():
    """A million steps of a million numbers."""
    i = keras.Input((1_000_000, 8))
    return keras.Model(i, layers.TimeDistributed(keras.Sequential([keras.Input((8,)), layers.Dense(1_000_000)]))(i))

def no_axes_inside():
    """Rank 0 and a reduction to it."""
    i = keras.Input((3,))
    whole = ops.sum(i)
    return keras.Model(i, i * whole)

def prints_gigabytes(count=1):
    block = "z" * (1 << 20)
    for _ in range(count):
        print(block)
    return good()

# ---- refused

class NeedsData(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, x):
        return self.dense(x)

def needs_data():
    return NeedsData()

def mismatched():
    i = keras.Input((4,))
    return keras.Model(i, layers.Conv2D(3, 3)(i))

def twice_the_name():
    i = keras.Input((4,))
    return keras.Model(i, layers.Dense(4, name="d")(layers.Dense(4, name="d")(i)))

class Weightless(layers.Layer):
    @property
    def weights(self):
        raise RuntimeError("no weights today")

    def call(self, x):
        return x

def no_weights():
    return keras.Sequential([keras.Input((4,)), Weightless()])

def reads_a_file():
    return good(len(open("weights-that-nobody-has.bin").read()))
'''

REFUSED = {
    "needs_data": ("unbuilt", "has no shapes"),
    "mismatched": ("build", "layer 'conv2d'"),
    "twice_the_name": ("build", "unique"),
    "reads_a_file": ("build", "weights-that-nobody-has.bin"),
}
"""Factory → the error's slug begins so, the message says this."""

MODELS = [line[4:-3] for line in HABITS.splitlines() if line.startswith("def ") and line.endswith("():")]


@pytest.fixture(scope="module", params=[True, False], ids=["fork", "shared"])
def inspector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspector]:
    place: Path = tmp_path_factory.mktemp("habits")
    (place / "habits.py").write_text(HABITS)
    with Inspector(path=(str(place),), timeout=60.0, fork=request.param, jobs=1) as found:
        yield found


def ask(inspector: Inspector, name: str) -> ArchSpec | KerasarchError:
    try:
        return inspector.describe(Request(f"habits:{name}")).spec
    except KerasarchError as error:
        return error


def short(found: ArchSpec | KerasarchError) -> str:
    return digest(found) if isinstance(found, ArchSpec) else f"{found.slug}: {found.message}"


KNOWN: dict[str, str] = {}
"""Factory → what was said first; the same for both ways to run the worker."""


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_order_of_requests_changes_nothing(inspector: Inspector, seed: int) -> None:
    order = list(MODELS)
    random.Random(seed).shuffle(order)
    for name in order:
        said = short(ask(inspector, name))
        assert KNOWN.setdefault(name, said) == said, (name, order)


@pytest.mark.parametrize("name", MODELS)
def test_described_or_refused_with_the_reason(inspector: Inspector, name: str) -> None:
    found = ask(inspector, name)
    if name in REFUSED:
        slug, words = REFUSED[name]
        assert isinstance(found, KerasarchError), name
        assert found.slug.startswith(slug) and words in found.message + found.advice and found.advice
    else:
        assert isinstance(found, ArchSpec), str(found)
        assert found.inputs and found.outputs and found.calls


def test_what_is_said_of_them(inspector: Inspector) -> None:
    spec: dict[str, Any] = {name: ask(inspector, name) for name in MODELS if name not in REFUSED}
    last = {name: one.calls[-1].outputs[0] for name, one in spec.items()}
    assert {layer.dtype for layer in spec["policy"].layers[1:]} == {"mixed_bfloat16"}
    assert (last["floats"].dtype, last["seeds"].dtype) == ("float64", "float32")
    assert (last["channels"].shape, last["image"].shape) == ((None, 2, 6, 6), (None, 6, 7, 2))
    assert totals(spec["wide"]).params == 10**12 + 10**6 + 10**6 + 1
    assert (last["rank_0"].shape, last["no_batch"].shape) == ((None,), ())
    assert last["empty_axis"].shape == (None, 0, 2) and len(last["nine_axes"].shape) == 9
    assert [layer.name for layer in spec["same_names"].layers] == ["x", "e", "d", "e", "d", "d"]
    assert len({layer.id for layer in spec["same_names"].layers}) == 6
    config = spec["strange_config"].layers[-1].config
    assert (config["nan"], config["array"], config["code"]) == ("nan", "array (3, 2) float64", "lambda")
    assert (last["steps"].shape, last["no_axes_inside"].shape) == ((None, 1_000_000, 1_000_000), (None, 3))
    assert cost(spec["steps"]).known.macs == 8 * 10**12
    assert len(spec["thousand_outputs"].outputs) == 1000
    names = [layer.name for layer in spec["long_names"].layers]
    assert names[1:] == ["zwei\nZeilen \u2603 \ud800", "n" * 5000]
    for view in ("graph", "layered"):  # what no font and no encoding has is written all the same
        assert len(api.draw(spec["long_names"], view).svg()) > 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="prints go to a file")
def test_gigabytes_of_prints(tmp_path: Path) -> None:
    """Read as they come, and forgotten but for the last lines."""
    import resource

    (tmp_path / "habits.py").write_text(HABITS)
    with Inspector(path=(str(tmp_path),), timeout=120.0, jobs=1) as inspector:
        quiet = inspector.describe(Request("habits:good")).spec
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        loud = inspector.describe(Request("habits:prints_gigabytes(count=1200)")).spec
        assert digest(loud) == digest(quiet)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_weights_that_cannot_be_listed_are_a_note(inspector: Inspector) -> None:
    found = ask(inspector, "no_weights")
    assert isinstance(found, ArchSpec)
    said = {note.subject: note.message for note in found.notes if note.slug == "weights-property"}
    assert "no weights today" in said["weightless"]
