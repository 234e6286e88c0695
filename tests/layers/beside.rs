//! A layer beside Keras' or PyTorch's. `tests/reference/README.md` says what the numbers are.

use crate::common::passes;
use crate::common::reference::{flat, floats, load};
use baregrad::net::Layer;
use baregrad::tensor::{Tensor, Yes};
use serde_json::Value;

/// `got` agrees with `want`, to a share of the largest number of `want`.
#[track_caller]
fn assert_close(got: &[f32], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    let largest = want.iter().fold(0.0, |largest: f64, want| largest.max(want.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let difference = (f64::from(*got) - want).abs();
        assert!(difference <= tolerance * largest, "{what}, value {i}: {got} is not {want}");
    }
}

fn shape_of(batch: &Value) -> Vec<usize> {
    flat(batch).iter().map(|length| *length as usize).collect()
}

/// The layer `L`, with the weights of a case of a file, computes the output and the gradients of this case. `tensors` names the
/// tensors of `L` in their order; one without a name is zero, and its gradient is not compared. Inference is compared
/// elsewhere, with the twins in f64.
#[track_caller]
pub fn check<X: Tensor, L: Layer<X>>(file: &str, library: &str, name: &str, tensors: &[&str]) {
    let file = load(file);
    let case = &file[library][name];
    for (shape, batch) in [(X::SHAPE, &case["x_shape"]), (L::Y::SHAPE, &case["y_shape"])] {
        assert_eq!(shape_of(batch), [&[2], shape].concat(), "{name}");
    }
    let (mut layer, mut lengths) = (L::NEW, Vec::new());
    layer.tensors_mut(0, &mut |_, values| {
        if values.is_empty() {
            return;
        }
        let name = tensors[lengths.len()];
        lengths.push(values.len());
        if !name.is_empty() {
            values.copy_from_slice(&floats(&case["weights"][name]));
        }
    });
    assert_eq!(lengths.len(), tensors.len(), "{name}: tensors");

    let (x, dy) = (floats(&case["x"]), floats(&case["dy"]));
    let (x, dy) = (X::from_flat(&x), L::Y::from_flat(&dy));
    let passed = passes::train::<2, Yes, X, L>(&layer, x, Some(1), &|_, to| to.copy_from_slice(dy));
    assert_close(L::Y::flat_all(&passed.y), &flat(&case["y"]), 2e-6, &format!("{name}: y"));
    assert_close(X::flat_all(&passed.dx), &flat(&case["dx"]), 2e-5, &format!("{name}: dx"));
    let mut gradient = &passed.gradient[..];
    for (tensor, length) in tensors.iter().zip(lengths) {
        let (of_tensor, rest) = gradient.split_at(length);
        gradient = rest;
        if !tensor.is_empty() {
            let want = flat(&case["gradients"][tensor]);
            assert_close(of_tensor, &want, 2e-5, &format!("{name}: gradient of {tensor}"));
        }
    }
}
