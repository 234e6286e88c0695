//! DS-CNN (Zhang et al. 2017; twelve spoken words from 49 frames of ten MFCCs) on a device, and training of its end: of the head, of
//! the last block, or of the last two. What comes before lies in flash. The weights are any numbers: this is about memory.

use crate::board::{figure, instructions, take};
use crate::fnv::Fnv;
use baregrad::net::{Flash, InFlash};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Bytes, FromBytes};
use static_cell::ConstStaticCell;

/// 49 frames of ten MFCCs.
pub type Mfcc = Image<49, 10, 1>;
type Map = Image<25, 5, 64>;
type First = Conv2d<Mfcc, Map, 10, 4, 2, Relu>;
type Block = chain![DepthwiseConv2d<Map, Map, 3, 3, 1, Relu>, Conv2d<Map, Map, 1, 1, 1, Relu>];
type Features = chain![First, Block, Block, Block, Block, GlobalAveragePool];
/// The whole net.
pub type Net = Chain<Features, Dense<64, 12>>;
type InPlaceBlock = InPlace<Block>;
/// The same net, in less memory.
pub type SmallNet = chain![
    First,
    InPlaceBlock,
    InPlaceBlock,
    InPlaceBlock,
    InPlaceBlock,
    GlobalAveragePool,
    Dense<64, 12>
];

/// The first layers, in flash.
pub struct Begin<N>(core::marker::PhantomData<N>);

/// A net in flash, and its type.
macro_rules! flash {
    ($($net:ident: $Net:ty),+) => { $(
        impl Flash for Begin<$Net> {
            type Net = $Net;
            fn net() -> &'static $Net {
                static NET: $Net = <$Net as FromBytes<Random<{ <$Net>::COUNT }>>>::LAYER;
                &NET
            }
        }
    )+ };
}

flash!(features: Features, three: chain![First, Block, Block, Block], two: chain![First, Block, Block]);

/// The net with all of its weights in flash.
static NET: Net = <Net as FromBytes<Random<{ Net::COUNT }>>>::LAYER;
static SMALL_NET: SmallNet = <SmallNet as FromBytes<Random<{ SmallNet::COUNT }>>>::LAYER;

/// As many weights, between −0.3 and 0.3.
pub struct Random<const COUNT: usize>;

impl<const COUNT: usize> Bytes for Random<COUNT> {
    const BYTES: &'static [u8] = const {
        let (mut weights, mut i, mut state) = ([[0; 4]; COUNT], 0, 1_u32);
        while i < COUNT {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223); // Numerical Recipes
            weights[i] = ((state >> 8) as f32 * (0.6 / 16_777_216.0) - 0.3).to_le_bytes();
            i += 1;
        }
        &{ weights }
    }
    .as_flattened();
}

type Trained<N, O> = Trainer<N, SparseCategoricalCrossEntropy<Logits>, O, 1>;
type Head = Trained<chain![InFlash<Begin<Features>>, Dense<64, 12>], Adam>;
type LastBlock =
    Trained<chain![InFlash<Begin<chain![First, Block, Block, Block]>>, Block, GlobalAveragePool, Dense<64, 12>], Adam>;
type LastBlocks =
    Trained<chain![InFlash<Begin<chain![First, Block, Block]>>, Block, Block, GlobalAveragePool, Dense<64, 12>], Sgd>;
type Again = Recompute<Block>;
type All = Trained<chain![First, Again, Again, Again, Again, GlobalAveragePool, Dense<64, 12>], Sgd>;

static HEAD: ConstStaticCell<Head> = ConstStaticCell::new(Trainer::ZERO);
static LAST_BLOCK: ConstStaticCell<LastBlock> = ConstStaticCell::new(Trainer::ZERO);
static LAST_BLOCKS: ConstStaticCell<LastBlocks> = ConstStaticCell::new(Trainer::ZERO);
static ALL: ConstStaticCell<All> = ConstStaticCell::new(Trainer::ZERO);
static SCRATCH: ConstStaticCell<[f32; Net::SCRATCH]> = ConstStaticCell::new([0.0; Net::SCRATCH]);
static SMALL_SCRATCH: ConstStaticCell<[f32; SmallNet::SCRATCH]> = ConstStaticCell::new([0.0; SmallNet::SCRATCH]);

// Beside the weights that are trained, their moments, the activations and the gradients, there are a few words, and the copy of
// a sample that `fit` makes.
const _: () = assert!(size_of::<Head>() <= 76_000 && size_of::<LastBlock>() <= 230_000);
const _: () = assert!(size_of::<LastBlocks>() <= 270_000 && size_of::<All>() <= 365_000 - size_of::<[Map; 1]>());
const _: () = assert!(4 * Net::SCRATCH <= 70_000 && 4 * SmallNet::SCRATCH <= 40_000);

/// Infers with all weights in flash.
pub fn infer() -> Result<bool, Error> {
    infer_with(&NET, take(&SCRATCH))
}

/// Infers in the memory of one activation.
pub fn infer_in_place() -> Result<bool, Error> {
    infer_with(&SMALL_NET, take(&SMALL_SCRATCH))
}

fn infer_with<N: Network<Input = Mfcc, Y = [f32; 12]>, const S: usize>(
    net: &N,
    scratch: &mut [f32; S],
) -> Result<bool, Error> {
    let (x, mut y) = (sample(), [0.0; 12]);
    let count = instructions(1, || net.infer_one(&x, &mut y, scratch));
    say!("an inference takes {count} instructions");
    figure("instructions", count);
    figure("weights", Fnv::NEW.with(&y).0);
    Ok(y.iter().all(|y| y.is_finite()))
}

/// Trains the head.
pub fn head() -> Result<bool, Error> {
    train(take(&HEAD), Adam::new(0.01))
}

/// Trains the last block and the head.
pub fn block() -> Result<bool, Error> {
    train(take(&LAST_BLOCK), Adam::new(0.001))
}

/// Trains the last two blocks and the head.
pub fn blocks() -> Result<bool, Error> {
    train(take(&LAST_BLOCKS), Sgd::new(0.01))
}

/// Trains the whole net. Its blocks keep nothing, and run forward again on the way back.
pub fn all() -> Result<bool, Error> {
    train(take(&ALL), Sgd::new(0.01))
}

/// A few steps on one sample: the loss falls, and every tensor moves.
fn train<N: Network<Input = Mfcc, Y = [f32; 12]>, O: Optimizer>(
    model: &mut Trained<N, O>,
    optimizer: O,
) -> Result<bool, Error> {
    let mut rng = Sfc32::seed_from_u64(1);
    model.set_up(SparseCategoricalCrossEntropy::new(), optimizer);
    model.init(&HeNormal, &mut rng);
    let sample = sample();
    let before = hash(&model.net);
    let first = model.step(&[sample], &[3_u8])?;
    let mut last = Ok(first);
    let count = instructions(3, || last = model.step(&[sample], &[3_u8]));
    let last = last?;
    say!("{} weights in {} bytes: {count} instructions a step", N::TRAINABLE, size_of::<Trained<N, O>>());
    say!("loss {first} at first, then {last}");
    figure("instructions", count);
    figure("weights", hash(&model.net));
    Ok(last < first && hash(&model.net) != before)
}

/// Any sample.
pub fn sample() -> Mfcc {
    let mut rng = Sfc32::seed_from_u64(5);
    core::array::from_fn(|_| core::array::from_fn(|_| [(rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0]))
}

fn hash(net: &impl Params) -> u32 {
    let mut hash = Fnv::NEW;
    net.tensors(0, &mut |_, tensor| hash = hash.with(tensor));
    hash.0
}
