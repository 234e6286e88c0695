//! What Python can ask of a net of the menu, whatever the net's type.

use baregrad::file::{self, ModelError, Saved};
use baregrad::net::{Layer, WeightedMean};
use baregrad::optimizers::Optimizer;
use baregrad::tensor::{Tensor, Zero};
use baregrad::{Error, boxed, prelude::*};
use std::ops::ControlFlow;

/// The largest batch.
pub const ROOM: usize = 64;

pub trait Model: Send {
    fn init(&mut self, seed: u64);
    fn learning_rate(&mut self) -> &mut f32;
    /// Returns the mean loss of the last epoch. `epoch` is called after each.
    fn fit(
        &mut self,
        x: &[f32],
        targets: Targets<'_>,
        fit: &Fit,
        epoch: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<f32, Error>;
    fn predict(&mut self, x: &[f32], y: &mut [f32]);
    fn save(&self, checkpoint: bool) -> Result<Vec<u8>, ModelError>;
    /// Reads a checkpoint, or weights, with which a training begins anew.
    fn load(&mut self, file: &[u8]) -> Result<(), ModelError>;
}

/// The targets of a classifier, or those of a regressor one after the other.
#[derive(Clone, Copy)]
pub enum Targets<'a> {
    Classes(&'a [u16]),
    Values(&'a [f32]),
}

/// A loss, which says what a target is.
pub trait Task<Y: Tensor>: Loss<Y, Self::Target> + Default + Send {
    type Target;
    const CLASSIFIES: bool;
    /// The targets, or none if they are of the other kind.
    fn targets(targets: Targets<'_>) -> &[Self::Target];
}

impl<const O: usize> Task<[f32; O]> for SparseCategoricalCrossEntropy<Logits> {
    type Target = u16;
    const CLASSIFIES: bool = true;
    fn targets(targets: Targets<'_>) -> &[u16] {
        if let Targets::Classes(classes) = targets { classes } else { &[] }
    }
}

impl<Y: Tensor> Task<Y> for MeanSquaredError {
    type Target = Y;
    const CLASSIFIES: bool = false;
    fn targets(targets: Targets<'_>) -> &[Y] {
        if let Targets::Values(values) = targets { Y::from_flat(values) } else { &[] }
    }
}

type Output<N> = <N as Layer<<N as Network>::Input>>::Y;

impl<N: Network + Send, L: Task<Output<N>>> Model for Trainer<N, L, Adam, ROOM>
where
    Self: Send,
{
    fn init(&mut self, seed: u64) {
        self.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed));
    }

    fn learning_rate(&mut self) -> &mut f32 {
        &mut self.optimizer.learning_rate
    }

    fn fit(
        &mut self,
        x: &[f32],
        targets: Targets<'_>,
        fit: &Fit,
        epoch: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<f32, Error> {
        let last = self.fit_with(N::Input::from_flat(x), L::targets(targets), fit, |_, _| epoch())?;
        Ok(last.loss)
    }

    fn predict(&mut self, x: &[f32], y: &mut [f32]) {
        self.predict_into(N::Input::from_flat(x), Output::<N>::from_flat_mut(y));
    }

    fn save(&self, checkpoint: bool) -> Result<Vec<u8>, ModelError> {
        if checkpoint { encoded(self) } else { encoded(&self.net) }
    }

    fn load(&mut self, file: &[u8]) -> Result<(), ModelError> {
        // The header's field "contents".
        if file.get(6..8) == Some(&Self::CONTENTS.to_le_bytes()) {
            return file::decode(self, file);
        }
        file::decode(&mut self.net, file)?;
        self.state = Zero::ZERO;
        self.optimizer.restart();
        Ok(())
    }
}

fn encoded<T: Saved>(value: &T) -> Result<Vec<u8>, ModelError> {
    let mut file = vec![0; T::FILE_LEN];
    file::encode(value, &mut file)?;
    Ok(file)
}

type Mean = fn(&[(&[u8], u32)]) -> Result<Vec<u8>, String>;

/// A line of the menu.
pub struct Entry {
    pub name: &'static str,
    pub classifies: bool,
    /// The shape of one sample.
    pub input: &'static [usize],
    pub outputs: usize,
    pub parameters: usize,
    /// Bytes of a trainer with room for 1, 2, 4, … and [`ROOM`] samples: for the largest, this very model.
    pub memory: [usize; 7],
    pub model: fn() -> Box<dyn Model>,
    /// The mean of some files' weights, weighted by numbers of samples.
    pub mean: Mean,
}

impl Entry {
    pub const fn of<N: Network + Send, L: Task<Output<N>>>(name: &'static str) -> Self
    where
        Trainer<N, L, Adam, ROOM>: Send,
    {
        Entry {
            name,
            classifies: L::CLASSIFIES,
            input: N::Input::SHAPE,
            outputs: Output::<N>::LEN,
            parameters: N::COUNT,
            memory: [
                size_of::<Trainer<N, L, Adam, 1>>(),
                size_of::<Trainer<N, L, Adam, 2>>(),
                size_of::<Trainer<N, L, Adam, 4>>(),
                size_of::<Trainer<N, L, Adam, 8>>(),
                size_of::<Trainer<N, L, Adam, 16>>(),
                size_of::<Trainer<N, L, Adam, 32>>(),
                size_of::<Trainer<N, L, Adam, ROOM>>(),
            ],
            model: || boxed(|| Trainer::<N, L, Adam, ROOM>::untrained(L::default(), Adam::default())),
            mean: mean::<N>,
        }
    }
}

fn mean<N: Network>(files: &[(&[u8], u32)]) -> Result<Vec<u8>, String> {
    let (mut net, mut mean) = (N::NEW, WeightedMean::new());
    for (number, (file, samples)) in files.iter().enumerate() {
        file::decode(&mut net, file).map_err(|error| format!("file {number}: {error}"))?;
        mean.add(&net, *samples).map_err(|error| format!("file {number}: {error}"))?;
    }
    if mean.samples() == 0 {
        return Err("the mean of no samples".into());
    }
    encoded(mean.net()).map_err(|error| error.to_string())
}
