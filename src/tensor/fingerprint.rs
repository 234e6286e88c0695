//! The architecture of a net: its layers as text, and a fingerprint of that text.

/// A fingerprint of a net's layers. Each type of net has one as a constant:
/// [`Params::ARCHITECTURE`](crate::Params::ARCHITECTURE).
///
/// Each layer is a line of ASCII text, such as `dense 64 32 relu`: its name, its shape, its activation if it has one, and a
/// line feed. The fingerprint is `h ← h · 1099511628211 + byte (mod 2⁶⁴)` over the bytes of all lines, starting from
/// `h = 0`. Layers that change nothing in inference, such as dropout, have no line. Freezing does not change the text.
/// Compositions put lines around the lines of their layers; their pages say which.
///
/// ```
/// use baregrad::{Architecture, prelude::*};
/// type Net = chain![Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10>];
/// const OF_TEXT: Architecture = Architecture::NONE.text("dense 64 32 relu\ndense 32 10 linear\n");
/// const _: () = assert!(Net::ARCHITECTURE.fingerprint() == OF_TEXT.fingerprint());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Architecture {
    hash: u64,
    /// The prime raised to the number of bytes.
    factor: u64,
}

impl Architecture {
    /// The empty text of a net without layers.
    pub const NONE: Self = Architecture { hash: 0, factor: 1 };
    const PRIME: u64 = 1_099_511_628_211;

    /// Starts a line with the name of a layer.
    pub const fn layer(name: &str) -> Self {
        Self::NONE.text(name)
    }

    /// Appends a space and a number.
    pub const fn size(self, number: usize) -> Self {
        self.byte(b' ').decimal(number)
    }

    /// Appends several numbers, with a space before each.
    pub const fn sizes(self, numbers: &[usize]) -> Self {
        let (mut all, mut numbers) = (self, numbers);
        while let [first, rest @ ..] = numbers {
            all = all.size(*first);
            numbers = rest;
        }
        all
    }

    /// Appends a space and a word, which should be in lower case.
    pub const fn word(self, word: &str) -> Self {
        self.byte(b' ').text(word)
    }

    /// Appends a line feed, which ends the line of a layer.
    pub const fn end(self) -> Self {
        self.byte(b'\n')
    }

    /// Appends text.
    pub const fn text(self, text: &str) -> Self {
        let (mut all, mut bytes) = (self, text.as_bytes());
        while let [first, rest @ ..] = bytes {
            all = all.byte(*first);
            bytes = rest;
        }
        all
    }

    /// Appends the text of other layers.
    pub const fn then(self, next: Self) -> Self {
        Architecture {
            hash: self.hash.wrapping_mul(next.factor).wrapping_add(next.hash),
            factor: self.factor.wrapping_mul(next.factor),
        }
    }

    /// Appends the same letter `count` times.
    pub const fn repeat(self, letter: u8, count: usize) -> Self {
        // Twice half of them, and one more if the count is odd.
        let odd = if count % 2 == 1 { Self::NONE.byte(letter) } else { Self::NONE };
        let half = if count > 1 { Self::NONE.repeat(letter, count / 2) } else { Self::NONE };
        self.then(half).then(half).then(odd)
    }

    /// Returns the fingerprint of the text.
    pub const fn fingerprint(self) -> u64 {
        self.hash
    }

    /// Returns the word of a layer with this text in the table of a [model file](crate::file#the-layout-version-2): the lower
    /// half of the fingerprint. A layer without text has no word.
    pub const fn row(self) -> Option<u32> {
        if self.factor == 1 { None } else { Some(self.hash as u32) }
    }

    const fn byte(self, byte: u8) -> Self {
        self.then(Architecture { hash: byte as u64, factor: Self::PRIME })
    }

    const fn decimal(self, number: usize) -> Self {
        let higher = if number >= 10 { self.decimal(number / 10) } else { self };
        higher.byte(b'0' + (number % 10) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_fingerprint_of_the_text() {
        let text = "dense 64 1032 relu\nlayer_norm 1032\n";
        let mut hash = 0_u64;
        for byte in text.bytes() {
            hash = hash.wrapping_mul(1_099_511_628_211).wrapping_add(u64::from(byte));
        }
        let dense = Architecture::layer("dense").size(64).size(1032).word("relu").end();
        let norm = Architecture::layer("layer_norm").size(1032).end();
        assert_eq!(dense.then(norm).fingerprint(), hash);
        assert_eq!(Architecture::NONE.then(dense).then(Architecture::NONE), dense);
        assert_eq!(Architecture::NONE.size(0), Architecture::NONE.text(" 0"));
        for count in 0..20 {
            assert_eq!(Architecture::NONE.repeat(b't', count), Architecture::NONE.text(&"t".repeat(count)));
        }
    }
}
