"""``kerasarch render``: figures as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from ...errors import OptionError
from ...options import suggest
from ...registry import Format
from .flags import FlaggedCommand, flags_of, given, loaded
from .output import check, place
from .target import Source, takes_target


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


def _flags() -> Iterable[click.Option]:
    from ... import registry

    views = loaded(registry.view_names(), registry.view)
    return flags_of([*views, *loaded(registry.format_names(), registry.format)])


@click.command("render", cls=FlaggedCommand, more=_flags)
@click.option(
    "--view", default="layered", show_default=True, metavar="NAME", help="layered, maps, neurons, graph or summary."
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Where to write; the suffix tells the format. May be given several times; - is standard output.",
)
@click.option(
    "--format", "format_", default="", metavar="NAME", help="Format of standard output: svg, pdf, …"
)
@click.option(
    "--theme", default="light", show_default=True, metavar="NAME", help="Colours: light, dark, print or grey."
)
@color_option
@role_option
@label_option
@takes_target
def command(
    source: Source,
    view: str,
    outputs: tuple[str, ...],
    format_: str,
    theme: str,
    colors: dict[str, str],
    roles: dict[str, str],
    labels: dict[str, str],
    **options: Any,
) -> None:
    """Draw TARGET and write the figure, in one or several formats.

    \b
    kerasarch render mypkg.models:build_lenet -o lenet.svg -o lenet.pdf --width 85mm
    kerasarch render "keras.applications:VGG16(weights=None)" --view graph -o vgg16.png --dpi 300
    kerasarch render mypkg.models:build_lenet -o lenet.svg --color conv=#0072b2 --role MyBlock=attn
    """
    from ... import registry
    from ...api import draw, write
    from ...theme import palette

    check_theme(theme)
    places = [place(text, format_) for text in outputs or ("-",)]
    for output in places:
        check(output, source.target)
    record = registry.view(view)
    formats = [registry.format(output.format) for output in places]
    for_view, for_formats = split(
        given(options), {option.key for option in record.options}, formats, f"view {view!r}"
    )
    palette(theme, colors)  # before the model is built
    drawing = draw(source.spec(), view, roles=roles, labels=labels, **for_view)
    for output, format in zip(places, formats, strict=True):
        own = {option.key for option in format.options}
        chosen = {name: value for name, value in for_formats.items() if name in own}
        output.write(write(drawing.figure, output.format, theme=theme, colors=colors, **chosen))


def split(
    options: Mapping[str, Any], view_keys: set[str], formats: Iterable[Format], view: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of the view and those of the formats. Raises :class:`.OptionError` for one that nobody takes."""
    format_keys = {option.key for format in formats for option in format.options}
    for name in options:
        if name not in view_keys | format_keys:
            raise OptionError(
                f"Neither {view} nor the chosen format takes --{name.replace('_', '-')}.",
                advice=suggest(name, (key.replace("_", "-") for key in view_keys | format_keys)),
            )
    return (
        {name: value for name, value in options.items() if name in view_keys},
        {name: value for name, value in options.items() if name in format_keys - view_keys},
    )


def check_theme(name: str) -> None:
    from ...theme import THEMES

    if name not in THEMES:
        raise OptionError(f"There is no theme {name!r}.", advice=suggest(name, THEMES))
