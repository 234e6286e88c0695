//! The weights that a recurrent layer starts from beside Keras' defaults.

use super::Complaint;
use crate::common::numbers::compare;
use baregrad::Params;
use baregrad::prelude::*;

/// The same as [`complaints`], for a test that wants none.
#[track_caller]
pub fn check<L: Params>(ones: Option<usize>) {
    let complaints = complaints::<L>(ones);
    assert!(complaints.is_empty(), "{}: {complaints:?}", std::any::type_name::<L>());
}

/// Whether the weights of the inputs are Glorot uniform, those of the state orthogonal, and biases 0 but for those of the row
/// `ones`. Keras draws one matrix `[in][gate · out]` of each, so that a row of `u` is the numbers of all gates.
pub fn complaints<L: Params>(ones: Option<usize>) -> Vec<Complaint> {
    let mut layer = L::NEW;
    layer.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    let (mut tensors, mut complaints) = (Vec::new(), Vec::new());
    layer.tensors(0, &mut |name, values| tensors.push((name.shape.to_vec(), values.to_vec())));
    let [(of_w, w), (of_u, u), (of_b, b), ..] = &tensors[..] else { panic!("w, u and b") };
    let (gates, inputs, n) = (of_w[0], of_w[1], of_w[2]);
    assert_eq!((of_u[..].to_vec(), of_b[1]), (vec![gates, n, n], n));

    let limit = (6.0 / (inputs + gates * n) as f32).sqrt();
    let spread = w.iter().fold(0.0, |spread: f32, w| spread.max(w.abs())) / limit;
    let mean = w.iter().map(|w| w * w).sum::<f32>() / w.len() as f32 / (limit * limit / 3.0);
    if !(0.95..=1.0).contains(&spread) || (mean - 1.0).abs() > 0.2 {
        complaints.push(("weights at the start", format!("w: {spread} of the limit, {mean} of the mean square")));
    }
    let row = |i: usize| (0..gates).flat_map(move |gate| &u[(gate * n + i) * n..][..n]);
    let product = |i, j| row(i).zip(row(j)).map(|(a, b)| a * b).sum::<f32>();
    let products: Vec<f32> = (0..n * n).map(|at| product(at / n, at % n)).collect();
    let wanted: Vec<f64> = (0..n * n).map(|at| if at / n == at % n { 1.0 } else { 0.0 }).collect();
    if let Err(error) = compare(&products, &wanted, 1e-5) {
        complaints.push(("weights at the start", format!("rows of u: {error}")));
    }
    for (row, b) in b.chunks(n).enumerate() {
        let wanted = if ones == Some(row) { 1.0 } else { 0.0 };
        if b.iter().any(|b| *b != wanted) {
            complaints.push(("weights at the start", format!("row {row} of b is not {wanted}")));
        }
    }
    complaints
}
