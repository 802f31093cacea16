"""Backbones of keras_hub: small ones of every kind, and some as large as they are published. Needs keras_hub."""

from __future__ import annotations

import math
from typing import Any

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



GROUPED_70: dict[str, Any] = {
    "num_layers": 80,
    "num_query_heads": 64,
    "num_key_value_heads": 8,
    "hidden_dim": 8192,
    "intermediate_dim": 28672,
}
PUBLISHED: dict[str, tuple[str, int, dict[str, Any]]] = {
    # Llama Team, The Llama 3 Herd of Models (2024), table 3
    "llama3_70b": ("Llama3Backbone", 70_553_706_496, GROUPED_70 | {"vocabulary_size": 128256}),
    # Touvron et al., Llama 2 (2023)
    "llama2_70b": ("LlamaBackbone", 68_976_648_192, GROUPED_70 | {"vocabulary_size": 32000}),
    # Gemma Team, Gemma (2024), table 1 and 2
    "gemma_7b": (
        "GemmaBackbone",
        8_537_680_896,
        {
            "vocabulary_size": 256000,
            "num_layers": 28,
            "num_query_heads": 16,
            "num_key_value_heads": 16,
            "hidden_dim": 3072,
            "intermediate_dim": 49152,
            "head_dim": 256,
        },
    ),
    # Gemma Team, Gemma 2 (2024), table 1 and 2
    "gemma2_27b": (
        "GemmaBackbone",
        27_227_128_320,
        {
            "vocabulary_size": 256000,
            "num_layers": 46,
            "num_query_heads": 32,
            "num_key_value_heads": 16,
            "hidden_dim": 4608,
            "intermediate_dim": 73728,
            "head_dim": 128,
            "query_head_dim_normalize": False,
            "use_post_ffw_norm": True,
            "use_post_attention_norm": True,
            "attention_logit_soft_cap": 50,
            "final_logit_soft_cap": 30,
            "use_sliding_window_attention": True,
            "sliding_window_size": 4096,
        },
    ),
    # Jiang et al., Mixtral of Experts (2024), table 1
    "mixtral_8x7b": (
        "MixtralBackbone",
        46_702_792_704,
        {
            "vocabulary_size": 32000,
            "num_layers": 32,
            "num_query_heads": 32,
            "num_key_value_heads": 8,
            "hidden_dim": 4096,
            "intermediate_dim": 14336,
            "num_experts": 8,
            "top_k": 2,
        },
    ),
    # Raffel et al., Exploring the Limits of Transfer Learning (2020), in the form of T5 1.1
    "t5_xxl": (
        "T5Backbone",
        11_135_332_352,
        {
            "vocabulary_size": 32128,
            "num_layers": 24,
            "num_heads": 64,
            "hidden_dim": 4096,
            "intermediate_dim": 10240,
            "key_value_dim": 64,
            "activation": "gelu",
            "use_gated_activation": True,
            "tie_embedding_weights": False,
        },
    ),
}
"""Name → class, parameters, configuration as in the paper."""


def small(name: str) -> Any:
    """A backbone whose name says what Keras counts: ``counts_1234_1200``, all and trainable."""
    import keras_hub

    make = getattr(keras_hub.models, name)
    model = make(**BACKBONES[name])
    sizes = [sum(math.prod(one.shape) for one in some) for some in (model.weights, model.trainable_weights)]
    return make(**BACKBONES[name], name=f"counts_{sizes[0]}_{sizes[1]}")


def large(name: str) -> Any:
    import keras_hub

    cls, _, config = PUBLISHED[name]
    return getattr(keras_hub.models, cls)(**config)
