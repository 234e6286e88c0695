use super::Quantization;
use super::rows::{Rows, Shape};
use crate::kernels::axis::Axis;
use crate::kernels::int8::copy::copy;
use crate::kernels::int8::lstm::{Scales, TanhOf, step};
use crate::kernels::int8::{Multiplier, Output, Range, byte, dot};

/// The weights of one gate of an [`Lstm`] with `H` units: bytes of int8 with zero point 0.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'a, const H: usize> {
    /// Weights of the input, `[unit][in]`.
    pub w: &'a [u8],
    /// Weights of the last output, `[unit][unit]`.
    pub u: &'a [u8],
    /// The bias, which has the scale of the input times that of its weights.
    pub bias: &'a [i32; H],
    /// The scale of the weights of the input.
    pub w_scale: f32,
    /// The scale of the weights of the last output.
    pub u_scale: f32,
}

/// A long short-term memory of int8, whose cell state is int16: TensorFlow Lite's `UNIDIRECTIONAL_SEQUENCE_LSTM`, the int8 twin
/// of [`layers::Lstm`](crate::layers::Lstm). `X` is a [`Sequence`](super::Sequence) of `T` places with `I` channels, and `Y` one
/// with `H` channels.
///
/// As in TensorFlow Lite Micro, the states stay from one inference to the next one, so that a stream may come in pieces, until
/// [`Memory::reset`](super::Memory::reset).
///
/// ```
/// use baregrad::int8::{Gate, Layer, Lstm, Memory, Quantization};
///
/// const X: Quantization = Quantization { scale: 1.0 / 128.0, zero_point: 0 };
/// const H: Quantization = Quantization { scale: 1.0 / 128.0, zero_point: 0 };
/// const GATE: Gate<'_, 2> = Gate { w: &[64, 0, 0, 64], u: &[0; 4], bias: &[0; 2], w_scale: 1.0 / 64.0, u_scale: 1.0 };
/// static LSTM: Lstm<3, 2, 2> = Lstm::new([GATE; 4], X, 1.0 / 4096.0, 0.0, H);
///
/// let mut memory = Memory::<Lstm<3, 2, 2>, { Lstm::<3, 2, 2>::ARENA }>::NEW;
/// LSTM.input(&mut memory).set(&[[0.5, -0.5]; 3]);
/// assert_eq!(LSTM.infer(&mut memory).int8(), [[22, -8], [35, -11], [42, -13]]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lstm<const T: usize, const I: usize, const H: usize> {
    w: [[[u8; 4]; I]; H],
    u: [[[u8; 4]; H]; H],
    biases: [[[i32; 4]; 2]; H],
    scales: Scales,
    from: Quantization,
    to: Quantization,
}

impl<const T: usize, const I: usize, const H: usize> Lstm<T, I, H> {
    /// A layer with the gates input, forget, cell, and output, in TensorFlow Lite's and Keras' order. `cell_scale` is the scale
    /// of the cell state, a power of 2. `cell_clip` is the largest absolute value of the cell state; 0 stands for none.
    ///
    /// # Panics
    /// If a gate has another number of weights, or the cell state another scale: at compile time, if the layer is a constant or
    /// a `static`.
    pub const fn new(
        gates: [Gate<'_, H>; 4],
        from: Quantization,
        cell_scale: f32,
        cell_clip: f32,
        to: Quantization,
    ) -> Self {
        const { (dot::assert_no_overflow(I), dot::assert_no_overflow(H)) };
        let (mut w, mut u, mut biases) = ([[[0; 4]; I]; H], [[[0; 4]; H]; H], [[[0; 4]; 2]; H]);
        let mut to_gates = [[Multiplier::new(0.0); 2]; 4];
        let mut g = 0;
        while g < 4 {
            let gate = gates[g];
            assert!(gate.w.len() == H * I && gate.u.len() == H * H, "a gate has another number of weights");
            interleave(gate.w, g, w.as_flattened_mut());
            interleave(gate.u, g, u.as_flattened_mut());
            to_gates[g] = [
                Multiplier::new(from.scale as f64 * gate.w_scale as f64 * 4096.0),
                Multiplier::new(to.scale as f64 * gate.u_scale as f64 * 4096.0),
            ];
            let mut h = 0;
            while h < H {
                biases[h][0][g] = Output::new(gate.bias[h], gate.w, [h * I, 1, I], byte(from.zero_point), 0.0).bias;
                biases[h][1][g] = Output::new(0, gate.u, [h * H, 1, H], byte(to.zero_point), 0.0).bias;
                h += 1;
            }
            g += 1;
        }
        let bits = cell_scale.to_bits();
        assert!(bits & 0x7F_FFFF == 0, "the scale of a cell state is a power of 2");
        let clip = cell_clip as f64 / cell_scale as f64;
        let clip = if clip < 32767.0 { clip as i16 } else { 32767 };
        let scales = Scales {
            gates: to_gates,
            forget: Multiplier::new(1.0 / 32768.0),
            cell: Multiplier::new(1.0 / (32768.0 * 32768.0 * cell_scale as f64)),
            output: Multiplier::new(1.0 / (32768.0 * 32768.0) / to.scale as f64),
            tanh: TanhOf::units((bits >> 23) as i32 - 127),
            clip: if cell_clip > 0.0 { [-clip, clip] } else { [i16::MIN, i16::MAX] },
            range: Range::all(to.zero_point),
        };
        Lstm { w, u, biases, scales, from, to }
    }
}

/// Writes the weights of gate `g`, as bytes `w + 128`, between those of the other gates.
const fn interleave(w: &[u8], g: usize, to: &mut [[u8; 4]]) {
    let mut i = 0;
    while i < w.len() {
        to[i][g] = w[i] ^ 0x80;
        i += 1;
    }
}

/// What an [`Lstm`] remembers.
#[derive(Clone, Copy, Debug)]
pub struct States<const H: usize> {
    started: bool,
    h: [u8; H],
    c: [i16; H],
}

impl<const T: usize, const I: usize, const H: usize> Rows for Lstm<T, I, H> {
    type X = [[u8; I]; T];
    type Y = [[u8; H]; T];
    type State = States<H>;
    const STATE: States<H> = States { started: false, h: [0; H], c: [0; H] };
    const SHAPE: Shape = Shape { axis: Axis::new(T, T, 1, 1, 1), x: I, y: H };
    const FORWARD: bool = true;

    #[inline(always)]
    fn row(&self, state: &mut States<H>, _: usize, x: &[u8], y: &mut [u8]) {
        if !state.started {
            // The number 0. A state of zero bytes takes no room in flash.
            state.h.fill(byte(self.to.zero_point));
            state.started = true;
        }
        let weights = [self.w.as_flattened(), self.u.as_flattened()];
        let x = x.get(..I).unwrap_or_default();
        step([x, &state.h], weights, &self.biases, &self.scales, &mut state.c, y);
        copy(&mut state.h, y);
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}
