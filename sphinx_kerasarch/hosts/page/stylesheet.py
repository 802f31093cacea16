"""Two style sheets: one for all figures and tables, one for inline figures that follow a page's dark mode.

Their colours come from the palette, so that a page and its figures cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ... import theme

ON_LIGHT, ON_DARK = "kerasarch-on-light", "kerasarch-on-dark"
"""Classes of two images of one figure, of which a page shows the one that fits."""
TABLE_ROLES = ("clline",)


def _name(token: str) -> str:
    """``conv.front`` → ``conv-front``, as in the classes of themed SVG."""
    return token.replace(".", "-")


def _rule(selectors: Iterable[str], tokens: Iterable[str], palette: theme.Palette) -> str:
    colours = ";".join(f"--ka-{_name(token)}:{theme.color(token, palette)}" for token in tokens)
    return f"{','.join(selectors)}{{{colours}}}"


def _variables(scope: str, tokens: tuple[str, ...], light: theme.Palette) -> list[str]:
    """Colours for light pages, dark pages, and for paper, which is always light."""
    on_dark = [f"{selector} {scope}" for selector in theme.DARK_PAGES]
    by_system = [f"{theme.DARK_BY_SYSTEM} {scope}"]
    dark = replace(light, theme="dark")
    return [
        _rule([scope], tokens, light),
        f"@media screen{{{_rule(on_dark, tokens, dark)}}}",
        f"@media screen and (prefers-color-scheme:dark){{{_rule(by_system, tokens, dark)}}}",
    ]


def _switch() -> list[str]:
    """A page without a dark mode, and paper, show the light image."""

    def rule(selector: str) -> str:
        shown = f"{selector} img.{ON_DARK}{{display:block}}"
        return f"{shown}{selector} img.{ON_LIGHT}{{display:none}}"

    by_system = rule(f"{theme.DARK_BY_SYSTEM} .kerasarch")
    return [
        f".kerasarch img.{ON_DARK}{{display:none}}",
        f"@media screen{{{''.join(rule(f'{selector} .kerasarch') for selector in theme.DARK_PAGES)}}}",
        f"@media screen and (prefers-color-scheme:dark){{{by_system}}}",
    ]


def common(palette: theme.Palette) -> str:
    """For every page with a figure or a table of ours; ``palette`` is a light one."""
    rules = (Path(__file__).parent / "static" / "kerasarch.css").read_text("utf-8")
    solid = tuple(token for token in theme.tokens() if token.endswith(".solid"))
    swatches = [
        f"table.kerasarch tbody .kerasarch-is-{token.removesuffix('.solid')} .kerasarch-layer>p::before"
        f"{{background:var(--ka-{_name(token)})}}"
        for token in solid
    ]
    return "\n".join([*_variables(".kerasarch", (*TABLE_ROLES, *solid), palette), *swatches, *_switch(), rules])


def themed(palette: theme.Palette) -> str:
    """For pages with inline figures: a variable and two classes for each token."""
    classes = [
        f".kerasarch-svg .{letter}-{_name(token)}{{{prop}:var(--ka-{_name(token)})}}"
        for token in theme.tokens(palette)
        for letter, prop in (("f", "fill"), ("s", "stroke"))
    ]
    return "\n".join([*_variables(".kerasarch-svg", theme.tokens(palette), palette), *classes, ""])


SHEETS = {"kerasarch.css": common, "kerasarch-themed.css": themed}
