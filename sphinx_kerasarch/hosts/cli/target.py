"""What the commands with a TARGET share: their options and the way from a target to a spec."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ...errors import ImportTargetError, OptionError, SpecError
from ...spec import ArchSpec
from .completing import backends, paths, values
from .decorating import Function, decorated
from .main import traceback_option
from .progress import progress, quiet_option

if TYPE_CHECKING:
    from ...inspector import Description, Inspector



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

    @property
    def is_spec(self) -> bool:
        """Whether the target is a file that ``describe`` wrote."""
        return self.target.lower().endswith(".json")

    def spec(self) -> ArchSpec:
        """Raises :class:`.KerasarchError` of the class that names the cause."""
        if self.is_spec:
            return read_spec(Path(self.target))
        with self.inspector() as inspector:
            return self.described(inspector).spec

    def inspector(self) -> Inspector:
        """One that builds models as the options say. Raises :class:`.KerasarchError` for what it would refuse."""
        from ... import inspector
        from ...spec.target import parse, shapes

        parse(self.target, self.args)
        if self.input_shape.strip():
            shapes(self.input_shape)
        for entry in self.path:
            if not Path(entry).is_dir():
                kind = "a file" if Path(entry).exists() else "not there"
                raise OptionError(f"--path {entry} is {kind}.", advice="Name the folder that the package is in.")
        return inspector.Inspector(
            path=tuple(str(Path(entry).resolve()) for entry in (*self.path, ".")),
            python=self.python,
            env=dict(self.env),
            timeout=self.timeout,
            memory=self.memory,
        )

    def described(self, inspector: Inspector) -> Description:
        """What ``inspector`` makes of the target. Raises :class:`.KerasarchError`."""
        from ...inspector import Request

        request = Request(
            self.target, self.args, self.input_shape, self.backend, self.open, self.custom_objects, self.weights
        )
        try:
            with progress(f"describing {self.target}"):
                return inspector.describe(request)
        except ImportTargetError as error:
            raise _nearby(error, self.path) from None


def _nearby(error: ImportTargetError, path: tuple[str, ...]) -> ImportTargetError:
    """With the folder below this one that has the missing package, where there is one."""
    package = str(error.data.get("module", "")).partition(".")[0]
    if not package.isidentifier() or any(_has(Path(entry), package) for entry in (*path, ".")):
        return error
    folders = sorted(entry.as_posix() for entry in Path().iterdir() if entry.is_dir() and _has(entry, package))
    # A package that has one of the same name in it is none to be put on the path.
    folders = [folder for folder in folders if not (Path(folder) / "__init__.py").exists()]
    if not folders:
        return error
    advice = f"Add --path {folders[0]}"
    return ImportTargetError(error.message, advice=advice, traceback=error.traceback, data=error.data)


def _has(folder: Path, package: str) -> bool:
    return (folder / package).is_dir() or (folder / f"{package}.py").is_file()


def read_spec(path: Path) -> ArchSpec:
    """The spec in a file that ``describe`` wrote."""
    from ...spec.codec import loads

    try:
        text = path.read_text(encoding="utf-8-sig")  # editors of Windows put a mark before it
    except FileNotFoundError:
        raise SpecError(
            f"There is no file {path}.", advice="Write one with: kerasarch describe TARGET -o spec.json"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} cannot be read: {error}.") from None
    try:
        return loads(text)
    except SpecError as error:
        raise SpecError(f"{path}: {error.message}", advice=error.advice, data=error.data) from None


def _variable(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE.")
        pairs.append((name, text))
    return tuple(pairs)


def _some(_: click.Context, __: click.Parameter, value: float) -> float:
    if not value > 0:
        raise click.BadParameter(f"{value:g} is no time. Write seconds: 60.")
    return value


def _none_or_some(_: click.Context, __: click.Parameter, value: int) -> int:
    if value < 0:
        raise click.BadParameter(f"{value} is no amount. Write megabytes: 4000.")
    return value


FIELDS = (
    "target", "path", "args", "input_shape", "open", "custom_objects", "weights", "python", "backend", "env", "timeout",
    "memory",
)  # fmt: skip

DECORATORS = (
    click.option(
        "--path",
        multiple=True,
        metavar="DIR",
        shell_complete=paths("dir"),
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
        "--python",
        default="",
        metavar="FILE",
        shell_complete=paths("file"),
        show_default="this one",
        help="Interpreter that has Keras.",
    ),
    click.option(
        "--backend",
        default="",
        metavar="NAME",
        shell_complete=values(backends),
        show_default="none where none is needed",
        help="tensorflow, jax, torch, symbolic for none, or plain for an ordinary build.",
    ),
    click.option(
        "--env", multiple=True, metavar="NAME=VALUE", callback=_variable, help="Environment of the worker."
    ),
    click.option(
        "--timeout",
        default=300,
        type=float,
        show_default=True,
        callback=_some,
        metavar="SECONDS",
        help="Time that the model may take.",
    ),
    click.option(
        "--memory",
        default=0,
        show_default="no limit",
        callback=_none_or_some,
        metavar="MB",
        help="Memory that the model may take, Keras included.",
    ),
    quiet_option,
    traceback_option,
)


def takes_target(function: Function) -> Function:
    """Give a command its TARGET and the options about it; it is called with ``source``, a :class:`Source`."""
    return _taking(click.argument("target", shell_complete=paths("file")), function)


def takes_name(known: Callable[[], Iterable[str]]) -> Callable[[Function], Function]:
    """As :func:`takes_target`, for a NAME in place of a target, which may be left out. ``known``: all names."""
    argument = click.argument("target", metavar="[NAME]", default="", shell_complete=values(known))
    return lambda function: _taking(argument, function)


def takes_targets(function: Function) -> Function:
    """As :func:`takes_target`, for any number of them: ``targets``; ``source`` has the first."""
    argument = click.argument("targets", metavar="[TARGET]...", nargs=-1, shell_complete=paths("file"))
    return _taking(argument, function)


def _taking(argument: Callable[[Any], Any], function: Function) -> Function:
    def wrapped(*args: Any, **values: Any) -> Any:
        if "targets" in values:
            values["target"] = next(iter(values["targets"]), "")
        source = Source(**{name: values.pop(name) for name in FIELDS})
        return function(*args, source=source, **values)

    wrapped.__doc__ = function.__doc__
    wrapped.__name__ = function.__name__
    # Parameters that the command has already got from click stay first in its help.
    wrapped.__click_params__ = list(getattr(function, "__click_params__", []))  # type: ignore[attr-defined]
    return decorated(cast(Function, wrapped), (argument, *DECORATORS))
