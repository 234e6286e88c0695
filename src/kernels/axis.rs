//! How the windows of a convolution or a pool lie along one axis of its input, and how long its output is.

use core::ops::Range;

/// The length of an output with Keras' `padding="same"`: one place per `stride` places of the input, rounded up.
///
/// ```
/// use baregrad::tensor::same;
/// assert_eq!((same(49, 1), same(49, 2)), (49, 25));
/// ```
pub const fn same(length: usize, stride: usize) -> usize {
    length.div_ceil(stride)
}

/// The length of an output with Keras' `padding="valid"`: one place per window that lies within the input. A window covers
/// `kernel` places; with dilation, it covers `(kernel − 1) · dilation + 1`. It is 0 if no window fits.
///
/// ```
/// use baregrad::tensor::valid;
/// assert_eq!((valid(28, 3, 1), valid(28, 3, 2), valid(2, 3, 1)), (26, 13, 0));
/// ```
pub const fn valid(length: usize, kernel: usize, stride: usize) -> usize {
    if length < kernel { 0 } else { (length - kernel) / stride + 1 }
}

/// Output `o` sees the inputs `o · stride + tap · dilation − before` for each tap of the window. Those that do not exist are
/// padding.
#[derive(Clone, Copy)]
pub struct Axis {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// Number of taps of a window.
    pub taps: usize,
    /// Distance of two windows.
    pub stride: usize,
    /// Distance of two taps.
    pub dilation: usize,
    /// Number of places of padding before the first input.
    pub before: usize,
}

impl Axis {
    /// An axis of one place: the rows of a sequence, which is an image of one row.
    pub const ONE: Self = Axis::new(1, 1, 1, 1, 1);

    /// An axis with Keras' padding, which follows from the lengths: "same" or "valid". If the padding is odd, the larger half
    /// comes after the last input.
    pub const fn new(inputs: usize, outputs: usize, taps: usize, stride: usize, dilation: usize) -> Self {
        assert!(taps > 0 && stride > 0 && dilation > 0, "kernel, stride and dilation are 1 at least");
        let window = (taps - 1) * dilation + 1;
        assert!(
            outputs > 0 && (outputs == same(inputs, stride) || outputs == valid(inputs, window, stride)),
            "the length of the output is neither \"same\", input / stride rounded up, nor \"valid\", (input − window) / stride + 1 rounded down"
        );
        let padding = ((outputs - 1) * stride + window).saturating_sub(inputs);
        Axis { inputs, outputs, taps, stride, dilation, before: padding / 2 }
    }

    /// An axis with Keras' `padding="causal"`: an output sees no later input.
    pub const fn causal(inputs: usize, outputs: usize, taps: usize, stride: usize, dilation: usize) -> Self {
        assert!(taps > 0 && stride > 0 && dilation > 0, "kernel, stride and dilation are 1 at least");
        assert!(
            outputs > 0 && outputs == same(inputs, stride),
            "the length of the output of a causal convolution is input / stride, rounded up"
        );
        Axis { inputs, outputs, taps, stride, dilation, before: (taps - 1) * dilation }
    }

    /// An axis with this padding before the first input. The padding after the last one is what the last window sees there.
    pub const fn padded(
        inputs: usize,
        outputs: usize,
        taps: usize,
        stride: usize,
        dilation: usize,
        before: usize,
    ) -> Self {
        assert!(taps > 0 && stride > 0 && dilation > 0, "kernel, stride and dilation are 1 at least");
        assert!(
            before <= (taps - 1) * dilation && outputs > 0 && (outputs - 1) * stride < inputs + before,
            "a window sees nothing but padding"
        );
        Axis { inputs, outputs, taps, stride, dilation, before }
    }

    /// The axis of the convolution that a transposed convolution from `inputs` to `outputs` places is the transpose of: it leads
    /// back. The padding follows from the lengths, as in [`Axis::new`].
    pub const fn transposed(inputs: usize, outputs: usize, taps: usize, stride: usize, dilation: usize) -> Self {
        assert!(taps > 0 && stride > 0 && dilation > 0, "kernel, stride and dilation are 1 at least");
        assert!(
            inputs > 0
                && (inputs == same(outputs, stride) || inputs == valid(outputs, (taps - 1) * dilation + 1, stride)),
            "the length of the output of a transposed convolution is \"same\", input · stride, or \"valid\", (input − 1) · stride + window, or another one that a convolution leads back from"
        );
        Axis::new(outputs, inputs, taps, stride, dilation)
    }

    /// The axis of one output, which sees these inputs with the last of its taps.
    #[inline(always)]
    pub const fn last(inputs: usize, taps: usize) -> Self {
        Axis { inputs, outputs: 1, taps, stride: 1, dilation: 1, before: taps.saturating_sub(inputs) }
    }

