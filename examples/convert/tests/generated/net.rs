//! Made by baregrad-convert from "a.onnx\npub fn f() {}\r*/ \" `\\ \u{2028}\u{202e}": make it again instead of changing it.

use baregrad::prelude::*;

/// 3 numbers to 3.
pub type Net = chain![
    Rescale<3>,
    Activate<Tanh>,
    Dropout<7>,
    LayerNorm<3>,
    Dense<3, 3, LeakyRelu<123>>,
    LayerNorm<3>,
    Rescale<3>,
    LayerNorm<3>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = {
    let mut net = baregrad::include_model!(Net, "net.bgrd");
    net.1.1.1.0.epsilon = 1e-5;
    net.1.1.1.1.1.1.1.epsilon = 1e-12;
    net
};

/// A sample to try it with.
pub static SAMPLE: [f32; 3] = [
    1.0, -2.5, 1e-40,
];
