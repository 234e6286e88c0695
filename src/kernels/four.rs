//! Four floats as one [`Lanes`] on machines without vectors.
//!
//! A build for size does not unroll loops. What is written over four lanes is straight-line code at every level.

use super::lanes::Sealed;
use super::machine::Build;
use super::{Lanes, root, sqrt};
use core::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Shl, Shr, Sub};

/// Whether there are registers for many floats. Tests run the same code.
pub const REGISTERS: bool = root::FPU || cfg!(test);

/// Four floats, or their bit patterns, each in a register of its own.
#[derive(Clone, Copy)]
pub struct Four<T = f32>(T, T, T, T);

/// Calls a function with the first, second, third and fourth of each argument.
macro_rules! each {
    ($f:path, $($x:expr),+) => {
        Four($f($($x.0),+), $f($($x.1),+), $f($($x.2),+), $f($($x.3),+))
    };
}

/// Implements an operator.
macro_rules! operator {
    ($Operator:ident, $function:ident) => {
        impl<T: $Operator<Output = T>> $Operator for Four<T> {
            type Output = Self;
            #[cfg_attr(not(debug_assertions), inline(always))]
            #[cfg_attr(debug_assertions, inline)]
            fn $function(self, other: Self) -> Self {
                each!($Operator::$function, self, other)
            }
        }
    };
}

operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);
operator!(Div, div);
operator!(BitAnd, bitand);
operator!(BitOr, bitor);

impl Shl<u32> for Four<u32> {
    type Output = Self;
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn shl(self, places: u32) -> Self {
        Four(self.0 << places, self.1 << places, self.2 << places, self.3 << places)
    }
}

impl Shr<u32> for Four<u32> {
    type Output = Self;
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn shr(self, places: u32) -> Self {
        Four(self.0 >> places, self.1 >> places, self.2 >> places, self.3 >> places)
    }
}

impl Neg for Four {
    type Output = Four;
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn neg(self) -> Four {
        each!(Neg::neg, self)
    }
}

/// One float, or [`Four`].
pub trait OneLane: Lanes<Machine = Build> {
    const ZERO: Self;
}

impl OneLane for f32 {
    const ZERO: Self = 0.0;
}

impl OneLane for Four {
    const ZERO: Self = Four(0.0, 0.0, 0.0, 0.0);
}

impl Sealed for Four {}

impl Lanes for Four {
    const LANES: usize = 4;
    type Machine = Build;
    type Bits = Four<u32>;
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn machine(self) -> Build {
        Build
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn broadcast(_: Build, value: f32) -> Self {
        Four(value, value, value, value)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn load(_: Build, values: &[f32]) -> Self {
        match *values {
            [] => Four(0.0, 0.0, 0.0, 0.0),
            [a] => Four(a, 0.0, 0.0, 0.0),
            [a, b] => Four(a, b, 0.0, 0.0),
            [a, b, c] => Four(a, b, c, 0.0),
            [a, b, c, d, ..] => Four(a, b, c, d),
        }
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn store(self, out: &mut [f32]) {
        match out {
            [] => {}
            [a] => *a = self.0,
            [a, b] => (*a, *b) = (self.0, self.1),
            [a, b, c] => (*a, *b, *c) = (self.0, self.1, self.2),
            [a, b, c, d, ..] => (*a, *b, *c, *d) = (self.0, self.1, self.2, self.3),
        }
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        each!(Lanes::mul_add, self, a, b)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn sqrt(self) -> Self {
        let [a, b, c, d] = sqrt::four([self.0, self.1, self.2, self.3]);
        Four(a, b, c, d)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn abs(self) -> Self {
        each!(f32::abs, self)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn if_less(self, limit: Self, yes: Self, no: Self) -> Self {
        each!(Lanes::if_less, self, limit, yes, no)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn zero_if_less(self, limit: Self, value: Self) -> Self {
        each!(Lanes::zero_if_less, self, limit, value)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn value_if_less(self, limit: Self, value: Self) -> Self {
        each!(Lanes::value_if_less, self, limit, value)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn max(self, other: Self) -> Self {
        each!(Lanes::max, self, other)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn min(self, other: Self) -> Self {
        each!(Lanes::min, self, other)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn to_bits(self) -> Four<u32> {
        each!(f32::to_bits, self)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn from_bits(bits: Four<u32>) -> Self {
        each!(f32::from_bits, bits)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn bits(self, pattern: u32) -> Four<u32> {
        Four(pattern, pattern, pattern, pattern)
    }
}
