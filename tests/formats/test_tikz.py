"""TikZ: by its lines; by TeX, which sets it as small as it was measured; by its picture, which is that of the PDF."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path as File

import pypdf
import pytest
from hostile_readers import tikz_texts
from PIL import Image as Picture
from PIL import ImageChops, ImageStat
from scenes import placed, recorded, said

from sphinx_kerasarch import registry
from sphinx_kerasarch.api import draw, format_of, write
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.escape import latex_comment
from sphinx_kerasarch.figure import Circle, Graph, Group, Image, Item, Path, Rect, Scene, Table, Text
from sphinx_kerasarch.figure.scene import Command
from sphinx_kerasarch.formats import tikz
from sphinx_kerasarch.layout.text import measure
from sphinx_kerasarch.theme import THEMES, color


def without(scene: Scene, kind: type) -> Scene:
    def kept(items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(
            replace(item, items=kept(item.items)) if isinstance(item, Group) else item
            for item in items
            if not isinstance(item, kind)
        )

    return replace(scene, items=kept(scene.items))


def lines(*items: Item) -> list[str]:
    """What is written of items after the frame and the ground."""
    text = tikz.write(Scene(200, 100, items)).decode()
    body = text[text.index("\\fill[kaBg]") : text.index("\\end{tikzpicture}")]
    return body.replace("\n  ", " ").splitlines()[1:]


# ---- by its lines


@pytest.mark.parametrize(
    ("name", "view"), [("lenet", "layered"), ("resnet50", "graph"), ("vgg16", "maps"), ("mlp", "neurons")]
)
@pytest.mark.parametrize("standalone", [False, True])
def test_every_text_is_there_and_nothing_else_than_shapes(name: str, view: str, standalone: bool) -> None:
    scene = placed(name, view)
    data = tikz.write(scene, standalone=standalone)
    wanted = [" ".join(text.split()) for text in said(scene)]
    assert [" ".join(text.split()) for text in tikz_texts(data)] == wanted
    plain = re.sub(r"\\[{}]", "", data.decode())
    assert plain.count("{") == plain.count("}")
    assert plain.count(r"\begin{scope}") == plain.count(r"\end{scope}") > 0
    assert (r"\documentclass" in plain) == standalone
    assert max(map(len, plain.splitlines())) < 200, "lines that can be read"


@pytest.mark.parametrize("theme", THEMES)
def test_colours_are_named_once_and_are_those_of_the_theme(sample: Scene, theme: str) -> None:
    text = tikz.write(without(sample, Image), theme=theme).decode()
    defined = dict(re.findall(r"\\providecolor\{(\w+)\}\{HTML\}\{(\w+)\}", text))
    assert Counter(re.findall(r"\\providecolor\{(\w+)\}", text)).most_common(1)[0][1] == 1
    assert {f"#{digits.lower()}" for digits in defined.values()} >= {
        color("conv.tint", theme),
        color("edge", theme),
    }
    body = text[text.index("\\useasboundingbox") :]
    assert set(re.findall(r"(?<=[\[=])ka[A-Z]\w*", body)) == set(defined)
    assert [name for name in re.findall(r"ka[A-Z]\w*", body) if name not in defined] == []
    assert list(defined)[:2] == ["kaBg", "kaPanel"], "in the order of their use"


def test_tokens_of_ones_own_are_names_of_their_own() -> None:
    """Whatever their signs are, and also where these are left out."""
    first = Rect(0, 0, 9, 9, fill="x0072b2xd55e00.front")
    text = "\n".join(lines(first, Rect(0, 0, 9, 9, fill="a}\\x.tint"), Rect(0, 0, 9, 9, fill="a x.tint")))
    assert re.findall(r"\[(\w+)\]", text) == ["kaX0072b2xd55e00Front", "kaAXTint", "kaAXTintx"]


def test_shapes() -> None:
    assert lines(Rect(8, 8, 40, 20, 4, "bg", "ink", 2, (4.0, 2.0, 1.0))) == [
        r"\filldraw[fill=kaBg,draw=kaInk,line width=1.5bp,rounded corners=3bp,dash pattern="
        r"on 3bp off 1.5bp on 0.75bp off 3bp on 1.5bp off 0.75bp] (6,6) rectangle (36,21);"
    ]
    assert lines(Rect(0, 0, 40, 20, 40, "ink")) == [r"\fill[kaInk,rounded corners=7.5bp] (0,0) rectangle (30,15);"]
    assert lines(Rect(0, 0, 40, 20, 4, "ink", corners="left")) == [
        r"\fill[kaInk] (30,0) [rounded corners=3bp] -- (0,0) -- (0,15) [sharp corners] -- (30,15) -- cycle;"
    ]
    assert lines(Circle(4, 4, 2, None, "ink")) == [r"\draw[kaInk] (3,3) circle[radius=1.5bp];"]
    triangle = (("M", 0.0, 0.0), ("L", 4.0, 0.0), ("L", 4.0, 4.0), ("Z",), ("L", 8.0, 8.0))
    assert lines(Path(triangle, "ink", opacity=0.25)) == [
        r"\fill[kaInk,opacity=0.25] (0,0) -- (3,0) -- (3,3) -- cycle (0,0) -- (6,6);"
    ]
    assert lines(Path(triangle), Path((), "ink"), Rect(0, 0, 9, 9), Text(9, 9, "\u0301", 9)) == []
    (curve,) = lines(Path((("M", 0.0, 0.0), ("Q", 6.0, 0.0, 12.0, 6.0)), None, "ink"))
    assert curve == r"\draw[kaInk] (0,0) .. controls (3,0) and (6,1.5) .. (9,4.5);"


def test_texts() -> None:
    one, two, three = (
        Text(8, 8, "a_b", 12, weight, anchor=anchor, length=40)
        for weight, anchor in ((400, "start"), (600, "middle"), (700, "end"))
    )
    assert lines(one, two, three) == [
        r"\node[kaInk,ka9] at (6,6) {\kafit{30}{a\_b}};",
        r"\node[kaInk,ka9b,anchor=base] at (6,6) {\kafit{30}{a\_b}};",
        r"\node[kaInk,ka9b,anchor=base east] at (6,6) {\kafit{30}{a\_b}};",
    ]
    sans, own = (tikz.write(Scene(9, 9, (one,)), document_font=own).decode() for own in (False, True))
    assert r"font=\normalfont\sffamily\fontsize{9}{9}" in sans
    assert sans.replace(r"\sffamily", "") == own


WIRE: tuple[Command, ...] = (("M", 0, 0), ("L", 0, 12), ("Q", 0, 20, 8, 20), ("L", 40, 20), ("Q", 48, 20, 48, 28))


@pytest.mark.parametrize(
    ("commands", "bends"),
    [
        (WIRE, True),
        ((*WIRE, ("L", 48, 60)), True),
        ((*WIRE, ("Q", 48, 36, 56, 36), ("L", 90, 36)), True),
        ((*WIRE, ("L", 60, 60)), False),
        ((*WIRE, ("Q", 48, 32, 52, 32)), False),
        ((*WIRE, ("Q", 48, 36, 54, 33)), False),
        ((*WIRE, ("C", 48, 36, 54, 33, 9, 9)), False),
        ((*WIRE, ("Z",)), False),
        ((("M", 0, 0), ("L", 0, 12), ("L", 12, 12)), False),
        ((("M", 0, 0), ("L", 0, 12), ("Q", 0, 20, 12, 20), ("L", 40, 20)), False),
        ((("M", 0, 0), ("L", 0, 12), ("Q", 8, 12, 8, 20), ("L", 8, 40)), False),
    ],
)
def test_wires_are_written_by_their_corners(commands: tuple[Command, ...], bends: bool) -> None:
    (line,) = lines(Path(commands, None, "ink"))
    assert ("rounded corners=6bp" in line) == bends
    assert ("controls" in line) == (not bends and len(commands) > 3)
    if bends:
        assert line.startswith(r"\draw[kaInk,rounded corners=6bp] (0,0) -- (0,15) -- (36,15) -- (36,")


def test_groups_are_named_in_words_that_no_program_obeys() -> None:
    mark = Circle(4, 4, 2, "ink")
    card = Group((mark,), "x\nWARNING: % arara: pdflatex: {shell: yes}", "call")
    assert lines(card, Group((mark,), "a->b", "edge")) == [
        "% x WARNING arara pdflatex shell yes",
        r"\begin{scope}",
        r"\fill[kaInk] (3,3) circle[radius=1.5bp];",
        r"\end{scope}",
        "% a to b",
        r"\fill[kaInk] (3,3) circle[radius=1.5bp];",
    ]
    for order in ("!TeX program = x", "vim: set modeline:", "-*- mode: tex -*-", "&format", "Local Variables:"):
        assert not set(latex_comment(order)) & set("!:*&=%\\")


def test_pictures_and_giants_are_refused(sample: Scene) -> None:
    with pytest.raises(DrawError, match="pixels") as caught:
        tikz.write(sample)
    assert "PDF" in caught.value.advice
    with pytest.raises(DrawError, match="14,400"):
        tikz.write(Scene(10, 19_300))


# ---- chosen by its suffix


def test_a_suffix_may_be_that_of_two_formats() -> None:
    assert [format_of(File("a.tex"), kind) for kind in (Table, Graph, Scene)] == ["latex", "tikz", "tikz"]
    assert [format_of(File("a.TIKZ"), kind) for kind in (Graph, Scene)] == ["tikz", "tikz"]
    assert format_of(File("a.csv"), Scene) == "csv", "what cannot be written is told by who writes"


@pytest.mark.parametrize("view", registry.VIEWS)
def test_views_give_what_they_say(view: str, tmp_path: File) -> None:
    drawing = draw(recorded("lenet"), view)
    assert type(drawing.figure) is registry.view(view).gives
    text = drawing.save(tmp_path / "a.tex").read_text("utf-8")
    assert (r"\begin{tabular}" in text, r"\begin{tikzpicture}" in text) == (view == "summary", view != "summary")
    if view == "summary":
        with pytest.raises(OptionError, match="does not write a table"):
            drawing.save(tmp_path / "a.tikz")


# ---- by TeX


def run(folder: File, text: str, engine: str = "pdflatex") -> bytes:
    """Pages, made without a way to a shell."""
    (folder / "a.tex").write_text(text, "utf-8")
    command = [engine, "-no-shell-escape", "-interaction=batchmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, (folder / "a.log").read_text("latin-1")[-1500:]
    return (folder / "a.pdf").read_bytes()


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


PAPER = r"""\documentclass{article}
%s
\usepackage{tikz}
\usepackage[paperheight=100cm]{geometry}
\pagestyle{empty}
\begin{document}
\catcode`;=\active \def;{\string;}
\catcode`"=\active \def"{\string"}
\fbox{\textit{\input{lenet}}}
\end{document}
"""
"""Where signs are active, as some languages have them, letters italic, and the sans serif is wider than ours."""


def boxes(data: bytes, folder: File) -> Iterator[tuple[str, float]]:
    """Lines of the page with their widths in bp."""
    (folder / "b.pdf").write_bytes(data)
    subprocess.run(["pdftotext", "-bbox-layout", "b.pdf", "b.html"], cwd=folder, check=True)
    page = (folder / "b.html").read_text("utf-8")
    line = re.compile(r'<line xMin="([\d.]+)".*? xMax="([\d.]+)".*?>(.*?)</line>', re.DOTALL)
    for left, right, content in line.findall(page):
        # What LaTeX begins with has no underscore: it is a rule.
        yield "_".join(re.findall(r">([^<]+)</word>", content)), float(right) - float(left)


@pytest.mark.tex
@pytest.mark.parametrize("engine", ["pdflatex", "lualatex", "xelatex"])
def test_letters_of_any_font_keep_within_their_measure(engine: str, tmp_path: File) -> None:
    if not (shutil.which(engine) and shutil.which("pdftotext")):
        pytest.skip(f"needs {engine} and pdftotext")
    names = ("flatten", "WWWWWWWW", "iiiiiiiiiiiiii", "max_pooling2d_1", "28×28×3")
    texts = tuple(
        Text(200, 40 + 40 * at, name, 12, weight, anchor=anchor, length=measure(name, 12, weight))
        for at, (name, weight, anchor) in enumerate(
            (name, weight, anchor)
            for name in names
            for weight, anchor in ((400, "start"), (600, "middle"), (600, "end"))
        )
    )
    (tmp_path / "lenet.tex").write_bytes(tikz.write(Scene(400, 700, texts)))
    data = run(tmp_path, PAPER % r"\renewcommand{\sfdefault}{\ttdefault}", engine)
    found = sorted(boxes(data, tmp_path))
    wanted = sorted((text.text, text.length * 0.75) for text in texts)
    assert [name for name, _ in found] == [name for name, _ in wanted]
    for (name, width), (_, measured) in zip(found, wanted, strict=True):
        assert width <= measured + 0.6, name
    assert max(width for name, width in found if name == "iiiiiiiiiiiiii") > 25, "made narrow, not lost"


@pytest.mark.tex
@pytest.mark.parametrize(("name", "view"), [("resnet50", "layered"), ("vit", "graph")])
def test_a_document_of_its_own(name: str, view: str, tmp_path: File) -> None:
    """As large as the figure, with letters that can be searched for."""
    if not shutil.which("pdflatex"):
        pytest.skip("needs LaTeX")
    scene = placed(name, view)
    made = run(tmp_path, tikz.write(scene, standalone=True).decode())
    (page,) = pypdf.PdfReader(io.BytesIO(made)).pages
    assert float(page.mediabox.width) == pytest.approx(scene.width * 0.75, abs=0.1)
    assert float(page.mediabox.height) == pytest.approx(scene.height * 0.75, abs=0.1)
    content = "".join(page.extract_text().split())
    texts = ["".join(text.split()) for text in said(scene) if text.isascii()]
    assert texts and [text for text in texts if text not in content] == []


@pytest.mark.tex
@pytest.mark.skipif(not (shutil.which("pdflatex") and shutil.which("pdftoppm")), reason="needs LaTeX, pdftoppm")
def test_colours_of_the_paper_win_and_do_not_leak(tmp_path: File) -> None:
    """A paper defines one of two colours; what follows a figure knows none that the paper has not defined."""
    scene = Scene(300, 100, (Rect(0, 0, 100, 100, fill="ink"), Rect(100, 0, 100, 100, fill="skip")))
    (tmp_path / "lenet.tex").write_bytes(tikz.write(scene))
    paper = PAPER % r"\usepackage{xcolor}\definecolor{kaInk}{HTML}{00FF00}"
    after = r"\makeatletter\@ifundefined{\string\color @kaSkip}{}{\errmessage{leaked}}\end{document}"
    paper = paper.replace(r"\end{document}", after)
    (page,) = shown(run(tmp_path, paper), tmp_path / "page")
    seen = dict(map(reversed, page.getcolors(1 << 16)))
    blue = tuple(int(color("skip")[at : at + 2], 16) for at in (1, 3, 5))
    assert seen[0, 255, 0] > 400
    assert seen[blue] > 400


def shown(data: bytes, folder: File) -> list[Picture.Image]:
    """The pages as poppler paints them, 4 × 4 dots of 192 dpi averaged."""
    folder.mkdir(exist_ok=True)
    (folder / "page.pdf").write_bytes(data)
    subprocess.run(["pdftoppm", "-r", "192", "-png", "page.pdf", "page"], cwd=folder, check=True)
    return [Picture.open(path).convert("RGB").reduce(8) for path in sorted(folder.glob("page-*.png"))]


@pytest.mark.tex
@pytest.mark.skipif(not (shutil.which("pdflatex") and shutil.which("pdftoppm")), reason="needs LaTeX, pdftoppm")
def test_the_picture_is_that_of_the_pdf(sample: Scene, tmp_path: File) -> None:
    """But for the letters, which are left out. One document of four pages; nothing else is written."""
    figures = [
        ("light", replace(without(sample, Image), items=(Rect(0, 0, 320, 130, fill="bg"), *sample.items))),
        ("dark", placed("lenet", "layered")),
        ("grey", placed("transformer_encoder", "graph")),
        ("print", placed("resnet50", "graph")),
    ]
    bare = [(theme, without(without(scene, Text), Image)) for theme, scene in figures]
    whole = tikz.write(bare[0][1], standalone=True).decode()
    head, end = whole[: whole.index(r"\begin{tikzpicture}")], r"\end{document}"
    pictures = "\n".join(write(scene, "tikz", theme=theme).decode() for theme, scene in bare)
    pages = shown(run(tmp_path, f"{head}{pictures}{end}\n"), tmp_path / "tikz")
    assert {path.suffix for path in tmp_path.iterdir() if path.is_file()} == {".tex", ".log", ".aux", ".pdf"}
    assert len(pages) == len(bare)
    for (theme, scene), page in zip(bare, pages, strict=True):
        (other,) = shown(write(scene, "pdf", theme=theme), tmp_path / theme)
        assert abs(page.width - other.width) <= 1 and abs(page.height - other.height) <= 1
        difference = ImageChops.difference(page, other.crop((0, 0, *page.size)))
        assert max(ImageStat.Stat(difference).mean) < 0.4, theme
        assert max(high for _, high in difference.getextrema()) < 60, theme
