import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, make_classification, make_regression
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from baregrad import Net
from baregrad.sklearn import NetClassifier, NetRegressor

X, Y = make_classification(400, 16, n_informative=8, n_classes=4, class_sep=2.0, random_state=1)
NAMES = np.array(["normal", "loose", "worn", "broken"])[Y]


def classifier(**options):
    return NetClassifier(**{"net": "dense 16 16 4 tanh", "learning_rate": 0.01, "random_state": 1, **options})


def test_cross_val_score():
    model = make_pipeline(StandardScaler(), classifier())
    scores = cross_val_score(model, X, NAMES, cv=4)
    assert scores.min() > 0.7
    assert np.array_equal(scores, cross_val_score(model, X, NAMES, cv=4))
    assert np.array_equal(scores, cross_val_score(model, X, NAMES, cv=4, n_jobs=2))


def test_grid_search():
    grid = {"net": ["dense 16 4 4 relu", "dense 16 32 4 relu"], "learning_rate": [1e-4, 1e-2]}
    search = GridSearchCV(classifier(), grid, cv=3).fit(X, NAMES)
    assert search.best_params_["learning_rate"] == 1e-2
    assert search.best_score_ > 0.7 and set(search.predict(X)) == set(NAMES)


def test_regression():
    x, y = make_regression(300, 16, n_informative=4, random_state=1)
    model = NetRegressor("dense 16 16 1 tanh", learning_rate=0.01, epochs=100, random_state=1)
    assert cross_val_score(model, x, y / y.std(), cv=3).min() > 0.8
    both = NetRegressor("dense 16 32 4 tanh, values").fit(x, np.repeat(y.reshape(-1, 1), 4, axis=1))
    assert both.predict(x).shape == (300, 4) and model.fit(x, y).predict(x).shape == (300,)


def test_digits_as_pixels():
    x, y = load_digits(return_X_y=True)
    assert classifier(net="dense 64 32 10 relu").fit(x[::2] / 16, y[::2]).score(x[1::2] / 16, y[1::2]) > 0.95


def test_clones_and_pickles_are_equal():
    model = classifier(epochs=7, random_state=3)
    copy = clone(model)
    assert copy.get_params() == model.get_params() and not hasattr(copy, "net_")
    model.fit(X, NAMES)
    assert np.array_equal(model.predict_proba(X), copy.fit(X, NAMES).predict_proba(X))
    assert np.array_equal(model.predict_proba(X), pickle.loads(pickle.dumps(model)).predict_proba(X))
    # The seed of the estimator is the net's.
    net = Net("dense 16 16 4 tanh", 3)
    net.learning_rate = 0.01
    net.fit(X, np.unique(NAMES, return_inverse=True)[1], epochs=7)
    assert net.save() == model.net_.save()


def test_partial_fit_goes_on():
    whole, parts = classifier(epochs=3).fit(X, NAMES), classifier()
    for _ in range(3):
        parts.partial_fit(X, NAMES, classes=np.unique(NAMES))
    assert parts.net_.save(checkpoint=True) == whole.net_.save(checkpoint=True)
    # After `fit`, with the learning rate of today, and with part of the classes.
    before = whole.set_params(learning_rate=0.1).net_.save()
    assert whole.partial_fit(X[:100], NAMES[:100]).partial_fit(X[Y == 1], NAMES[Y == 1]).net_.learning_rate == np.float32(0.1)
    assert whole.net_.save() != before and list(whole.classes_) == list(np.unique(NAMES))
    # `fit` begins anew.
    assert parts.set_params(epochs=3).fit(X, NAMES).net_.save() == classifier(epochs=3).fit(X, NAMES).net_.save()

    x, y = make_regression(300, 16, random_state=1)
    fitted, passed = (NetRegressor("dense 16 16 1 tanh", epochs=2, random_state=1) for _ in range(2))
    assert passed.partial_fit(x, y).partial_fit(x, y).net_.save() == fitted.fit(x, y).net_.save()


def test_errors_of_partial_fit():
    model = classifier()
    with pytest.raises(ValueError, match="needs all classes"):
        model.partial_fit(X, Y)
    with pytest.raises(ValueError, match="5 classes, but"):
        model.partial_fit(X, Y, classes=range(5))
    with pytest.raises(ValueError, match="unseen labels"):
        model.partial_fit(X, Y, classes=[0, 1, 2])
    assert not hasattr(model, "classes_")
    model.partial_fit(X, Y, classes=[3, 2, 1, 0])
    before = model.net_.save(checkpoint=True)
    with pytest.raises(ValueError, match="but were"):
        model.partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="unseen labels"):
        model.partial_fit(X, Y + 1)
    assert model.net_.save(checkpoint=True) == before


def test_random_states():
    fit = lambda state: classifier(random_state=state, epochs=1).fit(X, Y).net_.save()
    assert fit(1) == fit(np.int64(1)) != fit(2)
    assert fit(np.random.RandomState(1)) == fit(np.random.RandomState(1))
    assert fit(None) != fit(None)


def test_probabilities_of_fewer_classes():
    model = classifier().fit(X[NAMES != "worn"], NAMES[NAMES != "worn"])
    proba = model.predict_proba(X)
    assert proba.shape == (400, 3) and np.allclose(proba.sum(axis=1), 1)
    assert np.array_equal(model.classes_[proba.argmax(axis=1)], model.predict(X))
    assert list(model.classes_) == ["broken", "loose", "normal"]


def test_errors():
    with pytest.raises(NotFittedError):
        classifier().predict(X)
    with pytest.raises(ValueError, match="'dense 16 16 1 tanh' is no classifier"):
        classifier(net="dense 16 16 1 tanh").fit(X, Y)
    with pytest.raises(ValueError, match="is no regressor"):
        NetRegressor("dense 16 16 4 tanh").fit(X, Y)
    with pytest.raises(ValueError, match="5 classes, but 'dense 16 16 4 tanh' has 4 outputs"):
        classifier().fit(X[:5], [1, 2, 3, 4, 5])
    with pytest.raises(ValueError, match="Unknown label type"):
        classifier().fit(X, Y + 0.5)
    with pytest.raises(ValueError, match="number that is NaN"):
        classifier().fit(np.where(X > 2, np.nan, X), Y)
    with pytest.raises(ValueError, match="number that is inf"):
        classifier().fit(np.where(X > 2, np.inf, X), Y)
    with pytest.raises(ValueError, match="samples of the shape"):
        classifier().fit(X, Y).predict(X[:, :5])
