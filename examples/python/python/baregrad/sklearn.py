"""Nets of the menu as estimators of scikit-learn."""

import numbers

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from ._native import Net

__all__ = ["NetClassifier", "NetRegressor"]


class _Estimator(BaseEstimator):
    def __init__(self, net, learning_rate=1e-3, batch_size=32, epochs=20, random_state=None):
        self.net = net
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.random_state = random_state

    def _untrained(self, classifies):
        """A new net. Its seed is `random_state` if that is an integer, so that Rust's training with this seed is the same."""
        seed = self.random_state
        if not isinstance(seed, numbers.Integral):
            seed = check_random_state(seed).randint(2**31)
        net = Net(self.net, int(seed))
        if net.classifies != classifies:
            raise ValueError(f"{self.net!r} is no {'classifier' if classifies else 'regressor'}")
        net.learning_rate = self.learning_rate
        return net

    def _train(self, net, X, y):
        self.loss_ = net.fit(X, y, epochs=self.epochs, batch_size=self.batch_size)
        self.net_ = net
        return self

    def _outputs(self, X):
        check_is_fitted(self)
        return self.net_.predict(X)


class NetClassifier(ClassifierMixin, _Estimator):
    """A net that ends with one logit per class, with cross-entropy and Adam."""

    def fit(self, X, y):
        net = self._untrained(classifies=True)
        check_classification_targets(y)
        self.classes_, y = np.unique(column_or_1d(y), return_inverse=True)
        if len(self.classes_) > net.outputs:
            raise ValueError(f"{len(self.classes_)} classes, but {self.net!r} has {net.outputs} outputs")
        return self._train(net, X, y.astype(np.uint16))

    def _logits(self, X):
        return self._outputs(X)[:, : len(self.classes_)]

    def predict_proba(self, X):
        return softmax(self._logits(X), axis=1)

    def predict(self, X):
        logits = self._logits(X)
        return self.classes_[logits.argmax(axis=1)]


class NetRegressor(RegressorMixin, _Estimator):
    """A net whose outputs are the values, with mean squared error and Adam."""

    def fit(self, X, y):
        return self._train(self._untrained(classifies=False), X, y)

    def predict(self, X):
        y = self._outputs(X)
        return y.ravel() if y.shape[1] == 1 else y
