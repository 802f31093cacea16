"""What pages show and say: figures by digest, failures, settings, one worker for all."""

from __future__ import annotations

import re

import pytest

from sphinx_kerasarch import api, errors
from sphinx_kerasarch.hosts.markdown.zensical import strict
from sphinx_kerasarch.spec import codec

BLOCK = "/// keras-graph | shop:lenet\n///"


def svg_of(page: str) -> str:
    """The figure with the start of its ids as in a file."""
    (found,) = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    return re.sub(r"ka[0-9a-f]{6}-", "ka-", found) + "\n"


@pytest.mark.parametrize("view", ["graph", "layered", "maps", "neurons"])
def test_a_figure_has_the_bytes_that_python_writes(convert, view, request):
    specs = request.path.parents[1] / "specs"
    figure = api.draw(codec.loads((specs / "mlp.json").read_text("utf-8")), view).figure
    block = f"/// keras-{view} | shop:mlp\n///"
    assert svg_of(convert(block)) == api.write(figure, "svg", flavour="themed").decode()
    assert svg_of(convert(block, theme="dark")) == api.write(figure, "svg", theme="dark").decode()


def test_figures_of_one_name_may_come_together_on_a_page(convert):
    """As in a blog, whose lists of posts put the beginnings of several pages into one."""
    ids = [
        set(re.findall(r'id="(ka[^"]*)"', convert(f"/// keras-graph | shop:{name}\n    name: net\n///")))
        for name in ("lenet", "mlp")
    ]
    assert all(ids) and not ids[0] & ids[1]


def test_one_worker_for_all_pages_and_each_model_once(convert, recorded):
    for _ in range(3):
        convert(f"{BLOCK}\n\n/// keras-summary | shop:mlp\n///")
    assert recorded.batches == [["shop:lenet", "shop:mlp"]]
    assert len(recorded.started) == 1


def test_a_changed_source_is_described_again_by_a_new_worker(convert, recorded, tmp_path):
    source = recorded.files["lenet"] = tmp_path / "models.py"
    source.write_text("one")
    convert(BLOCK)
    convert(BLOCK)
    assert len(recorded.batches) == 1
    source.write_text("another")
    convert(BLOCK)
    assert len(recorded.batches) == 2 and recorded.closed == 1


def test_the_cache_answers_the_next_process(convert, recorded, tmp_path):
    from sphinx_kerasarch.hosts.page.session import session_of

    page = convert(BLOCK, cache_dir=str(tmp_path / "cache"))
    session_of.cache_clear()
    assert convert(BLOCK, cache_dir=str(tmp_path / "cache")) == page
    assert len(recorded.batches) == 1
    session_of.cache_clear()
    convert(BLOCK, cache_dir=str(tmp_path / "cache"), mode="live")
    assert len(recorded.batches) == 2


def test_a_cache_that_cannot_be_had_is_said_once(convert, tmp_path, caplog):
    (tmp_path / "cache").write_text("a file")
    for _ in range(2):
        assert "<svg" in convert(BLOCK, cache_dir=str(tmp_path / "cache"))
    assert len(caplog.records) == 1 and "The build goes on without it" in caplog.text


def test_a_failure_is_told_once_for_all_views(convert, caplog):
    page = convert("/// keras-model | shop:nope\n    views: graph, layered, summary\n///")
    assert len(caplog.records) == 1
    assert page.count("Not shown either, for the reason given at the graph view.") == 2


def test_a_failure_is_tried_again_on_the_next_page(convert, recorded):
    for _ in range(2):
        convert("/// keras-graph | shop:nope\n///")
    assert recorded.batches == [["shop:nope"]] * 2


def test_mode_off_asks_nobody(convert, recorded, caplog):
    assert "Not drawn: mode is 'off'." in convert(BLOCK, mode="off")
    assert not recorded.batches and not caplog.records


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"veiws": "graph"}, "Did you mean 'views'"),
        ({"views": "grph"}, "Did you mean 'graph'"),
        ({"mode": "frosen"}, "Did you mean 'frozen'?"),
        ({"lock": ""}, "names no file"),
        ({"timeout": 0}, "must be positive"),
        ({"timeout": "5"}, "is not a float or int"),
        ({"numbers": 1}, "is not a bool"),
        ({"jobs": True}, "is not a int"),
        ({"options": {"fould": "1"}}, "Did you mean 'fold'"),
        ({"roles": {"A": "convolute"}}, "cannot be 'convolute'"),
        ({"colors": {"conv": "no colour"}}, "no colour"),
    ],
)
def test_settings_that_mean_nothing_are_refused(convert, settings, said):
    with pytest.raises(errors.OptionError, match=re.escape(said)):
        convert(BLOCK, **settings)


def test_options_of_the_project_and_of_the_block(convert):
    default = svg_of(convert(BLOCK, options={"direction": "lr"}))
    assert default == svg_of(convert("/// keras-graph | shop:lenet\n    direction: lr\n///"))
    assert default != svg_of(convert(BLOCK))


def test_a_saved_model_counts_from_the_folder_of_the_pages(convert, recorded, tmp_path):
    convert("/// keras-graph | /models/lenet.keras\n///", docs=str(tmp_path))
    assert recorded.batches == [[str(tmp_path / "models" / "lenet.keras")]]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("build --strict", True),
        ("build -s -f a.toml", True),
        ("build -cs", True),
        ("build -f a.toml", False),
        ("build -fs", False),
        ("build --site", False),
        ("serve -s", False),
    ],
)
def test_whether_zensical_is_strict_is_read_from_its_command_line(line, told):
    assert strict(line.split()) is told
