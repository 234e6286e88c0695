use super::Tensor;

/// A sample as it lies in a data set: an input `X` of a net, or integers in the same shape, which become floats when the
/// sample is used. Images of bytes thus take a quarter of the memory.
///
/// ```
/// use baregrad::prelude::*;
/// // Bytes from 0 to 255 become numbers from 0 to 1.
/// type Net = chain![Rescale<4>, Dense<4, 2>];
/// let images: [[u8; 4]; 2] = [[0, 255, 0, 255], [255, 0, 255, 0]];
/// let mut model = Trainer::<Net, SparseCategoricalCrossEntropy<Logits>, Adam>::new(&mut Sfc32::seed_from_u64(1));
/// model.net.0.scale = [1.0 / 255.0; 4];
/// model.fit(&images, &[0_u8, 1], &Fit { epochs: 10, ..Fit::default() })?;
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no sample for a net with the input `{X}`",
    label = "samples of another shape, or of other numbers",
    note = "the numbers of a sample are `f32`, `i8`, `i16`, `u8` or `u16`"
)]
pub trait Sample<X>: Sized {
    /// Writes the sample to an input.
    fn read(&self, x: &mut X);

    /// Returns the samples themselves, if they are inputs.
    fn inputs(samples: &[Self]) -> Option<&[X]> {
        let _ = samples;
        None
    }
}

impl Sample<f32> for f32 {
    #[inline(always)]
    fn read(&self, x: &mut f32) {
        *x = *self;
    }

    #[inline(always)]
    fn inputs(samples: &[f32]) -> Option<&[f32]> {
        Some(samples)
    }
}

macro_rules! integers {
    ($($integer:ty)+) => { $(
        impl Sample<f32> for $integer {
            #[inline(always)]
            fn read(&self, x: &mut f32) {
                *x = f32::from(*self);
            }
        }
    )+ };
}

integers!(i8 i16 u8 u16);

impl<X: Tensor, S: Sample<X>, const N: usize> Sample<[X; N]> for [S; N] {
    #[inline(always)]
    fn read(&self, x: &mut [X; N]) {
        for (s, x) in self.iter().zip(x) {
            s.read(x);
        }
    }

    #[inline(always)]
    fn inputs(samples: &[Self]) -> Option<&[[X; N]]> {
        S::inputs(samples.as_flattened()).map(|x| x.as_chunks().0)
    }
}
