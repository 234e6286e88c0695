//! What a net is: the contract of layers, and the compositions of layers.

mod branches;
pub mod chain;
mod concat;
mod freeze;
mod frozen;
mod layer;
mod residual;
mod saliency;
mod sum;
mod summary;

pub use branches::{Branches, Merge, MergeName};
pub use chain::{Chain, Link};
pub use concat::{Concat, Concatenate};
pub use freeze::{FreezeFirst, FreezesFirst};
pub use frozen::Frozen;
pub use layer::*;
pub use residual::{Residual, SameShape};
pub use saliency::Saliency;
pub use sum::{Add, Sum};
pub(crate) use summary::TrainingBytes;
pub use summary::{LayerInfo, Summary};
