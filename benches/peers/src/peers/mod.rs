//! One file a peer.

mod baregrad;
mod burn;
mod candle;
mod dfdx;
mod gemm;
mod libm;
mod matrixmultiply;
mod nalgebra;
mod nano_gemm;
mod plain_rust;
mod wide;

pub use baregrad::Baregrad;
pub use burn::Burn;
pub use candle::Candle;
pub use dfdx::Dfdx;
pub use gemm::Gemm;
pub use libm::Libm;
pub use matrixmultiply::MatrixMultiply;
pub use nalgebra::Nalgebra;
pub use nano_gemm::NanoGemm;
pub use plain_rust::PlainRust;
pub use wide::Wide;

/// A crate's name and its version in `Cargo.lock`, the highest if there are several.
fn version(name: &str) -> String {
    let lock = include_str!("../../Cargo.lock");
    let package = format!("name = \"{name}\"\nversion = \"");
    let version = lock.rsplit_once(&package).and_then(|(_, rest)| rest.split_once('"'));
    format!("{name} {}", version.map_or("", |(version, _)| version))
}
