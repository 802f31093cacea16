"""The style sheet: the rules of ``static/kerasarch.css`` and the colours of light and dark pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ... import theme

DARK = ("html[data-theme=dark]", "body[data-theme=dark]", "html[data-bs-theme=dark]")
"""pydata and book; furo; Bootstrap 5.3 themes. rtd, alabaster and basic are light only."""
DARK_BY_SYSTEM = "body[data-theme=auto]"
"""furo, when the reader leaves the choice to the system."""


def variable(token: str) -> str:
    """``conv.front`` → ``--ka-conv-front``, as in themed SVG."""
    return f"--ka-{token.replace('.', '-')}"


def _rule(selectors: Iterable[str], palette: str) -> str:
    colours = ";".join(f"{variable(token)}:{theme.color(token, palette)}" for token in theme.tokens())
    return f"{','.join(selectors)}{{{colours}}}"


def _swatches() -> Iterable[str]:
    """The square before a layer's name, in the solid colour of its category, as in the graph."""
    for token in theme.tokens():
        category, _, tone = token.partition(".")
        if tone == "solid":
            yield (
                f"table.kerasarch .kerasarch-is-{category} .kerasarch-layer>p::before"
                f"{{background:var({variable(token)})}}"
            )


def stylesheet() -> str:
    rules = (Path(__file__).parent / "static" / "kerasarch.css").read_text("utf-8")
    on_paper = [f"{selector} .kerasarch" for selector in (*DARK, DARK_BY_SYSTEM)]
    return "\n".join(
        [
            rules.rstrip(),
            *_swatches(),
            "/* colours, from the palette */",
            _rule([".kerasarch"], "light"),
            _rule([f"{selector} .kerasarch" for selector in DARK], "dark"),
            f"@media (prefers-color-scheme:dark){{{_rule([f'{DARK_BY_SYSTEM} .kerasarch'], 'dark')}}}",
            f"@media print{{{_rule(on_paper, 'light')}}}",
            "",
        ]
    )
