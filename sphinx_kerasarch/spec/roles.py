"""Keras class → role, the category that gives a layer its colour and its icon.

A class of the user's own says its role itself (``kerasarch_role = "attn"``), or takes that of the nearest Keras class
it derives from, else what its name says (``WindowAttention``), else what its arguments say (``filters`` and
``kernel_size``), else ``custom``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

ROLES: tuple[str, ...] = (
    "data",
    "conv",
    "pool",
    "up",
    "norm",
    "act",
    "dense",
    "recur",
    "attn",
    "embed",
    "merge",
    "reshape",
    "reg",
    "prep",
    "custom",
)

LAYER_CLASSES: Mapping[str, str] = {
    "data": "InputLayer",
    "conv": "Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D",
    "up": "Conv1DTranspose Conv2DTranspose Conv3DTranspose UpSampling1D UpSampling2D UpSampling3D",
    "pool": "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
    "AdaptiveMaxPooling2D AdaptiveMaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D "
    "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D "
    "GlobalMaxPooling2D GlobalMaxPooling3D MaxPooling1D MaxPooling2D MaxPooling3D",
    "norm": "BatchNormalization GroupNormalization LayerNormalization RMSNormalization SpectralNormalization "
    "UnitNormalization",
    "act": "Activation ELU LeakyReLU PReLU ReLU Softmax ThresholdedReLU",
    "dense": "Dense EinsumDense",
    "recur": "Bidirectional ConvLSTM1D ConvLSTM2D ConvLSTM3D GRU GRUCell LSTM LSTMCell RNN SimpleRNN "
    "SimpleRNNCell StackedRNNCells",
    "attn": "AdditiveAttention Attention GroupedQueryAttention MultiHeadAttention",
    "embed": "Embedding ReversibleEmbedding",
    "merge": "Add Average Concatenate Dot Maximum Minimum Multiply Subtract",
    "reshape": "Cropping1D Cropping2D Cropping3D Flatten Permute RepeatVector Reshape ZeroPadding1D ZeroPadding2D "
    "ZeroPadding3D Identity Masking",
    "reg": "ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise SpatialDropout1D "
    "SpatialDropout2D SpatialDropout3D",
    "prep": "AugMix AutoContrast CategoryEncoding CenterCrop ContrastLimitedAdaptiveHistogramEqualization CutMix "
    "Discretization Equalization HashedCrossing Hashing IntegerLookup MaxNumBoundingBoxes MelSpectrogram MixUp "
    "Normalization Pipeline RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter "
    "RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur "
    "RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation "
    "RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom Rescaling Resizing "
    "STFTSpectrogram Solarization StringLookup TextVectorization FeatureSpace",
    "custom": "FlaxLayer JaxLayer Lambda TFSMLayer TimeDistributed TorchModuleWrapper Wrapper Layer",
}
"""Role → classes of ``keras.layers``. TimeDistributed and Wrapper take the role of what they wrap, see the worker."""

OPERATION_CLASSES: Mapping[str, str] = {
    "merge": "Add Append Average Concatenate Cross Divide DivideNoNan Dot Dstack Einsum FloorDivide Fmax Fmin Hstack "
    "Inner Kron Logaddexp Logaddexp2 Matmul Maximum Minimum Mod Multiply Outer Power Select Stack Subtract "
    "Tensordot TrueDivide Vdot Vstack Where",
    "reshape": "Array ArraySplit BroadcastTo Cast Copy CropImages DepthToSpace Diag Diagonal Dsplit ExpandDims "
    "ExtractPatches Flip Fliplr Flipud Fold GetItem Hsplit Moveaxis Pad PadImages Ravel Rearrange Repeat Reshape "
    "Roll Rot90 SaturateCast Slice SliceUpdate SpaceToDepth Split Squeeze StopGradient Swapaxes Take "
    "TakeAlongAxis Tile Transpose Tril Triu Unfold Unstack View ViewAsComplex ViewAsReal Vsplit",
    "act": "Celu Elu Gelu Glu HardShrink HardSigmoid HardSilu HardTanh LeakyRelu LogSigmoid LogSoftmax Relu Relu6 "
    "Selu Sigmoid Silu SoftShrink Softmax Softplus Softsign SparsePlus SparseSigmoid Sparsemax Squareplus Tanh "
    "TanhShrink Threshold Abs Absolute Arccos Arcsin Arctan Cbrt Ceil Clip Cos Erf Erfinv Exp Exp2 Expm1 Fabs Floor "
    "Heaviside Log Log10 Log1p Log2 NanToNum Negative Reciprocal Round Rsqrt Sign Sin Sqrt Square Trunc",
    "pool": "AdaptiveAveragePool AdaptiveMaxPool AveragePool Max MaxPool Mean Min Sum",
    "conv": "Conv DepthwiseConv SeparableConv",
    "up": "ConvTranspose Resize",
    "norm": "BatchNorm LayerNorm Normalize RMSNorm",
    "attn": "DotProductAttention",
    "embed": "MultiHot OneHot",
}
"""Role → operations of ``keras.ops`` (``x + y``, ``ops.reshape(x, …)``)."""

LOOP_CLASSES: Mapping[str, str] = {"reshape": "EachStep AllSteps LastStep", "data": "PreviousState"}
"""Role → operations at the borders of a loop inside an opened layer, see :mod:`.loops`."""

LOOP = "sphinx_kerasarch.ops."
"""Where these are from."""

_LAYERS = {name: role for role, names in LAYER_CLASSES.items() for name in names.split()}
_OPERATIONS = {
    name: role
    for table in (OPERATION_CLASSES, LOOP_CLASSES)
    for role, names in table.items()
    for name in names.split()
}


WORDS: Mapping[str, str] = {
    "conv": "conv convolution convolutional depthwise",
    "up": "upsample upsampling upsampler deconv deconvolution convtranspose transposed pixelshuffle",
    "pool": "pool pooling pooler downsample downsampling",
    "norm": "norm normalization normalize normalizer batchnorm layernorm groupnorm rmsnorm bn ln",
    "act": "activation relu gelu silu swish mish softmax sigmoid tanh",
    "dense": "dense linear mlp perceptron",
    "recur": "lstm gru rnn recurrent",
    "attn": "attention attn mha",
    "embed": "embedding embeddings embedder embed",
    "merge": "concat concatenate concatenation merge",
    "reshape": "reshape flatten patchify patches unpatchify permute crop pad padding",
    "reg": "dropout droppath dropblock noise stochasticdepth",
    "prep": "augment augmentation augmenter random preprocessing preprocessor tokenizer rescale",
}
"""Role → words of class names. A word counts as written in the name: ``DropPath`` is ``droppath`` and ``path``."""

WEAK = frozenset({"norm", "act", "reg", "reshape", "merge"})
"""Roles that do not decide in a compound: a ``ConvBNReLU`` is a convolution."""

ARGUMENTS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"filters", "kernel_size"}), "conv"),
    (frozenset({"pool_size"}), "pool"),
    (frozenset({"input_dim", "output_dim"}), "embed"),
    (frozenset({"num_heads", "key_dim"}), "attn"),
    (frozenset({"num_heads", "head_dim"}), "attn"),
    (frozenset({"drop_rate"}), "reg"),
)
"""Names of arguments that only layers of one role have together."""

_WORDS = {word: role for role, words in WORDS.items() for word in words.split()}
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_RANK = re.compile(r"\d[dD](?![a-z])")


def role_of(ancestry: Iterable[tuple[str, str]], arguments: Iterable[str] = ()) -> str:
    """Role of a class by its ancestry: (class name, module) of the class and its bases, nearest first.

    ``arguments``: names in its configuration, asked when neither a base nor a name tells.
    """
    said = ""
    for name, module in ancestry:
        # The functions of TensorFlow itself have the names of those in keras.ops.
        if module.startswith(("keras.", "tf_keras.", "keras_hub.", "tensorflow.ops.", LOOP)):
            operation = ".ops." in module
            role = (_OPERATIONS if operation else _LAYERS).get(name, "custom")
            if role != "custom":
                return role
            if operation or name in _LAYERS:
                continue
        said = said or role_by_name(name)
    given = frozenset(arguments)
    return said or next((role for names, role in ARGUMENTS if names <= given), "custom")


def role_by_name(name: str) -> str:
    """What a class name says: ``WindowAttention`` → ``attn``, ``ConvBNReLU`` → ``conv``; empty when it says nothing.

    Of several words the last decides, as in English (``AttentionPooling`` pools), weak ones (:data:`WEAK`) after the
    others.
    """
    parts = [part.lower() for part in _PART.findall(_RANK.sub("", name))]
    found = []
    while parts:
        taken = 2 if "".join(parts[:2]) in _WORDS else 1
        role = _WORDS.get("".join(parts[:taken]))
        found += [role] if role else []
        parts = parts[taken:]
    strong = [role for role in found if role not in WEAK]
    return (strong or found or [""])[-1]


def known_layer(name: str) -> bool:
    """Whether ``name`` is a class of ``keras.layers`` with a role of its own."""
    return name in _LAYERS
