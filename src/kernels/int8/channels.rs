//! Places with channels.

/// Copies places of `x`, with `of_x` channels, to the channels from `first` on of the places of `y`, with `of_y` channels.
pub fn copy(mut x: &[u8], of_x: usize, mut y: &mut [u8], of_y: usize, first: usize) {
    while let (Some((from, x_rest)), Some((to, y_rest))) = (x.split_at_checked(of_x), y.split_at_mut_checked(of_y)) {
        for (to, from) in to.iter_mut().skip(first).zip(from) {
            *to = *from;
        }
        (x, y) = (x_rest, y_rest);
    }
}
