//! What a net is: the contract of layers, and the compositions of layers.

mod boundary;
mod branches;
mod chain;
mod composition;
mod concat;
mod destination;
mod freeze;
mod frozen;
mod in_flash;
mod layer;
mod layer_info;
mod recompute;
mod residual;
mod saliency;
mod side;
mod sum;
mod summary;

pub use boundary::Boundary;
pub use branches::{Branches, Merge, MergeName};
pub use chain::{Chain, Link};
pub use concat::{Concat, Concatenate};
pub use destination::{Collector, Destination, IntoMemory, IntoWeights, Learner, NotFinite, Nowhere, Pair, Wrapper};
pub use freeze::{FreezeFirst, FreezesFirst};
pub use frozen::Frozen;
pub use in_flash::{Flash, InFlash};
pub use layer::{Backward, End, Layer, Mode, Network, samples, samples_mut, walk_leaf};
pub use layer_info::LayerInfo;
pub use recompute::Recompute;
pub use residual::{Residual, SameShape};
pub use saliency::Saliency;
pub use side::{Other, Same, Side};
pub use sum::{Add, Sum};
pub use summary::Summary;
pub(crate) use summary::TrainingBytes;
