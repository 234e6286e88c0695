/// Names one tensor of a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TensorName {
    /// Number of its layer, counted from 0. Layers without parameters count, as in PyTorch's `Sequential`.
    pub layer: usize,
    /// Name of the layer in Keras, such as `Dense`.
    pub kind: &'static str,
    /// Name of its field in the layer, such as `w`.
    pub tensor: &'static str,
    /// Its length along each axis.
    pub shape: &'static [usize],
}
