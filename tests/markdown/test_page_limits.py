"""What pages may name: the table of cases, through the reader that all hosts share, and what a refusal looks like."""

from __future__ import annotations

from pathlib import Path

import pytest
from allow_cases import CASES, Case

from sphinx_kerasarch.errors import TargetError
from sphinx_kerasarch.hosts.markdown.request import request_of
from sphinx_kerasarch.hosts.markdown.scan import scan
from sphinx_kerasarch.hosts.page.project import settings_of
from sphinx_kerasarch.hosts.page.session import Place
from sphinx_kerasarch.hosts.page.trust import limits
from sphinx_kerasarch.spec.target import parse


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """``docs`` with its models, and ``data`` outside of it."""
    docs = tmp_path / "project" / "docs"
    (docs / "models").mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (docs / "out").symlink_to(tmp_path / "data")
    for folder in (docs / "models", tmp_path / "data", tmp_path / "data" / "sub"):
        for name in ("net.keras", "net.h5", "digit.png"):
            (folder / name).write_bytes(b"x")
    return tmp_path


def asked(project: Path, case: Case):
    """The request of a block; the root of the disk is the temporary folder."""
    allow = [f"{project}{pattern}" if pattern.startswith("/") else pattern for pattern in case.allow]
    lines = [f"/// keras-layered | {case.text if case.kind == 'target' else 'mypkg.models:build'}"]
    lines += [f"    {case.kind}: {case.text}"] if case.kind != "target" else []
    settings = settings_of({"docs": str(project / "project" / "docs"), "allow": allow})
    _, (found,) = scan([*lines, "///"])
    return request_of(found, Place("index.md"), settings.values)[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.text} {' '.join(case.allow)}")
def test_page_limits(project: Path, case: Case) -> None:
    found = asked(project, case).problems
    assert [failure.slug for failure in found] == ([] if case.allowed else ["not-allowed"]), found


def test_interpreters_that_pages_may_name(project: Path) -> None:
    docs = str(project / "project" / "docs")
    settings = {"docs": docs, "python": "venv/bin/python", "allow_python": ["/opt/py*/python"]}
    for text, allowed in {
        "venv/bin/python": True,
        "/opt/py3/python": True,
        "/opt/py3/../../tmp/python": False,
        "../venv/bin/python": False,
    }.items():
        _, (found,) = scan(["/// keras-graph | mypkg.models:build", f"    python: {text}", "///"])
        request = request_of(found, Place("index.md"), settings_of(settings).values)[0]
        assert [failure.slug for failure in request.problems] == ([] if allowed else ["not-allowed"]), text


def test_a_checkout_belongs_to_the_project_but_no_more(tmp_path: Path) -> None:
    docs = tmp_path / "work" / "docs"
    docs.mkdir(parents=True)
    assert limits((docs,), (), (), "").roots[0] == str(docs)
    (tmp_path / "work" / ".git").mkdir()
    sub = docs / "sub"
    sub.mkdir()
    assert limits((sub,), (), (), "").roots == (str(sub), str(tmp_path / "work"))


def test_what_is_refused_starts_no_worker(convert, recorded, caplog) -> None:  # type: ignore[no-untyped-def]
    page = convert("/// keras-graph | os:system('touch x')\n///", allow=["shop"], docs=".")
    assert "os:system is not what pages of this project may run." in page and "kerasarch_allow names shop." in page
    assert "page:1: keras-graph os:system" in caplog.text and "[kerasarch.not-allowed]" in caplog.text
    assert recorded.started == []


@pytest.mark.parametrize(
    ("written", "slug"),
    [
        ("keras-summary | a\0b.keras", "target"),
        ("keras-summary | a\ud800.keras", "target"),
        ("keras-summary | m:build\n    python: \"a\\0b\"", "not-allowed"),
        ("keras-layered | m:build\n    image: \"a\\0b.png\"", "option"),
        ("keras-summary | m:build\n    args: n=0x" + "f" * 10_000, "target"),
    ],
    ids=["nul", "surrogate", "python", "image", "number"],
)
def test_what_can_be_no_path_and_no_number_is_told(written: str, slug: str) -> None:
    """All of them raise in some function of Python that does not expect them."""
    _, (found,) = scan([f"/// {line}" if not n else line for n, line in enumerate(written.split("\n"))] + ["///"])
    request = request_of(found, Place("index.md"), settings_of({}).values)[0]
    if slug == "target":  # told by the worker, before it imports anything
        with pytest.raises(TargetError):
            parse(request.target, request.arguments)
    else:
        assert [failure.slug for failure in request.problems] == [slug]
