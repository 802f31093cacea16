from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sphinx_kerasarch
from sphinx_kerasarch.hosts.cli import doctor
from sphinx_kerasarch.hosts.cli.main import ANSWERS, COMMANDS, SECTIONS, main
from sphinx_kerasarch.hosts.cli.target import FIELDS
from sphinx_kerasarch.spec import codec

SPECS = Path(__file__).parents[1] / "specs"
LENET = str(SPECS / "lenet.json")
TARGET = "shop.models:lenet"


def failure(result: Any, status: int = 1) -> str:
    """The one line that a failing command says; status 1 is an answer of commands that look for something."""
    assert result.exit_code == status
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("kerasarch: ")
    return str(lines[0].removeprefix("kerasarch: "))


# ---- help


def test_help_lists_every_command(run: Any) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name, text in COMMANDS.items():
        assert f"  {name}" in result.stdout and text in result.stdout
    assert run().stdout == result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_a_module_with_help(run: Any, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {name} ")


def test_modules_of_commands_are_in_the_table() -> None:
    folder = Path(sphinx_kerasarch.__file__).parent / "hosts" / "cli"
    with_command = {
        path.stem
        for path in folder.glob("*.py")
        if any(
            isinstance(item, ast.FunctionDef) and item.name == "command"
            for item in ast.parse(path.read_text("utf-8")).body
        )
    }
    assert with_command == set(COMMANDS)


def test_flags_follow_from_the_option_records(run: Any) -> None:
    from sphinx_kerasarch import registry

    text = run("render", "--help").stdout
    for name in registry.view_names():
        for option in registry.view(name).options:
            assert f"--{option.name}" in text


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from sphinx_kerasarch.hosts.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )

    heavy = {"sphinx", "docutils", "keras", "numpy", "reportlab", "PIL", "pydot", "resvg_py", "asyncio", "rich"}
    heavy |= {"yaml", "markdown", "mkdocs", "pymdownx", "pptx", "fsspec", "jinja2", "pygments", "lxml"}

    def once() -> tuple[float, str]:
        start = _children()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return _children() - start, done.stderr

    bare = min(_seconds("pass") for _ in range(3))
    taken = min(once() for _ in range(3))
    assert taken[0] - bare < 0.2
    loaded = set(ast.literal_eval(taken[1]))
    assert not loaded & heavy
    # The help of a command knows the options of all views and formats, and still loads none of what they draw with.
    for name in set(COMMANDS) - {"cache"}:
        asked = code.replace("'--help'", f"'{name}', '--help'")
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
        assert not set(ast.literal_eval(done.stderr)) & heavy, name


def test_the_help_of_the_program_has_every_command_in_one_section() -> None:
    named = [name for names in SECTIONS.values() for name in names]
    assert sorted(named) == sorted(COMMANDS)


@pytest.mark.parametrize("name", [*COMMANDS, "cache prune"])
def test_every_help_is_legible(run: Any, name: str) -> None:
    text = run(*name.split(), "--help").stdout
    lines = text.splitlines()
    examples = "Examples:" in lines
    assert examples or name == "cache"
    body = lines[: lines.index("Examples:")] if examples else lines
    assert max(map(len, body)) <= 80
    for line in lines[lines.index("Examples:") + 1 :] if examples else ():
        assert line.startswith("  ") and "kerasarch " in line


@pytest.mark.parametrize("name", ["describe", "summary", "render", "compare", "lint"])
def test_every_command_with_a_target_takes_all_that_says_how_to_build_it(run: Any, name: str) -> None:
    words = run(name, "--help").stdout.replace(",", " ").split()
    assert not {f"--{field.replace('_', '-')}" for field in FIELDS if field != "target"} - set(words)


def test_examples_in_helps_can_be_typed(run: Any) -> None:
    """Every option and command in an example is one."""
    texts = {name: run(name, "--help").stdout for name in COMMANDS}
    for text in texts.values():
        for line in text.partition("Examples:")[2].splitlines():
            words = line.partition("#")[0].partition("kerasarch ")[2].split("|")[0].split()
            known = (texts.get(words[0], "") + texts["render"]).replace(",", " ").split() if words else []
            assert not [word for word in words if word.startswith("-") and word not in known], line


def _seconds(code: str) -> float:
    start = _children()
    subprocess.run([sys.executable, "-c", code], check=True)
    return _children() - start


def _children() -> float:
    """CPU seconds of ended children: what a busy machine does not change."""
    times = os.times()
    return times.children_user + times.children_system


