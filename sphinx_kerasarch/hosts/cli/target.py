"""What the commands with a TARGET share: their options and the way from a target to a spec."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ...errors import SpecError
from ...spec import ArchSpec
from .main import traceback_option
from .say import echo

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Source:
    """A target with everything that says how to build it."""

    target: str
    path: tuple[str, ...]
    args: str
    input_shape: str
    open: str
    custom_objects: str
    weights: bool
    python: str
    backend: str
    env: tuple[tuple[str, str], ...]
    timeout: float
    memory: int

    def spec(self) -> ArchSpec:
        """Raises :class:`.KerasarchError` of the class that names the cause."""
        if self.target.lower().endswith(".json"):
            return read_spec(Path(self.target))
        from ...api import describe

        say(f"describing {self.target} …")
        return describe(
            self.target,
            arguments=self.args,
            input_shape=self.input_shape,
            open=self.open,
            custom_objects=self.custom_objects,
            weights=self.weights,
            path=[str(Path(entry).resolve()) for entry in (*self.path, ".")],
            python=self.python,
            backend=self.backend,
            env=dict(self.env),
            timeout=self.timeout,
            memory=self.memory,
        )


def read_spec(path: Path) -> ArchSpec:
    """The spec in a file that ``describe`` wrote."""
    from ...spec.codec import loads

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(
            f"There is no file {path}.", advice="Write one with: kerasarch describe TARGET -o spec.json"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} cannot be read: {error}.") from None
    return loads(text)


def say(message: str) -> None:
    """Progress, for eyes only: on stderr when that is a terminal."""
    if sys.stderr.isatty():
        echo(message, err=True)


def _variable(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE.")
        pairs.append((name, text))
    return tuple(pairs)


FIELDS = (
    "target", "path", "args", "input_shape", "open", "custom_objects", "weights", "python", "backend", "env", "timeout",
    "memory",
)  # fmt: skip

DECORATORS = (
    click.argument("target"),
    click.option(
        "--path",
        multiple=True,
        metavar="DIR",
        help="Put DIR on the import path; the current folder is on it.",
    ),
    click.option(
        "--args", default="", metavar="TEXT", help="Arguments of the factory: classes=10, units=64."
    ),
    click.option(
        "--input-shape", default="", metavar="TEXT", help="Shape of the input without batch axis: 28, 28, 1."
    ),
    click.option(
        "--open",
        default="",
        metavar="TEXT",
        help="Layers of Keras to open, by class or name: LSTM, attention*.",
    ),
    click.option(
        "--custom-objects",
        default="",
        metavar="TEXT",
        help="Classes that a saved model needs: mypkg.layers:MyLayer, mypkg.layers:MyOther.",
    ),
    click.option(
        "--weights",
        is_flag=True,
        help="Read numbers of the dense layers, which colour the lines of the neurons view.",
    ),
    click.option(
        "--python", default="", metavar="FILE", help="Interpreter that has Keras; default: this one."
    ),
    click.option(
        "--backend",
        default="",
        metavar="NAME",
        help="tensorflow, jax, torch, symbolic for none, or plain for an ordinary build; "
        "default: none where none is needed.",
    ),
    click.option(
        "--env", multiple=True, metavar="NAME=VALUE", callback=_variable, help="Environment of the worker."
    ),
    click.option(
        "--timeout",
        default=300.0,
        show_default=True,
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Time that the model may take.",
    ),
    click.option(
        "--memory",
        default=0,
        type=click.IntRange(min=0),
        metavar="MB",
        help="Memory that the model may take, Keras included; default: no limit.",
    ),
    traceback_option,
)


def takes_target(function: Function) -> Function:
    """Give a command its TARGET and the options about it; it is called with ``source``, a :class:`Source`."""

    def wrapped(**values: Any) -> Any:
        source = Source(**{name: values.pop(name) for name in FIELDS})
        return function(source=source, **values)

    wrapped.__doc__ = function.__doc__
    wrapped.__name__ = function.__name__
    # Parameters that the command has already got from click stay first in its help.
    wrapped.__click_params__ = list(getattr(function, "__click_params__", []))  # type: ignore[attr-defined]
    decorated: Any = wrapped
    for decorator in reversed(DECORATORS):
        decorated = decorator(decorated)
    return decorated  # type: ignore[no-any-return]
