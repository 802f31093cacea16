"""The domain: references, index, inventory, duplicates."""

from __future__ import annotations

from sphinx.util.inventory import InventoryFile

MODEL = ".. keras-model:: shop.models:lenet\n"


def inventory(built):
    with (built.out / "objects.inv").open("rb") as file:
        return InventoryFile.load(file, "", lambda base, path: path)["keras:model"]


def test_role_finds_full_and_short_names(page):
    text = MODEL + "\n:keras:model:`shop.models:lenet`, :keras:model:`lenet`, :keras:model:`this <lenet>`,"
    built = page(text + " :any:`shop.models:lenet`\n", nitpicky=True)
    assert built.warnings == ""
    html = built.read("index.html")
    assert html.count('href="#keras-model-shop.models-lenet"') >= 4
    assert 'id="keras-model-shop.models-lenet"' in html


def test_unknown_and_ambiguous_names_are_dangling(page):
    text = MODEL + "\n.. keras-graph:: other.models:lenet\n\n:keras:model:`lenet` :keras:model:`nothing`\n"
    built = page(text)
    assert (
        "The Keras model 'lenet' is ambiguous: write 'other.models:lenet' or 'shop.models:lenet'. [ref.model]"
        in built.warnings
    )
    assert "there is no Keras model 'lenet'" not in built.warnings
    assert "there is no Keras model 'nothing' in this documentation" in built.warnings


def test_inventory_and_index(page):
    built = page(MODEL + "\n.. keras-graph:: shop.models:mlp\n   :args: units=3\n")
    assert sorted(inventory(built)) == ["shop.models:lenet", "shop.models:mlp(units=3)"]
    assert "lenet (Keras model)" in built.read("genindex.html")


def test_shorthands_of_one_model_are_no_duplicates(page):
    built = page(".. keras-layered:: shop.models:lenet\n\n.. keras-summary:: shop.models:lenet\n")
    assert "duplicate" not in built.warnings


def test_duplicates_are_said_once_and_no_index_silences(page):
    built = page(MODEL + "\n" + MODEL)
    assert "index.rst:6: WARNING: Keras model 'shop.models:lenet' is described twice" in built.warnings
    assert built.warnings.count("[kerasarch.duplicate]") == 1
    built = page(MODEL + "\n" + MODEL + "   :no-index:\n", fresh=True)
    assert built.warnings == ""


def test_objects_of_a_removed_page_are_forgotten(site):
    site.write(index="Shop\n====\n\n.. toctree::\n   :glob:\n\n   *\n", more=f"More\n====\n\n{MODEL}")
    assert list(inventory(site.build())) == ["shop.models:lenet"]
    (site.src / "more.rst").unlink()
    site.write(index="Shop\n====\n\nNothing.\n")
    built = site.build()
    assert not list(built.app.env.get_domain("keras").get_objects())


def test_directive_that_fails_leaves_its_name_to_one_that_is_shown(page):
    bad = MODEL + "   :views: graph\n   :fuse: maybe\n"
    built = page(f"{bad}\nSee :keras:model:`lenet`.\n\n{MODEL}")
    assert "kerasarch.duplicate" not in built.warnings
    assert built.warnings.count("WARNING") == 1
    (entry,) = built.app.env.get_domain("keras").entries()
    assert entry.location.endswith(":10")
    assert f'href="#{entry.anchor}"' in built.read("index.html")
    built = page(bad, fresh=True)
    assert len(list(built.app.env.get_domain("keras").entries())) == 1
