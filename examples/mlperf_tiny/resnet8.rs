//! ResNet-8 (He et al. 2016), as small as it gets: colour images of ten classes, 32 by 32 pixels (CIFAR-10).

use baregrad::prelude::*;

type A = Image<32, 32, 16>;
type B = Image<16, 16, 32>;
type C = Image<8, 8, 64>;
/// Two convolutions, added to their input.
type First = chain![Residual<chain![Conv2d<A, A, 3, 3, 1, Relu>, Conv2d<A, A, 3, 3>]>, Activate<Relu>];
/// Two convolutions that halve the image, added to a convolution of single places that halves it, too.
type Halving<X, Y> =
    chain![Sum<chain![Conv2d<X, Y, 3, 3, 2, Relu>, Conv2d<Y, Y, 3, 3>], Conv2d<X, Y, 1, 1, 2>>, Activate<Relu>];

/// Batch normalisations are folded into the convolutions before them.
pub type ResNet8 = chain![
    Conv2d<Image<32, 32, 3>, A, 3, 3, 1, Relu>,
    First,
    Halving<A, B>,
    Halving<B, C>,
    GlobalAveragePool,
    Dense<64, 10, Softmax>
];
