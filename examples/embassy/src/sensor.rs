//! A cheap sensor beside a precise one, both made up.

use baregrad::prelude::*;
use baregrad::tensor::Rng;

pub struct Sensor(Sfc32);

impl Sensor {
    pub fn new() -> Self {
        Sensor(Sfc32::seed_from_u64(2))
    }

    /// Returns the number of the cheap sensor and its temperature, and the number of the precise sensor, which lies between
    /// −1 and 1. The cheap one saturates, and drifts with its temperature.
    pub fn read(&mut self) -> ([f32; 2], [f32; 1]) {
        let [truth, temperature] = [(); 2].map(|()| self.0.next_u32() as f32 / (1_u32 << 31) as f32 - 1.0);
        ([libm::tanhf(truth) + 0.3 * temperature * truth + 0.2 * temperature, temperature], [truth])
    }
}
