//! Made by baregrad-convert from "steps.keras": make it again instead of changing it.

use baregrad::prelude::*;

type Map1 = Sequence<6, 2>;
type Map2 = Sequence<6, 3>;
type Map3 = Sequence<6, 6>;
type Map4 = Sequence<6, 4>;

/// 6 numbers to 4.
pub type Net = chain![
    Embedding<[f32; 6], Map1, 5, Masked>,
    Bidirectional<Gru<Map1, Map2, Masked>, 6>,
    SimpleRnn<Map3, Map1, Relu, (Masked, Backwards)>,
    Dense<2, 4, Tanh>,
    Lstm<Map4, Map1, (), 2>,
    Concat<Lstm<Map1, [f32; 2], (), 0, 2>, GlobalMaxPool, 4>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = baregrad::include_model!(Net, "steps.bgrd");

/// A sample to try it with.
pub static SAMPLE: [f32; 6] = [
    1.0, 4.0, 2.0, 3.0, 0.0, 0.0,
];
