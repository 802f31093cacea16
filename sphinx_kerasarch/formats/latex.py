"""A table in LaTeX with the rules of ``booktabs``, to be put into a ``table`` or a ``longtable`` by its reader."""

from __future__ import annotations

from .. import escape
from ..figure import Row, Table
from ..registry import Format

ALIGNS = {"left": "l", "right": "r", "center": "c"}


def write(figure: Table, *, theme: str = "light") -> bytes:
    columns = "".join(ALIGNS[column.align] for column in figure.columns)
    lines = [
        f"% {escape.latex_comment(figure.title)}".rstrip(),
        "% \\usepackage{booktabs}",
        rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
        r"\toprule",
        _line([escape.latex(column.title) for column in figure.columns]),
        r"\midrule",
        *(_line(_texts(row)) for row in figure.rows),
        r"\midrule",
        *(_line([rf"\textbf{{{text}}}" if text else "" for text in _texts(row)]) for row in figure.totals),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if figure.note:
        lines += ["", rf"\par\smallskip {{\footnotesize {escape.latex(figure.note)}}}"]
    text = "\n".join(lines) + "\n"
    if r"\kerasarchsign" in text:
        text = f"{escape.LATEX_SIGN}\n{escape.latex_lines(text)}"
    return text.encode("utf-8")


def _texts(row: Row) -> list[str]:
    texts = [escape.latex(cell.text) for cell in row.cells]
    if row.depth and texts:
        texts[0] = rf"\hspace{{{row.depth}em}}{texts[0]}"
    return texts


def _line(cells: list[str]) -> str:
    # A row that begins with a bracket, also after spaces, would be taken for an option of the line before.
    first = "{}" + cells[0] if cells and cells[0].lstrip().startswith(("[", "*")) else "".join(cells[:1])
    return " & ".join([first, *cells[1:]]) + r" \\"


FORMAT = Format(name="latex", accepts=(Table,), write=write, media_type="text/x-tex", suffix=".tex")
"""Table only."""
