"""What pages in ``/project/docs`` may name under which settings; ``docs/out`` is a link that leads to ``/data``."""

from __future__ import annotations

from typing import NamedTuple

HEAD = ("A page names", "``kerasarch_allow``", "It is", "Test")
WIDTHS = (38, 34, 10, 18)


class Case(NamedTuple):
    kind: str
    """``target``, ``custom-objects``, ``python`` or ``image``."""
    text: str
    allow: tuple[str, ...]
    allowed: bool


CASES = (
    Case("target", "mypkg.models:build", (), True),
    Case("target", "os:system('touch x')", (), True),
    Case("target", "mypkg.models:build", ("mypkg.*",), True),
    Case("target", "mypkg.sub.models:build(units=3)", ("mypkg.*",), True),
    Case("target", "mypkg:build", ("mypkg.*",), False),
    Case("target", "mypkg.models:build", ("mypkg.models:build_*",), False),
    Case("target", "mypkg.models:build_net", ("mypkg.models:build_*",), True),
    Case("target", "os:system('touch x')", ("mypkg.*",), False),
    Case("target", "mypkg.models:os.system('touch x')", ("mypkg.*",), False),
    Case("target", "mypkg.models:os.system('touch x')", ("mypkg.*:*",), False),
    Case("target", "mypkg.models:Net.build", ("mypkg.*:Net.*",), True),
    Case("target", "mypkg.models:__setattr__('__path__', ['/data'])", ("mypkg.*",), False),
    Case("target", "mypkg.models:Net.__init__.__globals__", ("mypkg.*:*.*.*",), False),
    Case("target", "mypkg.models:__getattr__('build')", ("mypkg.*:__getattr__",), True),
    Case("target", "mypkg.models:build_\u017fum", ("mypkg.*:build_sum",), False),
    Case("target", "mypkg.mod\uff45ls:build", ("mypkg.models",), False),
    Case("target", "mypkg.models:build", ("*",), True),
    Case("target", "keras.saving:load_model('x.keras')", ("mypkg.*", "*.keras"), False),
    Case("target", "models/net.keras", (), True),
    Case("target", "%2e%2e/%2e%2e/data/net.keras", ("/data/*.keras",), False),
    Case("target", "~/net.keras", ("/root/*.keras", "/home/*.keras"), False),
    Case("target", "../docs/models/net.keras", (), True),
    Case("target", "../../data/net.keras", (), False),
    Case("target", "/models/net.keras", (), True),
    Case("target", "out/net.keras", (), False),
    Case("target", "models/net.keras", ("mypkg.*",), False),
    Case("target", "models/net.keras", ("models/*.keras",), True),
    Case("target", "models/net.h5", ("models/*.keras",), False),
    Case("target", "out/net.keras", ("*.keras",), False),
    Case("target", "out/net.keras", ("/data/*.keras",), True),
    Case("target", "../../data/sub/net.keras", ("/data/*.keras",), True),
    Case("target", "../../data/../etc/net.keras", ("/data/*.keras",), False),
    Case("custom-objects", "mypkg.layers:Mine, Old=mypkg.layers:New", ("mypkg.*",), True),
    Case("custom-objects", "mypkg.layers:Mine, Old=os:system", ("mypkg.*",), False),
    Case("custom-objects", "models/net.keras", ("mypkg.*", "models/*.keras"), False),
    Case("python", "../venv/bin/python", (), True),
    Case("python", "../venv/bin/python", ("mypkg.*",), False),
    Case("image", "models/digit.png", ("mypkg.*",), True),
    Case("image", "out/digit.png", (), False),
    Case("image", "../../../../../../etc/passwd", (), False),
    Case("image", "out/digit.png", ("*", "/data/*.png"), True),
)


def rows() -> list[tuple[str, ...]]:
    return [
        (
            f"{'' if case.kind == 'target' else f'``{case.kind}`` '}``{case.text}``",
            ", ".join(f"``{pattern}``" for pattern in case.allow) or "*empty*",
            "shown" if case.allowed else "refused",
            "``test_page_limits``",
        )
        for case in CASES
    ]
