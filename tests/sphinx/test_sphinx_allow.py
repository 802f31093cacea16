"""``kerasarch_allow`` in a Sphinx project: what is refused is told where the figure would stand, and never run."""

from __future__ import annotations

from pathlib import Path

PAGE = """
.. keras-graph:: shop.models:lenet

.. keras-graph:: os:system('touch x')

.. keras-graph:: shop.models:lenet
   :python: ./python

.. keras-graph:: ../outside.keras

.. keras-layered:: shop.models:lenet
   :image: ../outside.keras
"""


def test_pages_name_what_the_project_allows(page, recorded, site) -> None:
    (site.src / "..").resolve().joinpath("outside.keras").write_bytes(b"secret")
    built = page(PAGE, kerasarch_allow=["shop.*"])
    assert recorded.asked == ["shop.models:lenet"]
    lines = [line for line in built.warnings.splitlines() if "[kerasarch.not-allowed]" in line]
    assert [line.split(":")[1] for line in lines] == ["7", "9", "12", "14"]
    shown = built.read("index.html")
    assert shown.count("kerasarch-failure") == 4
    assert "os:system is not what pages of this project may run." in shown
    assert "./python is not an interpreter that pages of this project may start." in shown
    assert "../outside.keras lies outside of the project." in shown
    assert "The picture ../outside.keras lies outside of the project." in shown
    # What was refused is asked for once the project says so, and the other way round.
    again = page(PAGE, kerasarch_allow=[])
    assert sorted(recorded.asked) == ["os:system('touch x')", "shop.models:lenet", "shop.models:lenet"]
    assert again.warnings.count("[kerasarch.not-allowed]") == 2


def test_settings_are_lists_of_texts(page, recorded) -> None:
    """As ``-D kerasarch_allow=a,b`` gives them."""
    built = page(".. keras-graph:: shop.models:lenet\n", kerasarch_allow="shop.models, other.*")
    assert built.warnings == "" and recorded.asked == ["shop.models:lenet"]
    assert Path(built.out / "index.html").is_file()