    /// Number of inputs that come on a stream before the one with which the first output is known.
    pub const fn delay(self) -> usize {
        assert!(
            (self.outputs - 1) * self.stride + (self.taps - 1) * self.dilation < self.inputs + self.before,
            "a stream does not know its end, so there is no padding after it: take \"valid\" or causal padding"
        );
        (self.taps - 1) * self.dilation - self.before
    }

    /// The input that output `o` sees with this tap, or `None` if it is padding.
    #[inline(always)]
    pub const fn input(self, o: usize, tap: usize) -> Option<usize> {
        match (o * self.stride + tap * self.dilation).checked_sub(self.before) {
            Some(input) if input < self.inputs => Some(input),
            _ => None,
        }
    }

    /// The taps with which output `o` sees inputs.
    #[inline(always)]
    pub const fn taps_of(self, o: usize) -> Range<usize> {
        let start = o * self.stride;
        let first = ceil(self.before.saturating_sub(start), self.dilation);
        let end = ceil((self.inputs + self.before).saturating_sub(start), self.dilation);
        first..if end < self.taps { end } else { self.taps }
    }

    /// Number of inputs from the place where the window of output `o` begins, or from the first input, to the first one that it
    /// sees. Only dilation leaves some out.
    #[inline(always)]
    pub const fn skipped(self, o: usize) -> usize {
        let above = self.before.saturating_sub(o * self.stride);
        if self.dilation == 1 { 0 } else { (self.taps_of(o).start * self.dilation).saturating_sub(above) }
    }

    /// The number of taps with which output `o` sees inputs.
    #[inline(always)]
    pub const fn taps_that_see(self, o: usize) -> usize {
        let (mut count, mut tap) = (0, 0);
        while tap < self.taps {
            count += self.input(o, tap).is_some() as usize;
            tap += 1;
        }
        count
    }

    /// The outputs that see an input with this tap.
    #[inline(always)]
    pub const fn outputs_of(self, tap: usize) -> Range<usize> {
        let shift = tap * self.dilation;
        let first = ceil(self.before.saturating_sub(shift), self.stride);
        let end = ceil((self.inputs + self.before).saturating_sub(shift), self.stride);
        first..if end < self.outputs { end } else { self.outputs }
    }

    /// The outputs whose windows have no padding.
    #[inline(always)]
    pub const fn inner(self) -> Range<usize> {
        self.outputs_of(0).start..self.outputs_of(self.taps - 1).end
    }
}

/// `a / b`, rounded up. A stride and a dilation are never 0, but the compiler does not know it everywhere, and a division by 0
/// would be a panic.
#[inline(always)]
const fn ceil(a: usize, b: usize) -> usize {
    if b == 0 { 0 } else { a.div_ceil(b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    /// All ranges say the same as `input`, for all small axes.
    #[test]
    fn ranges() {
        for (inputs, taps, stride, dilation) in
            (0..9 * 5 * 3 * 3).map(|i| (1 + i % 9, 1 + i / 9 % 5, 1 + i / 45 % 3, 1 + i / 135))
        {
            let window = (taps - 1) * dilation + 1;
            let mut axes = vec![
                Axis::new(inputs, inputs.div_ceil(stride), taps, stride, dilation),
                Axis::causal(inputs, inputs.div_ceil(stride), taps, stride, dilation),
            ];
            for before in 0..window {
                axes.push(Axis::padded(inputs, (inputs + before - 1) / stride + 1, taps, stride, dilation, before));
            }
            if inputs >= window {
                axes.push(Axis::new(inputs, (inputs - window) / stride + 1, taps, stride, dilation));
                let valid = axes[axes.len() - 1];
                assert_eq!(valid.inner(), 0..valid.outputs, "a valid window has no padding");
            }
            for axis in axes {
                let sees = |o: usize, tap: usize| axis.input(o, tap).is_some();
                for o in 0..axis.outputs {
                    let taps: Vec<usize> = (0..axis.taps).filter(|tap| sees(o, *tap)).collect();
                    assert!(axis.taps_of(o).eq(taps.iter().copied()), "{inputs} {taps:?}");
                    assert_eq!(axis.taps_that_see(o), taps.len());
                    let seen = taps.first().and_then(|tap| axis.input(o, *tap));
                    let first = (o * stride).saturating_sub(axis.before);
                    assert!(seen.is_none_or(|seen| seen == first + axis.skipped(o)));
                    assert_eq!(axis.inner().contains(&o), taps.len() == axis.taps);
                }
                for tap in 0..axis.taps {
                    assert!(axis.outputs_of(tap).eq((0..axis.outputs).filter(|o| sees(*o, tap))));
                }
            }
        }
    }
}
