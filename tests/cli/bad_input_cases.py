"""What a user may type wrongly, and the line that says what to do.

Every command is run in a folder that holds ``mypkg/models.py`` with the factory ``build``, ``src/other/nets.py`` with
the factory ``net``, the specs ``lenet.json`` and ``cnn.json``, and files that are none: ``broken.json``, ``list.json``,
``bytes.json``, ``notes.txt``. The folders ``cut``, ``bare`` and ``plain`` are sites of Zensical: one with half a
``zensical.toml``, one without pages, one that does not name the extension.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    command: str
    """Behind ``kerasarch``."""
    says: str
    """Part of the line on standard error."""
    status: int = 1
    keras: bool = False
    """Whether the worker has to look: these cases need Keras."""


GROUPS: dict[str, tuple[Case, ...]] = {
    "The command": (
        Case("rendr lenet.json", "There is no command 'rendr'. Did you mean 'render'?"),
        Case("sketch lenet.json", "There is no command 'sketch'. Known: example, describe"),
        Case("summary", "Missing argument 'TARGET'."),
        Case("compare lenet.json", "Missing argument 'OTHER'.", 2),
        Case("summary lenet.json cnn.json", "unexpected extra argument (cnn.json)"),
    ),
    "Documentation": (
        Case("freeze nowhere", "There is no folder nowhere. Name the folder of conf.py, mkdocs.yml or zensical.toml."),
        Case("freeze mypkg", "There is no conf.py, mkdocs.yml or zensical.toml in mypkg."),
        Case("freeze notes.txt", "notes.txt is no site. Name conf.py, mkdocs.yml or zensical.toml"),
        Case("freeze cut", "zensical.toml cannot be read: Expected ']' at the end of a table declaration (at end"),
        Case("check cut/zensical.toml", "zensical.toml cannot be read", 2),
        Case("freeze bare", "There is no folder docs beside zensical.toml, for the pages. Make it, or write docs_dir"),
        Case("freeze plain", "does not use kerasarch. Write [project.markdown_extensions.kerasarch]."),
        Case("freeze plain --tag web", "Zensical knows no --confdir, --define and --tag."),
        Case("describe --docs plain", "zensical.toml does not use kerasarch."),
    ),
    "Options": (
        Case("summary lenet.json --colums layer", "No such option '--colums'. Did you mean '--columns'?"),
        Case("summary lenet.json --columns layer,size", "The summary has no column 'size'."),
        Case("summary lenet.json --color alway", "'alway' is neither auto, always, never nor NAME=COLOR."),
        Case("summary lenet.json --depth deep", "Option 'depth' of view 'summary'"),
        Case("render lenet.json -o a.svg --view layred", "There is no view 'layred'. Did you mean 'layered'?"),
        Case("render lenet.json -o a.svg --theme drak", "There is no theme 'drak'. Did you mean 'dark'?"),
        Case("render lenet.json -o a.svg --width 85km", "'85km' is not a length. Write 85mm, 321px, 12cm"),
        Case("render lenet.json -o a.svg --width 1mm", "'1mm' is not between 60 px and 10 000 px."),
        Case("render lenet.json -o a.svg --direction lr", "takes --direction. It goes with --view graph."),
        Case("render lenet.json --view graph -o a.svg --direction up", "'up' is not one of tb, lr"),
        Case("render lenet.json -o a.svg --dpi 300", "nor the chosen format takes --dpi. It goes with format png."),
        Case("render lenet.json -o a.png --dpi many", "Option 'dpi' of format 'png'"),
        Case("render lenet.json -o a.svg --color conv", "'conv' is not of the form NAME=COLOR."),
        Case("render lenet.json -o a.svg --color cnov=#fff", "There is no category 'cnov' to colour. Did you mean"),
        Case("render lenet.json -o a.svg --color conv=sky", "Write #0072b2"),
        Case("render lenet.json -o a.svg --role Block=atn", "Did you mean 'attn'?"),
        Case("render lenet.json -o a.svg --image none.png", "there is no file 'none.png'"),
        Case("describe mypkg.models:build --env DEBUG", "'DEBUG' is not NAME=VALUE."),
        Case("describe mypkg.models:build --timeout 0", "0 is no time. Write seconds: 60."),
        Case("describe mypkg.models:build --timeout soon", "'soon' is not a valid float."),
        Case("describe mypkg.models:build --memory -1", "-1 is no amount. Write megabytes: 4000."),
        Case("describe mypkg.models:build --backend tenserflow", "no backend 'tenserflow'. Did you mean 'tensorflow'?"),
        Case("describe mypkg.models:build --python ./py", "There is no Python interpreter './py'."),
        Case("describe mypkg.models:build --path lib", "--path lib is not there."),
        Case("describe mypkg.models:build --path mypkg/models.py", "is a file. Name the folder"),
        Case("cache prune . --older-than soon", "'soon' is not an age. Write 12h, 30d or 4w."),
    ),
    "The place": (
        Case("render lenet.json", "Add --format svg, or name a file with -o lenet.svg."),
        Case("render lenet.json -o lenet", "'lenet' has no suffix that tells the format."),
        Case("render lenet.json -o lenet.pfd", "end in '.pfd'. Did you mean '.pdf'?"),
        Case("render lenet.json -o - --format svgz", "There is no format 'svgz'. Did you mean 'svg'?"),
        Case("render lenet.json -o lenet.txt --format svg", "No file is for svg: their suffixes tell the formats."),
        Case("summary lenet.json -o lenet.txt --json", "Leave the format out, or name a file that ends in .json."),
        Case("render lenet.json -o lenet.csv", "text, json; or for csv the view 'summary'."),
        Case("render lenet.json --view maps -o a.md", "or for markdown the view 'summary'."),
        Case("render lenet.json --view summary -o a.pdf", "does not write a table. Take html, text, json"),
        Case("render lenet.json -o a.tex --format latex", "Format 'latex' does not write a drawing."),
        Case("render lenet.json --view summary -o a.tikz", "Take html, text, json, markdown, latex, csv"),
        Case("render lenet.json -o figures/lenet.svg", "does not exist. Create it with: mkdir -p figures"),
        Case("render lenet.json -o 'my figures/a.svg'", "Create it with: mkdir -p 'my figures'"),
        Case("render lenet.json -o mypkg", "'mypkg' has no suffix"),
        Case("describe lenet.json -o mypkg", "mypkg is a folder. Name a file in it."),
        Case("render lenet.json --view graph -o lenet.json", "lenet.json is the target itself."),
        Case("render lenet.json -o - --format svg --watch", "--watch needs a file, and - is none."),
        Case("render lenet.json -o - --format svg --show", "--show needs a file, and - is none."),
        Case("cache info nowhere", "There is no folder nowhere."),
    ),
    "The target": (
        Case("summary ''", "The target is empty. Write package.module:factory"),
        Case("summary mypkg.models.build", "has no colon. Did you mean 'mypkg.models:build'?"),
        Case("summary mypkg/models.py:build", "Did you mean 'mypkg.models:build'?"),
        Case("summary mypkg/models:build", "Did you mean 'mypkg.models:build'?"),
        Case("summary 'mypkg\\models.py:build'", "Did you mean 'mypkg.models:build'?"),
        Case("summary ./mypkg/models.py:build", "Did you mean 'mypkg.models:build'?"),
        Case("summary src/other/nets.py:net", "Did you mean 'other.nets:net'? src has to be on the path then"),
        Case("summary 'C:\\nets\\models.py:build'", "Did you mean 'models:build'? C:/nets has to be on the path"),
        Case("summary mypkg/models.py", "Write mypkg.models:FACTORY, with the name of the function in it."),
        Case("summary models.py", "has no colon. Write models:FACTORY"),
        Case("summary saved", "The folder of a SavedModel ends in a slash: saved/"),
        Case("summary mypkg.models.py:build", "Leave .py out: mypkg.models:…", keras=True),
        Case("summary mypkg.modles:build", "There is no module 'mypkg.modles'. Did you mean", keras=True),
        Case("summary mypkg.models:biuld", "mypkg.models has no 'biuld'. Did you mean 'build'?", keras=True),
        Case("summary other.nets:net", "There is no module 'other'. Add --path src", keras=True),
        Case("summary mypkg.models:build --args clases=3", "Did you mean 'classes'?", keras=True),
        Case("summary mypkg.models:build --args 'classes=len(x)'", "'len(x)' is not a literal."),
        Case("summary 'mypkg.models:build(classes=3'", "is not closed."),
        Case("summary mypkg.models:build --input-shape wide", "'wide' is not an input shape."),
        Case("summary missing.keras", "There is no file 'missing.keras'.", keras=True),
        Case("summary missing.json", "There is no file missing.json. Write one with: kerasarch describe"),
        Case("summary broken.json", "broken.json: This is not a spec"),
        Case("summary list.json", "list.json: This is not a spec: it has no version."),
        Case("summary bytes.json", "bytes.json cannot be read"),
        Case("compare lenet.json missing.json", "There is no file missing.json.", 2),
    ),
}
"""Part of a command line → cases."""

CASES = [case for cases in GROUPS.values() for case in cases]

HEAD = ("Command", "What is said", "Status", "Test")
WIDTHS = (38, 44, 6, 12)


def rows() -> list[tuple[str, str, str, str]]:
    """A row for each case."""
    return [
        (f"``kerasarch {case.command}``", f"``… {case.says} …``", str(case.status), f"``{name(case)}``")
        for case in CASES
    ]


def name(case: Case) -> str:
    """Of the test, as pytest tells it."""
    return f"test_bad_input[{CASES.index(case) + 1}]"


def words(case: Case) -> list[str]:
    return shlex.split(case.command)
