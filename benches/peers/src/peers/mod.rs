//! One file a peer. Those that are long to build are features.

mod baregrad;
#[cfg(feature = "burn")]
mod burn;
#[cfg(feature = "candle")]
mod candle;
#[cfg(feature = "dfdx")]
mod dfdx;
#[cfg(feature = "gemm")]
mod gemm;
mod libm;
mod matrixmultiply;
mod nalgebra;
#[cfg(feature = "nano-gemm")]
mod nano_gemm;
mod plain_rust;
mod wide;

pub use baregrad::Baregrad;
#[cfg(feature = "burn")]
pub use burn::Burn;
#[cfg(feature = "candle")]
pub use candle::Candle;
#[cfg(feature = "dfdx")]
pub use dfdx::Dfdx;
#[cfg(feature = "gemm")]
pub use gemm::Gemm;
pub use libm::Libm;
pub use matrixmultiply::MatrixMultiply;
pub use nalgebra::Nalgebra;
#[cfg(feature = "nano-gemm")]
pub use nano_gemm::NanoGemm;
pub use plain_rust::PlainRust;
pub use wide::Wide;

/// A stand-in for a peer whose feature is off.
macro_rules! missing {
    ($feature:literal $name:ident) => {
        #[cfg(not(feature = $feature))]
        pub struct $name;

        #[cfg(not(feature = $feature))]
        impl crate::rows::Peer for $name {
            fn column() -> String {
                $feature.to_owned() + crate::table::MISSING
            }
        }
    };
}

missing!("burn" Burn);
missing!("candle" Candle);
missing!("dfdx" Dfdx);
missing!("gemm" Gemm);
missing!("nano-gemm" NanoGemm);

/// A crate's name and its version in `Cargo.lock`, the highest if there are several.
fn version(name: &str) -> String {
    let lock = include_str!("../../Cargo.lock");
    let package = format!("name = \"{name}\"\nversion = \"");
    let version = lock.rsplit_once(&package).and_then(|(_, rest)| rest.split_once('"'));
    format!("{name} {}", version.map_or("", |(version, _)| version))
}
