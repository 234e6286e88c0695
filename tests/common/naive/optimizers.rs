//! The optimisers in f64.

/// An optimiser as the catalogue has it, for a list of weights.
pub struct Optimizer {
    stem: &'static str,
    variant: &'static str,
    steps: i32,
    /// Up to three moments of each weight.
    moments: Vec<[f64; 3]>,
    /// The product of Nadam's momenta.
    product: f64,
}

impl Optimizer {
    /// By the names in the catalogue.
    pub fn new(stem: &'static str, variant: &'static str, weights: usize) -> Self {
        Optimizer { stem, variant, steps: 0, moments: vec![[0.0; 3]; weights], product: 1.0 }
    }

    pub fn step(&mut self, w: &mut [f64], g: &[f64]) {
        self.steps += 1;
        if self.stem == "nadam" {
            self.product *= self.nadam_momentum(self.steps);
        }
        let mut moments = core::mem::take(&mut self.moments);
        for ((w, g), moments) in w.iter_mut().zip(g).zip(&mut moments) {
            *w = self.rule(*w, *g, moments);
        }
        self.moments = moments;
    }

    fn nadam_momentum(&self, step: i32) -> f64 {
        let exponent = if self.variant == "pytorch" { 0.004 } else { 1.0 };
        0.9 * (1.0 - 0.5 * 0.96_f64.powf(exponent * f64::from(step)))
    }

    /// The new weight.
    fn rule(&self, w: f64, g: f64, moments: &mut [f64; 3]) -> f64 {
        let pytorch = self.variant.starts_with("pytorch");
        let (c1, c2) = (1.0 - 0.9_f64.powi(self.steps), 1.0 - 0.999_f64.powi(self.steps));
        match self.stem {
            "sgd" => w - 0.01 * g,
            "weight_decay" => {
                let rate = if self.variant == "scheduled" { 0.01 * 0.9_f64.powi(self.steps - 1) } else { 0.01 };
                let kept = w - rate * 0.1 * w;
                kept - rate * if self.variant == "both" { g + 0.1 * kept } else { g }
            }
            "coupled_weight_decay" => w - 0.01 * (g + 0.1 * w),
            "momentum" | "nesterov" => {
                let v = &mut moments[0];
                // With one rate for all steps both libraries do the same.
                *v = 0.9 * *v - 0.01 * g;
                w + if self.stem == "momentum" { *v } else { 0.9 * *v - 0.01 * g }
            }
            "lion" => {
                let m = &mut moments[0];
                let c = 0.9 * *m + 0.1 * g;
                *m = 0.99 * *m + 0.01 * g;
                if c == 0.0 { w } else { w - 1e-3 * c.signum() }
            }
            "adagrad" => {
                let s = &mut moments[0];
                *s += g * g;
                w - 1e-3 * g / if pytorch { s.sqrt() + 1e-10 } else { (0.1 + *s + 1e-7).sqrt() }
            }
            "rmsprop" => {
                let [v, mean, velocity] = moments;
                let rho = if pytorch { 0.99 } else { 0.9 };
                *v = rho * *v + (1.0 - rho) * g * g;
                *mean = rho * *mean + (1.0 - rho) * g;
                let square = if self.variant.contains("centered") { *v - *mean * *mean } else { *v };
                let step = g / if pytorch { square.sqrt() + 1e-8 } else { (square + 1e-7).sqrt() };
                *velocity = if self.variant.contains("momentum") { 0.9 * *velocity + step } else { step };
                w - 1e-3 * *velocity
            }
            "adamax" => {
                let [m, u, _] = moments;
                *m = 0.9 * *m + 0.1 * g;
                *u = (0.999 * *u).max(g.abs() + if pytorch { 1e-8 } else { 0.0 });
                w - 1e-3 / c1 * *m / (*u + if pytorch { 0.0 } else { 1e-7 })
            }
            "adam" | "adamw" | "amsgrad" | "nadam" => {
                let [m, v, largest] = moments;
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                *largest = largest.max(*v);
                let v = if self.stem == "amsgrad" { *largest } else { *v };
                let w = match (self.stem, pytorch) {
                    ("adamw", false) => w - 1e-3 * 0.004 * w,
                    ("adamw", true) => w - 1e-3 * 0.01 * w,
                    _ => w,
                };
                if self.stem == "nadam" {
                    let (now, next) = (self.nadam_momentum(self.steps), self.nadam_momentum(self.steps + 1));
                    let mean = next * *m / (1.0 - self.product * next) + (1.0 - now) * g / (1.0 - self.product);
                    w - 1e-3 * mean / ((v / c2).sqrt() + if pytorch { 1e-8 } else { 1e-7 })
                } else if pytorch {
                    w - 1e-3 / c1 * *m / ((v / c2).sqrt() + 1e-8)
                } else {
                    w - 1e-3 * c2.sqrt() / c1 * *m / (v.sqrt() + 1e-7)
                }
            }
            stem => panic!("naive/optimizers.rs has no optimiser `{stem}`"),
        }
    }
}
