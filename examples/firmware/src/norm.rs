//! U2 with a layer normalisation between its layers: beside U2, what that costs.

use crate::board::{figure, take};
use crate::fnv::Fnv;
use crate::u2::{SAMPLES, START, STEPS};
use baregrad::prelude::*;
use core::slice::from_ref;
use static_cell::ConstStaticCell;

/// 740 parameters.
type Net = chain![Dense<16, 32, Tanh>, LayerNorm<32>, Dense<32, 4>];
type Model = Trainer<Net, MeanSquaredError, Adam, 1>;

static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::ZERO);

/// The loss of the last ten steps is less than half of that of the first ten.
pub fn run() -> Result<bool, Error> {
    let model = take(&MODEL);
    model.set_up(MeanSquaredError, Adam::new(1e-3));
    (model.net.0.w, model.net.0.b) = (START.0.w, START.0.b);
    (model.net.1.1.w, model.net.1.1.b) = (START.1.w, START.1.b);
    let (mut first, mut last) = (0.0, 0.0);
    for (i, (x, y)) in SAMPLES.iter().cycle().take(STEPS).enumerate() {
        let loss = model.step(from_ref(x), from_ref(y))?;
        first += if i < SAMPLES.len() { loss } else { 0.0 };
        last += if i >= STEPS - SAMPLES.len() { loss } else { 0.0 };
    }
    let (a, norm, b) = (&model.net.0, &model.net.1.0, &model.net.1.1);
    let weights = [a.w.as_flattened(), &a.b, &norm.gamma, &norm.beta, b.w.as_flattened(), &b.b];
    let hash = weights.into_iter().fold(Fnv::NEW, |hash, weights| hash.with(weights));
    say!("loss {first} in the first ten steps, {last} in the last ten");
    figure("weights", hash.0);
    Ok(last < first / 2.0)
}
