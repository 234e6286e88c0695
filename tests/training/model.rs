//! Model files: the layout, what is refused, and that a run goes on from a checkpoint with the same bits.

use crate::common::cases::cases;
use crate::common::catalogue::{LayerVisitor, OptimizerVisitor, for_each_layer_and_composition, for_each_optimizer};
use crate::common::naive::Twin;
use baregrad::clipping::{ClipNorm, ClipValue, GlobalClipNorm};
use baregrad::file::{self, Part, Saved, Slice};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;
use baregrad::{Accumulate, Buffered, Direct, NonFinite};

type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
type Model<O> = Trainer<chain![Dense<3, 4, Tanh>, Dropout<30>, Dense<4, 2>], MeanSquaredError, O, 2>;

/// Made by `tests/reference/make_model_file.py`.
const XOR: &[u8; Xor::FILE_LEN] = include_bytes!("../reference/xor.bgrd");

fn random<N: Params>(seed: u64) -> N {
    let mut net = N::NEW;
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed));
    net
}

/// All numbers, as bits.
pub fn words<T: Saved>(value: &T) -> Vec<u32> {
    let mut all = Vec::new();
    value.walk(&mut |_, slice| add(&mut all, slice));
    all
}

fn add(all: &mut Vec<u32>, slice: Slice<'_>) {
    match slice {
        Slice::Floats(floats) => all.extend(floats.iter().map(|f| f.to_bits())),
        Slice::Words(words) => all.extend(words),
    }
}

pub fn encoded<T: Saved>(value: &T) -> Vec<u8> {
    let mut file = vec![0; T::FILE_LEN];
    assert_eq!(file::encode(value, &mut file), Ok(T::FILE_LEN));
    file
}

/// Fails unless the file is refused, and the value stays as it was. Gives the error.
#[track_caller]
fn refused<T: Saved>(value: &mut T, file: &[u8]) -> ModelError {
    let before = words(value);
    let error = file::decode(value, file).expect_err("it should be refused");
    assert_eq!(words(value), before, "{error}");
    assert!(!error.to_string().is_empty());
    error
}

/// With its checksum made right.
fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    digest.update(&file[..28]);
    digest.update(&file[32..]);
    file[28..32].copy_from_slice(&digest.finalize().to_le_bytes());
    file
}

#[test]
fn a_file_of_another_language() {
    let mut net = Xor::NEW;
    file::decode(&mut net, XOR).unwrap();
    assert_eq!((net.0.w, net.0.b), ([[1.0, 0.75], [1.0, 0.75]], [0.0, -0.75]));
    assert_eq!((net.1.w, net.1.b), ([[2.0], [-6.0]], [-0.5]));
    assert_eq!(encoded(&net), XOR);
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let mut trainer = Model::<Adam>::new(&mut Sfc32::seed_from_u64(1));
    let checkpoint = encoded(&trainer);
    all_damages(&mut random::<Xor>(1), XOR);
    all_damages(&mut trainer, &checkpoint);
}

fn all_damages<T: Saved>(value: &mut T, file: &[u8]) {
    for bit in 0..8 * file.len() {
        let mut file = file.to_vec();
        file[bit / 8] ^= 1 << (bit % 8);
        refused(value, &file);
    }
    for len in 0..file.len() {
        let error = refused(value, &file[..len]);
        assert_eq!(error, ModelError::Truncated { bytes: len, needed: if len < 32 { 32 } else { T::FILE_LEN } });
    }
}

