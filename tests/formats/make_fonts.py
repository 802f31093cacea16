"""Make the bundled fonts and advance tables from Inter's variable font (PyPI: ``fontpkg-inter``, licence OFL 1.1).

``python tests/formats/make_fonts.py 'Inter[opsz,wght].ttf' LICENSE`` needs ``fonttools``; run it only for a new Inter.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FOLDER = Path(__file__).parents[2] / "sphinx_kerasarch" / "layout" / "fonts"
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold"}
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),  # Latin-1, Latin Extended-A
    (0x370, 0x3FF),  # Greek
    (0x2010, 0x2027),  # dashes, quotes, bullets, ellipsis
    (0x2030, 0x203A),
    (0x2070, 0x209C),  # superscripts, subscripts
    (0x2190, 0x2199),  # arrows
    (0x2200, 0x2265),  # mathematical operators
    (0x25A0, 0x25CF),
    (0xFFFD, 0xFFFD),
)


def instance(source: Path, weight: int) -> TTFont:
    font = TTFont(source)
    font = instancer.instantiateVariableFont(font, {"wght": weight, "opsz": 14})
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[1, 2, 3, 4, 6, 13, 14, 16, 17])
    options.drop_tables += ["STAT", "GDEF", "GPOS", "GSUB"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    name = font["name"]
    style = WEIGHTS[weight]
    for record, text in ((1, "Inter"), (2, style), (4, f"Inter {style}"), (6, f"Inter-{style}")):
        name.setName(text, record, 3, 1, 0x409)
    for record in (16, 17):
        name.removeNames(nameID=record)
    font["OS/2"].usWeightClass = weight
    font["head"].created = font["head"].modified = 0  # same bytes at every run
    return font


def main(source: Path, licence: Path) -> None:
    tables: dict[str, dict[str, float]] = {}
    for weight, style in WEIGHTS.items():
        font = instance(source, weight)
        font.recalcTimestamp = False
        font.save(FOLDER / f"Inter-{style}.ttf")
        units = font["head"].unitsPerEm
        advances = font["hmtx"].metrics
        cmap = font.getBestCmap()
        tables[str(weight)] = {
            chr(code): round(advances[glyph][0] / units, 4) for code, glyph in sorted(cmap.items())
        }
    (FOLDER / "advances.json").write_text(json.dumps(tables, separators=(",", ":")) + "\n", "utf-8")
    shutil.copy(licence, FOLDER / "OFL.txt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
