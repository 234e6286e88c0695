/// Numbers of a net that lie one after another in a file, little-endian: what a converter writes, and `include_bytes!` reads.
///
/// Each method panics at a place outside of the file: at compile time, in a constant or a `static`.
///
/// ```
/// use baregrad::int8::Numbers;
///
/// const FILE: Numbers = Numbers(&[1, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x80, 0x3F]);
/// assert_eq!((FILE.bytes(0, 2), FILE.i32(2), FILE.f32(6)), (&[1, 2][..], [-1], [1.0]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Numbers(pub &'static [u8]);

impl Numbers {
    /// Returns `count` bytes from the place `at`, such as weights.
    pub const fn bytes(self, at: usize, count: usize) -> &'static [u8] {
        let (_, rest) = self.0.split_at(at);
        rest.split_at(count).0
    }

    /// Returns `N` integers from the place `at`, such as biases.
    pub const fn i32<const N: usize>(self, at: usize) -> [i32; N] {
        let (mut numbers, mut i) = ([0; N], 0);
        while i < N {
            numbers[i] = i32::from_le_bytes(self.word(at + 4 * i));
            i += 1;
        }
        numbers
    }

    /// Returns `N` floats from the place `at`, such as scales.
    pub const fn f32<const N: usize>(self, at: usize) -> [f32; N] {
        let (mut numbers, mut i) = ([0.0; N], 0);
        while i < N {
            numbers[i] = f32::from_le_bytes(self.word(at + 4 * i));
            i += 1;
        }
        numbers
    }

    const fn word(self, at: usize) -> [u8; 4] {
        [self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]]
    }
}