#[test]
fn each_fault_has_its_error() {
    let net = &mut random::<Xor>(2);
    let damaged = |at: usize, byte: u8| {
        let mut file = XOR.to_vec();
        file[at] = byte;
        sealed(file)
    };
    let (bytes, needed) = (Xor::FILE_LEN + 4, Xor::FILE_LEN);
    assert_eq!(refused(net, &[XOR, &[0; 4][..]].concat()), ModelError::Surplus { bytes, needed });
    assert_eq!(refused(net, &damaged(0, b'b')), ModelError::Magic { found: *b"bGRD" });
    assert_eq!(refused(net, &damaged(4, 3)), ModelError::Version { found: 3, known: 2 });
    let older = include_bytes!("../reference/xor_version_1.bgrd");
    assert_eq!(refused(net, older), ModelError::Version { found: 1, known: 2 });
    assert_eq!(refused(net, &damaged(6, 2)), ModelError::Contents { found: 2, needed: 1 });
    assert_eq!(refused(net, &damaged(16, 7)), ModelError::Optimizer { found: 7, needed: 0 });
    assert_eq!(refused(net, &damaged(6, 3)), ModelError::PayloadLength { found: 48, needed: 48 });

    let needed = Xor::ARCHITECTURE.fingerprint();
    let other = &mut random::<chain![Dense<2, 2, Tanh>, Dense<2, 1, Sigmoid>]>(3);
    let other_needed = <chain![Dense<2, 2, Tanh>, Dense<2, 1, Sigmoid>]>::ARCHITECTURE.fingerprint();
    let (layer, kind) = (0, "Dense");
    assert_eq!(refused(other, XOR), ModelError::Architecture { found: needed, needed: other_needed, layer, kind });

    let mut damage = XOR.to_vec();
    damage[40] ^= 1;
    let stored = u32::from_le_bytes(*XOR[28..].first_chunk().unwrap());
    assert!(
        matches!(refused(net, &damage), ModelError::Checksum { stored: s, computed } if s == stored && computed != s)
    );

    // A file that is whole, but of a net with fewer weights than the fingerprint says.
    let mut short = XOR[..Xor::FILE_LEN - 4].to_vec();
    short[24] -= 4;
    assert_eq!(refused(net, &sealed(short)), ModelError::PayloadLength { found: 44, needed: 48 });

    let mut small = [0; Xor::FILE_LEN - 1];
    let (bytes, needed) = (small.len(), Xor::FILE_LEN);
    assert_eq!(file::encode(net, &mut small), Err(ModelError::BufferTooSmall { bytes, needed }));
    assert_eq!(small, [0; Xor::FILE_LEN - 1]);
}

#[test]
fn a_file_of_another_net_names_the_first_layer_that_differs() {
    type Net = chain![First, Dropout<10>, LayerNorm<3>, Residual<chain![Dense<3, 2>, Inner]>, Activate<Elu>, Last];
    type First = Dense<2, 3, Relu>;
    type Inner = Dense<2, 3, Tanh>;
    type Last = Dense<3, 1>;
    #[track_caller]
    fn names<Other: Params>(layer: usize, kind: &str) {
        let mut net = random::<Net>(1);
        let error = refused(&mut net, &encoded(&random::<Other>(2)));
        let ModelError::Architecture { found, needed, layer: first, kind: name } = error else { panic!("{error}") };
        assert_eq!((found, needed), (Other::ARCHITECTURE.fingerprint(), Net::ARCHITECTURE.fingerprint()));
        assert_eq!((first, name), (layer, kind));
    }
    // Dropout has no word, and counts.
    type Rest = chain![LayerNorm<3>, Residual<chain![Dense<3, 2>, Inner]>, Activate<Elu>, Last];
    file::decode(&mut random::<Net>(1), &encoded(&random::<chain![First, Rest]>(2))).unwrap();
    names::<chain![Dense<2, 3, Tanh>, Rest]>(0, "Dense"); // another activation only
    assert_ne!(Dense::<2, 3, LeakyRelu<20>>::ARCHITECTURE, Dense::<2, 3, LeakyRelu<30>>::ARCHITECTURE, "another slope");
    names::<chain![Dense<2, 4, Relu>, Rest]>(0, "Dense");
    names::<Rest>(0, "Dense");
    names::<chain![Rescale<2>, First, Rest]>(0, "Dense");
    names::<chain![First, LayerNorm<4>, Residual<chain![Dense<3, 2>, Inner]>, Activate<Elu>, Last]>(
        2,
        "LayerNormalization",
    );
    names::<chain![First, LayerNorm<3>, Dense<3, 2>, Inner, Activate<Elu>, Last]>(3, "Dense"); // no block around
    names::<chain![First, LayerNorm<3>, Residual<chain![Dense<3, 2>, Dense<2, 3>]>, Activate<Elu>, Last]>(4, "Dense");
    names::<chain![First, LayerNorm<3>, Residual<chain![Dense<3, 2>, Inner, Last]>, Activate<Elu>, Last]>(5, "");
    names::<chain![First, LayerNorm<3>, Residual<chain![Dense<3, 2>, Inner]>, Activate<Selu>, Last]>(5, "");
    names::<chain![First, LayerNorm<3>, Residual<chain![Dense<3, 2>, Inner]>, Activate<Elu>, Dense<3, 2>]>(6, "Dense");
    names::<chain![First, LayerNorm<3>, Residual<chain![Dense<3, 2>, Inner]>, Activate<Elu>]>(6, "Dense"); // it is missing
    names::<chain![Net, Last]>(7, ""); // one more
    names::<Dropout<10>>(0, "Dense");

    let checkpoint = encoded(&Model::<Adam>::new(&mut Sfc32::seed_from_u64(1)));
    let error = refused(&mut random::<chain![Dense<3, 4, Tanh>, Dense<4, 3>]>(1), &checkpoint);
    assert_eq!(error.to_string(), "the file belongs to another net: the first layer that differs is layer 1 (Dense)");
    let error = refused(&mut random::<chain![Dense<3, 4, Tanh>, Activate<Elu>]>(1), &checkpoint);
    assert_eq!(error.to_string(), "the file belongs to another net: the first layer that differs is layer 1");

    // A file whose payload ends within its table.
    let mut short = XOR[..36].to_vec();
    short[24] = 4;
    let other = &mut random::<chain![Dense<2, 2, Relu>, Dropout<10>, Dense<2, 1>]>(1);
    assert!(matches!(refused(other, &sealed(short)), ModelError::Architecture { layer: 2, kind: "Dense", .. }));
}

