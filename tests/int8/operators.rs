use crate::case::{Case, case};
use baregrad::Chain;
use baregrad::int8::{self, *};

#[test]
fn dense() {
    fn check<const I: usize, const O: usize>(name: &str) {
        let c = case(name);
        let (w, bias, w_scale) = (c.bytes("w"), c.ints("bias"), c.floats("w_scale"));
        c.check(&Dense::<I, O>::new(&w, &bias, &w_scale, c.from(), c.to(), c.activation()));
        c.check(&Dense::<I, O, 2>::new(&w, &bias, &w_scale, c.from(), c.to(), c.activation()));
    }
    check::<13, 7>("dense relu");
    check::<32, 16>("dense per channel");
    check::<133, 3>("dense long");
    check::<3, 40>("dense halves");
    check::<3, 40>("dense halves per channel");
}

/// A layer with weights, a bias and a scale per output.
macro_rules! check {
    ($name:literal, $layer:ty) => {{
        let c = case($name);
        let (w, bias, w_scale) = (c.bytes("w"), c.ints("bias"), c.floats("w_scale"));
        c.check(&<$layer>::new(&w, &bias, &w_scale, c.from(), c.to(), c.activation()));
    }};
}

#[test]
fn convolutions() {
    check!("conv2d same", Conv2d<Image<7, 6, 3>, Image<7, 6, 5>, 3, 3>);
    check!("conv2d same", Conv2d<Image<7, 6, 3>, Image<7, 6, 5>, 3, 3, 1, 2>);
    check!("conv2d stride", Conv2d<Image<9, 5, 1>, Image<5, 3, 8>, 5, 4, 2>);
    check!("conv2d valid", Conv2d<Image<6, 5, 4>, Image<4, 4, 6>, 3, 2>);
    check!("conv2d 1x1", Conv2d<Image<3, 3, 7>, Image<3, 3, 9>, 1, 1>);
    check!("conv1d same", Conv1d<Sequence<9, 3>, Sequence<9, 4>, 3>);
    check!("conv1d valid stride", Conv1d<Sequence<11, 5>, Sequence<5, 2>, 3, 2>);
}

#[test]
fn convolutions_of_other_windows() {
    check!("conv2d strides", Conv2d<Image<7, 6, 3>, Image<4, 6, 5>, 3, 3, 2, 1, ColumnStride<1>>);
    check!("conv2d strides valid", Conv2d<Image<9, 9, 2>, Image<7, 3, 4>, 3, 2, 1, 1, ColumnStride<3>>);
    check!("conv2d dilated", Conv2d<Image<7, 6, 3>, Image<7, 6, 5>, 3, 3, 1, 1, Dilated<2, 2>>);
    check!("conv2d dilated", Conv2d<Image<7, 6, 3>, Image<7, 6, 5>, 3, 3, 1, 2, Dilated<2, 2, Padded<2, 2>>>);
    check!("conv2d dilated valid", Conv2d<Image<9, 8, 2>, Image<5, 2, 4>, 3, 3, 1, 1, Dilated<2, 3>>);
    check!(
        "conv2d dilated strides",
        Conv2d<Image<7, 6, 3>, Image<4, 6, 4>, 3, 2, 2, 1, ColumnStride<1, Dilated<3, 2>>>
    );
    check!("conv2d dilated far", Conv2d<Image<3, 4, 3>, Image<3, 4, 4>, 3, 3, 1, 1, Dilated<4, 5>>);
    check!("conv1d dilated", Conv2d<Image<9, 1, 3>, Image<9, 1, 4>, 3, 1, 1, 1, Dilated<2, 1>>);
    check!("depthwise2d strides", DepthwiseConv2d<Image<7, 6, 5>, Image<4, 6, 5>, 3, 3, 2, ColumnStride<1>>);
    check!("depthwise2d dilated", DepthwiseConv2d<Image<7, 6, 5>, Image<7, 6, 5>, 3, 3, 1, Dilated<2, 3>>);
    check!("depthwise2d dilated far", DepthwiseConv2d<Image<3, 4, 18>, Image<3, 4, 18>, 3, 3, 1, Dilated<3, 4>>);
}

