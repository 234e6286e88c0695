//! A convolution with stride 2 gives half as many steps as it takes.
use baregrad::prelude::*;

type Net = KeepPadding<Conv1d<Sequence<8, 2>, Sequence<4, 3>, 3, 2>>;

fn use_net<N: Network>(_: &N) {}

fn main() {
    use_net(&Net::NEW);
}
