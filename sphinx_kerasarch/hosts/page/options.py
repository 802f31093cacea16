"""Options that every page has for a model, besides those of the views."""

from __future__ import annotations

from typing import Any

from ...errors import OptionError
from ...escape import identifier
from ...options import BadValueError, Option, choice, flag, refused, words
from .request import Failure
from .settings import THEMES

TABLES = frozenset({"summary"})
"""Views that are tables. Named here because the skeleton is built before any view is loaded."""

ALIGN = ("left", "center", "right")


def _classes(text: str) -> tuple[str, ...]:
    found = tuple(map(identifier, text.split()))
    if not found or not all(found):
        raise BadValueError(f"{text!r} names no class.", "Write words that begin with a letter.")
    return found


def _percent(text: str) -> str:
    """``80 %`` is a displayed width; any other width is the view's to understand."""
    if not text.rstrip().endswith("%"):
        return ""
    return f"{int(text.rstrip(' %'))}%"


OPTIONS = (
    Option("args", str, "", "Arguments of the factory: literals, as classes=10, units=(64, 32)."),
    Option("input-shape", str, "", "Shape of the input without batch axis, for models that have none yet."),
    Option("open", str, "", "Layers of Keras to open, by class or name, as LSTM, attention*."),
    Option("custom-objects", str, "", "Classes that a saved model needs, as mypkg.layers:MyLayer."),
    Option("weights", flag, False, "Read numbers of the dense layers; they colour the lines of the neurons view."),
    Option("views", words, (), "Views, separated by commas; kerasarch_views when missing."),
    Option("name", str, "", "Label of the first figure; further ones get NAME-VIEW."),
    Option("alt", str, "", "Alternative text; written from the architecture when missing."),
    Option("align", choice(*ALIGN), "", "Horizontal place.", ALIGN),
    Option("class", _classes, (), "Classes of the image or table."),
    Option("figclass", _classes, (), "Classes of the figure."),
    Option("theme", choice(*THEMES), "", "Colours; kerasarch_theme when missing.", THEMES),
    Option("python", str, "", "Interpreter of this model's worker; kerasarch_python when missing."),
    Option("no-index", flag, False, "Make no entry that :keras:model: could refer to."),
)
"""Options of the directive itself. All others belong to the views, whose records declare them."""


def take_options(given: dict[str, str]) -> tuple[dict[str, Any], dict[str, str], list[Failure]]:
    """The directive's own values (defaults filled in), the options left for the views, what was wrong."""
    values: dict[str, Any] = {option.key: option.default for option in OPTIONS}
    values["width"] = ""
    rest = dict(given)
    problems: list[Failure] = []
    for option in OPTIONS:
        if option.name in rest:
            text = rest.pop(option.name)
            try:
                values[option.key] = option.convert(text)
            except ValueError as error:
                said, advice = refused(option, error)
                problems.append(Failure(OptionError.slug, f"Option {option.name!r}: {said}", advice))
    try:
        values["width"] = _percent(rest.get("width", ""))
    except ValueError:
        said = f"Option 'width': {rest['width']!r} is not a percentage."
        problems.append(Failure(OptionError.slug, said, "Write 80 %, or a length as 85mm."))
    if values["width"]:
        del rest["width"]
    return values, rest, problems


def short_name(target: str) -> str:
    """``build_lenet`` of ``mypkg.models:build_lenet(classes=10)``."""
    return target.partition("(")[0].rpartition(":")[2].rpartition("/")[2] or target


TITLES = {
    "summary": "Layers of ",
    "graph": "Graph of ",
    "layered": "Layered view of ",
    "maps": "Feature maps of ",
    "neurons": "Neurons of ",
}


def caption_words(view: str) -> str:
    """``Graph of ``: what stands before the name in the caption of a figure that the author gave no words for."""
    return TITLES.get(view, f"{view.replace('-', ' ').capitalize()} of ")


def alt_text(view: str, words: str) -> str:
    """``Layered view of …``: the alternative text; ``words`` describe the model."""
    article = "a " if words.startswith("Keras model") else ""  # a model without a name
    return f"{view.replace('-', ' ').capitalize()} view of {article}{words}"