#[test]
fn several_outputs_of_a_channel() {
    check!("depthwise2d twice", DepthwiseConv2d<Image<7, 6, 9>, Image<4, 3, 18>, 3, 3, 2>);
    check!("depthwise2d three times", DepthwiseConv2d<Image<6, 5, 2>, Image<2, 3, 6>, 3, 2, 1, Dilated<2, 2>>);
}

/// Both layers give the same bytes for some inputs.
fn assert_same<A: Layer, B: Layer<X = A::X, Y = A::Y>, const M: usize, const N: usize>(a: &A, b: &B) {
    let (mut of_a, mut of_b) = (Box::new(Memory::<A, M>::NEW), Box::new(Memory::<B, N>::NEW));
    for seed in 1..6_usize {
        let byte = |i: usize| ((i * i * 37 + i * 89 + seed * 101) >> 2) as u8;
        a.input(&mut of_a).bytes.iter_mut().enumerate().for_each(|(i, x)| *x = byte(i));
        b.input(&mut of_b).bytes.iter_mut().enumerate().for_each(|(i, x)| *x = byte(i));
        assert_eq!(a.infer(&mut of_a).bytes, b.infer(&mut of_b).bytes);
    }
}

/// Windows with padding are those of a layer behind a `Pad`.
#[test]
fn padding_in_windows() {
    let w: Vec<u8> = (0..3 * 35 * 4).map(|i| (i * 53 + i * i * 7) as u8).collect();
    let (x, y) = (Quantization { scale: 0.05, zero_point: -7 }, Quantization { scale: 0.1, zero_point: 3 });

    type Around = Pad<Image<6, 6, 3>, Image<12, 10, 3>, 3, 2>;
    type Valid = Chain<Around, Conv2d<Image<12, 10, 3>, Image<3, 3, 4>, 7, 5, 2>>;
    type Conv = Conv2d<Image<6, 6, 3>, Image<3, 3, 4>, 7, 5, 2, 1, Padded<3, 2>>;
    let valid = Chain(Pad::new(x), Conv2d::new(&w, &[9; 4], &[0.001; 4], x, y, Activation::None));
    let conv = Conv::new(&w, &[9; 4], &[0.001; 4], x, y, Activation::None);
    assert_same::<Valid, Conv, { Valid::ARENA }, { Conv::ARENA }>(&valid, &conv);

    type Below = Pad<Image<5, 6, 4>, Image<7, 9, 4>, 1, 1>;
    type Alone = Chain<Below, DepthwiseConv2d<Image<7, 9, 4>, Image<3, 4, 4>, 3, 3, 2>>;
    type Depthwise = DepthwiseConv2d<Image<5, 6, 4>, Image<3, 4, 4>, 3, 3, 2, Padded<1, 1>>;
    let alone = Chain(Pad::new(x), DepthwiseConv2d::new(&w[..36], &[5; 4], &[0.01; 4], x, y, Activation::Relu));
    let depthwise = Depthwise::new(&w[..36], &[5; 4], &[0.01; 4], x, y, Activation::Relu);
    assert_same::<Alone, Depthwise, { Alone::ARENA }, { Depthwise::ARENA }>(&alone, &depthwise);

    // Of a maximum, only if nothing is less than 0.
    type Largest = Chain<Below, MaxPool<Image<7, 9, 4>, Image<3, 4, 4>, 3, 3, 2>>;
    type Most = MaxPool<Image<5, 6, 4>, Image<3, 4, 4>, 3, 3, 2, Padded<1, 1>>;
    let x = Quantization { zero_point: -128, ..x };
    let largest = Chain(Pad::new(x), MaxPool::new(x, Activation::None));
    let most = Most::new(x, Activation::None);
    assert_same::<Largest, Most, { Largest::ARENA }, { Most::ARENA }>(&largest, &most);
}

#[test]
fn depthwise_convolutions() {
    check!("depthwise2d same", DepthwiseConv2d<Image<7, 6, 3>, Image<7, 6, 3>, 3, 3>);
    check!("depthwise2d stride", DepthwiseConv2d<Image<8, 7, 8>, Image<4, 4, 8>, 3, 3, 2>);
    check!("depthwise2d valid", DepthwiseConv2d<Image<6, 5, 5>, Image<4, 4, 5>, 3, 2>);
    check!("depthwise1d same", DepthwiseConv1d<Sequence<9, 6>, Sequence<9, 6>, 5>);
}