# ---- describe and summary


def test_describe_writes_a_spec_that_is_a_target(run: Any, tmp_path: Path) -> None:
    result = run("describe", TARGET, "-o", "lenet.json")
    assert result.exit_code == 0
    assert result.stderr.startswith("wrote lenet.json (")
    written = (tmp_path / "lenet.json").read_text("utf-8")
    assert codec.loads(written) == codec.loads(Path(LENET).read_text("utf-8"))
    assert run("summary", "lenet.json").stdout == run("summary", TARGET).stdout


def test_describe_to_standard_output(run: Any) -> None:
    assert json.loads(run("describe", TARGET).stdout) == codec.to_json(
        codec.loads(Path(LENET).read_text("utf-8"))
    )


def test_what_is_said_of_the_model_reaches_the_inspector(run: Any, recorded: Any, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    result = run(
        *("describe", TARGET, "--args", "classes=10", "--input-shape", "28,28,1", "--path", "src"),
        *("--python", "py", "--backend", "jax", "--env", "A=1", "--env", "B=x=y", "--timeout", "7", "--memory", "900"),
    )
    assert result.exit_code == 0
    assert recorded.started[-1] == {
        "path": (str(tmp_path / "src"), str(tmp_path)),
        "python": "py",
        "env": {"A": "1", "B": "x=y"},
        "timeout": 7.0,
        "memory": 900,
    }
    (request,) = recorded.requests
    assert (request.target, request.arguments, request.input_shape, request.backend) == (
        TARGET,
        "classes=10",
        "28,28,1",
        "jax",
    )


def test_a_spec_starts_no_worker(run: Any, recorded: Any) -> None:
    assert run("summary", LENET).exit_code == 0
    assert recorded.asked == recorded.started == []


def test_summary_counts(run: Any) -> None:
    result = run("summary", LENET)
    assert "1,256,080" in result.stdout
    lines = run("summary", LENET, "--columns", "layer,params").stdout.splitlines()
    assert lines[2].split() == ["Layer", "Params"]
    table = json.loads(run("summary", LENET, "--json").stdout)
    assert len(table["rows"]) == 12


# ---- render


def test_render_writes_several_formats(run: Any, tmp_path: Path) -> None:
    result = run(
        "render", LENET, "-o", "a.svg", "-o", "a.pdf", "-o", "a.png", "--width", "120mm", "--dpi", "96"
    )
    assert result.exit_code == 0, result.stderr
    assert len(result.stderr.splitlines()) == 3
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<svg")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_render_gives_the_bytes_of_python(run: Any, tmp_path: Path) -> None:
    from sphinx_kerasarch import draw

    assert run("render", LENET, "-o", "a.svg", "--theme", "dark", "--width", "120mm").exit_code == 0
    spec = codec.loads(Path(LENET).read_text("utf-8"))
    assert (tmp_path / "a.svg").read_text("utf-8") == draw(spec, "layered", width="120mm").svg(theme="dark")


def test_render_to_standard_output(run: Any) -> None:
    result = run("render", LENET, "-o", "-", "--format", "svg")
    assert result.exit_code == 0
    assert result.stdout.startswith("<svg") and result.stdout.rstrip().endswith("</svg>")
    assert result.stderr == ""


def test_flags_change_the_figure(run: Any, tmp_path: Path) -> None:
    assert run("render", LENET, "-o", "with.svg").exit_code == 0
    assert run("render", LENET, "-o", "without.svg", "--no-legend").exit_code == 0
    with_legend = (tmp_path / "with.svg").read_text("utf-8")
    without = (tmp_path / "without.svg").read_text("utf-8")
    assert "Max pooling</text>" in with_legend
    assert "Max pooling</text>" not in without


# ---- what goes wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sumary", TARGET), "Did you mean 'summary'?"),
        (("summary",), "Missing argument 'TARGET'"),
        (("summary", TARGET, "--colour"), "No such option"),
        (("summary", TARGET, "--columns", "layer,size"), "size"),
        (("summary", "missing.json"), "There is no file missing.json"),
        (("describe", TARGET, "-o", "nowhere/spec.json"), "mkdir -p nowhere"),
        (("describe", TARGET, "-o", "."), "is a folder"),
        (("describe", TARGET, "--env", "A"), "NAME=VALUE"),
        (("describe", TARGET, "--timeout", "0"), "0"),
        (("render", TARGET), "Add --format svg"),
        (("render", TARGET, "-o", "a.pfd"), "Did you mean '.pdf'?"),
        (("render", TARGET, "-o", "a.svg", "--view", "layred"), "'layered'"),
        (("render", TARGET, "-o", "a.svg", "--theme", "drak"), "'dark'"),
        (("render", TARGET, "-o", "a.svg", "--width", "3 furlongs"), "85mm"),
        (("render", TARGET, "-o", "a.svg", "--dpi", "100"), "--dpi"),
        (("render", TARGET, "-o", "-", "--format", "svgz"), "'svg'"),
        (("render", TARGET, "-o", "a.svg", "--view", "summary"), "text"),
        (("cache", "info"), "Build the documentation first"),
        (("cache", "info", "nowhere"), "no folder nowhere"),
        (("doctor", "--python", "./no-python"), "no-python"),
    ],
)
def test_a_failure_is_one_line_with_advice(run: Any, arguments: tuple[str, ...], said: str) -> None:
    assert said in failure(run(*arguments), status=1 if arguments[0] not in ANSWERS else 2)


