//! Faults of optimisers.

use super::fault::{Fault, planted};
use baregrad::optimizers::{Moments, Optimizer};
use baregrad::tensor::Floats;
use baregrad::{Architecture, Lanes};

/// An optimiser that has the planted fault, or none.
#[derive(Clone)]
pub struct PlantedOptimizer<O>(O);

/// Keras' default for AdamW.
const DECAY: f32 = 0.004;

impl<O: Optimizer> PlantedOptimizer<O> {
    /// Some faults are wrong numbers: of Adam they are the rate, β₁, β₂, ε, whether ε comes after the correction, and both
    /// corrections; RMSprop has ε's place at the same index; AdamW has the decay behind them.
    pub fn of(optimizer: O) -> Self {
        let mut planted_in = PlantedOptimizer(optimizer);
        match planted() {
            Fault::BetasSwapped => planted_in.change(|numbers| numbers.swap(1, 2)),
            Fault::EpsilonElsewhere => planted_in.change(|numbers| numbers[4] = 1.0),
            Fault::DecayCoupled => planted_in.change(|numbers| numbers[7] = 0.0),
            _ => {}
        }
        planted_in
    }

    fn change(&mut self, change: impl FnOnce(&mut [f32])) {
        let (mut numbers, mut all) = (self.0.numbers(), Vec::new());
        numbers.walk(&mut |values| all.extend(values));
        change(&mut all);
        let mut all = all.into_iter();
        numbers.walk_mut(&mut |values| values.iter_mut().zip(&mut all).for_each(|(number, new)| *number = new));
        self.0.set_numbers(&numbers);
    }
}

impl<const M: usize, O: Optimizer<Moments = Moments<M>>> Optimizer for PlantedOptimizer<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND;
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type Moments = Moments<M>;
    type Numbers = O::Numbers;

    fn numbers(&self) -> O::Numbers {
        self.0.numbers()
    }

    fn set_numbers(&mut self, numbers: &O::Numbers) {
        self.0.set_numbers(numbers);
    }

    fn learning_rate(&self) -> f32 {
        self.0.learning_rate()
    }

    fn restart(&mut self) {
        self.0.restart();
    }

    fn begin_step(&mut self) {
        let rate = self.0.learning_rate();
        match planted() {
            Fault::StepCountedTwice => self.0.begin_step(),
            Fault::BiasUncorrected => self.change(|numbers| numbers[5..7].fill(1.0)),
            _ => {}
        }
        self.0.begin_step();
        if planted() == Fault::RateOfStepBefore {
            self.change(|numbers| numbers[0] = rate);
        }
    }

    fn prepare<G: Floats>(&self, grad: &mut G) {
        let (mut tensors, mut squares) = (Vec::new(), 0.0);
        grad.walk(&mut |tensor| {
            tensors.push(tensor.to_vec());
            squares += tensor.iter().map(|g| g * g).sum::<f32>();
        });
        if planted() != Fault::ClippingForgotten {
            self.0.prepare(grad);
        }
        let mut old = tensors.iter();
        grad.walk_mut(&mut |tensor| match (planted(), old.next()) {
            (Fault::SecondTensorNotClipped, Some(old)) if old.len() < tensors[0].len() => tensor.copy_from_slice(old),
            (Fault::NormOverflows, _) if squares.is_infinite() => tensor.fill(0.0),
            _ => {}
        });
    }

    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut [V; M]) -> V {
        let old = *moments;
        let g = match planted() {
            Fault::Uphill => -g,
            Fault::DecayCoupled => g + w * w.splat(DECAY),
            _ => g,
        };
        if planted() == Fault::LargestForgotten {
            moments[M - 1] = w.splat(0.0);
        }
        let new = self.0.apply(w, g, moments);
        match planted() {
            Fault::VelocityNotStored => *moments = old,
            Fault::MeanSquareNotStored => moments[1] = old[1],
            Fault::StaleVelocity => return w + old[0],
            Fault::LookaheadForgotten => return w + moments[0],
            _ => {}
        }
        new
    }
}
