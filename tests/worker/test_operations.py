"""Our count of operations against TensorFlow's profiler; all of keras.applications in ``benchmarks/operations.py``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("name", ["VGG16", "MobileNetV2", "DenseNet121", "ConvNeXtTiny"])
def test_within_seven_per_cent_of_the_profiler(
    keras: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if keras.config.backend() not in {"tensorflow", "jax"}:
        pytest.skip("no reference on this backend")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    from operations import compare

    macs, flops, reference = compare(name)
    assert flops == pytest.approx(reference, rel=0.07)
    assert 2 * macs < flops
    keras.utils.clear_session()
    sys.modules.pop("operations", None)
