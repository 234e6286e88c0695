use super::{Bytes, End, Layer};

/// All that an int8 net needs beside its weights: the activations, [`ARENA`](Layer::ARENA) bytes of them, and what layers with
/// a memory remember. A memory of fewer bytes does not compile.
pub struct Memory<L: Layer, const N: usize> {
    pub(super) bytes: [u8; N],
    pub(super) state: L::State,
}

impl<L: Layer, const N: usize> Memory<L, N> {
    /// A memory in which layers remember nothing.
    pub const NEW: Self = {
        assert!(N >= L::ARENA, "the memory is smaller than the net's ARENA");
        Memory { bytes: [0; N], state: L::STATE }
    };

    /// Forgets what layers remember.
    pub fn reset(&mut self) {
        self.state = L::STATE;
    }

    /// The place of the input.
    #[inline(always)]
    pub(super) fn front(&mut self) -> &mut [u8] {
        const { assert!(N >= L::ARENA && N >= L::X::LEN, "the memory is smaller than the net's ARENA") };
        End::Front.split_slice(&mut self.bytes, L::X::LEN).0
    }

    /// The output, at one end.
    #[inline(always)]
    pub(super) fn output(&mut self, end: End) -> &[u8] {
        end.split_slice(&mut self.bytes, L::Y::LEN).0
    }
}
