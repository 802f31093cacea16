"""Packages that the tier does without: stand-ins for their modules.

While Keras is imported JAX and SciPy are stood in for, which its NumPy backend imports but needs for numbers only.
Afterwards ``import tensorflow`` gives a module that offers ``keras`` and nothing else, and installed JAX and PyTorch
are modules that can be imported but not used. Modules of user code often say ``@tf.function`` or ``x: tf.Tensor``
beside the factory that is asked for; so names may be mentioned, and the signal is raised when one is used. The same
holds for packages around models, which no architecture is made with.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from ..compat import STUB
from .signal import hand_on

FOR_KERAS = ("jax", "scipy", "torch", "keras.src.backend.jax", "keras.src.backend.torch")
"""Imported by Keras' NumPy backend."""

REFUSED = ("jax", "torch")
"""Backends that user code may import when they are installed, but not use."""

UNNEEDED = ("kagglehub", "huggingface_hub", "tokenizers", "sentencepiece")
"""Packages that fetch checkpoints and cut texts, imported by whoever imports KerasHub: 35 MB and 550 modules."""

DISTRIBUTIONS = ("tensorflow", "tensorflow-cpu", "tensorflow-macos", "tf-nightly")

_USES = (
    "bool iter len getitem setitem contains eq ne lt le gt ge add radd sub rsub mul rmul truediv rtruediv pow neg "
    "matmul int float index str format enter exit instancecheck subclasscheck array"
)


class Name:
    """A name of a package that is not there. It may be named, annotated with and decorate; all else hands on."""

    def __init__(self, path: str) -> None:
        self.__dict__["path"] = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Name(f"{self.path}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.path == "tensorflow.function":  # the same graph, only faster
            return args[0] if args and callable(args[0]) else lambda function: function
        raise hand_on(f"{self.path} is called")

    def __or__(self, other: Any) -> Any:
        return self

    __ror__ = __or__

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (_absent(self.path),)

    def __setattr__(self, name: str, value: Any) -> None:
        raise hand_on(f"{self.path}.{name} is set")

    __hash__ = object.__hash__


def _absent(path: str) -> type:
    """A class of a package that is not there: it may have subclasses, which have no instances."""

    def new(cls: type, *args: Any, **kwargs: Any) -> Any:
        raise hand_on(f"{path} is used ({cls.__name__} is made)")

    return type(path.rpartition(".")[2], (), {"__new__": new})


def _refuse(use: str) -> Any:
    def refuse(self: Name, *args: Any, **kwargs: Any) -> Any:
        raise hand_on(f"{self.path} is used ({use})")

    return refuse


for _use in _USES.split():
    setattr(Name, f"__{_use}__", _refuse(_use))


class StandIn(ModuleType):
    """A module whose attributes are :class:`Name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        setattr(self, STUB, True)

    def __getattr__(self, name: str) -> Any:
        if self.__name__ == "tensorflow":
            if name == "keras":
                return importlib.import_module("tensorflow.keras")
            if name in {"__version__", "VERSION"}:
                return self._version()
        if name.startswith("__"):
            raise AttributeError(name)
        return Name(f"{self.__name__}.{name}")

    def _version(self) -> str:
        for distribution in DISTRIBUTIONS:
            try:
                found = version(distribution)
            except PackageNotFoundError:
                continue
            setattr(self, STUB, False)  # from now on the description depends on it
            return found
        raise hand_on("the version of TensorFlow is asked for, which is not installed")


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands first on ``sys.meta_path``."""

    def __init__(self) -> None:
        self.importing_keras = True

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        top = name.partition(".")[0]
        if self.importing_keras:
            wanted = any(name == stub or name.startswith(f"{stub}.") for stub in FOR_KERAS)
        elif top == "tf_keras":
            raise hand_on("tf_keras is imported")
        elif top == "tensorflow":
            if os.environ.get("TF_USE_LEGACY_KERAS", "").lower() in {"1", "true"}:
                raise hand_on("TF_USE_LEGACY_KERAS is set")
            wanted = True
        else:
            wanted = top in (*REFUSED, *UNNEEDED) and importlib.machinery.PathFinder.find_spec(top) is not None
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if wanted else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name == "tensorflow.keras" or name.startswith("tensorflow.keras."):
            # The import system takes what stands here in the end: the same classes as in ``keras``.
            sys.modules[name] = importlib.import_module(f"keras._tf_keras.keras{name[len('tensorflow.keras') :]}")


FINDER = Finder()


def install() -> None:
    """Before Keras is imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] in {"jax", "scipy", "torch"}]:
        del sys.modules[name]
    sys.meta_path.insert(0, FINDER)


def keras_is_there() -> None:
    """After Keras was imported: SciPy is user code's own again, TensorFlow offers Keras."""
    FINDER.importing_keras = False
    for name in [name for name in sys.modules if name.partition(".")[0] in {"jax", "scipy", "torch"}]:
        del sys.modules[name]
