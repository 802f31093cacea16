from __future__ import annotations

import inspect
import json
import pickle

import pytest

from sphinx_kerasarch import errors


@pytest.mark.parametrize("slug", sorted(errors.ERRORS))
def test_every_error_survives_json_and_pickle(slug: str) -> None:
    cls = errors.ERRORS[slug]
    error = cls("What.", advice="Do.", traceback="line 1", data={"a": [1]})
    for copy in (
        errors.from_json(json.loads(json.dumps(error.to_json()))),
        pickle.loads(pickle.dumps(error)),
    ):
        assert type(copy) is cls
        assert copy.to_json() == error.to_json()
        assert str(copy) == "What. Do."


def test_table_holds_every_class_of_the_module() -> None:
    classes = {
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.KerasarchError)
    }
    assert set(errors.ERRORS.values()) == classes


def test_unknown_slug_of_a_newer_worker_becomes_the_root_class() -> None:
    data = {"slug": "new", "message": "m", "advice": "", "traceback": "", "data": {}}
    assert type(errors.from_json(data)) is errors.KerasarchError
