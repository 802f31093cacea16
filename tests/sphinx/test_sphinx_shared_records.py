"""What many models of a site were made from is mostly the same: kept once, verified once, and still seen to change."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sphinx_kerasarch.hosts.sphinx import memory
from sphinx_kerasarch.hosts.sphinx.collect import initial_data
from sphinx_kerasarch.wire import record

PAGE = "Shop\n====\n\n" + "".join(
    f".. keras-graph:: shop.models:{name}\n\n" for name in ("lenet", "mlp", "vgg16")
)


def test_a_change_is_seen_by_those_that_depend_on_it(site, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    both, own = tmp_path / "both.py", tmp_path / "own.py"
    both.write_text("1")
    own.write_text("1")
    site.recorded.files.update(lenet=both, mlp=both, vgg16=own)
    site.write(index=PAGE).build()
    for changed, asked in ((own, ["vgg16"]), (both, ["lenet", "mlp"]), (None, [])):
        if changed is not None:
            changed.write_text("2")
        site.recorded.asked.clear()
        site.build()
        assert sorted(name.partition(":")[2] for name in site.recorded.asked) == asked


def test_equal_parts_are_one_object_also_after_pickling(tmp_path: Path) -> None:
    data = initial_data()
    packages = {f"package-{number}": "1.0" for number in range(100)}
    sizes = []
    for number in range(50):
        path = tmp_path / f"m{number}.py"
        path.write_text(str(number))
        made_from = {
            "files": {str(path): record.file_digest(path)},
            "packages": dict(packages),
            "missing": [],
        }
        found = memory.shared(data, made_from)  # type: ignore[arg-type]
        assert found == made_from
        settled = memory.Settled("d", "w", "3", (str(path),), memory.record_key(found))
        memory.note(data, ("t", str(number), "", "", "", "", ""), settled, found)  # type: ignore[arg-type]
        sizes.append(len(pickle.dumps(data)))
    again = pickle.loads(pickle.dumps(data))
    assert len({id(made_from["packages"]) for made_from in again["records"].values()}) == 1
    # A further model costs its own file, not the packages again; and the last no more than the tenth.
    assert sizes[49] - sizes[48] < 600 < len(pickle.dumps(packages))
    assert sizes[49] - sizes[48] < 1.2 * (sizes[10] - sizes[9])


def test_shared_parts_are_verified_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_kerasarch.cache.verify import Verifier

    data = initial_data()
    settings = {"path": ["."], "python": "", "env": {}}
    memory.recall(data, settings, "", [])  # type: ignore[arg-type]
    sources = []
    for number in range(20):
        path = tmp_path / f"m{number}.py"
        path.write_text(str(number))
        found = memory.shared(
            data, {"files": {str(path): record.file_digest(path)}, "packages": {"pytest": "0"}}
        )  # type: ignore[arg-type]
        settled = memory.Settled("d", "w", "3", (str(path),), memory.record_key(found))
        sources.append(("t", str(number), "", "", "", "", ""))
        memory.note(data, sources[-1], settled, found)  # type: ignore[arg-type]
    looked: list[set[str]] = []

    def differs(self: Verifier, inputs: dict[str, object], *_: object) -> str:
        looked.append(set(inputs))
        return ""

    monkeypatch.setattr(Verifier, "differs", differs)
    assert len(memory.recall(data, settings, "", sources)) == 20  # type: ignore[arg-type]
    assert looked == [{"files", "packages"}, *[{"files"}] * 19]
    # A record that does not hold vouches for no other.
    looked.clear()
    monkeypatch.setattr(Verifier, "differs", lambda self, inputs, *_: looked.append(set(inputs)) or "pytest")
    assert memory.recall(data, settings, "", sources) == {}  # type: ignore[arg-type]
    assert looked == [{"files", "packages"}] * 20
