use baregrad::prelude::*;
#[test]
fn xor() {
    type Xor = chain![Dense<2, 8, Tanh>, Dense<8, 1, Sigmoid>];
    let x = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let y = [[0.0], [1.0], [1.0], [0.0]];
    let mut rng = Sfc32::seed_from_u64(1);
    let mut model = Trainer::<Xor, BinaryCrossEntropy, Adam, 4>::new(&mut rng);
    model.optimizer.learning_rate = 0.05;
    let e = model.fit(&x, &y, &Fit { epochs: 200, batch_size: 3, ..Fit::default() }).unwrap();
    println!("{e:?} {:?}", model.predict(&x));
    println!("{}", model.summary());
    assert!(e.loss < 0.1);
}
