"""Which directories the worker is told of."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

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


def test_the_folder_of_a_build_by_python_m_counts_where_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    monkeypatch.chdir(tmp_path)
    here, lib = (str(place.resolve()) for place in (tmp_path, tmp_path / "lib"))
    for spec, alone in ((None, (here,)), (SimpleNamespace(name="sphinx.__main__"), (here,))):
        monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(__spec__=spec))
        config: Any = SimpleNamespace(kerasarch_path="", kerasarch_python="")
        assert import_path(config, tmp_path, [here]) == alone
        config.kerasarch_path = "lib"
        # A script has not put it there, so that somebody has.
        assert import_path(config, tmp_path, [here]) == ((lib,) if spec else (lib, here))
        assert import_path(config, tmp_path, [here, here]) == (lib, here), "conf.py adds it as well"
