"""Small nets that train in microseconds a step. `baregrad.sklearn` has scikit-learn's interface."""

from ._native import Net, memory, menu, weighted_mean

__all__ = ["Net", "memory", "menu", "weighted_mean"]