#[test]
fn numbers_that_are_not_finite() {
    for value in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
        let mut net = random::<Xor>(4);
        net.1.w[1][0] = value;
        let mut file = vec![0; Xor::FILE_LEN];
        let found = |error| match error {
            ModelError::NonFinite { part: Part::Tensor(name), index: 1, .. } => (name.layer, name.tensor) == (1, "w"),
            _ => false,
        };
        assert!(found(file::encode(&net, &mut file).unwrap_err()));
        file::encode_any(&net, &mut file).unwrap();
        let mut other = random::<Xor>(5);
        assert!(found(refused(&mut other, &file)));
        file::decode_any(&mut other, &file).unwrap();
        assert!(other.1.w[1][0] == value || value.is_nan() && other.1.w[1][0].is_nan());
    }
    // All NaNs are one.
    let mut files = [0x7f80_0001, 0xffff_ffff, 0x7fc0_0000].map(|bits| {
        let mut net = random::<Xor>(6);
        net.0.b[0] = f32::from_bits(bits);
        let mut file = vec![0; Xor::FILE_LEN];
        file::encode_any(&net, &mut file).unwrap();
        file
    });
    files.sort();
    assert!(files[0] == files[2] && files[0][60..64] == [0, 0, 0xc0, 0x7f]);

    let mut trainer = Model::<Adam>::new(&mut Sfc32::seed_from_u64(1));
    trainer.state.0.1[1][2] = f32::INFINITY;
    let mut file = vec![0; Model::<Adam>::FILE_LEN];
    let error = ModelError::NonFinite { part: Part::Moments, index: 6, value: NonFinite::Infinity };
    assert_eq!(file::encode(&trainer, &mut file), Err(error));
    file::encode_any(&trainer, &mut file).unwrap();
    assert_eq!(refused(&mut Model::<Adam>::new(&mut Sfc32::seed_from_u64(2)), &file), error);
}

#[test]
fn checkpoints_and_weights() {
    let trainer = Model::<Momentum>::new(&mut Sfc32::seed_from_u64(1));
    let file = encoded(&trainer);
    // A net takes the weights of a checkpoint, a frozen one too.
    let mut net = <chain![Frozen<Dense<3, 4, Tanh>>, Dense<4, 2>]>::NEW;
    file::decode(&mut net, &file).unwrap();
    assert_eq!(net.1.w, trainer.net.1.1.w);
    // A trainer wants the state of the training, and that of its own optimiser.
    let mut other = Model::<Momentum>::new(&mut Sfc32::seed_from_u64(2));
    assert_eq!(refused(&mut other, &encoded(&net)), ModelError::Contents { found: 1, needed: 3 });
    let mut nesterov = Model::<Nesterov>::new(&mut Sfc32::seed_from_u64(2));
    assert!(matches!(refused(&mut nesterov, &file), ModelError::Optimizer { .. }));
}

