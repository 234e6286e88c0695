//! The operators of TensorFlow Lite, with the options of those that are converted.

use super::table::{Budget, Table};
use crate::error::Error;
use Kind::*;

/// An operator with its options. Those of operators that are never converted are not looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `CONV_2D`
    Conv2d(Window),
    /// `DEPTHWISE_CONV_2D`, with its outputs per channel
    DepthwiseConv2d(Window, usize),
    /// `AVERAGE_POOL_2D`
    AveragePool2d(Window),
    /// `MAX_POOL_2D`
    MaxPool2d(Window),
    /// `FULLY_CONNECTED`
    FullyConnected {
        /// The activation.
        fused: Fused,
        /// 0 for weights that are not shuffled.
        weights_format: i8,
        /// Whether each row of the last axis is a sample of its own.
        keep_num_dims: bool,
        /// Whether floats that meet weights of 8 bits get a zero point of their own.
        asymmetric: bool,
    },
    /// `SVDF`, with its rank
    Svdf(usize, Fused),
    /// `UNIDIRECTIONAL_SEQUENCE_LSTM`
    Lstm {
        /// The activation of the gates of cells and outputs.
        fused: Fused,
        /// The bound of the cells, or 0.
        cell_clip: f32,
        /// The bound of the projection, or 0.
        projection_clip: f32,
        /// Whether the steps are the first axis, and the batch is the second one.
        time_major: bool,
        /// As in `FullyConnected`.
        asymmetric: bool,
    },
    /// `ADD`
    Add(Fused),
    /// `CONCATENATION`, with its axis
    Concatenation(i32, Fused),
    /// `RESHAPE`, with the lengths that its options say
    Reshape(Vec<i32>),
    /// `SOFTMAX`, with the factor of its exponents
    Softmax(f32),
    /// `LOGISTIC`
    Logistic,
    /// `TANH`
    Tanh,
    /// `RELU`
    Relu,
    /// `RELU6`
    Relu6,
    /// `ELU`
    Elu,
    /// `HARD_SWISH`
    HardSwish,
    /// `LEAKY_RELU`, with its slope below 0
    LeakyRelu(f32),
    /// `LOG_SOFTMAX`
    LogSoftmax,
    /// `MEAN`; its second input has the axes
    Mean,
    /// `PAD`; its second input has the places before and after each axis
    Pad,
    /// `QUANTIZE`
    Quantize,
    /// `DEQUANTIZE`
    Dequantize,
    /// Any other
    Other,
}

/// An activation that is part of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fused {
    /// None.
    None,
    /// Not below 0.
    Relu,
    /// From −1 to 1.
    ReluN1To1,
    /// From 0 to 6.
    Relu6,
    /// The hyperbolic tangent.
    Tanh,
    /// Another one, by its number.
    Other(i8),
}

/// The window of a convolution or a pool: rows first, then columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Whether the padding is `SAME`; else it is `VALID`.
    pub same: bool,
    /// Distance of two windows.
    pub stride: [i32; 2],
    /// Distance of two taps.
    pub dilation: [i32; 2],
    /// Lengths of the window of a pool.
    pub size: [i32; 2],
    /// The activation.
    pub fused: Fused,
}

impl Fused {
    fn of(code: i8) -> Self {
        use Fused::*;
        [None, Relu, ReluN1To1, Relu6, Tanh].into_iter().nth(usize::from(code as u8)).unwrap_or(Other(code))
    }
}

/// Without options, all of them have their defaults.
struct Options<'a>(Option<Table<'a>>);

impl<'a> Options<'a> {
    fn or<T: planus::TableRead<'a>>(&self, number: usize, default: T) -> Result<T, Error> {
        self.0.map_or(Ok(None), |table| table.field((number, "options"))).map(|value| value.unwrap_or(default))
    }

    fn fused(&self, number: usize) -> Result<Fused, Error> {
        self.or(number, 0).map(Fused::of)
    }

    /// The first fields of convolutions and pools are the same: the padding, then columns and rows.
    fn window(&self, size: Option<usize>, fused: usize, dilation: Option<usize>) -> Result<Window, Error> {
        let pair = |first: usize| Ok::<_, Error>([self.or(first + 1, 0)?, self.or(first, 0)?]);
        let factors = |first: usize| Ok::<_, Error>([self.or(first + 1, 1)?, self.or(first, 1)?]);
        Ok(Window {
            same: self.or(0, 0_i8)? == 0,
            stride: pair(1)?,
            // Filters come as columns and rows too.
            size: size.map_or(Ok([1, 1]), pair)?,
            fused: self.fused(fused)?,
            dilation: dilation.map_or(Ok([1, 1]), factors)?,
        })
    }
}

impl Kind {
    /// That of a number and its options.
    pub(super) fn read(code: usize, options: Option<Table<'_>>, budget: &mut Budget) -> Result<Self, Error> {
        let table = options;
        let options = Options(options);
        Ok(match name(code) {
            "CONV_2D" => Conv2d(options.window(None, 3, Some(4))?),
            "DEPTHWISE_CONV_2D" => {
                DepthwiseConv2d(options.window(None, 4, Some(5))?, options.or(3, 0_i32)?.max(0) as usize)
            }
            "AVERAGE_POOL_2D" => AveragePool2d(options.window(Some(3), 5, None)?),
            "MAX_POOL_2D" => MaxPool2d(options.window(Some(3), 5, None)?),
            "FULLY_CONNECTED" => FullyConnected {
                fused: options.fused(0)?,
                weights_format: options.or(1, 0)?,
                keep_num_dims: options.or(2, false)?,
                asymmetric: options.or(3, false)?,
            },
            "SVDF" => Svdf(options.or(0, 0_i32)?.max(0) as usize, options.fused(1)?),
            "UNIDIRECTIONAL_SEQUENCE_LSTM" => Lstm {
                fused: options.fused(0)?,
                cell_clip: options.or(1, 0.0)?,
                projection_clip: options.or(2, 0.0)?,
                time_major: options.or(3, false)?,
                asymmetric: options.or(4, false)?,
            },
            "ADD" => Add(options.fused(0)?),
            "CONCATENATION" => Concatenation(options.or(0, 0)?, options.fused(1)?),
            "RESHAPE" => Reshape(table.map_or(Ok(Vec::new()), |table| budget.row(&table, (0, "new_shape")))?),
            "SOFTMAX" => Softmax(options.or(0, 0.0)?),
            "LOGISTIC" => Logistic,
            "TANH" => Tanh,
            "RELU" => Relu,
            "RELU6" => Relu6,
            "ELU" => Elu,
            "HARD_SWISH" => HardSwish,
            "LEAKY_RELU" => LeakyRelu(options.or(0, 0.0)?),
            "LOG_SOFTMAX" => LogSoftmax,
            "MEAN" => Mean,
            "PAD" => Pad,
            "QUANTIZE" => Quantize,
            "DEQUANTIZE" => Dequantize,
            _ => Other,
        })
    }
}

/// The name of an operator's number.
pub(super) fn name(code: usize) -> &'static str {
    NAMES.split_ascii_whitespace().nth(code).unwrap_or("an operator newer than this program")
}

/// TensorFlow's `BuiltinOperator`, from 0.
const NAMES: &str = "
ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR
FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM
MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS
SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND
TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT
LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL
LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW
ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV
REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS
SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG
ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM
BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS
HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE
ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE
RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST
BITWISE_XOR RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM
STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION STABLEHLO_SLICE
STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL
STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER
STABLEHLO_RSQRT STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT
STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL
STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE DILATE
STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT STABLEHLO_CASE
";
