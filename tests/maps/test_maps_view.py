"""The maps view: every tensor drawn, every edge drawn, nothing crossed, in two widths."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path as File

import pytest
from scenes import flat, recorded, said

from sphinx_kerasarch import api
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.figure import Group, Image, Path, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.model import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor
from sphinx_kerasarch.views.maps import draw, fit
from sphinx_kerasarch.views.maps.words import words

DRAWN = ("lenet", "mnist_convnet", "vgg16", "mlp", "autoencoder", "two_io", "lstm_seq2seq", "cnn", "encoder")
WIDTHS = (642.0, 321.0)


def model(*steps: tuple[str, str, tuple[int | None, ...], tuple[int, ...], dict[str, object]]) -> ArchSpec:
    """Each step: class, role, shape without batch, numbers of its sources, config."""
    layers, calls, edges = [], [], []
    for number, (name, role, shape, sources, config) in enumerate(steps):
        call = f"{name.lower()}_{number}"
        activation = config.get("activation")
        layers.append(
            Layer(
                call,
                call,
                name,
                f"keras.src.layers.{name}",
                role,
                config=config,
                activation=str(activation) if activation else None,
                auto_named=True,
            )
        )
        inputs = tuple(calls[s].outputs[0] for s in sources)
        calls.append(Call(call, call, None, inputs, (Tensor((None, *shape), "float32"),)))
        edges += [Edge(Port(calls[s].id), Port(call, k)) for k, s in enumerate(sources)]
    used = {edge.source.call for edge in edges}
    ins = tuple(Slot(c.id, Port(c.id)) for c, step in zip(calls, steps, strict=True) if not step[3])
    outs = tuple(Slot(c.id, Port(c.id)) for c in calls if c.id not in used)
    return ArchSpec("net", "Functional", tuple(layers), tuple(calls), tuple(edges), ins, outs)


def audio() -> ArchSpec:
    return model(
        ("InputLayer", "data", (16_000, 1), (), {}),
        ("Conv1D", "conv", (4000, 16), (0,), {"kernel_size": [9], "strides": [4], "activation": "relu"}),
        ("MaxPooling1D", "pool", (1000, 16), (1,), {"pool_size": [4]}),
        ("Conv1D", "conv", (1000, 32), (2,), {"kernel_size": [3], "activation": "relu"}),
        ("GlobalAveragePooling1D", "pool", (32,), (3,), {}),
        ("Dense", "dense", (10,), (4,), {"units": 10, "activation": "softmax"}),
    )


def scan() -> ArchSpec:
    return model(
        ("InputLayer", "data", (64, 64, 64, 1), (), {}),
        ("Conv3D", "conv", (62, 62, 62, 8), (0,), {"kernel_size": [3, 3, 3], "activation": "relu"}),
        ("MaxPooling3D", "pool", (31, 31, 31, 8), (1,), {"pool_size": [2, 2, 2]}),
        ("Flatten", "reshape", (238_328,), (2,), {}),
        ("Dense", "dense", (2,), (3,), {"units": 2}),
    )


def residual() -> ArchSpec:
    conv = {"kernel_size": [3, 3], "activation": "relu"}
    return model(
        ("InputLayer", "data", (32, 32, 3), (), {}),
        ("Conv2D", "conv", (32, 32, 16), (0,), conv),
        ("Conv2D", "conv", (32, 32, 16), (1,), conv),
        ("Conv2D", "conv", (32, 32, 16), (2,), {"kernel_size": [3, 3]}),
        ("Add", "merge", (32, 32, 16), (3, 1), {}),
        ("ReLU", "act", (32, 32, 16), (4,), {}),
        ("GlobalAveragePooling2D", "pool", (16,), (5,), {}),
        ("Dense", "dense", (10,), (6,), {"units": 10}),
    )


MADE = {"audio": audio, "scan": scan, "residual": residual}
CASES = [(name, width) for name in (*DRAWN, *MADE) for width in WIDTHS]


def spec_of(name: str) -> ArchSpec:
    return MADE[name]() if name in MADE else recorded(name)


@pytest.mark.parametrize(("name", "width"), CASES)
def test_the_lint_finds_nothing(name: str, width: float) -> None:
    scene = draw(spec_of(name), width=width)
    for theme in ("light", "dark"):
        assert lint(scene, width=width, theme=theme) == ()


@pytest.mark.parametrize(("name", "width"), CASES)
def test_every_call_and_every_edge_is_drawn_once(name: str, width: float) -> None:
    spec = spec_of(name)
    scene = draw(spec, width=width)
    drawn = {group.ref for group in scene.items if isinstance(group, Group) and group.role == "call"}
    parts = next(p for p in fit.plans(spec, "auto") if set(p.net) == drawn)
    told = [call for node in parts.net.values() for call in node.calls]
    assert sorted(told) == sorted(call.id for call in spec.calls)
    home = {call: i for i, node in parts.net.items() for call in node.calls}
    wanted = {f"{home[e.source.call]}->{home[e.target.call]}" for e in spec.edges}
    wanted -= {f"{i}->{i}" for i in home.values()}
    edges = [group for group in scene.items if isinstance(group, Group) and "->" in group.ref]
    assert sorted(group.ref for group in edges) == sorted(wanted)
    assert all(any(isinstance(item, Path) for item in group.items) for group in edges)


def test_lenet_says_what_the_plates_say() -> None:
    texts = said(draw(recorded("lenet")))
    assert {"1 @ 28×28", "20 @ 28×28", "20 @ 14×14", "50 @ 7×7", "2450", "500", "10"} <= set(texts)
    assert texts.count("Convolution") == 2 and texts.count("5×5, ReLU") == 2
    assert "Flatten" in texts and "softmax" in texts


def test_a_smaller_map_is_drawn_smaller_and_a_stack_holds_no_more_maps_than_there_are_channels() -> None:
    scene = draw(recorded("lenet"))
    stacks: dict[str, list[Path]] = {}
    for item in flat(scene.items):
        if isinstance(item, Path) and item.role == "face":
            stacks.setdefault(item.ref, []).append(item)

    def side(name: str) -> float:
        xs = [float(c[1]) for c in stacks[name][0].commands if len(c) > 1]
        return max(xs) - min(xs)

    assert len(stacks["input_layer"]) == 1
    assert side("conv2d") > side("max_pooling2d") > side("max_pooling2d_1")


def test_layers_without_a_picture_are_words() -> None:
    spec = model(
        ("InputLayer", "data", (32, 32, 3), (), {}),
        ("ZeroPadding2D", "reshape", (34, 34, 3), (0,), {"padding": [[1, 1], [1, 1]]}),
        ("Conv2D", "conv", (16, 16, 8), (1,), {"kernel_size": [3, 3], "strides": [2, 2]}),
        ("BatchNormalization", "norm", (16, 16, 8), (2,), {}),
        ("ReLU", "act", (16, 16, 8), (3,), {}),
        ("Dropout", "reg", (16, 16, 8), (4,), {"rate": 0.5}),
    )
    net = fit.plans(spec, "none")
    (text,) = [w for i, w in words(spec, next(net).net).items() if i.startswith("conv2d")]
    told = " ".join(text.lines)
    assert all(word in told for word in ("3×3", "stride 2", "BN", "ReLU", "dropout 0.5", "padding"))


def test_what_the_size_of_a_tensor_says_is_not_said_again() -> None:
    spec = model(
        ("InputLayer", "data", (8, 8, 64), (), {}),
        ("Conv2D", "conv", (8, 8, 2048), (0,), {"kernel_size": [1, 1], "filters": 2048}),
    )
    assert said(draw(spec)) == ["64 @ 8×8", "2048 @ 8×8", "Convolution", "1×1"]


def test_numbers_are_printed_alike_everywhere() -> None:
    assert "8000 → 256," in said(draw(recorded("lstm_seq2seq")))


def test_equal_layers_are_folded_with_their_count_only_where_rows_are_many() -> None:
    assert "Convolution ×3" in said(draw(recorded("vgg16")))
    assert "Convolution ×3" not in said(draw(recorded("vgg16"), fold="none", width=1600.0))
    assert not any("×2" in text and "Conv" in text for text in said(draw(recorded("lenet"))))


def test_a_skip_is_an_arc_and_a_merge_says_what_it_does() -> None:
    scene = draw(residual())
    arcs = [g for g in scene.items if isinstance(g, Group) and g.role == "skip"]
    assert [arc.ref for arc in arcs] == ["conv2d_1->add_4"]
    assert "Add" in said(scene)


def test_names_of_300_characters_and_many_channels() -> None:
    spec = audio()
    long = "channel_" * 40
    slots = (Slot(long, spec.inputs[0].port), Slot("b", spec.inputs[0].port))
    layers = tuple(replace(layer, auto_named=False) for layer in spec.layers)
    scene = draw(replace(spec, inputs=slots, layers=layers), width=321.0)
    assert lint(scene, width=321.0) == ()


def test_unknown_lengths_are_question_marks() -> None:
    spec = model(
        ("InputLayer", "data", (None, None, 3), (), {}),
        ("Conv2D", "conv", (None, None, 8), (0,), {"kernel_size": [3, 3]}),
    )
    assert "8 @ ?×?" in said(draw(spec))


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "nasnetlarge", "unet"])
def test_what_cannot_be_shown_is_refused_with_advice(name: str) -> None:
    with pytest.raises(DrawError) as caught:
        draw(recorded(name))
    assert "layered" in caught.value.advice


def test_a_picture_on_the_input(tmp_path: File) -> None:
    from PIL import Image as Picture

    Picture.new("L", (28, 28), 80).save(tmp_path / "seven.png")
    figure = api.draw(recorded("lenet"), "maps", image=str(tmp_path / "seven.png")).figure
    assert isinstance(figure, Scene)
    assert [item.ref for item in flat(figure.items) if isinstance(item, Image)] == ["input_layer"]
    with pytest.raises(OptionError):
        api.draw(recorded("mlp"), "maps", image=str(tmp_path / "seven.png"))


CONV = {"kernel_size": [3, 3]}


def test_extreme_sizes() -> None:
    huge = 10**7
    for shapes in (
        [(1, 1, 1), (1, 1, 1)],
        [(huge, huge, 3), (huge, huge, huge)],
        [(1000, 4, 1), (4, 1000, 2)],
        [(0, 3, 1), (5, 0, 2)],
    ):
        first, second = shapes
        spec = model(("InputLayer", "data", first, (), {}), ("Conv2D", "conv", second, (0,), CONV))
        assert [f for width in WIDTHS for f in lint(draw(spec, width=width), width=width)] == []


def test_models_without_end_are_refused_or_folded_at_once() -> None:
    chain = [("Conv2D", "conv", (32, 32, 8 + k % 2), (k,), CONV) for k in range(3000)]
    with pytest.raises(DrawError, match="too many") as caught:
        draw(model(("InputLayer", "data", (32, 32, 8), (), {}), *chain))
    assert "summary" in caught.value.advice
    same = [("Conv2D", "conv", (32, 32, 8), (k,), CONV) for k in range(3000)]
    assert "Convolution ×3000" in said(draw(model(("InputLayer", "data", (32, 32, 8), (), {}), *same)))
    dense = [("Concatenate", "merge", (8, 8, 4), tuple(range(k + 1)), {}) for k in range(60)]
    with pytest.raises(DrawError):
        draw(model(("InputLayer", "data", (8, 8, 4), (), {}), *dense))


def test_the_advice_names_a_width_that_fits() -> None:
    spec = recorded("siamese")
    with pytest.raises(DrawError) as caught:
        draw(spec, width=321.0)
    found = re.search(r"Give it (\d+) px", caught.value.advice)
    assert found and draw(spec, width=float(found[1])).width <= float(found[1])


def tangled(seed: int) -> ArchSpec:
    """A random graph of layers of images and vectors."""
    chance = random.Random(seed)
    steps: list[tuple[str, str, tuple[int | None, ...], tuple[int, ...], dict[str, object]]] = [
        ("InputLayer", "data", (32, 32, 3), (), {})
    ]
    for k in range(1, chance.randint(2, 14)):
        source = chance.choice([k - 1, k - 1, chance.randrange(k)])
        shape = steps[source][2]
        equal = [j for j in range(k) if steps[j][2] == shape and j != source]
        if equal and chance.random() < 0.25:
            steps.append(("Add", "merge", shape, (source, chance.choice(equal)), {}))
        elif len(shape) == 1:
            steps.append(
                ("Dense", "dense", (chance.choice([1, 8, 8, 300]),), (source,), {"activation": "relu"})
            )
        elif chance.random() < 0.15:
            steps.append(("Flatten", "reshape", (32 * 32 * 3,), (source,), {}))
        else:
            steps.append(("Conv2D", "conv", (32, 32, chance.choice([3, 16])), (source,), CONV))
    return model(*steps)


@pytest.mark.parametrize("seed", range(40))
def test_tangled_models_are_drawn_soundly_or_refused(seed: int) -> None:
    spec = tangled(seed)
    for width in WIDTHS:
        try:
            scene = draw(spec, width=width)
        except DrawError as error:
            assert error.advice
            continue
        # Heads of one layer beside a long line leave room; nothing else may be found.
        assert {finding.slug for finding in lint(scene, width=width)} <= {"empty-area"}
        drawn = [group.ref for group in scene.items if isinstance(group, Group) and "->" in group.ref]
        assert len(drawn) == len(set(drawn))


def test_own_colours_of_layers() -> None:
    plain, own = (
        api.draw(recorded("lenet"), "maps", colors=colors).svg() for colors in ({}, {"layer:conv2d_1": "#ff0000"})
    )
    changed = [(a, b) for a, b in zip(plain.splitlines(), own.splitlines(), strict=True) if a != b]
    faces = [b for _, b in changed if "<path" in b]
    assert faces and len(changed) == len(faces)


def test_same_model_same_bytes() -> None:
    first, second = (api.write(draw(recorded("two_io")), "svg") for _ in range(2))
    assert first == second
