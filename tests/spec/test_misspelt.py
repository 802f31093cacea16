"""What was meant by a target that is a path."""

from __future__ import annotations

import pytest

from sphinx_kerasarch.spec.misspelt import colon


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("models/build", "Did you mean 'models:build'?"),
        ("./models/build", "Did you mean 'models:build'?"),
        ("nets/models/build(classes=3)", "Did you mean 'nets.models:build'?"),
        ("src/models/build", "Did you mean 'models:build'? src has to be on the path then (kerasarch_path, --path)."),
        ("models/net.keras", ""),
        ("/models/build", ""),
        ("../exported", ""),
        ("build", ""),
    ],
)
def test_a_slash_where_the_colon_stands(text: str, meant: str) -> None:
    assert colon(text) == meant
