"""Whatever a stranger makes of a spec: it is refused in one line, or drawn, in bounded time and memory."""

from __future__ import annotations

import json
import os
import random
import time
from contextlib import suppress
from pathlib import Path

from mutations import SPECS, mutated

from sphinx_kerasarch import registry
from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import KerasarchError
from sphinx_kerasarch.spec import codec
from sphinx_kerasarch.spec.difference import difference

COUNT = int(os.environ.get("KERASARCH_MUTATIONS", "50"))
SEED = int(os.environ.get("KERASARCH_SEED", "5"))
PATIENCE = 60.0
"""Seconds for one figure on a machine that does other things, too; none takes five by itself."""

OPTIONS: dict[str, list[dict[str, object]]] = {
    "summary": [{}, {"depth": 0}, {"batch": 2**60}, {"columns": ("layer", "params", "memory", "field")}],
    "graph": [{}, {"expand": ("none",)}, {"direction": "lr"}, {"fold": "none"}, {"width": 60.0}, {"height": 100.0}],
    "layered": [{}, {"fold": "none"}, {"shape": "straight"}, {"legend": False}],
    "maps": [{}, {"width": 200.0}, {"fold": "none"}],
    "neurons": [{}, {"width": 100.0}],
}


def test_mutations_are_refused_or_drawn(tmp_path: Path) -> None:
    whole = codec.loads((SPECS / "lenet.json").read_bytes())
    drawn = 0
    for number in range(COUNT):
        chance = random.Random(SEED * 1_000_003 + number)
        spec = mutated(chance)
        (tmp_path / "last.json").write_text(json.dumps(spec))  # what to look at when this fails
        began = time.monotonic()
        try:
            good = codec.loads(json.dumps(spec))
        except KerasarchError as error:
            assert len(str(error)) < 400
            assert "\n" not in str(error)
            continue
        assert codec.loads(codec.dumps(good)) == good
        assert isinstance(difference(whole, good).lines, tuple)
        for view, options in OPTIONS.items():
            with suppress(KerasarchError):
                figure = draw(good, view, **chance.choice(options)).figure
                drawn += 1
                for format in chance.sample(registry.format_names(), 3):
                    with suppress(KerasarchError):
                        write(figure, format)
        assert time.monotonic() - began < 5 * PATIENCE
    assert drawn > COUNT / 2, "else nothing was tried"
