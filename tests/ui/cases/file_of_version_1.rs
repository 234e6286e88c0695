//! A model file that was written in the layout before.
use baregrad::prelude::*;

type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
static XOR: Xor = baregrad::include_model!(Xor, "../../reference/xor_version_1.bgrd");

fn main() {
    let mut y = [0.0];
    XOR.infer_one(&[1.0, 2.0], &mut y, &mut [0.0; Xor::SCRATCH]);
}
