//! What a kernel is compiled for: the machine of the build, or a better one that is found at run time.

use super::Lanes;
#[cfg(not(vectors))]
use super::four::{Four as f32x4, Four as f32x8, Four as f32x16};
use super::lanes::{FUSED, NATIVE};
#[cfg(vectors)]
use wide::{f32x4, f32x8, f32x16};

/// A kind of machine. A value is the proof that the processor at hand is one.
pub trait Machine: Copy + 'static {
    /// Its name in [`simd_level`].
    const NAME: &'static str;
    /// Number of lanes of its widest vectors; 1 on microcontrollers. In a `match`, it stands in a `const` block, so that widths
    /// that the machine does not have are not compiled.
    const LANES: usize;
    /// Whether multiply-add rounds once.
    const FUSED: bool;
    /// Its vectors of 4, 8 and 16 lanes.
    type V4: Lanes<Machine = Self>;
    type V8: Lanes<Machine = Self>;
    type V16: Lanes<Machine = Self>;
    /// Calls a function that is compiled with the machine's instructions. All that it calls must be inlined.
    fn run<R>(self, work: impl FnOnce() -> R) -> R;
}

/// The machine that the build is for. Any processor that runs the program is one.
#[derive(Clone, Copy)]
pub struct Build;

impl Machine for Build {
    const NAME: &'static str = "build";
    const LANES: usize = NATIVE;
    const FUSED: bool = FUSED;
    type V4 = f32x4;
    type V8 = f32x8;
    type V16 = f32x16;
    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }
}

/// Up to this many numbers take a few nanoseconds, less than to choose a machine.
pub const FEW: usize = 16;

/// Computes `$call` with the best `$machine` at hand if this is `$worth` a nanosecond, and otherwise with [`Build`].
///
/// It stands at the entry of a kernel. What `$call` calls must be marked `#[inline(always)]`, because a function that is not
/// inlined is compiled for the build. `$worth` depends on a shape alone, so that the bits do, too.
#[cfg(not(all(feature = "dispatch", target_arch = "x86_64")))]
macro_rules! dispatch {
    ($machine:ident if $worth:expr => $call:expr) => {{
        let ($machine, _) = ($crate::kernels::machine::Build, $worth);
        $call
    }};
}
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
#[rustfmt::skip]
macro_rules! dispatch {
    ($machine:ident if $worth:expr => $call:expr) => {{
        use $crate::kernels::x86::{Level, level};
        use $crate::kernels::{machine::Build, machine::Machine};
        match if $worth { level() } else { Level::Build(Build) } {
            Level::Avx512($machine) => $machine.run(#[inline(always)] || $call),
            Level::Avx2($machine) => $machine.run(#[inline(always)] || $call),
            Level::Build($machine) => $call,
        }
    }};
}
pub(crate) use dispatch;

/// The machine that kernels of large shapes choose: `"avx512"`, `"avx2"`, or `"build"`, which is what the program was compiled
/// for. The environment variable `BAREGRAD_SIMD` may name a lower one than the best that the processor has. It is read once.
///
/// ```
/// assert!(["avx512", "avx2", "build"].contains(&baregrad::simd_level()));
/// ```
#[cfg(feature = "dispatch")]
pub fn simd_level() -> &'static str {
    fn name<M: Machine>(_: M) -> &'static str {
        M::NAME
    }
    dispatch!(machine if true => name(machine))
}
