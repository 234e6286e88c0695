//! Workload U5: a recurrent net, GRU 6→32 and dense 32→6. One step of a stream, and 16 steps of truncated backpropagation through
//! time with Adam.

use crate::board::{figure, instructions, take};
use crate::fnv::Fnv;
use baregrad::prelude::*;
use core::slice::from_ref;
use static_cell::ConstStaticCell;

/// Steps of a window.
const T: usize = 16;
type Window = Sequence<T, 6>;
type Net = chain![Gru<Window, Sequence<T, 32>>, Dense<32, 6>];

/// Six waves.
fn window(number: u32) -> Window {
    let mut window = [[0.0; 6]; T];
    for (t, step) in window.iter_mut().enumerate() {
        for (axis, value) in step.iter_mut().enumerate() {
            let phase = (number * T as u32 + t as u32) * (axis as u32 + 3) % 64;
            *value = (phase as f32 - 32.0) / 32.0;
        }
    }
    window
}

/// Some weights, in flash.
static NET: Net = {
    let mut net = Net::NEW;
    let mut i = 0;
    while i < 3 * 32 * 32 {
        let weight = ((i * 37 % 64) as f32 - 31.5) / 128.0;
        if i < 3 * 6 * 32 {
            net.0.w[i / (6 * 32)][i / 32 % 6][i % 32] = weight;
        }
        net.0.u[i / (32 * 32)][i / 32 % 32][i % 32] = weight;
        net.1.w[i / 6 % 32][i % 6] = weight;
        i += 1;
    }
    net
};

/// The stream has the bits of the window.
pub fn run() -> Result<bool, Error> {
    let (x, mut y, mut memory) = (window(0), [[0.0; 6]; T], Net::MEMORY);
    NET.infer_one(&x, &mut y, &mut [0.0; Net::SCRATCH]);
    let same = x.iter().zip(&y).all(|(x, y)| NET.push(&mut memory, x) == Some(*y));
    let count = instructions(20, || _ = NET.push(&mut memory, &[0.5; 6]));
    say!("a step takes {count} instructions");
    figure("instructions", count);
    figure("weights", Fnv::NEW.with(y.as_flattened()).0);
    Ok(same)
}

/// The net that is trained. It goes on from window to window.
type Trained = chain![StatefulGru<Window, Sequence<T, 32>>, Dense<32, 6>];
type Model = Trainer<Trained, MeanSquaredError, Adam, 1>;
// Where there are vectors, the weights of the state are there twice.
const _: () = assert!(size_of::<Model>() <= 64 * 1024 || cfg!(not(target_os = "none")));

static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::ZERO);

/// The net learns to predict the next window. The loss falls to a half.
pub fn train() -> Result<bool, Error> {
    let model = take(&MODEL);
    model.set_up(MeanSquaredError, Adam::new(0.01));
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    let (mut number, mut first, mut last) = (0, 0.0, Ok(0.0));
    let count = instructions(20, || {
        last = model.step(from_ref(&window(number)), from_ref(&window(number + 1)));
        first = if let (0, Ok(loss)) = (number, &last) { *loss } else { first };
        number += 1;
    });
    let last = last?;
    say!("loss {first:.4}, then {last:.4}: {count} instructions a window, {} bytes", size_of::<Model>());
    figure("instructions", count);
    let (gru, dense) = (&model.net.0, &model.net.1);
    let hash = Fnv::NEW.with(gru.w.as_flattened().as_flattened()).with(gru.u.as_flattened().as_flattened());
    figure("weights", hash.with(gru.b.as_flattened()).with(dense.w.as_flattened()).0);
    Ok(last < 0.5 * first)
}
