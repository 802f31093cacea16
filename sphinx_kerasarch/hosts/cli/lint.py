"""``kerasarch lint``: what is wrong with the figures of a model, measured."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ... import escape
from ...errors import DrawError, OptionError
from .flags import FlaggedCommand, flags_of, given, loaded
from .render import check_theme, color_option, label_option, role_option, split
from .say import echo
from .target import Source, takes_target

if TYPE_CHECKING:
    from ...lint import Finding
    from ...spec import ArchSpec
    from ...theme import Palette

EXAMPLES = """
kerasarch lint mypkg.models:build_lenet --width 85mm
kerasarch lint "keras.applications:VGG16(weights=None)" --view graph --theme print --json
"""

VIEWS = ("layered", "graph")
THEMES = ("light", "dark")


def _flags() -> Iterable[click.Option]:
    from ... import registry

    drawn = (name for name in registry.view_names() if name != "summary")
    return flags_of(loaded(drawn, registry.view))


@click.command("lint", cls=FlaggedCommand, more=_flags, examples=EXAMPLES)
@click.option(
    "--view",
    "views",
    multiple=True,
    default=VIEWS,
    metavar="NAME",
    help="View to measure; may be given several times.",
    show_default=True,
)
@click.option(
    "--theme",
    "themes",
    multiple=True,
    default=THEMES,
    metavar="NAME",
    help="Colours to measure: light, dark, print or grey; may be given several times.",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Write the findings as JSON.")
@color_option
@role_option
@label_option
@takes_target
@click.pass_context
def command(
    context: click.Context,
    /,
    source: Source,
    views: tuple[str, ...],
    themes: tuple[str, ...],
    as_json: bool,
    colors: dict[str, str],
    roles: dict[str, str],
    labels: dict[str, str],
    **options: Any,
) -> None:
    """Measure the figures of TARGET: is everything drawn, legible and in its place?

    Looks for texts that overlap, stand on lines or boxes or out of the page, lines through cards, lines that
    coincide, large empty areas, texts and strokes too small in print, too little contrast, figures wider than
    asked for, and edges of the model that are lost, doubled or invented. Prints one line for each finding and ends
    with status 1 when there are any.

    """
    from ... import registry
    from ...spec.assign import with_labels, with_roles
    from ...theme import palette

    views, themes = tuple(dict.fromkeys(views)), tuple(dict.fromkeys(themes))
    for theme in themes:
        check_theme(theme)
    palettes = [palette(theme, colors) for theme in themes]
    chosen = given(options)
    keys = {name: {option.key for option in registry.view(name).options} for name in views}
    split(chosen, set().union(*keys.values()), (), f"view {', '.join(views)}")
    spec = with_labels(with_roles(source.spec(), roles), labels)
    found = {
        name: measure(spec, name, palettes, {key: chosen[key] for key in chosen if key in keys[name]})
        for name in views
    }
    echo(as_text_of_json(spec.name, found) if as_json else as_text(spec.name, found))
    if any(found.values()):
        context.exit(1)


def measure(
    spec: ArchSpec, view: str, palettes: Iterable[Palette], options: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Findings on one figure, each once. A view that refuses to draw is a finding too, with its advice.

    ``options``: of the view. Raises :class:`.OptionError` for a view that has nothing to measure.
    """
    from ...api import draw
    from ...figure import Graph, Scene
    from ...layout import arrange
    from ...lint import Finding, lint, lint_graph
    from ...options import NAMED_WIDTHS, length
    from ...theme import restyled

    try:
        figure = draw(spec, view, **options).figure
        graph = figure if isinstance(figure, Graph) else None
        scene = arrange(figure) if isinstance(figure, Graph) else figure
    except DrawError as error:
        return (Finding(error.slug, spec.name, str(error)),)
    if not isinstance(scene, Scene):
        raise OptionError(
            f"View {view!r} is a table; there are no places to measure.", advice="Take layered, maps, neurons or graph."
        )
    wanted = options.get("width", NAMED_WIDTHS["wide"])
    width = length(wanted) if isinstance(wanted, str) else float(wanted)
    findings: dict[Finding, None] = {}
    if graph:
        findings.update(dict.fromkeys(lint_graph(graph, spec)))
    for palette in palettes:
        for finding in lint(restyled(scene, palette), width=width, theme=palette, graph=graph):
            told = f"{palette.theme}: {finding.message}" if finding.slug == "contrast" else finding.message
            findings[dataclasses.replace(finding, message=told)] = None
    return tuple(findings)


def as_text(name: str, found: Mapping[str, tuple[Finding, ...]]) -> str:
    """One line for each finding, then one that sums up."""
    lines = [
        escape.line(f"{view}: {finding.slug}: {' '.join(finding.subject.split())}: {finding.message}")
        for view, findings in found.items()
        for finding in findings
    ]
    counts = Counter(finding.slug for findings in found.values() for finding in findings)
    figures = " and ".join(found)
    if not counts:
        return f"{escape.line(name)}: nothing found ({figures})."
    total = counts.total()
    kinds = ", ".join(f"{count} {slug}" for slug, count in sorted(counts.items()))
    return "\n".join([*lines, f"{escape.line(name)}: {total} finding{'s' * (total != 1)} ({figures}): {kinds}."])


def as_text_of_json(name: str, found: Mapping[str, tuple[Finding, ...]]) -> str:
    views = {view: [dataclasses.asdict(finding) for finding in findings] for view, findings in found.items()}
    return escape.json(json.dumps({"model": name, "views": views}, indent=2, ensure_ascii=False))