/// What is around an optimiser makes another kind of it, even where the numbers are as many.
#[test]
fn checkpoints_of_wrapped_optimizers() {
    type Model<O> = Trainer<Dense<2, 1>, MeanSquaredError, O, 1, Buffered>;
    #[track_caller]
    fn only_its_own<O: Optimizer>(optimizer: O, all: &[&[u8]]) {
        let mut model = Model::untrained(MeanSquaredError, optimizer);
        let own = encoded(&model);
        assert_eq!(all.iter().filter(|file| ***file == own).count(), 1);
        for file in all.iter().filter(|file| ***file != own) {
            assert!(matches!(refused(&mut model, file), ModelError::Optimizer { .. }));
        }
    }
    macro_rules! check {
        ($($optimizer:expr),+ $(,)?) => {
            let all = [$(encoded(&Model::untrained(MeanSquaredError, $optimizer))),+];
            let all: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
            $(only_its_own($optimizer, &all);)+
        };
    }
    let sgd = || Sgd::new(0.5);
    check! {
        sgd(),
        WeightDecay::of(sgd(), 0.5),
        CoupledWeightDecay::of(sgd(), 0.5),
        ClipValue::new(sgd(), 0.5),
        ClipNorm::new(sgd(), 0.5),
        GlobalClipNorm::new(sgd(), 0.5),
        ClipValue::new(ClipNorm::new(sgd(), 0.5), 0.5),
        ClipNorm::new(ClipValue::new(sgd(), 0.5), 0.5),
        Scheduled::new(sgd(), ConstantRate(0.5)),
        WeightDecay::of(Scheduled::new(sgd(), ConstantRate(0.5)), 0.5),
        Scheduled::new(WeightDecay::of(sgd(), 0.5), ConstantRate(0.5)),
    }
}

/// A limit of ∞ is off. It can be saved, and is off after it is read; NaN cannot be saved.
#[test]
fn checkpoints_of_limits_that_are_off() {
    type Model<O> = Trainer<Dense<2, 1>, MeanSquaredError, O, 1, Buffered>;
    fn check<O: Optimizer>(optimizer: impl Fn(f32) -> O) {
        let run = |limit| {
            let mut model = Model::untrained(MeanSquaredError, optimizer(0.5));
            file::decode(&mut model, &encoded(&Model::untrained(MeanSquaredError, optimizer(limit)))).unwrap();
            model.step(&[[1e9, 2.0]], &[[1e9]]).unwrap();
            words(&model.net)
        };
        let mut free = Model::untrained(MeanSquaredError, Sgd::new(0.5));
        free.step(&[[1e9, 2.0]], &[[1e9]]).unwrap();
        assert_eq!(run(f32::INFINITY), words(&free.net));
        assert_ne!(run(1.0), words(&free.net));
        let error = file::encode(&Model::untrained(MeanSquaredError, optimizer(f32::NAN)), &mut [0; 500]);
        assert!(matches!(error, Err(ModelError::NonFinite { .. })), "{error:?}");
    }
    check(|limit| ClipValue::new(Sgd::new(0.5), limit));
    check(|limit| ClipNorm::new(Sgd::new(0.5), limit));
    check(|limit| GlobalClipNorm::new(Sgd::new(0.5), limit));
}

/// A checkpoint of one kind.
trait Kind {
    fn file(&self) -> Vec<u8>;
    fn takes(&mut self, file: &[u8]) -> bool;
}

impl<T: Saved> Kind for T {
    fn file(&self) -> Vec<u8> {
        encoded(self)
    }

    fn takes(&mut self, file: &[u8]) -> bool {
        file::decode(self, file).is_ok()
    }
}

