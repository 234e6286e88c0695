/// Copies places of `x`, with `of_x` channels, to the channels from `first` on of the places of `y`, with `of_y` channels.
pub fn copy(x: &[u8], of_x: usize, y: &mut [u8], of_y: usize, first: usize) {
    for (x, y) in x.chunks_exact(of_x.max(1)).zip(y.chunks_exact_mut(of_y.max(1))) {
        for (y, x) in y.iter_mut().skip(first).zip(x) {
            *y = *x;
        }
    }
}
