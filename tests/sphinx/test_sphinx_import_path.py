"""Which directories the worker is told of."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sphinx_kerasarch.hosts.sphinx.config import import_path


def test_what_is_installed_for_editing_is_left_to_the_interpreter(tmp_path: Path) -> None:
    site, unrelated, added = (tmp_path / name for name in ("lib/site-packages", "unrelated", "added"))
    for place in (site, unrelated, added):
        place.mkdir(parents=True)
    (site / "unrelated.pth").write_text(f"# a comment\nimport nothing\n{unrelated}\n")
    config: Any = SimpleNamespace(kerasarch_path="src", kerasarch_python="")
    sys_path = [str(site), str(unrelated), str(added)]
    mine = str(tmp_path / "src")
    assert import_path(config, tmp_path, sys_path)[0] == mine
    assert str(added) in import_path(config, tmp_path, sys_path)
    assert str(unrelated) not in import_path(config, tmp_path, sys_path)
    assert str(unrelated) in import_path(config, tmp_path, sys_path, "other/bin/python")
    config.kerasarch_python = "other/bin/python"
    assert str(unrelated) in import_path(config, tmp_path, sys_path)
