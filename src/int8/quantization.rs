use crate::kernels::int8::{Output, Range, byte, rounded};

/// How a tensor of int8 stands for real numbers: `scale · (q − zero_point)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantization {
    /// The distance of two neighbouring numbers.
    pub scale: f32,
    /// The `q` of 0.
    pub zero_point: i8,
}

impl Quantization {
    /// The quantization of numbers from `min` to `max`: TensorFlow Lite's, which holds 0 exactly and uses all 256 values. Numbers
    /// that are all 0 get the scale 1.
    pub fn of_range([min, max]: [f32; 2]) -> Self {
        let (min, max) = (min.min(0.0), max.max(0.0));
        let scale = (max - min) / 255.0;
        if !(scale.is_normal() && scale > 0.0) {
            return Quantization { scale: 1.0, zero_point: 0 };
        }
        // −min / scale is 0 to 255.
        Quantization { scale, zero_point: ((-min / scale + 0.5) as i32 - 128).clamp(-128, 127) as i8 }
    }

    /// Returns the number that `q` stands for.
    #[inline(always)]
    pub fn number(self, q: i8) -> f32 {
        self.scale * (i32::from(q) - i32::from(self.zero_point)) as f32
    }

    /// Returns the `q` that is nearest to a number: `x / scale` rounded to the nearest integer, halves away from 0, plus the
    /// zero point, within −128 to 127. NaN gives the zero point.
    #[inline(always)]
    pub fn q(self, x: f32) -> i8 {
        rounded(x / self.scale).saturating_add(i32::from(self.zero_point)).clamp(-128, 127) as i8
    }

    /// Quantizes numbers to bytes.
    pub(super) fn quantize(self, x: &[f32], bytes: &mut [u8]) {
        for (b, x) in bytes.iter_mut().zip(x) {
            *b = byte(self.q(*x));
        }
    }

    /// The outputs of a layer from a tensor of this kind to one of another. The weights of output `o` are `w[o · steps[0] +
    /// i · steps[1]]` for `count` numbers `i`.
    pub(super) const fn outputs<const O: usize>(
        self,
        to: Self,
        w: &[u8],
        w_scale: &[f32; O],
        bias: &[i32; O],
        [count, out, of_in]: [usize; 3],
    ) -> [Output; O] {
        assert!(w.len() == count * O, "the layer has another number of weights");
        let mut outputs = [Output::ZERO; O];
        let mut o = 0;
        while o < O {
            let real = self.scale as f64 * w_scale[o] as f64 / to.scale as f64;
            outputs[o] = Output::new(bias[o], w, [o * out, of_in, count], byte(self.zero_point), real);
            o += 1;
        }
        outputs
    }

    /// The range of the bytes of an output with an activation.
    pub(super) const fn range(self, activation: Activation) -> Range {
        let all = Range::all(self.zero_point);
        match activation {
            Activation::None => all,
            Activation::Relu => Range { low: all.zero, ..all },
            Activation::Relu6 => {
                let six = all.zero as i32 + (6.0 / self.scale + 0.5) as i32;
                Range { low: all.zero, high: if six < 255 { six as u8 } else { 255 }, ..all }
            }
        }
    }
}

/// The activation at the end of a layer. An int8 output has a range in any case, so that it costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// No activation.
    None,
    /// 0 at least.
    Relu,
    /// From 0 to 6.
    Relu6,
}
