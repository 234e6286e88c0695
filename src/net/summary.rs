//! A net's layers, shapes and bytes as text.

use super::{Layer, LayerInfo, Network, Stream, StreamMemory};
use crate::tensor::Tensor;
use core::fmt;
use core::marker::PhantomData;

/// The memory of a trainer, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct TrainingBytes {
    pub all: usize,
    pub weights: usize,
    pub gradient: usize,
    pub moments: usize,
    /// The samples and outputs of a batch, the traces between, and the gradients of activations.
    pub activations: usize,
}

/// What a net on a stream keeps, in bytes, and when it gives outputs.
#[derive(Clone, Copy)]
struct StreamInfo {
    bytes: usize,
    delay: usize,
    hop: usize,
}

/// Prints the layers of `N` and the bytes that it takes: Keras' `model.summary()`.
///
/// ```
/// use baregrad::{prelude::*, Summary};
/// type Net = chain![Dense<64, 32, Relu>, Dense<32, 10>];
/// println!("{}", Summary::<Net>::new());
/// ```
pub struct Summary<N> {
    training: Option<TrainingBytes>,
    stream: Option<StreamInfo>,
    net: PhantomData<N>,
}

impl<N: Network> Summary<N> {
    /// A summary of a net that only infers.
    pub const fn new() -> Self {
        Summary { training: None, stream: None, net: PhantomData }
    }

    /// A summary of a net that runs on a stream.
    ///
    /// ```
    /// use baregrad::{prelude::*, Summary};
    /// type Net = chain![Conv1d<Sequence<50, 6>, Sequence<48, 8>, 3, 1, Relu>, GlobalAveragePool, Dense<8, 4>];
    /// println!("{}", Summary::<Net>::of_stream());
    /// ```
    pub const fn of_stream() -> Self
    where
        N: Stream,
    {
        let stream = StreamInfo { bytes: size_of::<StreamMemory<N>>(), delay: N::DELAY, hop: N::HOP };
        Summary { training: None, stream: Some(stream), net: PhantomData }
    }

    /// A summary of a net that is trained.
    pub(crate) const fn with_training(bytes: TrainingBytes) -> Self {
        Summary { training: Some(bytes), stream: None, net: PhantomData }
    }
}

impl<N: Network> Default for Summary<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Network> fmt::Display for Summary<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<28}{:<16}{:>10}{:>12}", "Layer (activation)", "Output shape", "Param #", "Trainable")?;
        let mut result = Ok(());
        N::describe(&mut |line| result = result.and_then(|()| write_line(f, &line)));
        result?;
        let output = <<N as Layer<N::Input>>::Y as Tensor>::LEN;
        let floats = N::SCRATCH + N::Input::LEN + output;
        writeln!(f, "Parameters: {} ({} trainable)", N::COUNT, N::TRAINABLE)?;
        writeln!(f, "Inference:  {} bytes in flash, {} bytes of RAM", size_of::<N>(), floats * size_of::<f32>())?;
        if let Some(StreamInfo { bytes, delay, hop }) = self.stream {
            write!(f, "Stream:     {bytes} bytes of RAM; an output with step {}, then every ", delay + 1)?;
            if hop == 1 { writeln!(f, "step")? } else { writeln!(f, "{hop} steps")? }
        }
        if let Some(bytes) = self.training {
            let TrainingBytes { all, weights, gradient, moments, activations } = bytes;
            writeln!(f, "Training:   {all} bytes of RAM:")?;
            writeln!(f, "  weights {weights}, gradient {gradient}, moments {moments}, activations {activations},")?;
            writeln!(f, "  others {}", all.saturating_sub(weights + gradient + moments + activations))?;
        }
        Ok(())
    }
}

fn write_line(f: &mut fmt::Formatter<'_>, line: &LayerInfo) -> fmt::Result {
    // Columns are padded by hand, because there is no buffer to format a cell in.
    let mut width = 2 * line.depth + line.kind.len();
    write!(f, "{:1$}{2}", "", 2 * line.depth, line.kind)?;
    if !line.activation.is_empty() {
        write!(f, " ({})", line.activation)?;
        width += line.activation.len() + 3;
    }
    write!(f, "{:1$}", "", 28_usize.saturating_sub(width))?;
    let mut width = 0;
    for (i, n) in line.shape.iter().enumerate() {
        let separator = if i == 0 { "" } else { " × " };
        write!(f, "{separator}{n}")?;
        width += separator.chars().count() + digits(*n);
    }
    writeln!(f, "{:3$}{:>10}{:>12}", "", line.parameters, line.trainable, 16_usize.saturating_sub(width))
}

fn digits(n: usize) -> usize {
    n.checked_ilog10().map_or(1, |d| d as usize + 1)
}