/// Checkpoints of one length, in which the same number means something else: each kind takes its own alone.
#[test]
fn no_checkpoint_is_taken_by_another_kind() {
    type D<A = Linear> = Dense<3, 3, A>;
    fn kinds<N: Network + 'static>(all: &mut Vec<Box<dyn Kind>>) {
        macro_rules! add {
            ($($optimizer:expr),+ $(,)?) => {
                $(all.push(Box::new(Trainer::<N, MeanSquaredError, _, 1, Buffered>::untrained(MeanSquaredError, $optimizer)));)+
            };
        }
        // Two moments per weight, and eight numbers.
        let (adam, rmsprop) = (Adam::default, || RmsProp::centered(1e-3));
        add! {
            Nadam::default(),
            WeightDecay::of(adam(), 0.5),
            CoupledWeightDecay::of(adam(), 0.5),
            ClipValue::new(adam(), 0.5),
            ClipNorm::new(adam(), 0.5),
            GlobalClipNorm::new(adam(), 0.5),
            Scheduled::new(Adamax::default(), ConstantRate(0.5)),
            ClipValue::new(Scheduled::new(rmsprop(), ConstantRate(0.5)), 0.5),
            Scheduled::new(ClipValue::new(rmsprop(), 0.5), ConstantRate(0.5)),
            ClipValue::new(Scheduled::new(RmsProp::with_momentum(1e-3, 0.9), ConstantRate(0.5)), 0.5),
        }
    }
    let mut all = Vec::new();
    kinds::<chain![Frozen<D>, D]>(&mut all);
    kinds::<chain![D, Frozen<D>]>(&mut all);
    kinds::<chain![D<Tanh>, Frozen<D>]>(&mut all);
    kinds::<Sum<Frozen<D>, D>>(&mut all);
    kinds::<chain![D, Frozen<Residual<D>>]>(&mut all);
    let files: Vec<_> = all.iter().map(|kind| kind.file()).collect();
    // All have as many numbers after their tables.
    let numbers = |file: &Vec<u8>| file[32..].chunks(4).skip_while(|word| **word != [0; 4]).count();
    assert!(files.iter().all(|file| numbers(file) == numbers(&files[0])));
    for (i, kind) in all.iter_mut().enumerate() {
        for (j, file) in files.iter().enumerate() {
            assert_eq!(kind.takes(file), i == j, "kind {i}, file {j}");
        }
    }
}

/// Which layers are trained is part of a checkpoint, however it is written down; of weights alone it is not.
#[test]
fn checkpoints_of_partly_trained_nets() {
    type D = Dense<3, 3>;
    type Model<N, G = Buffered> = Trainer<N, MeanSquaredError, Momentum, 1, G>;
    fn takes<A: Saved, B: Saved>(mut a: A, b: B) -> bool {
        a.takes(&b.file())
    }
    macro_rules! check {
        ($($a:ty | $b:ty: $same:expr;)+) => { $(
            let rng = || Sfc32::seed_from_u64(1);
            assert_eq!(takes(Model::<$a>::new(&mut rng()), Model::<$b>::new(&mut rng())), $same);
            assert!(takes(<$a>::NEW, Model::<$b>::new(&mut rng())), "the weights");
        )+ };
    }
    check! {
        FreezeFirst<2, chain![D, D, D]> | chain![Frozen<D>, Frozen<D>, D]: true;
        chain![D, Recompute<D>] | chain![Recompute<D>, Dropout<20>, D]: true;
        chain![Dense<3, 3, Linear, L2<1>>, D] | chain![D, D]: true;
        chain![BiasOnly<D>, Frozen<D>] | chain![Frozen<D>, BiasOnly<D>]: false;
        chain![Frozen<D>, D, Frozen<chain![D, D]>] | chain![Frozen<chain![D, D]>, D, Frozen<D>]: false;
    }
    let new = |seed| Model::<D, Accumulate<2>>::new(&mut Sfc32::seed_from_u64(seed));
    assert!(takes(new(1), new(2)) && !takes(new(1), Model::<D>::new(&mut Sfc32::seed_from_u64(1))));
    let direct = Model::<D, Direct>::new(&mut Sfc32::seed_from_u64(1));
    assert!(takes(direct, Model::<D>::new(&mut Sfc32::seed_from_u64(1))), "what is done with a gradient between steps");
}

struct EveryLayer;

impl LayerVisitor for EveryLayer {
    fn visit<X: Tensor, L: Twin<X>>(&mut self, stem: &'static str) {
        let (net, mut other) = (random::<L>(1), random::<L>(2));
        file::decode(&mut other, &encoded(&net)).unwrap();
        assert_eq!(words(&other), words(&net), "{stem}");
        let mut table = 0;
        L::table(&mut |_, _| table += 1);
        assert_eq!((table, words(&net).len()), (L::TABLE, L::WORDS - L::TABLE), "{stem}");
    }
}

