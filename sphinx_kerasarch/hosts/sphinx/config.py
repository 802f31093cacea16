"""The configuration values ``kerasarch_*``: plain data only, so that Sphinx can keep them between builds."""

from __future__ import annotations

import hashlib
import os
import site
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from ... import registry
from ...errors import OptionError
from ...options import suggest
from ...spec.roles import ROLES
from ..page import trust
from ..page.settings import VALUES, option_names, texts

if TYPE_CHECKING:
    from ..page.locked import Locked


def add_values(app: Sphinx) -> None:
    for value in VALUES:
        app.add_config_value(f"kerasarch_{value.name}", value.default, value.rebuild, types=value.types)


def _fail(name: str, problem: str, advice: str) -> ConfigError:
    return ConfigError(f"kerasarch_{name} in conf.py: {problem}. {advice}")


def check(app: Sphinx, config: Config) -> None:
    """Refuse values that mean nothing. Raises :class:`sphinx.errors.ConfigError`."""
    for value in VALUES:
        given = getattr(config, f"kerasarch_{value.name}")
        if value.choices and given not in value.choices:
            raise _fail(value.name, f"{given!r} is not a choice", suggest(str(given), value.choices))
        if not isinstance(given, tuple(value.types)):
            kinds = " or ".join(sorted(kind.__name__ for kind in value.types))
            raise _fail(value.name, f"{given!r} is not a {kinds}", value.help)
    _check_styles(config)
    _check_options(config)
    for name in texts(config.kerasarch_fonts):
        if not (Path(app.srcdir) / name).is_file():
            raise _fail("fonts", f"{name!r} is no file", "Name files, relative to the source directory.")
    from ...cache.sizes import parse_size

    try:
        parse_size(config.kerasarch_cache_size)
    except OptionError as error:
        raise _fail("cache_size", error.message.rstrip("."), error.advice) from None
    if not config.kerasarch_lock:
        raise _fail("lock", "names no file", "The default is 'kerasarch.lock'.")
    if config.kerasarch_timeout <= 0:
        raise _fail("timeout", "must be positive", "The default is 300.")
    if config.kerasarch_memory < 0:
        raise _fail("memory", "must not be negative", "The default is 0: no limit.")
    if config.kerasarch_jobs < 0:
        raise _fail("jobs", "must not be negative", "The default is 0: as many as processors, at most 4.")
    for name in views(config):
        try:
            if name not in registry.VIEWS:
                registry.view(name)
        except OptionError as error:
            raise _fail("views", error.message.rstrip("."), error.advice) from None


def colors(config: Config) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """``kerasarch_colors`` as a value that can be compared: each category or layer with one or two colours."""
    given: dict[str, Any] = config.kerasarch_colors
    return tuple((key, (item,) if isinstance(item, str) else tuple(item)) for key, item in given.items())


def roles(config: Config) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(config.kerasarch_roles.items()))


def _check_styles(config: Config) -> None:
    if config.kerasarch_colors:
        from ...theme import palette

        try:
            palette("light", config.kerasarch_colors)
        except (OptionError, TypeError) as error:
            raise _refused("colors", error) from None
    for name, role in config.kerasarch_roles.items():
        if role not in ROLES:
            raise _fail("roles", f"{name!r} cannot be {role!r}", suggest(str(role), ROLES))
    for name, label in config.kerasarch_labels.items():
        if not isinstance(label, str) or not label.strip():
            raise _fail("labels", f"{name!r} cannot be {label!r}", "Write what the figures shall say.")


def _check_options(config: Config) -> None:
    if not config.kerasarch_options:
        return  # a build without changes loads no views
    known = {name for view in registry.view_names() for name in option_names(view)}
    for name, text in config.kerasarch_options.items():
        if name not in known:
            raise _fail("options", f"no view has an option {name!r}", suggest(str(name), known))
        if not isinstance(text, str):
            raise _fail("options", f"{name!r} is no text", f"Write it in quotes: {{'{name}': '{text}'}}.")


def _refused(name: str, error: OptionError | TypeError) -> ConfigError:
    if isinstance(error, OptionError):
        return _fail(name, error.message.rstrip("."), error.advice)
    return _fail(name, "a value is neither a colour nor a pair of colours", "Write {'conv': '#0072b2'}.")


