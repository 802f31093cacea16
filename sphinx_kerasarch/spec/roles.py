"""Keras class → role, the category that gives a layer its colour and its icon.

A class of the user's own takes the role of the nearest Keras class it derives from, else ``custom``.
"""

from __future__ import annotations

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

_LAYERS = {name: role for role, names in LAYER_CLASSES.items() for name in names.split()}
_OPERATIONS = {name: role for role, names in OPERATION_CLASSES.items() for name in names.split()}


def role_of(ancestry: Iterable[tuple[str, str]]) -> str:
    """Role of a class by its ancestry: (class name, module) of the class and its bases, nearest first."""
    for name, module in ancestry:
        # The functions of TensorFlow itself have the names of those in keras.ops.
        if not module.startswith(("keras.", "tf_keras.", "keras_hub.", "tensorflow.ops.")):
            continue
        table = _OPERATIONS if ".ops." in module else _LAYERS
        if name in table:
            return table[name]
    return "custom"


def known_layer(name: str) -> bool:
    """Whether ``name`` is a class of ``keras.layers`` with a role of its own."""
    return name in _LAYERS