#[test]
fn every_layer_comes_back() {
    for_each_layer_and_composition::<5>(&mut EveryLayer);
}

/// Stops a run after each of its steps.
struct Resumed {
    seed: u64,
}

impl OptimizerVisitor for Resumed {
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, variant: &'static str, optimizer: O) {
        const STEPS: u32 = 12;
        let rng = &mut Sfc32::seed_from_u64(self.seed);
        let mut data = [0.0; 5 * STEPS as usize];
        data.fill_with(|| rng.next_u32() as f32 / 2e9 - 1.0);
        let (data, _) = data.as_chunks::<5>();
        let step = |model: &mut Model<O>| {
            let [x @ .., a, b] = data[model.progress as usize];
            model.progress += 1;
            // Rates may change in the course of a run.
            let loss = model.step(&[x, [a, b, x[0]]], &[[a, b], [b, x[1]]]).unwrap();
            loss.to_bits()
        };
        let mut whole = Model::<O>::untrained(MeanSquaredError, optimizer.clone());
        whole.init(&GlorotUniform, rng);
        let mut files = vec![encoded(&whole)];
        let mut losses = Vec::new();
        for _ in 0..STEPS {
            losses.push(step(&mut whole));
            files.push(encoded(&whole));
        }
        for (done, file) in files.iter().enumerate() {
            let mut resumed = Model::<O>::untrained(MeanSquaredError, optimizer.clone());
            file::decode(&mut resumed, file).unwrap();
            assert_eq!(resumed.progress as usize, done);
            for loss in &losses[done..] {
                assert_eq!(step(&mut resumed), *loss, "{stem} {variant} from step {done}");
            }
            assert_eq!(encoded(&resumed), files[STEPS as usize], "{stem} {variant} from step {done}");
        }
    }
}

/// Checkpoints of all optimisers, each with the losses of the steps after it.
#[derive(Default)]
struct Crossed {
    files: Vec<(String, Vec<u8>, [u32; 4])>,
    /// Whether all files are there.
    read: bool,
}

impl OptimizerVisitor for Crossed {
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, variant: &'static str, optimizer: O) {
        let step = |model: &mut Model<O>| model.step(&[[0.5, -1.0, 0.25]], &[[1.0, -0.5]]).unwrap().to_bits();
        let mut model = Model::<O>::untrained(MeanSquaredError, optimizer);
        model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
        step(&mut model);
        if !self.read {
            return self.files.push((format!("{stem} {variant}"), encoded(&model), [(); 4].map(|()| step(&mut model))));
        }
        for (name, file, losses) in &self.files {
            if file::decode(&mut model, file).is_ok() {
                assert_eq!([(); 4].map(|()| step(&mut model)), *losses, "{name} goes on as {stem} {variant}");
            }
        }
    }
}

#[test]
fn no_checkpoint_goes_on_as_another_optimizer() {
    let mut crossed = Crossed::default();
    for_each_optimizer(&mut crossed);
    crossed.read = true;
    for_each_optimizer(&mut crossed);
}

#[test]
fn a_run_goes_on_with_the_same_bits() {
    cases(24, |draw| {
        let seed = draw.seed();
        for_each_optimizer(&mut Resumed { seed });
    });
}

#[test]
fn a_fit_goes_on_with_the_same_bits() {
    cases(24, |draw| {
        let (seed, epochs) = (draw.seed(), draw.within(1..=4));
        let (x, y) = ([[0.5, -1.0, 0.25], [1.0, 0.0, -0.5], [0.0, 1.0, 2.0]], [[0.5, 1.0], [1.0, -0.5], [0.0, 0.0]]);
        let fit = |epochs| Fit { epochs, batch_size: 2, ..Fit::default() };
        let mut whole = Model::<Adam>::new(&mut Sfc32::seed_from_u64(seed));
        whole.fit(&x, &y, &fit(epochs)).unwrap();
        let file = encoded(&whole);
        whole.fit(&x, &y, &fit(3)).unwrap();
        let mut resumed = Model::<Adam>::new(&mut Sfc32::NEW.clone());
        file::decode(&mut resumed, &file).unwrap();
        resumed.fit(&x, &y, &fit(3)).unwrap();
        assert_eq!(words(&resumed), words(&whole));
    });
}
