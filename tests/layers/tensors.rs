//! Every layer names its tensors, and counts what it has.

use crate::common::catalogue::{
    LayerVisitor, OptimizerVisitor, for_each_composition, for_each_layer, for_each_optimizer,
};
use crate::common::naive::Twin;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Floats, Tensor, Zero};
use std::collections::BTreeSet;

struct Tensors;

impl LayerVisitor for Tensors {
    fn visit<X: Tensor, L: Twin<X>>(&mut self, stem: &'static str) {
        let mut layer = L::NEW;
        let (mut names, mut count) = (BTreeSet::new(), 0);
        layer.tensors_mut(7, &mut |name, values| {
            assert_eq!(name.shape.iter().product::<usize>(), values.len(), "{stem}: {name:?}");
            assert!((7..7 + L::LAYERS).contains(&name.layer), "{stem}: {name:?} of {} layers", L::LAYERS);
            assert!(names.insert((name.layer, name.tensor)), "{stem}: {name:?} comes twice");
            for value in values {
                *value = count as f32;
                count += 1;
            }
        });
        assert_eq!(count, L::COUNT, "{stem}");
        // The same in the same order to read.
        let mut read = 0;
        layer.tensors(7, &mut |name, values| {
            assert!(names.remove(&(name.layer, name.tensor)), "{stem}: {name:?} is not there to change");
            for value in values {
                assert_eq!(*value, read as f32, "{stem}");
                read += 1;
            }
        });
        assert_eq!(read, L::COUNT, "{stem}");

        let mut floats = 0;
        L::Grad::ZERO.walk(&mut |slice| floats += slice.len());
        assert_eq!((floats, L::Grad::FLOATS), (L::TRAINABLE, L::TRAINABLE), "{stem}");
        floats = 0;
        <L::State<Adam>>::ZERO.walk(&mut |slice| floats += slice.len());
        assert_eq!((floats, <L::State<Adam>>::FLOATS), (2 * L::TRAINABLE, 2 * L::TRAINABLE), "{stem}");
    }
}

#[test]
fn of_every_layer() {
    for_each_layer::<1>(&mut Tensors);
    for_each_layer::<8>(&mut Tensors);
    for_each_composition::<8>(&mut Tensors);
}

struct Numbers;

impl OptimizerVisitor for Numbers {
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, variant: &'static str, optimizer: O) {
        let mut stepped = optimizer.clone();
        stepped.begin_step();
        stepped.begin_step();
        let mut other = optimizer;
        other.set_numbers(&stepped.numbers());
        let read = |optimizer: &O| {
            let mut all = Vec::new();
            optimizer.numbers().walk(&mut |slice| all.extend(slice.iter().map(|f| f.to_bits())));
            all
        };
        assert_eq!(read(&other), read(&stepped), "{stem} {variant}");
        assert_eq!(read(&other).len(), O::Numbers::FLOATS, "{stem} {variant}");
    }
}

#[test]
fn of_every_optimizer() {
    for_each_optimizer(&mut Numbers);
}

#[test]
fn architectures() {
    type Plain = chain![Dense<4, 3, Relu>, Dense<3, 2>];
    type Other = chain![Dense<4, 3, Tanh>, Dense<3, 2>];
    type Dressed = chain![Frozen<Dense<4, 3, Relu>>, Dropout<20>, Dense<3, 2>];
    assert_eq!(Plain::ARCHITECTURE, Dressed::ARCHITECTURE);
    assert_ne!(Plain::ARCHITECTURE, Other::ARCHITECTURE);
}