#[test]
fn pools() {
    macro_rules! check {
        ($name:literal, $layer:ty) => {{
            let c = case($name);
            c.check(&<$layer>::new(c.from(), c.activation()));
        }};
    }
    check!("average pool valid", AveragePool<Image<6, 4, 3>, Image<3, 2, 3>, 2, 2, 2>);
    check!("average pool same", AveragePool<Image<5, 6, 5>, Image<5, 6, 5>, 3, 2>);
    check!("average pool global", AveragePool<Image<5, 3, 4>, Image<1, 1, 4>, 5, 3>);
    check!("max pool valid", MaxPool<Image<6, 4, 3>, Image<3, 2, 3>, 2, 2, 2>);
    check!("max pool same", MaxPool<Image<5, 6, 5>, Image<5, 6, 5>, 3, 2>);
    check!("max pool global", MaxPool<Image<5, 3, 4>, Image<1, 1, 4>, 5, 3>);
    check!("average pool strides", AveragePool<Image<7, 6, 3>, Image<4, 6, 3>, 3, 2, 2, ColumnStride<1>>);
    check!("max pool strides", MaxPool<Image<7, 6, 3>, Image<4, 6, 3>, 3, 2, 2, ColumnStride<1>>);
}

#[test]
fn means() {
    let check = |name: &str, layer: fn(&Case)| layer(&case(name));
    check("mean", |c| c.check(&GlobalAveragePool::<Image<5, 3, 4>>::new(c.from(), c.to())));
    check("mean keep", |c| c.check(&GlobalAveragePool::<Image<3, 2, 18>>::new(c.from(), c.to())));
    check("mean of steps", |c| c.check(&GlobalAveragePool::<Sequence<7, 5>>::new(c.from(), c.to())));
    check("mean of the same scale", |c| c.check(&GlobalAveragePool::<Image<3, 2, 18>>::new(c.from(), c.to())));
    check("mean of one", |c| c.check(&GlobalAveragePool::<Image<1, 1, 3>>::new(c.from(), c.to())));
}

#[test]
fn pads() {
    let check = |name: &str, layer: fn(&Case)| layer(&case(name));
    check("pad", |c| c.check(&Pad::<Image<3, 4, 2>, Image<7, 5, 2>, 1, 1>::new(c.from())));
    check("pad rows", |c| c.check(&Pad::<Image<2, 1, 3>, Image<7, 1, 3>, 4, 0>::new(c.from())));
}

/// A dense layer that returns the activations of its input from number `FIRST` on.
fn part<const I: usize, const O: usize, const FIRST: usize>(of: Quantization) -> Dense<I, O> {
    let w: Vec<u8> = (0..I * O).map(|i| u8::from(i % I == FIRST + i / I)).collect();
    Dense::new(&w, &[0; O], &[1.0; O], of, of, Activation::None)
}

#[test]
fn sums() {
    for name in ["add", "add relu"] {
        let c = case(name);
        let (a, b) = (c.quantization("a"), c.quantization("b"));
        let addition = || Addition::new(a, b, c.to(), c.activation());
        // The two halves of the input are what the shortcut and the layers return.
        c.check(&int8::Sum { layers: part::<74, 37, 37>(b), shortcut: part::<74, 37, 0>(a), addition: addition() });
    }
}

#[test]
fn concats() {
    let c = case("concat");
    let of = c.from();
    // The input of a net is one tensor: each branch takes its part of it.
    let first = Chain(part::<21, 6, 0>(of), Reshape::<[u8; 6], Sequence<3, 2>>::new(of));
    let second = Chain(part::<21, 15, 6>(of), Reshape::<[u8; 15], Sequence<3, 5>>::new(of));
    c.check(&Concat::<_, _, 7> { first, second });
    let c = case("concat images");
    let of = c.from();
    let first = Chain(part::<30, 24, 0>(of), Reshape::<[u8; 24], Image<2, 3, 4>>::new(of));
    let second = Chain(part::<30, 6, 24>(of), Reshape::<[u8; 6], Image<2, 3, 1>>::new(of));
    c.check(&Concat::<_, _, 5> { first, second });
}

