use super::momentum::Velocity;

/// Gradient descent with Nesterov's momentum (Sutskever et al. 2013): `v ← μ v − lr g`, `w ← w + μ v − lr g`.
///
/// This is Keras' form, with the rate inside the velocity. PyTorch's form (`Nesterov::pytorch`) has the rate outside:
/// `v ← μ v + g`, `w ← w − lr (g + μ v)`. The two differ once the rate changes.
pub type Nesterov<const PYTORCH: bool = false> = Velocity<true, PYTORCH>;
