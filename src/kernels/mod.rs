//! Loops on slices, written once over [`Lanes`]. They know nothing of layers.
//!
//! Every sum has one documented order, which depends on shapes alone: not on the number of lanes, the size of the batch, or
//! the target.

pub mod axis;
pub mod batch_norm;
pub mod channels;
pub mod compensated;
pub mod conv;
pub mod depthwise;
pub mod elementwise;
mod four;
pub mod int8;
pub mod lanes;
pub mod machine;
pub mod math;
pub mod matmul;
pub mod norm;
pub mod pool;
pub mod rectangle;
pub mod recurrent;
pub mod reduce;
pub mod root;
pub mod softmax;
pub(crate) mod sqrt;
pub mod up_sampling;
pub mod update;
#[cfg(vectors)]
mod vectors;
pub mod windows;
#[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
pub mod x86;

pub use lanes::Lanes;

/// Keeps the compiler from unrolling the loop that calls it: on targets without vectors, code size matters.
#[inline(always)]
pub(crate) fn no_unrolling() {
    if lanes::NATIVE == 1 {
        core::hint::black_box(());
    }
}

/// Hides a value from the compiler on targets without vectors. For a count, the compiler then makes no copy of a loop per
/// known count; for a struct, it keeps one address in a register instead of computing each field's address.
#[inline(always)]
pub(crate) fn opaque<T>(value: T) -> T {
    if lanes::NATIVE == 1 { core::hint::black_box(value) } else { value }
}

/// Repeats a block for `$i` from 0 to `$n` − 1, where `$n` is constant. A build for size does not unroll a loop, and then
/// keeps in memory what the block indexes with `$i`. Beyond six it is a loop.
///
/// The conditions are constants, so that the compiler drops the other blocks before it looks for optimisations: without any,
/// each block has a place on the stack for each of its variables.
macro_rules! written_out {
    ($i:ident in 4 $block:block) => { written_out!(@ $i 4 $block 0 1 2 3) };
    ($i:ident in $n:tt $block:block) => {
        written_out!(@ $i $n $block 0 1 2 3 4 5);
        if const { $n > 6 } {
            #[allow(clippy::reversed_empty_ranges)]
            for $i in 6..$n $block
        }
    };
    (@ $i:ident $n:tt $block:block $($value:literal)+) => {
        $(#[allow(unconditional_panic)] if const { $n > $value } {
            let $i = $value;
            $block
        })+
    };
}
pub(crate) use written_out;

/// Makes functions parts of their callers where there are vectors. Callers know the lengths of slices, and the code for a row of
/// ten numbers is then a third as long. On targets without vectors, code size counts, and `$otherwise` is the attribute. It is
/// in debug builds, too, which take three times as long to compile if each net has a copy of all loops.
macro_rules! part_of_callers {
    ($otherwise:meta; $($function:item)+) => {$(
        #[cfg_attr(all(not(debug_assertions), any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")), inline(always))]
        #[cfg_attr(not(all(not(debug_assertions), any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128"))), $otherwise)]
        $function
    )+};
}
pub(crate) use part_of_callers;

#[cfg(test)]
pub(crate) mod widths;
