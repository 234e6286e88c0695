//! The data of the examples; `README.md` says where they are from.
#![allow(dead_code)] // each example reads one of them

pub mod digits;
pub mod ecg;
pub mod keywords;
pub mod vowels;
pub mod watch;

/// Samples and the numbers of their classes.
pub struct Set<X> {
    pub x: Vec<X>,
    pub y: Vec<u8>,
}

impl<X> Set<X> {
    const EMPTY: Self = Set { x: Vec::new(), y: Vec::new() };
}
