"""Target → the Python object it names, with errors that say what to do."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from ..errors import ArgumentsError, ImportTargetError, KerasarchError, MissingPackageError
from ..spec.target import Target
from .frames import own_traceback, reason

EXTRAS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch", "keras": "tensorflow"}
"""Package → extra of this distribution that brings it."""


def suggest(word: str, known: Iterable[str], prefix: str = "") -> str:
    """``Did you mean …?``, or nothing."""
    near = difflib.get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return f"Did you mean {prefix + near[0]!r}?" if near else ""


def missing(package: str, why: str) -> MissingPackageError:
    """The error for a package that is not installed; names the extra for Keras and its backends.

    An environment without this package is one that ``kerasarch_python`` points to: there the extra is not the way.
    """
    top = package.partition(".")[0]
    extra = EXTRAS.get(top)
    try:
        distribution("sphinx-kerasarch")
        advice = f'pip install "sphinx-kerasarch[{extra}]"' if extra else f"pip install {top}"
    except PackageNotFoundError:
        wanted = f"keras {extra}" if extra else top
        advice = f"Install it for that interpreter: {sys.executable} -m pip install {wanted}"
        advice += f" (what the extra sphinx-kerasarch[{extra}] brings)." if extra else "."
    return MissingPackageError(
        f"{why} needs the package {top!r}, which is not installed.",
        advice=advice,
        data={"package": top, "extra": extra or ""},
    )


def locate(target: Target) -> Any:
    """Import the module and take the attribute. Raises :class:`.KerasarchError`."""
    return attribute_of(import_module(target.module), target)


def import_module(name: str) -> Any:
    """Import a module. Raises ImportTargetError, or MissingPackageError for what the module itself imports in vain."""
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        absent = error.name or ""
        if absent and (name == absent or name.startswith(f"{absent}.")):
            raise _no_module(name, absent) from None
        if absent and "." not in absent:
            raise missing(absent, f"Importing {name}") from None
        raise _import_failed(name, error) from None
    except KerasarchError:
        raise
    except (Exception, SystemExit) as error:
        raise _import_failed(name, error) from None


def _import_failed(name: str, error: BaseException) -> ImportTargetError:
    what = "leaves with sys.exit" if isinstance(error, SystemExit) else f"raises {reason(error)}"
    absent = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
    parent, dot, last = absent.rpartition(".")
    return ImportTargetError(
        f"Importing {name} {what}.",
        # What is around a missing module is there, so that no package is.
        advice=(dot and suggest(last, _siblings(parent), prefix=parent + dot)) or "Mend the module.",
        traceback=own_traceback(error),
        data={"module": name, "exception": type(error).__name__, "package": absent.partition(".")[0]},
    )


def _no_module(name: str, absent: str) -> ImportTargetError:
    if absent in EXTRAS:
        raise missing(absent, f"The target {name}") from None
    parent, dot, last = absent.rpartition(".")
    advice = suggest(last, _siblings(parent), prefix=parent + dot)
    if last == "py" and name == absent:
        advice = f"Leave .py out: {parent}:…"
    elif not parent:
        advice = f"{advice} Is its folder on the path (kerasarch_path, --path)?".strip()
    return ImportTargetError(f"There is no module {absent!r}.", advice=advice, data={"module": name, "absent": absent})


def _siblings(parent: str) -> list[str]:
    if not parent:
        return [item.name for item in pkgutil.iter_modules()]
    try:
        paths = getattr(importlib.import_module(parent), "__path__", [])
    except Exception:  # only a help is lost
        return []
    return [item.name for item in pkgutil.iter_modules(paths)]


def attribute_of(module: Any, target: Target) -> Any:
    """The attribute; a method of an instance is taken from an instance made without arguments."""
    thing, walked = module, target.module
    for name in target.attribute.split("."):
        owner = thing
        try:
            thing = getattr(owner, name)
        except AttributeError:
            near = suggest(name, (word for word in dir(owner) if not word.startswith("_")))
            raise ImportTargetError(
                f"{walked} has no {name!r}.",
                advice=near or f"Look into {walked} for the right name.",
                data={"module": target.module, "attribute": target.attribute},
            ) from None
        except (Exception, SystemExit) as error:  # lazy modules run code here
            raise _import_failed(f"{walked}.{name}", error) from None
        if inspect.isclass(owner) and inspect.isfunction(inspect.getattr_static(owner, name)):
            thing = getattr(call(owner, (), {}, str(target)), name)
        walked = f"{walked}.{name}"
    return thing


def check_arguments(
    thing: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], name: str
) -> None:
    """Raise ArgumentsError when ``thing`` does not take the arguments."""
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        unknown = [key for key in kwargs if key not in signature.parameters]
        near = suggest(unknown[0], signature.parameters) if unknown else ""
        shown = ", ".join(
            str(item).partition(":")[0].partition("=")[0].strip() for item in signature.parameters.values()
        )
        raise ArgumentsError(
            f"{name} does not take these arguments: {error}.",
            advice=near or (f"It takes: {shown}." if shown else "It takes no arguments."),
            data={"unknown": unknown},
        ) from None


def call(thing: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], name: str) -> Any:
    """Call with checked arguments; what the callee raises goes through."""
    check_arguments(thing, args, kwargs, name)
    return thing(*args, **kwargs)
