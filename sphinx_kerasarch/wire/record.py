"""The record of what a description was made from, as far as both ends must compute it alike.

The worker writes it (``worker/inputs.py``), the cache verifies it without a worker (``cache/verify.py``)::

    {"files":    {absolute path: sha256, or "" for a file that was looked for and is not there},
     "listings": {absolute path of a directory whose entries were listed: sha256 of the names, "" for none},
     "kinds":    {absolute path that was asked for without being opened: "file", "file 12" (bytes), "folder" or "";
                  "made" and the sha256 of what the code put there because there was nothing},
     "links":    {absolute path: where it led},
     "modules":  {directory: {module that was looked for there: the entries that it could be, see :mod:`.search`}},
     "shadows":  {directory: modules that were looked for there in vain, separated by blanks},
     "missing":  [modules that were looked for and found nowhere; ``acme.extra`` in a package without __init__],
     "lent":     {module: directory by PYTHONPATH or a .pth file that it came from},
     "folder":   {absolute path of the worker's folder: ""} if paths were relative to it, else {},
     "packages": {distribution: what is known of it, see :mod:`.packages`, "" for one that is not installed;
                  "*": sha256 of the entry points of all of them},
     "sites":    [directories that were searched for distributions],
     "prefix":   directory of the interpreter, which may be another one elsewhere,
     "env":      {variable: sha256 of its value, or "" when unset; "*": sha256 of all but those of the session},
     "keras_config": {what keras.json says beyond Keras's defaults},
     "backend": "tensorflow", "python": "3.11.2", "code": sha256 of worker and spec}
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent

CODE = ("worker", "spec", "wire", "errors.py")
"""Parts of this package that decide what a description says."""

BACKENDS: Mapping[str, tuple[str, ...]] = {
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos", "tf-nightly"),
    "jax": ("jax",),
    "torch": ("torch",),
}
"""Backend → distributions that bring it; in the order of preference when nobody chooses."""

KNOWN_BACKENDS = (*BACKENDS, "numpy", "openvino")
"""What Keras takes for ``KERAS_BACKEND``."""

SYMBOLIC = "symbolic"
"""Keras without a backend: a tier of our own, which may be chosen like a backend."""

PLAIN = "plain"
"""The ordinary build, with all weights allocated, on the backend that would be taken anyway; likewise."""

TIERS = (SYMBOLIC, PLAIN)

CHOICES = (*KNOWN_BACKENDS, *TIERS)
"""What ``kerasarch_backend`` takes."""

FIXED: Mapping[str, str] = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "JAX_PLATFORMS": "cpu",
    "NO_COLOR": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    # No .pyc is written: a source changed twice in a second would be read from the old one.
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""Environment of every worker: no log lines, no search for GPUs, no colours, the same order of sets."""

ALL = "*"
"""Stands for all variables, or the entry points of all distributions."""

MADE = "made "
"""Begins the kind of a path at which the code itself made a file, because there was none."""

SESSION = (
    r"_|PWD|OLDPWD|SHLVL|SHELL|TERM\w*|COLORTERM|COLUMNS|LINES|PAGER|LESS\w*|EDITOR|VISUAL|HOME|USER|LOGNAME|USERNAME"
    r"|MAIL|HOST\w*|PATH|MANPATH|TMP|TEMP|TMPDIR|LANG\w*|LC_\w+|TZ|DISPLAY|WAYLAND\w*|XAUTHORITY|XDG_\w+|DBUS_\w+"
    r"|SSH_\w+|GPG_\w+|SUDO_\w+|LS_COLORS|PS[1-4]|VIRTUAL_ENV\w*|CONDA\w*|PYTHON\w*|PYTEST\w*|KERAS_BACKEND|KERASARCH_\w*"
    r"|CI|CI_\w+|GITHUB_\w+|RUNNER_\w+|GITLAB_\w+|READTHEDOCS\w*|BUILD_\w+|JENKINS_\w+|INVOCATION_ID|JOURNAL_STREAM"
    r"|TRAVIS\w*|CIRCLE\w*|BUILDKITE\w*|DRONE\w*|TEAMCITY\w*|APPVEYOR\w*|BITBUCKET\w*|TF_BUILD|AGENT_\w+|CODEBUILD\w*"
    r"|VSCODE\w*|PYCHARM\w*|TERM_\w+|TMUX\w*|STY|WSL\w*|ITERM\w*|KONSOLE\w*|WINDOWID|DESKTOP_SESSION|GNOME\w*|GTK\w*"
    r"|QT_\w+|HIST\w+|SPHINX\w*|MAKE\w*|MFLAGS|TOX_\w+|NOX_\w+|PIP_\w+|UV|UV_\w+|POETRY_\w+|PDM_\w+|HATCH_\w+|NVM_\w+"
    r"|PRE_COMMIT\w*|GIT_\w+|HOMEBREW\w*|NIX_\w+|SOURCE_DATE_EPOCH|(NO|FORCE)_COLOR|\w+_(PROXY|proxy)"
    r"|(\w+_)?(TOKEN|SECRET|PASSWORD|API_KEY|ACCESS_KEY\w*)"
)
"""Variables of the session, the machine, its tools and its CI, and secrets.

They do not count where code looks through all variables, nor where an installed library asks for them.
"""