#[test]
fn functions() {
    let check = |name: &str, layer: fn(&Case)| layer(&case(name));
    for scale in ["0.02", "0.09", "0.4"] {
        check(&format!("sigmoid {scale}"), |c| c.check(&Sigmoid::<[u8; 256]>::new(c.from())));
        check(&format!("tanh {scale}"), |c| c.check(&Tanh::<[u8; 256]>::new(c.from())));
    }
    check("relu", |c| c.check(&Relu::<[u8; 256]>::new(c.from(), c.to(), Activation::Relu)));
    check("relu6", |c| c.check(&Relu::<[u8; 256]>::new(c.from(), c.to(), Activation::Relu6)));
    check("requantize", |c| c.check(&Requantize::<[u8; 256]>::new(c.from(), c.to())));
    check("softmax", |c| c.check(&Softmax::<10>::new(c.from())));
    check("softmax steep", |c| c.check(&Softmax::<3>::new(c.from())));
    check("softmax flat", |c| c.check(&Softmax::<5>::new(c.from())));
}

fn svdf_of<const I: usize, const UNITS: usize, const MEMORY: usize, const RANK: usize>(
    name: &str,
) -> Svdf<I, UNITS, MEMORY, RANK> {
    let c = case(name);
    let (w, time, bias, scales) = (c.bytes("w"), c.bytes("time"), c.ints("bias"), c.floats("w_scale"));
    Svdf::new(&w, &time, &bias, scales, c.from(), c.quantization("state"), c.to())
}

#[test]
fn svdf() {
    case("svdf").check(&svdf_of::<6, 5, 4, 1>("svdf"));
    case("svdf rank 2").check(&svdf_of::<9, 4, 6, 2>("svdf rank 2"));
    case("svdf halves").check(&svdf_of::<2, 40, 2, 1>("svdf halves"));
}

fn lstm_of<const T: usize, const I: usize, const H: usize>(name: &str) -> Lstm<T, I, H> {
    let c = case(name);
    let (w, u, bias) = (c.bytes("w"), c.bytes("u"), c.ints_of("bias"));
    let (w_scale, u_scale): ([f32; 4], [f32; 4]) = (c.floats("w_scale"), c.floats("u_scale"));
    let gate = |g: usize| Gate {
        w: &w[g * H * I..][..H * I],
        u: &u[g * H * H..][..H * H],
        bias: bias[g * H..][..H].try_into().unwrap(),
        w_scale: w_scale[g],
        u_scale: u_scale[g],
    };
    let [cell_scale, cell_clip] = ["cell_scale", "cell_clip"].map(|name| c.floats::<1>(name)[0]);
    Lstm::new([0, 1, 2, 3].map(gate), c.from(), cell_scale, cell_clip, c.to())
}

#[test]
fn lstm() {
    case("lstm").check(&lstm_of::<4, 5, 6>("lstm"));
    case("lstm clipped").check(&lstm_of::<3, 7, 5>("lstm clipped"));
    case("lstm long").check(&lstm_of::<12, 2, 4>("lstm long"));
    case("lstm fine cell").check(&lstm_of::<2, 4, 3>("lstm fine cell"));
}

/// A memory that was reset is like a new one.
#[test]
fn reset() {
    fn check<L: Layer, const N: usize>(layer: &L, name: &str) {
        let mut memory = Memory::<L, N>::NEW;
        for _ in 0..2 {
            for [x, y] in case(name).samples() {
                layer.input(&mut memory).bytes.iter_mut().zip(&x).for_each(|(byte, x)| *byte = x ^ 0x80);
                let bytes = layer.infer(&mut memory).bytes.iter().map(|byte| byte ^ 0x80);
                assert!(bytes.eq(y));
            }
            memory.reset();
        }
    }
    check::<_, { Svdf::<6, 5, 4>::ARENA }>(&svdf_of::<6, 5, 4, 1>("svdf"), "svdf");
    check::<_, { Lstm::<4, 5, 6>::ARENA }>(&lstm_of::<4, 5, 6>("lstm"), "lstm");
}
