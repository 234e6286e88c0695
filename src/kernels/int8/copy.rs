use crate::kernels::no_unrolling;

/// Copies a few bytes, as many as both have. Where a word may lie anywhere, that takes less than a call of `memcpy`.
#[inline(always)]
pub fn copy(to: &mut [u8], from: &[u8]) {
    let (mut to, mut from) = (to, from);
    if cfg!(umlal) {
        let ((to_words, to_rest), (from_words, from_rest)) = (to.as_chunks_mut::<8>(), from.as_chunks::<8>());
        for (to, from) in to_words.iter_mut().zip(from_words) {
            *to = *from;
            no_unrolling();
        }
        (to, from) = (to_rest, from_rest);
    }
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// Copies places of `x`, with `of_x` channels, to the channels from `first` on of the places of `y`, with `of_y` channels.
pub fn copy_channels(mut x: &[u8], of_x: usize, mut y: &mut [u8], of_y: usize, first: usize) {
    while let (Some((from, x_rest)), Some((to, y_rest))) = (x.split_at_checked(of_x), y.split_at_mut_checked(of_y)) {
        copy(to.get_mut(first..).unwrap_or_default(), from);
        (x, y) = (x_rest, y_rest);
    }
}
