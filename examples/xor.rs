//! XOR: the script that Keras tutorials end with, line by line, and then a net that is wide enough for it.
//!
//! ```text
//! cargo run --release --example xor
//! ```

use baregrad::prelude::*;
use std::time::Instant;

// X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
const X: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
// y = np.array([[0], [1], [1], [0]])
const Y: [[f32; 1]; 4] = [[0.0], [1.0], [1.0], [0.0]];

// model = Sequential([Dense(2, input_dim=2, activation="relu"), Dense(1, activation="sigmoid")])
type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
type Wide = chain![Dense<2, 8, Tanh>, Dense<8, 1, Sigmoid>];

fn main() -> Result<(), Error> {
    let start = Instant::now();

    // model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    let mut rng = Sfc32::seed_from_u64(1);
    let mut model = Trainer::<Xor, BinaryCrossEntropy, Adam>::new(&mut rng);

    // model.fit(X, y, epochs=1000, batch_size=1, verbose=0)
    model.fit(&X, &Y, &Fit { epochs: 1000, batch_size: 1, ..Fit::default() })?;

    // model.predict(X)
    let p = model.predict(&X);

    // model.evaluate(X, y)
    let mut accuracy = BinaryAccuracy::new();
    let loss = model.evaluate(&X, &Y, &mut accuracy)?;

    let time = start.elapsed();
    println!("{}", model.summary());
    print(&p);
    println!("loss {loss:.3}, accuracy {:.0} %, {time:.1?} for 1000 epochs\n", 100.0 * accuracy.value());

    // Two hidden units are just enough for XOR, and few initial weights lead there: this script, in Keras as well, gets
    // all four right in about 9 % of all runs. With eight units and ten times the rate every run does.
    println!("2 hidden units: {} of 1000 runs get all four right", solved::<Xor>(1e-3)?);
    println!("8 hidden units: {} of 1000\n", solved::<Wide>(0.01)?);

    let mut model = Trainer::<Wide, BinaryCrossEntropy, Adam>::new(&mut rng);
    model.optimizer.learning_rate = 0.01;
    model.fit(&X, &Y, &Fit { epochs: 1000, batch_size: 1, ..Fit::default() })?;
    print(&model.predict(&X));
    Ok(())
}

/// How many of 1000 runs, each from other initial weights, end with all four right.
fn solved<N: Network<Input = [f32; 2], Y = [f32; 1]>>(learning_rate: f32) -> Result<usize, Error> {
    let mut count = 0;
    for seed in 0..1000 {
        let mut model = Trainer::<N, BinaryCrossEntropy, Adam>::new(&mut Sfc32::seed_from_u64(seed));
        model.optimizer.learning_rate = learning_rate;
        model.fit(&X, &Y, &Fit { epochs: 1000, batch_size: 1, ..Fit::default() })?;
        let mut accuracy = BinaryAccuracy::new();
        model.evaluate(&X, &Y, &mut accuracy)?;
        count += usize::from(accuracy.value() == 1.0);
    }
    Ok(count)
}

fn print(p: &[[f32; 1]; 4]) {
    for ([a, b], [p]) in X.iter().zip(p) {
        println!("{a} xor {b}: {p:.3}");
    }
}
