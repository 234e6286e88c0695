//! int8 nets: types whose weights and activations take a byte each, as TensorFlow Lite's int8 models have them.
//!
//! The definition of each layer is TensorFlow Lite's *reference* kernel: a net gives its bytes, on every target. A net is a
//! [`chain!`](crate::chain) of the layers here, and usually lies in flash. All activations lie in one [`Memory`], whose size
//! is [`Layer::ARENA`], a constant. An activation lies at one end of it, and the next one is written at the other end. The two
//! share bytes where a row of the output is written only after the last use of the rows beneath it.
//!
//! ```
//! use baregrad::{chain, int8::{Activation, Dense, Layer, Memory, Quantization}, Chain};
//!
//! type Net = chain![Dense<3, 2>, Dense<2, 1>];
//!
//! // A number is scale · (q − zero_point).
//! const X: Quantization = Quantization { scale: 0.5, zero_point: 0 };
//! const H: Quantization = Quantization { scale: 0.25, zero_point: -128 };
//! const Y: Quantization = Quantization { scale: 0.125, zero_point: 3 };
//! static NET: Net = Chain(
//!     Dense::new(&[1, 2, 3, 4, 5, 6], &[6, -7], &[0.1; 2], X, H, Activation::Relu),
//!     Dense::new(&[100, 50], &[0], &[0.02], H, Y, Activation::None),
//! );
//!
//! let mut memory = Memory::<Net, { Net::ARENA }>::NEW;
//! NET.input(&mut memory).set(&[0.5, 1.0, 1.5]);
//! let y = NET.infer(&mut memory);
//! assert_eq!(y.int8(), [29]);
//! assert_eq!(y.numbers(), [3.25]);
//! ```
//!
//! | operator of TensorFlow Lite | layer |
//! |---|---|
//! | `FULLY_CONNECTED` | [`Dense`] |
//! | `CONV_2D` | [`Conv2d`], [`Conv1d`] |
//! | `DEPTHWISE_CONV_2D` | [`DepthwiseConv2d`], [`DepthwiseConv1d`] |
//! | `AVERAGE_POOL_2D`, `MAX_POOL_2D` | [`AveragePool`], [`MaxPool`] |
//! | `MEAN` over all places | [`GlobalAveragePool`] |
//! | `PAD` with zeros | [`Pad`], or [`Padded`] windows of the next layer |
//! | `ADD` | [`Residual`], [`Sum`] |
//! | `CONCATENATION` | [`Concat`] |
//! | `RESHAPE` | [`Reshape`] |
//! | `RELU`, `RELU6` | the [`Activation`] of the layer before; by itself, [`Relu`] |
//! | `LOGISTIC`, `TANH` | [`Sigmoid`], [`Tanh`] |
//! | `SOFTMAX` | [`Softmax`]; to int16, [`Softmax16`] |
//! | `UNIDIRECTIONAL_SEQUENCE_LSTM` | [`Lstm`] |
//! | `SVDF` | [`Svdf`] |
//! | `QUANTIZE` | [`Input::set`], [`Input::set_i16`], [`Input::set_u8`]; within a net, [`Requantize`]; at its end, [`ToInt32`] |
//! | `DEQUANTIZE` | [`Quantized::numbers`] |

mod bytes;
mod calibration;
mod chain;
mod concat;
mod conv1d;
mod conv2d;
mod dense;
mod depthwise_conv1d;
mod depthwise_conv2d;
mod fake_int8;
mod global_average_pool;
mod histogram;
mod input;
mod layer;
mod line;
mod lstm;
mod memory;
mod numbers;
mod pad;
mod places;
mod pool;
mod quantization;
mod quantized;
mod reshape;
mod residual;
mod rounded;
mod rows;
mod signal_to_noise;
mod softmax;
mod softmax_16;
mod statistic;
mod sum;
mod svdf;
mod table;
mod to_int32;
mod twin;
mod twins;
mod wide;
mod windows;

pub use crate::kernels::int8::{Multiplier, Output, Range};
pub use crate::net::End;
pub use bytes::{Bytes, Image, Sequence, ToBytes};
pub use calibration::{Aware, Calibration, Int8, int8_of_aware};
pub use concat::{Concat, Join};
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use depthwise_conv1d::DepthwiseConv1d;
pub use depthwise_conv2d::DepthwiseConv2d;
pub use fake_int8::{FakeInt8, Scales};
pub use global_average_pool::GlobalAveragePool;
pub use histogram::{LeastSquares, Percentile};
pub use input::Input;
pub use layer::{Layer, Observe, Tail};
pub use line::Line;
pub use lstm::{Gate, Lstm};
pub use memory::Memory;
pub use numbers::Numbers;
pub use pad::Pad;
pub use places::Places;
pub use pool::{AveragePool, Largest, MaxPool, Mean, Pool, Pooling};
pub use quantization::{Activation, Quantization};
pub use quantized::Quantized;
pub use reshape::Reshape;
pub use residual::{Addition, Residual};
pub use rounded::Rounded;
pub use rows::{Rows, Shape};
pub use signal_to_noise::SignalToNoise;
pub use softmax::Softmax;
pub use softmax_16::Softmax16;
pub use statistic::{MinMax, Statistic};
pub use sum::Sum;
pub use svdf::Svdf;
pub use table::{Relu, Requantize, Sigmoid, Table, Tanh};
pub use to_int32::ToInt32;
pub use twin::{Quantizable, Twin};
pub use twins::Fused;
pub use wide::{Int16, Int32};
pub use windows::{ColumnStride, Dilated, Padded, Windows};
