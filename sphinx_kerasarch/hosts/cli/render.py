"""``kerasarch render``: figures as files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import OptionError
from ...options import resolve, suggest
from ...registry import FORMATS, Format, View
from .completing import formats, paths, themes, values, views
from .decorating import Function, decorated
from .flags import FlaggedCommand, flags_of, given, loaded
from .output import Output, check, places
from .target import Source, takes_target

if TYPE_CHECKING:
    from ...spec import ArchSpec

EXAMPLES = """
kerasarch render mypkg.models:build_lenet -o lenet.svg -o lenet.pdf --width 85mm
kerasarch render "keras.applications:VGG16(weights=None)" --view graph -o vgg16.png --dpi 300
kerasarch render mypkg.models:build_lenet -o lenet.svg --color conv=#0072b2 --role MyBlock=attn
kerasarch render mypkg.models:build_lenet -o lenet.tex --width 85mm --theme print
kerasarch render mypkg.models:build_lenet -o lenet.pdf --watch --show
kerasarch render trained.keras --view graph --format svg -o - | gzip > trained.svgz
"""


def pairs(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """``("conv=#0072b2",)`` → ``{"conv": "#0072b2"}``."""
    found = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not (name.strip() and sign and text.strip()):
            raise click.BadParameter(f"{value!r} is not of the form {parameter.metavar}.", param=parameter)
        found[name.strip()] = text.strip()
    return found


color_option = click.option(
    "--color",
    "colors",
    multiple=True,
    callback=pairs,
    metavar="NAME=COLOR",
    help="Own colour of a category or of single layers: conv=#0072b2, layer:stem*=#d55e00. May be given several "
    "times; conv=#0072b2,#56b4e9 is one for light and one for dark.",
)
role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    callback=pairs,
    metavar="CLASS=CATEGORY",
    help="Category of a layer class: MyBlock=attn, mypkg.layers:MyBlock=conv. May be given several times.",
)

label_option = click.option(
    "--label",
    "labels",
    multiple=True,
    callback=pairs,
    metavar="LAYER=TEXT",
    help="What a layer or nested model is called: conv2d_1=stem, encoder/*=inner. May be given several times.",
)

DRAWN = (
    click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        metavar="FILE",
        shell_complete=paths("file"),
        help="Where to write; the suffix tells the format. May be given several times; - is standard output.",
    ),
    click.option(
        "--format",
        "format_",
        default="",
        metavar="NAME",
        shell_complete=values(formats),
        help=f"Format, where no suffix tells it: {', '.join(FORMATS)}.",
    ),
    click.option("--show", is_flag=True, help="Open the first file that is written in the system's viewer."),
    click.option(
        "--watch", is_flag=True, help="Draw again whenever a file changes that the model is made from, until Ctrl-C."
    ),
    click.option(
        "--view",
        default="layered",
        show_default=True,
        metavar="NAME",
        shell_complete=values(views),
        help="layered, maps, neurons, graph or summary.",
    ),
    click.option(
        "--theme",
        default="light",
        show_default=True,
        metavar="NAME",
        shell_complete=values(themes),
        help="Colours: light, dark, print or grey.",
    ),
    color_option,
    role_option,
    label_option,
)


def takes_outputs(function: Function) -> Function:
    """Give a command the options that say what is drawn and where it is written."""
    return decorated(function, DRAWN)


def figure_flags() -> Iterable[click.Option]:
    """Flags of all views and formats. Those of the table come last: what figures say of an option is told first."""
    from ... import registry

    names = sorted(registry.view_names(), key=lambda name: name == "summary")
    return flags_of([*loaded(names, registry.view), *loaded(registry.format_names(), registry.format)])


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be drawn and written, checked before a model is built."""

    places: tuple[Output, ...]
    view: str
    theme: str
    colors: Mapping[str, str]
    roles: Mapping[str, str]
    labels: Mapping[str, str]
    options: Mapping[str, Any]
    """Of the view."""
    of_formats: tuple[Mapping[str, Any], ...]
    """Options of the format of each place."""

    def write(self, spec: ArchSpec) -> None:
        """Draw and write all. Raises :class:`.KerasarchError` and :class:`OSError`."""
        from ...api import draw, write

        figure = draw(spec, self.view, roles=self.roles, labels=self.labels, **self.options).figure
        for output, own in zip(self.places, self.of_formats, strict=True):
            output.write(write(figure, output.format, theme=self.theme, colors=self.colors, **own))

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(output.place for output in self.places if not output.is_stdout)


