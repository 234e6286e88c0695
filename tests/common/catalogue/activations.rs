use baregrad::activations::Activation;
use baregrad::prelude::*;

/// Sees every activation.
pub trait ActivationVisitor {
    fn visit<A: Activation>(&mut self, stem: &'static str);
}

#[rustfmt::skip]
pub fn for_each_activation(v: &mut impl ActivationVisitor) {
    v.visit::<Elu>("elu");
    v.visit::<Gelu>("gelu");
    v.visit::<GeluTanh>("gelu");
    v.visit::<HardSigmoid>("hard_sigmoid");
    v.visit::<HardSwish>("hard_swish");
    v.visit::<LeakyRelu>("leaky_relu");
    v.visit::<Linear>("linear");
    v.visit::<LogSoftmax>("log_softmax");
    v.visit::<Relu>("relu");
    v.visit::<Relu6>("relu6");
    v.visit::<Selu>("selu");
    v.visit::<Sigmoid>("sigmoid");
    v.visit::<Silu>("silu");
    v.visit::<Softmax>("softmax");
    v.visit::<Softplus>("softplus");
    v.visit::<Softsign>("softsign");
    v.visit::<Tanh>("tanh");
}