def limits(app: Sphinx) -> trust.Limits:
    """What pages may name."""
    config = app.config
    paths = (Path(app.srcdir) / entry for entry in texts(config.kerasarch_path))
    allowed, pythons = texts(config.kerasarch_allow), texts(config.kerasarch_allow_python)
    return trust.limits((app.srcdir, app.confdir, *paths), allowed, pythons, config.kerasarch_python)


def views(config: Config) -> tuple[str, ...]:
    return texts(config.kerasarch_views)


def fonts(config: Config, srcdir: Path) -> tuple[tuple[str, str], ...]:
    """Files of ``kerasarch_fonts``, each with a digest of its content."""
    files = [(srcdir / name).resolve() for name in texts(config.kerasarch_fonts)]
    return tuple((str(file), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files)


def import_path(config: Config, srcdir: Path, sys_path: Sequence[str], interpreter: str = "") -> tuple[str, ...]:
    """``kerasarch_path``, then what was added to ``sys_path`` beyond this interpreter's own directories.

    An installation's own directories are left out: the worker may run under another interpreter, which must
    not see this one's packages. So are the directories that ``.pth`` files of an installation add, unless
    ``interpreter`` or ``kerasarch_python`` is another one: the worker has them too, and whatever else somebody has
    installed for editing must not change what is asked.

    The current folder, which ``python -m sphinx`` adds and ``sphinx-build`` does not, is taken only where nothing else
    is named: descriptions of the one would be none for the other.
    """
    schemes = sysconfig.get_paths()
    own = {
        *(schemes[key] for key in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")),
        str(Path(schemes["stdlib"]) / "lib-dynload"),
        *(_try(site.getsitepackages) or ()),
        _try(site.getusersitepackages) or "",
        str(Path(sys.executable).parent),
        # The worker has the same environment and need not be told.
        *(os.environ.get("PYTHONPATH") or os.devnull).split(os.pathsep),
    }
    given = [os.path.realpath(srcdir / entry) for entry in texts(config.kerasarch_path)]
    added = [
        os.path.realpath(entry)
        for entry in sys_path
        if entry not in own and not entry.endswith(".zip") and (entry == "" or Path(entry).is_dir())
    ]
    if added and not (interpreter or config.kerasarch_python):
        lent = _lent(sys_path)
        added = [entry for entry in added if entry not in lent]
    launched = _launched()
    if launched and added.count(launched) == 1 and len(given) + len(added) > 1:
        added.remove(launched)
    return tuple(dict.fromkeys([*given, *added]))


def _launched() -> str:
    """The folder that ``python -m`` has put on the path; "" for scripts."""
    by_module = getattr(sys.modules.get("__main__"), "__spec__", None) is not None
    try:
        return os.path.realpath(Path.cwd()) if by_module else ""
    except OSError:
        return ""


def _lent(sys_path: Sequence[str]) -> set[str]:
    from ...wire.search import lent

    sites = [entry for entry in sys_path if Path(entry).name in {"site-packages", "dist-packages"}]
    return {str(Path(path).resolve()) for name, path in lent({}, sites) if not name}


def _try(function: Callable[[], Any]) -> Any:
    # site has no such functions under some embedding programs and old virtualenvs.
    try:
        return function()
    except (AttributeError, OSError):
        return None


def values(config: Config) -> dict[str, Any]:
    """All of them, by their names without prefix."""
    return {value.name: getattr(config, f"kerasarch_{value.name}") for value in VALUES}


def lock(config: Config, srcdir: Path) -> Locked:
    """The lock of the project; not read yet."""
    from ..page.locked import Locked, project_of

    path = Path(os.path.realpath(srcdir / config.kerasarch_lock))
    return Locked(path, project_of(values(config), srcdir), srcdir.name)


def cache_dir(config: Config, srcdir: Path, doctreedir: Path) -> Path:
    """Beside the doctrees, because builders that share doctrees then share descriptions too.

    Below them where Sphinx, told no other place, keeps them in its output: what stands beside would be published,
    and an EPUB takes in all files that it finds.
    """
    if config.kerasarch_cache_dir:
        return Path(os.path.realpath(srcdir / str(config.kerasarch_cache_dir)))
    return doctreedir / "kerasarch" if doctreedir.name == ".doctrees" else doctreedir.parent / ".kerasarch"
