//! Every activation, layer, loss, optimiser, schedule and metric stands in the list that tests and benches run over.

use crate::common::catalogue::*;
use crate::common::naive::Twin;
use baregrad::activations::Activation;
use baregrad::losses::Loss;
use baregrad::metrics::Metric;
use baregrad::optimizers::Optimizer;
use baregrad::schedules::Schedule;
use baregrad::tensor::Tensor;
use std::path::Path;

/// The stems that the catalogue lists.
#[derive(Default)]
struct Stems(Vec<&'static str>);

impl ActivationVisitor for Stems {
    fn visit<A: Activation>(&mut self, stem: &'static str) {
        self.0.push(stem);
    }
}
impl LayerVisitor for Stems {
    fn visit<X: Tensor, L: Twin<X>>(&mut self, stem: &'static str) {
        self.0.push(stem);
    }
}
impl LossVisitor<2> for Stems {
    fn visit<L: Loss<[f32; 2], [f32; 2]> + Default>(&mut self, stem: &'static str, _: Outputs, _: Targets) {
        self.0.push(stem);
    }
}
impl OptimizerVisitor for Stems {
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, _: &'static str, _: O) {
        self.0.push(stem);
    }
}
impl ScheduleVisitor for Stems {
    fn visit<S: Schedule>(&mut self, stem: &'static str, _: S) {
        self.0.push(stem);
    }
}
impl MetricVisitor<2> for Stems {
    fn visit<M: Metric<[f32; 2], [f32; 2]> + Default>(&mut self, stem: &'static str, _: fn(&M) -> f32) {
        self.0.push(stem);
    }
}

/// Each file of `src/<folder>` but `mod.rs` and the `helpers` has a line in `list`, and the other way round.
#[track_caller]
fn compare(folder: &str, list: &str, visit: impl FnOnce(&mut Stems), helpers: &[&str]) {
    let mut stems = Stems::default();
    visit(&mut stems);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&path).unwrap() {
        let stem = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        if stem != "mod" && !helpers.contains(&stem.as_str()) {
            assert!(
                stems.0.contains(&stem.as_str()),
                "src/{folder}/{stem}.rs is not tested: it needs a line in `{list}` of tests/common/catalogue"
            );
            files.push(stem);
        }
    }
    for stem in stems.0 {
        assert!(
            files.iter().any(|f| f == stem),
            "`{list}` of tests/common/catalogue names `{stem}`, but there is no src/{folder}/{stem}.rs"
        );
    }
}

#[test]
fn activations() {
    compare("activations", "for_each_activation", for_each_activation, &[]);
}

#[test]
fn layers() {
    compare("layers", "for_each_layer", for_each_layer::<2>, &["rnn"]);
}

#[test]
fn compositions() {
    let helpers = [
        "boundary",
        "composition",
        "destination",
        "freeze",
        "layer",
        "layer_info",
        "leaf",
        "network",
        "saliency",
        "side",
        "stream",
        "summary",
        "weighted_mean",
        "wrapper",
    ];
    compare("net", "for_each_composition", for_each_composition::<2>, &helpers);
}

#[test]
fn losses() {
    let visit = |stems: &mut Stems| {
        for_each_loss::<2>(stems);
        // Its targets are pairs: `the test `values` of the kernels has it.
        stems.0.push("sample_weighted");
    };
    compare("losses", "for_each_loss", visit, &[]);
}

#[test]
fn optimizers() {
    compare("optimizers", "for_each_optimizer", for_each_optimizer, &["correction"]);
}

#[test]
fn schedules() {
    compare("schedules", "for_each_schedule", for_each_schedule, &[]);
}

#[test]
fn metrics() {
    compare("metrics", "for_each_metric", for_each_metric::<2>, &[]);
}

/// Each public type of these folders is in the image `all`, which CI links for devices at `opt-level` 3, `s` and `z`: it links
/// only if no path of it can panic.
#[test]
fn the_image_of_everything() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let image = std::fs::read_to_string(root.join("tests/downstream/src/bin/all.rs")).unwrap();
    let words: Vec<&str> = image.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    // Defaults of type parameters, the numbers of a layer, and what a type alias stands for.
    let implied = [
        "Probabilities",
        "Unweighted",
        "AveragePool",
        "BatchStatistics",
        "Velocity",
        "Decay",
        "MaxPool",
        "Rnn",
        "RnnMemory",
        "GruCell",
        "GruResetBeforeCell",
        "LstmCell",
        "SimpleRnnCell",
        "TokenPlaces",
        "Cropping",
        "UpSampling",
        "ZeroPadding",
    ];
    for name in [
        "chain",
        "Concat",
        "FreezeFirst",
        "Frozen",
        "InFlash",
        "KeepPadding",
        "Recompute",
        "Residual",
        "Saliency",
        "Sum",
        "L1",
        "L2",
        "L1L2",
    ] {
        assert!(words.contains(&name), "the image `all` of tests/downstream lacks {name}");
    }
    for folder in ["activations", "layers", "losses", "metrics", "optimizers", "schedules", "clipping"] {
        for entry in std::fs::read_dir(root.join("src").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let Some(item) = line.strip_prefix("pub struct ").or(line.strip_prefix("pub type ")) else { continue };
                let name = item.split(|c: char| !c.is_alphanumeric()).next().unwrap();
                assert!(
                    words.contains(&name) || implied.contains(&name),
                    "the image `all` of tests/downstream lacks {name}"
                );
            }
        }
    }
}
