//! Runs a net of floats that the converter has made.

use baregrad::net::{Layer, Network};
use baregrad::tensor::{Tensor, Zero};

/// The output for each input.
pub fn run<N: Network>(net: &N, inputs: &[f32]) -> Vec<Vec<f32>>
where
    <N as Layer<N::Input>>::Y: Tensor,
{
    let mut work = vec![0.0; N::WORK];
    let each = |x: &N::Input| {
        let mut y = [<N as Layer<N::Input>>::Y::ZERO];
        net.infer(std::slice::from_ref(x), &mut y, &mut work);
        y[0].flat().to_vec()
    };
    N::Input::from_flat(inputs).iter().map(each).collect()
}
