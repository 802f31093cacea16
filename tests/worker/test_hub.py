"""Backbones of keras_hub, small but whole: described with the totals of Keras and nothing unconnected."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sphinx_kerasarch.spec.query import totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

TEXT: dict[str, Any] = {
    "vocabulary_size": 100,
    "num_layers": 2,
    "num_heads": 2,
    "hidden_dim": 16,
    "intermediate_dim": 32,
}
GROUPED: dict[str, Any] = {
    "vocabulary_size": 100,
    "num_layers": 2,
    "num_query_heads": 4,
    "num_key_value_heads": 2,
    "hidden_dim": 16,
    "intermediate_dim": 32,
}
BACKBONES: dict[str, dict[str, Any]] = {
    "BertBackbone": TEXT,
    "AlbertBackbone": TEXT | {"embedding_dim": 8, "num_groups": 1},
    "BartBackbone": TEXT,
    "BloomBackbone": TEXT,
    "DebertaV3Backbone": TEXT | {"bucket_size": 8, "max_sequence_length": 16},
    "DistilBertBackbone": TEXT,
    "ElectraBackbone": {("vocab_size" if key == "vocabulary_size" else key): value for key, value in TEXT.items()}
    | {"embedding_dim": 16},
    "FNetBackbone": {key: value for key, value in TEXT.items() if key != "num_heads"},
    "GPT2Backbone": TEXT,
    "GPTNeoXBackbone": TEXT | {"rotary_percentage": 0.5},
    "OPTBackbone": TEXT,
    "RobertaBackbone": TEXT,
    "XLMRobertaBackbone": TEXT,
    "T5Backbone": TEXT,
    "WhisperBackbone": TEXT | {"num_mels": 8, "max_encoder_sequence_length": 16, "max_decoder_sequence_length": 16},
    "LlamaBackbone": GROUPED,
    "MistralBackbone": GROUPED | {"sliding_window": 8},
    "MixtralBackbone": GROUPED | {"num_experts": 2, "top_k": 1},
    "GemmaBackbone": GROUPED | {"head_dim": 4},
    "Gemma3Backbone": GROUPED | {"head_dim": 4, "image_size": 16, "vision_encoder": None},
    "Phi3Backbone": GROUPED,
    "Qwen2Backbone": GROUPED | {"hidden_dim": 32},
    "ViTBackbone": {
        "image_shape": (32, 32, 3),
        "patch_size": 8,
        "num_layers": 2,
        "num_heads": 2,
        "hidden_dim": 16,
        "mlp_dim": 32,
    },
    "ResNetBackbone": {
        "input_conv_filters": [64],
        "input_conv_kernel_sizes": [7],
        "stackwise_num_filters": [64, 16],
        "stackwise_num_blocks": [2, 2],
        "stackwise_num_strides": [1, 2],
        "block_type": "basic_block",
    },
    "DenseNetBackbone": {"stackwise_num_repeats": [2, 2], "compression_ratio": 0.5, "growth_rate": 4},
}


def backbone(name: str) -> Any:
    hub = pytest.importorskip("keras_hub")
    return getattr(hub.models, name)(**BACKBONES[name])


@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_a_backbone_is_described_whole(keras: Any, name: str) -> None:
    from sphinx_kerasarch.worker import lazy
    from sphinx_kerasarch.worker.describe import describe

    with lazy.lazy_variables():
        model = backbone(name)
    spec = describe(model)
    found = totals(spec)
    sizes = [sum(math.prod(w.shape) for w in ws) for ws in (model.weights, model.trainable_weights)]
    assert [found.params, found.trainable] == sizes
    assert [slot.name for slot in spec.inputs] and spec.outputs
    fed = {edge.target.call for edge in spec.edges} | {slot.port.call for slot in spec.inputs}
    assert [call.id for call in spec.calls if call.id not in fed] == []
    inner = [note for note in spec.notes if note.slug == "no-graph"]
    assert not inner
