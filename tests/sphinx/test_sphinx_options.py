"""Options of the views with defaults for the whole project."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sphinx.errors import ConfigError

from sphinx_kerasarch.hosts.page.settings import with_defaults
from sphinx_kerasarch.hosts.sphinx.config import _check_options


def config(**options: object) -> SimpleNamespace:
    return SimpleNamespace(kerasarch_options={name.replace("_", "-"): text for name, text in options.items()})


@pytest.mark.parametrize(
    ("views", "given", "found"),
    [
        (("graph",), {}, {"fold": "1", "graph-width": "narrow"}),
        (("layered",), {}, {"fold": "1"}),
        (("summary",), {}, {"fold": "1"}),
        (("graph",), {"fold": "none"}, {"fold": "none", "graph-width": "narrow"}),
        (("graph",), {"width": "85mm"}, {"fold": "1", "width": "85mm"}),
        (("nonsense",), {"a": "b"}, {"a": "b"}),
    ],
)
def test_a_directive_goes_before_the_project(
    views: tuple[str, ...], given: dict[str, str], found: dict[str, str]
) -> None:
    assert with_defaults({"fold": "1", "graph-width": "narrow"}, views, given) == found


@pytest.mark.parametrize(
    ("options", "reason"), [({"fould": "1"}, "Did you mean 'fold'"), ({"fold": 1}, r"\{'fold': '1'\}")]
)
def test_what_no_view_knows_is_refused(options: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        _check_options(config(**options))  # type: ignore[arg-type]


def test_the_default_is_drawn(page):
    text = ".. keras-graph:: shop.models:lenet\n   :no-index:\n"
    built = page(text, kerasarch_options={"fold": "blok_*"})
    assert "'blok_*'" in built.warnings
    assert page(text, kerasarch_options={"fold": "0"}).warnings == ""
