//! The boards that run int8 nets, and what runs instead where a net does not fit.

use report::Result;
use report::boards::{self, Board};

/// The report's names, and a larger machine that runs the same images.
const CHOSEN: [(&str, Option<&str>); 5] = [
    ("microbit", Some("mps2-an385")),
    ("mps2-an386", None),
    ("mps2-an505", None),
    ("mps3-an547-helium", None),
    ("virt-imac", None),
];

/// All of them.
pub fn all() -> Result<Vec<(&'static Board, Option<&'static str>)>> {
    let board = |name| boards::ALL.iter().find(|board| board.name == name).ok_or(format!("no board {name}"));
    CHOSEN.iter().map(|(name, larger)| Ok((board(*name)?, *larger))).collect()
}
