//! What holds for every layer: all ways through it give the same bits.

use crate::common::catalogue::{LayerVisitor, for_each_composition, for_each_layer};
use crate::common::naive::Twin;
use crate::common::numbers::{bits, tensors};
use crate::common::passes::{self, SetDy};
use crate::common::weights;
use baregrad::net::End;
use baregrad::tensor::{No, Tensor, Yes};

const BATCH: usize = 3;

struct Layers;

impl LayerVisitor for Layers {
    fn visit<X: Tensor, L: Twin<X>>(&mut self, stem: &'static str) {
        let layer: L = weights::random(4);
        let x: Vec<X> = tensors(BATCH, 11);
        let bits_of = |y: Vec<L::Y>| bits(L::Y::flat_all(&y));
        let forward = |x: &[X]| bits_of(passes::forward::<BATCH, X, L>(&layer, x, None));
        let want = forward(&x);
        for (x, want) in x.iter().zip(want.chunks(L::Y::LEN)) {
            assert_eq!(forward(&[*x]), want, "{stem}: a batch and its samples");
        }
        assert_eq!(bits_of(passes::infer(&layer, &x)), want, "{stem}: inference");
        for end in [End::Front, End::Back] {
            let y = passes::infer_within(&layer, &x, end);
            assert_eq!(bits_of(y), want, "{stem}: inference within the work space");
        }
        for from in [None, Some(End::Front), Some(End::Back)] {
            let y = passes::infer_into(&layer, &x, from);
            assert_eq!(bits_of(y), want, "{stem}: inference into the work space");
        }
        for within in [false, true] {
            let y = passes::cross::<BATCH, X, L>(&layer, &x, within);
            assert_eq!(bits_of(y), want, "{stem}: from buffer to buffer");
        }

        let dy: Vec<L::Y> = tensors(BATCH, 12);
        for batch in [1, BATCH] {
            let step =
                |direct| bits(&passes::step::<BATCH, X, L>(&mut weights::random(4), &x[..batch], &dy[..batch], direct));
            assert_eq!(step(true), step(false), "{stem}: a step with and without a stored gradient");
        }

        let set_dy: SetDy<L::Y> = &|_, to| to.copy_from_slice(&dy);
        let with_dx = passes::train::<BATCH, Yes, X, L>(&layer, &x, Some(9), set_dy);
        let without_dx = passes::train::<BATCH, No, X, L>(&layer, &x, Some(9), set_dy);
        assert_eq!(bits(&with_dx.gradient), bits(&without_dx.gradient), "{stem}: a gradient with and without dx");
    }
}

#[test]
fn all_ways_give_the_same_bits() {
    for_each_layer::<1>(&mut Layers);
    for_each_layer::<8>(&mut Layers);
    for_each_layer::<17>(&mut Layers);
    for_each_composition::<8>(&mut Layers);
}