def test_nothing_is_described_for_a_place_that_cannot_be_written(run: Any, recorded: Any) -> None:
    failure(run("render", TARGET, "-o", "nowhere/a.svg"))
    failure(run("render", TARGET, "-o", "a.pfd"))
    assert recorded.asked == []


def test_a_spec_that_is_none(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[1, 2", "utf-8")
    failure(run("summary", "bad.json"))
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe\x00")
    failure(run("summary", "bad.json"))
    (tmp_path / "bad.json").write_text('{"name": "x"}', "utf-8")
    failure(run("summary", "bad.json"))


def test_traceback_shows_the_users_lines(run: Any) -> None:
    said = "build_broken raised ValueError: no. Mend it. Look at models.py, line 3."
    more = " --traceback shows the lines that lead there."
    assert failure(run("summary", "shop.models:broken")) == said + more
    for arguments in (
        ("summary", "shop.models:broken", "--traceback"),
        ("--traceback", "summary", "s.m:broken"),
    ):
        result = run(*arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith('File "main.py", line 9, in build\n')
        assert result.stderr.rstrip().endswith(said)


def test_a_defect_of_ours_is_one_line_too(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_kerasarch import api

    def defective(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(api, "draw", defective)
    assert "ZeroDivisionError: oops" in failure(run("summary", LENET))


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise there")
def test_a_reader_that_leaves_early() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "sphinx_kerasarch", "describe", LENET]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert done.returncode == 1
    assert "write to a file with -o" in done.stderr
    assert len(done.stderr.splitlines()) == 1


# ---- cache


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    from sphinx_kerasarch.cache import Store

    store = Store(tmp_path / "docs" / "_build" / ".kerasarch")
    old = store.keep_artifact("ab" * 32, ".svg", b"old" * 1000)
    store.keep_artifact("cd" * 32, ".svg", b"new")
    os.utime(old, (0, 0))
    return tmp_path / "docs" / "_build" / ".kerasarch"


def test_cache_info_finds_the_folder(run: Any, cache: Path) -> None:
    result = run("cache", "info")
    assert result.exit_code == 0
    assert "docs/_build/.kerasarch" in result.stdout.replace(os.sep, "/")
    assert "artifacts     2 files, 3 KiB" in result.stdout
    assert run("cache", "info", str(cache.parent)).stdout.splitlines()[1:] == result.stdout.splitlines()[1:]


def test_cache_prune_removes_what_is_old(run: Any, cache: Path) -> None:
    assert "removed 1 file," in run("cache", "prune", "--older-than", "1d").stdout
    assert "1 file," in run("cache", "info").stdout
    assert "12h, 30d or 4w" in failure(run("cache", "prune", "--older-than", "soon"))


def test_cache_clear_removes_the_cache_only(run: Any, cache: Path) -> None:
    assert "removed 2 files" in run("cache", "clear").stdout
    assert not cache.exists() and cache.parent.exists()


def test_cache_clear_refuses_another_folder(run: Any, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_bytes(b"cat")
    assert "not a cache" in failure(run("cache", "clear", "photos"))
    assert (tmp_path / "photos" / "cat.png").exists()


# ---- doctor


def test_doctor_tells_what_is_missing(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "KERAS", doctor.Need("keras-of-nowhere", "building models", "get-this"))
    result = run("doctor")
    assert result.exit_code == 1
    assert "missing  keras-of-nowhere" in result.stdout
    assert 'pip install "get-this"' in result.stdout


def test_doctor_tells_each_interpreter_what_it_lacks(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = doctor.Need("keras-of-nowhere", "building models", "get-this")
    monkeypatch.setattr(doctor, "KERAS", nowhere)
    monkeypatch.setattr(doctor, "BACKENDS", (nowhere,))
    monkeypatch.setattr(doctor, "OWN", (doctor.Need("pdf-of-nowhere", "PDF", "pdf-of-nowhere"),))
    monkeypatch.setattr(doctor, "versions_in", lambda python, needs: ("3.12.0", {}))
    result = run("doctor", "--python", "other/python")
    assert result.stdout.splitlines()[-2:] == [
        f'Get what is missing: {sys.executable} -m pip install "pdf-of-nowhere"',
        'Get what is missing: other/python -m pip install "keras-of-nowhere"',
    ]


def test_doctor_is_content_with_what_is_there(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there = doctor.Need("pytest", "building models", "pytest")
    monkeypatch.setattr(doctor, "KERAS", there)
    monkeypatch.setattr(doctor, "BACKENDS", (there,))
    for arguments in ((), ("--python", sys.executable)):
        result = run("doctor", *arguments)
        assert result.exit_code == 0, result.stdout
        assert "Everything that is needed is there." in result.stdout


# ---- with Keras


@pytest.mark.keras
def test_from_a_real_model_to_a_file(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx_kerasarch", "render", "menagerie.digits.models:build_lenet"),
            *("--path", str(root / "example_project" / "src"), "-o", "lenet.pdf", "-o", "lenet.svg"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "lenet.pdf").read_bytes().startswith(b"%PDF-")
    assert "1,256,080 parameters" in (tmp_path / "lenet.svg").read_text("utf-8")


@pytest.mark.keras
def test_a_wrong_name_is_suggested(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx_kerasarch", "summary", "menagerie.digits.models:build_lenett"),
            *("--path", str(root / "example_project" / "src")),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "build_lenet" in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr


def test_cache_without_a_subcommand_is_its_help(run: Any) -> None:
    result = run("cache")
    assert result.exit_code == 0
    assert "prune" in result.stdout
    assert len(result.stdout.splitlines()) > 5


def test_tex_of_a_drawing_is_tikz_and_of_a_table_a_tabular(run: Any, tmp_path: Path) -> None:
    result = run("render", LENET, "--view", "graph", "-o", "a.tex", "-o", "a.tikz", "--standalone")
    assert result.exit_code == 0, result.output
    assert b"\\begin{tikzpicture}" in (tmp_path / "a.tex").read_bytes() == (tmp_path / "a.tikz").read_bytes()
    assert run("render", LENET, "--view", "summary", "-o", "a.tex").exit_code == 0
    assert b"\\begin{tabular}" in (tmp_path / "a.tex").read_bytes()


def test_dot_is_written_under_both_of_its_suffixes(run: Any, tmp_path: Path) -> None:
    places = [tmp_path / "a.gv", tmp_path / "a.dot"]
    result = run("render", LENET, "--view", "graph", "-o", str(places[0]), "-o", str(places[1]))
    assert result.exit_code == 0, result.stderr
    assert places[0].read_bytes() == places[1].read_bytes() != b""


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("kerasarch re", "plain,render"),
        ("kerasarch comp", "plain,compare"),
        ("kerasarch render --vi", "plain,--view"),
        ("kerasarch render --view lay", "plain,layered"),
        ("kerasarch render --theme d", "plain,dark"),
        ("kerasarch render --direction l", "plain,lr"),
        ("kerasarch summary --backend to", "plain,torch"),
        ("kerasarch example le", "plain,lenet"),
        ("kerasarch completion f", "plain,fish"),
        ("kerasarch render --path s", "dir,s"),
        ("kerasarch summary trained", "file,trained"),
    ],
)
def test_the_shell_completes_commands_options_and_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, found: str
) -> None:
    monkeypatch.setenv("_KERASARCH_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    with pytest.raises(SystemExit):
        main(prog_name="kerasarch")
    assert found in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_needs_is_printed(run: Any, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    if shell == "bash" and not shutil.which("bash"):
        pytest.skip("its version is asked for")
    text = run("completion", shell).stdout
    assert "_KERASARCH_COMPLETE" in text and "kerasarch" in text
    monkeypatch.setenv("SHELL", f"/bin/{shell}")
    assert run("completion").stdout == text
    assert "There is no completion for powershell." in failure(run("completion", "powershell"))
