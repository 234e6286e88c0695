"""Nets of the menu as estimators of scikit-learn."""

import numbers

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.preprocessing import LabelEncoder
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
        return net

    def _begun(self, classifies):
        """The net as it is, or a new one."""
        return getattr(self, "net_", None) or self._untrained(classifies)

    def _train(self, net, X, y, epochs):
        net.learning_rate = self.learning_rate
        self.loss_ = net.fit(X, y, epochs=epochs, batch_size=self.batch_size)
        self.net_ = net
        return self

    def _outputs(self, X):
        check_is_fitted(self)
        return self.net_.predict(X)


class NetClassifier(ClassifierMixin, _Estimator):
    """A net that ends with one logit per class, with cross-entropy and Adam."""

    def fit(self, X, y):
        check_classification_targets(y)
        return self._learn(self._untrained(classifies=True), X, y, np.unique(column_or_1d(y)), self.epochs)

    def partial_fit(self, X, y, classes=None):
        """Goes on with the training for one epoch. A training that begins must be told all classes."""
        known = getattr(self, "classes_", None)
        if known is None and classes is None:
            raise ValueError("the first call of partial_fit needs all classes")
        classes = known if classes is None else np.unique(classes)
        if known is not None and not np.array_equal(classes, known):
            raise ValueError(f"the classes are {classes}, but were {known}")
        return self._learn(self._begun(classifies=True), X, y, classes, 1)

    def _learn(self, net, X, y, classes, epochs):
        if len(classes) > net.outputs:
            raise ValueError(f"{len(classes)} classes, but {self.net!r} has {net.outputs} outputs")
        numbers = LabelEncoder().fit(classes).transform(column_or_1d(y))
        self._train(net, X, numbers.astype(np.uint16), epochs)
        self.classes_ = classes
        return self

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
        return self._train(self._untrained(classifies=False), X, y, self.epochs)

    def partial_fit(self, X, y):
        """Goes on with the training for one epoch."""
        return self._train(self._begun(classifies=False), X, y, 1)

    def predict(self, X):
        y = self._outputs(X)
        return y.ravel() if y.shape[1] == 1 else y