def plan(
    target: str,
    outputs: Sequence[Output],
    view: str,
    theme: str,
    options: Mapping[str, Any],
    **chosen: Mapping[str, str],
) -> Plan:
    """``chosen``: ``colors``, ``roles`` and ``labels``. Raises :class:`.OptionError` for all that can be refused."""
    from ... import registry
    from ...theme import palette

    check_theme(theme)
    for output in outputs:
        check(output, target)
    record = registry.view(view)
    formats = [registry.format(output.format) for output in outputs]
    for_view, for_formats = split(options, {option.key for option in record.options}, formats, f"view {view!r}")
    resolve(record.options, for_view, f"view {view!r}")
    own = []
    for format in formats:
        keys = {option.key for option in format.options}
        own.append({name: value for name, value in for_formats.items() if name in keys})
        resolve(format.options, own[-1], f"format {format.name!r}")
    palette(theme, chosen["colors"])
    return Plan(tuple(outputs), view, theme, options=for_view, of_formats=tuple(own), **chosen)


def run(source: Source, plan: Plan, *, show: bool, watch: bool) -> None:
    """Draw once, or until Ctrl-C. Raises :class:`.KerasarchError` and :class:`OSError`."""
    if watch:
        from .watch import keep

        keep(source, plan, after=(lambda: open_viewer(plan.files)) if show else None)
        return
    plan.write(source.spec())
    if show:
        open_viewer(plan.files)


@click.command("render", cls=FlaggedCommand, more=figure_flags, examples=EXAMPLES)
@takes_outputs
@takes_target
def command(
    source: Source,
    outputs: tuple[str, ...],
    format_: str,
    show: bool,
    watch: bool,
    view: str,
    theme: str,
    **options: Any,
) -> None:
    """Draw TARGET and write the figure, in one or several formats."""
    chosen = {name: options.pop(name) for name in ("colors", "roles", "labels")}
    named = places_of(source.target, outputs, format_, view, show=show, watch=watch)
    run(source, plan(source.target, named, view, theme, given(options), **chosen), show=show, watch=watch)


def places_of(
    name: str, outputs: Sequence[str], format: str, view: str, *, show: bool, watch: bool
) -> tuple[Output, ...]:
    """Where to write. Something to show has a place of its own where none is named, by the ``name`` of the model.

    Raises :class:`.OptionError`.
    """
    if "-" in outputs and (show or watch):
        flag = "--show" if show else "--watch"
        raise OptionError(f"{flag} needs a file, and - is none.", advice="Name one: -o lenet.svg.")
    if show and not outputs:
        from ... import registry

        record = registry.format(format or "svg")
        stem = "".join(char if char.isalnum() or char in "-_." else "_" for char in name.rpartition(":")[2]) or "model"
        outputs = [str(Path(tempfile.mkdtemp(prefix="kerasarch-")) / f"{Path(stem).stem}{record.suffix}")]
    return places(outputs or ("-",), format, view)


def open_viewer(files: Sequence[str]) -> None:
    """Raises :class:`.OptionError` when the system knows no viewer."""
    if click.launch(str(Path(files[0]).resolve())):
        raise OptionError(f"No viewer was found for {files[0]}, which is written.", advice="Open it by hand.")


def split(
    options: Mapping[str, Any], view_keys: set[str], formats: Iterable[Format], view: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of the view and those of the formats. Raises :class:`.OptionError` for one that nobody takes."""
    format_keys = {option.key for format in formats for option in format.options}
    for name in options:
        if name not in view_keys | format_keys:
            raise OptionError(
                f"Neither {view} nor the chosen format takes --{name.replace('_', '-')}.",
                advice=_taken_by(name) or suggest(name, (key.replace("_", "-") for key in view_keys | format_keys)),
            )
    return (
        {name: value for name, value in options.items() if name in view_keys},
        {name: value for name, value in options.items() if name in format_keys - view_keys},
    )


def _taken_by(name: str) -> str:
    """Which views and formats take an option."""
    from ... import registry

    views = [record.name for record in loaded(registry.view_names(), registry.view) if _has(record, name)]
    formats = [record.name for record in loaded(registry.format_names(), registry.format) if _has(record, name)]
    found = [*(f"--view {view}" for view in views), *(f"format {format}" for format in formats)]
    return f"It goes with {' or '.join(found)}." if found else ""


def _has(record: View | Format, name: str) -> bool:
    return name in {option.key for option in record.options}


def check_theme(name: str) -> None:
    from ...theme import THEMES

    if name not in THEMES:
        raise OptionError(f"There is no theme {name!r}.", advice=suggest(name, THEMES))
