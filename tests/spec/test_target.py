"""Targets parsed and printed."""

from __future__ import annotations

import keyword
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch.errors import TargetError
from sphinx_kerasarch.spec.target import Target, parse, shapes

names = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name)
)
dotted = st.lists(names, min_size=1, max_size=3).map(".".join)
literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(dotted, dotted, st.lists(literals, max_size=3), st.dictionaries(names, literals, max_size=3))
def test_printed_targets_parse_to_themselves(
    module: str, attribute: str, args: list[Any], kwargs: dict[str, Any]
) -> None:
    target = Target(module, attribute, tuple(args), kwargs, called=True)
    assert parse(str(target)) == target
    inner = str(target).partition("(")[2][:-1]
    assert parse(f" {module} : {attribute} ", inner).kwargs == kwargs


@given(st.text(max_size=40))
def test_no_text_does_anything_but_parse_or_raise(text: str) -> None:
    try:
        target = parse(text)
    except TargetError as error:
        assert error.message and error.advice
    else:
        assert parse(str(target)) == target


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("pkg.mod:build", "", "pkg.mod:build"),
        ("pkg.mod:build()", "", "pkg.mod:build()"),
        ("pkg.mod:Class.method(3)", "", "pkg.mod:Class.method(3)"),
        ("pkg.mod:build( classes = 10 )", "size=(2,3)", "pkg.mod:build(classes=10, size=(2, 3))"),
        ("pkg:f(1)", "2, x=-3", "pkg:f(1, 2, x=-3)"),
        ("pkg:f('):(')", "", "pkg:f('):(')"),
        ("models/lenet.keras", "", "models/lenet.keras"),
        ("C:\\models\\lenet.h5", "", "C:\\models\\lenet.h5"),
        ("saved/model", "", "saved/model"),
    ],
)
def test_forms(text: str, arguments: str, expected: str) -> None:
    assert str(parse(text, arguments)) == expected


@pytest.mark.parametrize(
    ("text", "arguments", "message", "advice"),
    [
        ("", "", "empty", "package.module:factory"),
        ("pkg.mod.build", "", "no colon", "Did you mean 'pkg.mod:build'?"),
        ("pkg.mod.build(3)", "", "no colon", "Did you mean 'pkg.mod:build(3)'?"),
        ("build", "", "no colon", "package.module:factory"),
        ("pkg-mod:build", "", "'pkg-mod'", "package.module:factory"),
        ("pkg:", "", "''", "package.module:factory"),
        ("pkg:build(3", "", "not closed", "package.module:factory"),
        ("pkg:build", "n=", "not Python", "classes=10"),
        ("pkg:build", "n=open('x')", "not a literal", "factory without arguments"),
        ("pkg:build", "**{'n': 3}", "not plain", "without **"),
        ("pkg:build(n=1)", "2", "without a name", "Name them all"),
        ("pkg:build", "1) + f(2", "not Python", "classes=10"),
        ("m.keras", "n=3", "takes no arguments", "Leave"),
    ],
)
def test_errors(text: str, arguments: str, message: str, advice: str) -> None:
    with pytest.raises(TargetError) as caught:
        parse(text, arguments)
    assert message in caught.value.message and advice in caught.value.advice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("28", (28,)),
        ("28, 28, 1", (28, 28, 1)),
        ("(28, 28, 1)", (28, 28, 1)),
        ("28x28×1", (28, 28, 1)),
        ("?, 3", (None, 3)),
        ("None, None, 3", (None, None, 3)),
        ("()", ()),
        ("[(28, 28, 1), (12,)]", [(28, 28, 1), (12,)]),
        ("{'image': (28, 28, 1), 'table': (12,)}", {"image": (28, 28, 1), "table": (12,)}),
    ],
)
def test_shapes(text: str, expected: Any) -> None:
    assert shapes(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a", "28, 'x'", "-1, 3", "1.5", "True", "[[], 'x']", "{}", "__import__('os')"]
)
def test_bad_shapes(text: str) -> None:
    with pytest.raises(TargetError, match="not an input shape"):
        shapes(text)


def test_shapes_of_many_letters_take_no_time() -> None:
    """A pattern with two ways to read each letter takes endless time for forty."""
    with pytest.raises(TargetError):
        shapes("x" * 60 + "!")
    assert shapes("28x28 × None") == (28, 28, None)


def test_numbers_that_cannot_be_written() -> None:
    with pytest.raises(TargetError, match="is not a literal"):
        parse("m:build", "n=[{1: 0x" + "f" * 5000 + "}]")
    with pytest.raises(TargetError, match="is not an input shape"):
        shapes(f"(0x{'f' * 5000},)")


def test_folders_may_have_a_colon() -> None:
    assert parse("/home/a:b/models/m.keras").file == "/home/a:b/models/m.keras"
