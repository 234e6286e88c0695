use super::momentum::Velocity;

/// Gradient descent with Nesterov's momentum (Sutskever et al. 2013): `v ← μ v − lr g`, `w ← w + μ v − lr g`.
///
/// Keras' form, with the rate inside the velocity; PyTorch's (`Nesterov::pytorch`) has it outside:
/// `v ← μ v + g`, `w ← w − lr (g + μ v)`. They part when the rate changes.
pub type Nesterov<const PYTORCH: bool = false> = Velocity<true, PYTORCH>;
