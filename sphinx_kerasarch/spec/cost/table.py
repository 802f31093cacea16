"""Class → formula, for the layers and operations of Keras."""

from __future__ import annotations

from collections.abc import Mapping

from . import attention, elements, products, recurrent
from .elements import ACTIVATIONS, per_input, per_output
from .work import Formula


def _table(rows: Mapping[Formula, str]) -> dict[str, Formula]:
    return {name: formula for formula, names in rows.items() for name in names.split()}


LAYERS: Mapping[str, Formula] = _table(
    {
        products.convolution: "Conv1D Conv2D Conv3D",
        products.depthwise: "DepthwiseConv1D DepthwiseConv2D",
        products.separable: "SeparableConv1D SeparableConv2D",
        products.transposed: "Conv1DTranspose Conv2DTranspose Conv3DTranspose",
        products.dense: "Dense",
        products.einsum_dense: "EinsumDense",
        products.dot_layer: "Dot",
        products.embedding: "Embedding ReversibleEmbedding",
        recurrent.recurrent: "SimpleRNN GRU LSTM",
        recurrent.any_cell: "RNN",
        recurrent.cell: "SimpleRNNCell GRUCell LSTMCell",
        recurrent.convolutional: "ConvLSTM1D ConvLSTM2D ConvLSTM3D",
        attention.multi_head: "MultiHeadAttention",
        attention.grouped_query: "GroupedQueryAttention GroupQueryAttention",
        attention.dot_attention: "Attention",
        attention.additive_attention: "AdditiveAttention",
        elements.activated: "Activation",
        elements.relu: "ReLU",
        elements.batch_normalization: "BatchNormalization",
        elements.pool: "AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D MaxPooling3D",
        elements.merge: "Add Multiply Subtract Maximum Minimum",
        elements.average: "Average",
        elements.resize: "Resizing UpSampling2D",
        elements.nothing: "InputLayer Concatenate Cropping1D Cropping2D Cropping3D Flatten Permute RepeatVector "
        "Reshape ZeroPadding1D ZeroPadding2D ZeroPadding3D Identity Masking UpSampling1D UpSampling3D CenterCrop "
        "CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup TextVectorization "
        "MaxNumBoundingBoxes StochasticDepth",
        elements.random_at_inference: "ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise "
        "SpatialDropout1D SpatialDropout2D SpatialDropout3D AugMix CutMix MixUp RandAugment RandomBrightness "
        "RandomColorDegeneration RandomColorJitter RandomContrast RandomElasticTransform RandomErasing RandomFlip "
        "RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization "
        "RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom",
        # One operation for each number that is summed or compared.
        per_input(
            1
        ): "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D "
        "GlobalMaxPooling2D GlobalMaxPooling3D AdaptiveAveragePooling1D AdaptiveAveragePooling2D "
        "AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D",
        # Mean (1), difference (1), its square and their mean (2), quotient (1), scale and shift (2).
        per_output(7): "LayerNormalization GroupNormalization",
        # Square and its mean (2), quotient (1), scale (1).
        per_output(4): "RMSNormalization",
        per_output(3): "UnitNormalization ELU",
        per_output(2): "Normalization Rescaling LeakyReLU PReLU",
        per_output(1): "LayerScale ThresholdedReLU CustomScaleLayer",
        per_output(ACTIVATIONS["softmax"]): "Softmax",
    }
)
"""``LayerScale``, ``CustomScaleLayer`` and ``StochasticDepth`` (nothing at inference) are those of its applications."""

OPERATIONS: Mapping[str, Formula] = _table(
    {
        products.matmul: "Matmul",
        products.einsum: "Einsum",
        products.vector_dot: "Dot Inner Vdot",
        products.tensordot: "Tensordot",
        products.outer: "Outer Kron Cross",
        products.raw_convolution: "Conv DepthwiseConv SeparableConv ConvTranspose",
        attention.scaled_dot_product: "DotProductAttention",
        elements.pool: "AveragePool MaxPool",
        elements.nothing: "Append ArraySplit Array BroadcastTo Cast Concatenate Copy CropImages DepthToSpace Diag "
        "Diagonal Dsplit Dstack ExpandDims ExtractPatches Flip Fliplr Flipud GetItem Hsplit Hstack Moveaxis Pad "
        "PadImages Ravel Rearrange Repeat Reshape Roll Rot90 Select Slice SliceUpdate SpaceToDepth Split Squeeze Stack "
        "StopGradient Swapaxes Take TakeAlongAxis Tile Transpose Tril Triu Unfold Unstack View ViewAsComplex "
        "ViewAsReal Vsplit Vstack Where OneHot MultiHot Identity FullLike OnesLike ZerosLike Zeros Ones Arange Shape "
        "Fold LogicalAnd LogicalNot LogicalOr LogicalXor Equal NotEqual Greater GreaterEqual Less LessEqual Isfinite "
        "Isinf Isnan Argmax Argmin",
        per_input(
            1
        ): "Max Mean Min Sum Prod Any All Cumsum Cumprod CountNonzero AdaptiveAveragePool AdaptiveMaxPool",
        per_input(3): "Std Var Logsumexp Normalize",
        per_output(7): "LayerNorm",
        per_output(4): "RMSNorm",
        per_output(2): "BatchNorm",
        per_output(
            1
        ): "Add Subtract Multiply Divide DivideNoNan TrueDivide FloorDivide Mod Power Maximum Minimum "
        "Fmax Fmin Average Abs Absolute Negative Sqrt Rsqrt Square Reciprocal Exp Exp2 Expm1 Log Log10 Log1p Log2 "
        "Logaddexp Logaddexp2 Sin Cos Tan Arcsin Arccos Arctan Arctan2 Sinh Cosh Arcsinh Arccosh Arctanh Cbrt Ceil "
        "Floor Round Trunc Sign Erf Erfinv Clip Fabs Heaviside NanToNum SaturateCast",
        **{
            per_output(count): name
            for name, count in (
                (name.title().replace("_", ""), count) for name, count in ACTIVATIONS.items() if count
            )
        },
    }
)
"""Operations of ``keras.ops``: classes of its modules, as ``x @ y`` and ``ops.relu(x)`` make them."""

WRAPPERS = frozenset({"TimeDistributed", "Bidirectional", "SpectralNormalization", "Wrapper"})
"""Layers that cost what the layer inside them costs."""
