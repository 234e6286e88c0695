use super::Layer;
use crate::error::Error;
use crate::tensor::{Tensor, batch};

/// A layer or chain that names its own input. It is a whole net, as [`Trainer`](crate::Trainer) takes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a whole net: it does not name its input",
    note = "a net starts with a layer of a fixed input shape such as `Dense<I, O>`, and each next layer takes its output"
)]
pub trait Network: Layer<Self::Input> {
    /// One sample of the input.
    type Input: Tensor;

    /// Floats of scratch for the inference of one sample: at most the two largest neighbouring activations.
    const SCRATCH: usize = <Self as Layer<Self::Input>>::WORK;

    /// Infers one sample. A scratch of fewer than [`Network::SCRATCH`] floats does not compile.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// type Net = chain![Dense<2, 8, Tanh>, Dense<8, 1>];
    ///
    /// static NET: Net = Net::NEW; // in flash
    /// let mut y = [0.0];
    /// NET.infer_one(&[1.0, 2.0], &mut y, &mut [0.0; Net::SCRATCH]);
    /// ```
    #[inline]
    fn infer_one<const S: usize>(
        &self,
        x: &Self::Input,
        y: &mut <Self as Layer<Self::Input>>::Y,
        scratch: &mut [f32; S],
    ) {
        const { assert!(S >= Self::SCRATCH, "the scratch is smaller than the net's SCRATCH") };
        self.infer(core::slice::from_ref(x), core::slice::from_mut(y), scratch);
    }

    /// Infers many samples, as many at a time as `scratch` has room for.
    ///
    /// # Errors
    /// `x` and `y` have different lengths, or `scratch` has fewer than [`Network::SCRATCH`] floats.
    fn infer_batch(
        &self,
        x: &[Self::Input],
        y: &mut [<Self as Layer<Self::Input>>::Y],
        scratch: &mut [f32],
    ) -> Result<(), Error> {
        if x.len() != y.len() {
            return Err(Error::LengthMismatch { samples: x.len(), targets: y.len() });
        }
        if scratch.len() < Self::SCRATCH {
            return Err(Error::ScratchTooSmall { floats: scratch.len(), needed: Self::SCRATCH });
        }
        let rows = scratch.len().checked_div(Self::SCRATCH).unwrap_or(x.len()).max(1);
        let (mut x, mut y) = (x, y);
        while let Some((x, y)) = batch(&mut x, &mut y, rows) {
            self.infer(x, y, scratch);
        }
        Ok(())
    }
}
