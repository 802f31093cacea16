"""Which pages a Zensical site has: what is read here, and what Zensical makes, are held against the same table."""

from __future__ import annotations

from pathlib import Path

NETS_PAGES = {"nets/all.md", "nets/README.md", "nets/é.md"}
OTHERS = ("index.md", ".hid/x.md", ".dot.md", "_under/y.md", "templates/t.md", "a.markdown", "b.MD", "c.txt")
PAGES: list[tuple[str, str, set[str]]] = [
    ("nothing more", "", {"index.md", "_under/y.md", *NETS_PAGES}),
    ("patterns", 'exclude_docs = """\n*.md\n!index.md\n!.dot.md\n"""\n', {"index.md", ".dot.md"}),
    ("anchored", 'exclude_docs = "/nets/"\ndraft_docs = "_under/"\n', {"index.md"}),
    ("globs", '[project.plugins.exclude]\nglob = ["nets/*", "all*"]\n', {"index.md", "_under/y.md"}),
    (
        "expressions",
        '[project.plugins.exclude]\nregex = ["nets/.*ll", "y"]\n',
        {"index.md", "nets/README.md", "nets/é.md", "_under/y.md"},
    ),
]


def make_pages(folder: Path) -> None:
    for name in (*OTHERS, *NETS_PAGES):
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n", "utf-8")
    (folder / "outside").mkdir()
    (folder / "outside" / "o.md").write_text("# O\n")
    (folder / "docs" / "link").symlink_to(folder / "outside")
