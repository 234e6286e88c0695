//! What windows see, with Keras' padding.

/// An axis: how many inputs and outputs it has, and its windows.
#[derive(Clone, Copy)]
pub struct Axis {
    pub inputs: usize,
    pub outputs: usize,
    pub taps: usize,
    pub stride: usize,
    pub dilation: usize,
    pub causal: bool,
}

impl Axis {
    /// An axis without dilation.
    pub fn pool(inputs: usize, outputs: usize, taps: usize, stride: usize) -> Self {
        Axis { inputs, outputs, taps, stride, dilation: 1, causal: false }
    }

    /// The inputs that output `o` sees, each with its tap.
    fn seen(self, o: usize) -> Vec<(usize, usize)> {
        let window = (self.taps - 1) * self.dilation + 1;
        let padding = ((self.outputs - 1) * self.stride + window).saturating_sub(self.inputs);
        let before = if self.causal { window - 1 } else { padding / 2 };
        let places = (0..self.taps).map(|tap| (o * self.stride + tap * self.dilation, tap));
        places
            .filter(|(at, _)| (before..before + self.inputs).contains(at))
            .map(|(at, tap)| (at - before, tap))
            .collect()
    }
}

/// For each output of a sample, channels last: the numbers of the input that it sees, each with its tap.
pub fn seen(rows: Axis, columns: Axis, channels: usize) -> Vec<Vec<(usize, usize)>> {
    let mut all = Vec::new();
    for (r, c) in (0..rows.outputs).flat_map(|r| (0..columns.outputs).map(move |c| (r, c))) {
        let mut places = Vec::new();
        for (row, i) in rows.seen(r) {
            places.extend(
                columns.seen(c).iter().map(|(column, j)| (row * columns.inputs + column, i * columns.taps + j)),
            );
        }
        all.extend(
            (0..channels).map(|channel| places.iter().map(|(at, tap)| (at * channels + channel, *tap)).collect()),
        );
    }
    all
}
