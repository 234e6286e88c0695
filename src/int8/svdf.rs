use super::Quantization;
use super::rows::{Rows, Shape};
use crate::kernels::int8::{Output, Range, byte, dot, svdf};

/// A dense layer whose features are remembered for `MEMORY` steps, and weighed over them: TensorFlow Lite's `SVDF` of int8 with a
/// state of int8. Each of the `UNITS` outputs is the sum of `RANK` features (Nakkiran and others, "Compressing deep neural
/// networks using a rank-constrained topology", 2015).
///
/// The state stays from one inference to the next one, until [`Memory::reset`](super::Memory::reset).
///
/// ```
/// use baregrad::int8::{Layer, Memory, Quantization, Svdf};
///
/// const ONE: Quantization = Quantization { scale: 1.0, zero_point: 0 };
/// // y = x of this step + 2 · x of the last step + 3 · x of the step before.
/// static SVDF: Svdf<1, 1, 3> = Svdf::new(&[1], &[3, 2, 1], &[0], [1.0, 1.0], ONE, ONE, ONE);
///
/// let mut memory = Memory::<Svdf<1, 1, 3>, { Svdf::<1, 1, 3>::ARENA }>::NEW;
/// let y = [10, 0, 1, 0, 0].map(|x| {
///     SVDF.input(&mut memory).set_int8(&[x]);
///     SVDF.infer(&mut memory).int8()[0]
/// });
/// assert_eq!(y, [10, 20, 31, 2, 3]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Svdf<const I: usize, const UNITS: usize, const MEMORY: usize, const RANK: usize = 1> {
    features: [[[[u8; 1]; I]; UNITS]; RANK],
    feature_outputs: [[Output; UNITS]; RANK],
    time: [[[u8; UNITS]; RANK]; MEMORY],
    outputs: [Output; UNITS],
    from: Quantization,
    state: Quantization,
    to: Quantization,
}

impl<const I: usize, const UNITS: usize, const MEMORY: usize, const RANK: usize> Svdf<I, UNITS, MEMORY, RANK> {
    /// A layer with weights of features `[unit][rank][in]` and of time `[unit][rank][step]`, the oldest step first: the bytes of
    /// int8 with zero point 0. Their two scales are `scales`. A bias has the scale of the state times that of the weights of time.
    ///
    /// # Panics
    /// If a slice has another length: at compile time, if the layer is a constant or a `static`.
    pub const fn new(
        features: &[u8],
        time: &[u8],
        bias: &[i32; UNITS],
        scales: [f32; 2],
        from: Quantization,
        state: Quantization,
        to: Quantization,
    ) -> Self {
        const { (dot::assert_no_overflow(I), dot::assert_no_overflow(RANK * MEMORY)) };
        let taps = RANK * MEMORY;
        assert!(
            features.len() == UNITS * RANK * I && time.len() == UNITS * taps,
            "the layer has another number of weights"
        );
        let of_feature = from.scale as f64 * scales[0] as f64 / state.scale as f64;
        let of_output = state.scale as f64 * scales[1] as f64 / to.scale as f64;
        let mut by_rank = [[[0; I]; UNITS]; RANK];
        let mut by_step = [[[0; UNITS]; RANK]; MEMORY];
        let mut feature_outputs = [[Output::ZERO; UNITS]; RANK];
        let mut outputs = [Output::ZERO; UNITS];
        let mut unit = 0;
        while unit < UNITS {
            let mut rank = 0;
            while rank < RANK {
                let filter = unit * RANK + rank;
                let mut i = 0;
                while i < I {
                    by_rank[rank][unit][i] = features[filter * I + i];
                    i += 1;
                }
                let mut step = 0;
                while step < MEMORY {
                    by_step[step][rank][unit] = time[filter * MEMORY + step];
                    step += 1;
                }
                let weights = [filter * I, 1, I];
                feature_outputs[rank][unit] = Output::new(0, features, weights, byte(from.zero_point), of_feature);
                rank += 1;
            }
            outputs[unit] = Output::new(bias[unit], time, [unit * taps, 1, taps], byte(state.zero_point), of_output);
            unit += 1;
        }
        let mut packed = [[[[0; 1]; I]; UNITS]; RANK];
        let flat = packed.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        dot::pack::<1>(by_rank.as_flattened().as_flattened(), I, flat);
        Svdf { features: packed, feature_outputs, time: by_step, outputs, from, state, to }
    }
}

/// What an [`Svdf`] remembers: a ring of features.
#[derive(Clone, Copy, Debug)]
pub struct Features<const UNITS: usize, const MEMORY: usize, const RANK: usize> {
    steps: [[[u8; UNITS]; RANK]; MEMORY],
    /// The number of the next step in the ring, or its length; 0 before the first step.
    next: usize,
}

impl<const I: usize, const UNITS: usize, const MEMORY: usize, const RANK: usize> Rows for Svdf<I, UNITS, MEMORY, RANK> {
    type X = [u8; I];
    type Y = [u8; UNITS];
    type State = Features<UNITS, MEMORY, RANK>;
    const STATE: Self::State = Features { steps: [[[0; UNITS]; RANK]; MEMORY], next: 0 };
    const SHAPE: Shape = Shape::one(I, UNITS);

    #[inline(always)]
    fn row(&self, state: &mut Self::State, _: usize, x: &[u8], y: &mut [u8]) {
        let zero = self.state.zero_point;
        if state.next == 0 {
            // The number 0. A state of zero bytes takes no room in flash.
            state.steps.as_flattened_mut().as_flattened_mut().fill(byte(zero));
        }
        let now = if state.next < MEMORY { state.next } else { 0 };
        state.next = now + 1;
        if let Some(features) = state.steps.get_mut(now) {
            let (x, features) = (x.get(..I).unwrap_or_default(), features.as_flattened_mut());
            let w = self.features.as_flattened().as_flattened().as_flattened();
            // The reference kernel adds the zero point after the range, to an int8, which wraps.
            dot::dots::<1>(x, w, self.feature_outputs.as_flattened(), Range::all(0), features);
            for feature in features {
                *feature = feature.wrapping_add(zero as u8);
            }
        }
        // The oldest step lies behind this one.
        let (newer, older) = state.steps.split_at_checked(state.next).unwrap_or_default();
        let (of_older, of_newer) = self.time.split_at_checked(older.len()).unwrap_or_default();
        let parts =
            [[older, of_older], [newer, of_newer]].map(|part| part.map(|steps| steps.as_flattened().as_flattened()));
        svdf::weigh(parts, &self.outputs, Range::all(self.to.zero_point), y);
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}
