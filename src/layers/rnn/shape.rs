use crate::tensor::{Steps, Tensor};

/// What a recurrent layer gives: the states after all steps ([`All`]), or the last one ([`Last`]).
pub trait Returned: Steps {
    /// The state.
    type State: Tensor;
    /// Which states it gives.
    type Which: Which;
}

/// Which states a recurrent layer gives, of `T` steps with `H` numbers.
pub trait Which: 'static {
    /// The output.
    type Y<const T: usize, const H: usize>: Steps<Step = [f32; H]>;
    /// The number of states, if it gives the state after each step.
    const ALL: Option<usize>;
}

/// The states after all `T` steps: Keras' `return_sequences=True`.
pub struct All<const T: usize>;

/// The state after the last step.
pub struct Last;

impl<const N: usize> Which for All<N> {
    type Y<const T: usize, const H: usize> = [[f32; H]; T];
    const ALL: Option<usize> = Some(N);
}

impl Which for Last {
    type Y<const T: usize, const H: usize> = [f32; H];
    const ALL: Option<usize> = None;
}

impl<const T: usize, const H: usize> Returned for [[f32; H]; T] {
    type State = [f32; H];
    type Which = All<T>;
}

impl<const H: usize> Returned for [f32; H] {
    type State = [f32; H];
    type Which = Last;
}

/// The state of a recurrent layer.
pub trait State: Tensor {
    /// One `T` for each number.
    type Each<T: Tensor>: Tensor;
}

impl<const H: usize> State for [f32; H] {
    type Each<T: Tensor> = [T; H];
}
