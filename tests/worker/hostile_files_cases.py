"""What a stranger can put into a saved model, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = ("A saved model holds", "What becomes of it", "Test")
WIDTHS = (50, 30, 20)


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    title: str
    said: str = ""
    """Part of the error; empty where the model is shown."""


FILES = (
    Case("unfolds", "a configuration that is a thousand times as long when it is unpacked", "is longer than 32 MB"),
    Case("unfolds_weights", "weights that are a thousand times as long when they are unpacked", "unfolds to"),
    Case("nested", "a configuration that is nested without end", "is not a saved Keras model, or is damaged"),
    Case("doubling", "HDF5 groups of which each holds the next one twice, sixty deep", "stands in it twice"),
    Case("circle", "an HDF5 group that is in itself", "stands in it twice"),
    Case("elsewhere", "an HDF5 link to another file, in ``.keras``", "is a link to another place"),
    Case("elsewhere_h5", "an HDF5 link to another file, in ``.h5``", "is a link to another place"),
    Case("soft", "an HDF5 link to another group", "is a link to another place"),
    Case("numbers", "weights whose numbers are those of another file, in ``.keras``", "lie in another file"),
    Case("numbers_h5", "weights whose numbers are those of another file, in ``.h5``", "lie in another file"),
    Case("virtual", "weights that are put together from other files", "lie in another file"),
    Case("pickled", "a pickle, in place of the archive", "is not a saved Keras model, or is damaged"),
    Case("layers", "more layers than any figure could show", "are more than 20,000"),
    Case("two", "two configurations", ""),
    Case("members", "twenty thousand members", ""),
)
"""Of ``test_a_file_of_a_stranger``: read without Keras."""

NAMES = (
    Case("lambda", "byte code (``Lambda``)", ""),
    Case("module", "a class of a module that lies on the import path", ""),
    Case("function", "a function of a module that lies on the import path", ""),
    Case("system", "a call of ``os.system``", ""),
    Case("unsafe", "a call of ``keras.config.enable_unsafe_deserialization``", ""),
    Case("fetch", "a call of ``keras.utils.get_file``", ""),
    Case("file", "a vocabulary that is to be read from a file", ""),
)
"""Of ``test_nothing_that_a_file_names_is_run``: boxes, since Keras is not asked for them."""


def rows() -> list[tuple[str, ...]]:
    """Of the page."""
    told = [
        (case.title, f"*{case.said}*" if case.said else "shown", f"``test_a_file_of_a_stranger[{case.name}]``")
        for case in FILES
    ]
    named = "``test_nothing_that_a_file_names_is_run[{}]``"
    return [*told, *((case.title, "shown, and not run, opened or imported", named.format(case.name)) for case in NAMES)]