SMALL = 1 << 18
"""Bytes that are read in one piece."""

LEFTOVERS = frozenset(
    {
        *("__pycache__", ".git", ".hg", ".svn", ".jj", "_build", ".kerasarch", "node_modules"),
        *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints", ".cache", ".coverage"),
        *(".tox", ".nox", ".venv", ".idea", ".vscode", ".DS_Store", "Thumbs.db"),
    }
)
"""What comes and goes beside the files of a project, and is in nobody's model."""

READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

REFUSED = ("PYTHONHOME", "__PYVENV_LAUNCHER__", "PYTHONINSPECT", "PYTHONSTARTUP")
"""Variables that would make a worker under another interpreter start with this one's packages."""

KERAS_DEFAULTS: Mapping[str, Any] = {
    "floatx": "float32",
    "epsilon": 1e-07,
    "backend": "tensorflow",
    "image_data_format": "channels_last",
}


def environment(extra: Mapping[str, str], backend: str = "") -> dict[str, str]:
    """Variables of the worker: those of this process, ours, then ``extra``."""
    result = {**os.environ, **FIXED, **extra}
    for name in REFUSED:
        if name not in extra:
            result.pop(name, None)
    if backend and backend not in TIERS:
        result["KERAS_BACKEND"] = backend
    return result


def variable(name: str, extra: Mapping[str, str], backend: str = "") -> str | None:
    """One of :func:`environment`, without a copy of all; None when it is not set."""
    if name == "KERAS_BACKEND" and backend and backend not in TIERS:
        return backend
    if name in extra:
        return extra[name]
    if name in FIXED:
        return FIXED[name]
    return None if name in REFUSED else os.environ.get(name)


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def variables_digest(variables: Mapping[str, str]) -> str:
    """sha256 of names and values, without those that tell of the session and of this program."""
    told = {name: value for name, value in variables.items() if not re.fullmatch(SESSION, name)}
    return text_digest(json.dumps(sorted(told.items())))


def file_digest(path: str | Path) -> str:
    """sha256 of a file's content; "" when there is none that can be read, or a pipe, which nobody may wait for."""
    try:
        handle = os.open(path, READING)
    except (OSError, ValueError):
        return ""
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            return ""
        if about.st_size < SMALL:
            data = os.read(handle, about.st_size + 1)
            if len(data) == about.st_size:
                return hashlib.sha256(data).hexdigest()
            os.lseek(handle, 0, os.SEEK_SET)
        with open(handle, "rb", buffering=0, closefd=False) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
    finally:
        os.close(handle)


def is_still(path: str, kind: str) -> bool:
    """Whether a path is what a record says. What the code made may be gone, but not be another's."""
    if kind.startswith(MADE):
        return file_digest(path) in {kind.removeprefix(MADE), ""}
    return kind_of(path, sized=kind.startswith("file ")) == kind


def kind_of(path: str, *, sized: bool = False) -> str:
    """What is at a path: ``file``, with its bytes when they are asked for, ``folder``, or "" for nothing."""
    try:
        about = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return ""
    if stat.S_ISDIR(about.st_mode):
        return "folder"
    return f"file {about.st_size}" if sized else "file"


def listing_digest(path: str | Path) -> str:
    """sha256 of the names in a directory and of which are folders; "" when there is none.

    What Python, editors and other tools leave behind does not count.
    """
    try:
        with os.scandir(path) as entries:
            names = sorted(entry.name + "/" * entry.is_dir() for entry in entries if not is_leftover(entry.name))
    except (OSError, ValueError):
        return ""
    return text_digest("\0".join(names))


def is_leftover(name: str) -> bool:
    """Whether a name is that of a file or folder of some tool's own."""
    return name in LEFTOVERS or name.endswith((".pyc", "~", ".swp", ".egg-info"))


def code_digest() -> str:
    """sha256 of those sources of this package that decide what a description says."""
    total = hashlib.sha256()
    for part in CODE:
        place = PACKAGE / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            total.update(f"{file.relative_to(PACKAGE).as_posix()} {file_digest(file)}\n".encode())
    return total.hexdigest()


def keras_config(env: Mapping[str, str]) -> dict[str, Any]:
    """What the user's ``keras.json`` says beyond the defaults; Keras writes the defaults there by itself."""
    return without_backend(keras_json(keras_json_path(env.get)), env.get)


def without_backend(told: Mapping[str, Any], variable: Callable[[str], str | None]) -> dict[str, Any]:
    """The settings of a ``keras.json`` that hold: a backend is told by its variable first."""
    return {key: value for key, value in told.items() if key != "backend" or not variable("KERAS_BACKEND")}


def keras_json_path(variable: Callable[[str], str | None]) -> str:
    """Where Keras looks for its settings."""
    home = variable("KERAS_HOME") or os.path.join(variable("HOME") or str(Path.home()), ".keras")  # noqa: PTH118
    return os.path.join(home, "keras.json")  # noqa: PTH118


def keras_json(path: str) -> dict[str, Any]:
    """What a ``keras.json`` says beyond the defaults."""
    try:
        told = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {key: value for key, value in sorted(told.items()) if KERAS_DEFAULTS.get(key) != value}
