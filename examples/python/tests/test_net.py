import copy
import os
import pickle
import signal
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import baregrad
from baregrad import Net

NAME = "dense 16 8 4 tanh"
RNG = np.random.default_rng(1)
X = RNG.normal(size=(200, 16)).astype(np.float32)
Y = (X[:, 0] > 0) * 2 + (X[:, 1] > 0)


def trained(x=X, y=Y, seed=1, **options):
    net = Net(NAME, seed)
    net.learning_rate = 0.01
    net.fit(x, y, **{"epochs": 5, "batch_size": 8, **options})
    return net


def test_bits_are_rusts(bits):
    digits = np.loadtxt(Path(__file__).parents[2] / "data/digits.csv", delimiter=",")
    net = Net("dense 64 32 10 relu", seed=7)
    net.learning_rate = 0.01
    net.fit(digits[:, :64] / 16, digits[:, 64].astype(int), epochs=5, batch_size=32)
    assert net.save(checkpoint=True) == Path(bits).read_bytes()


@pytest.mark.parametrize("name", baregrad.menu())
def test_every_net_learns_and_is_saved(name):
    net = Net(name, seed=2)
    x = RNG.normal(size=(40, *net.input_shape)).astype(np.float32)
    y = RNG.integers(net.outputs, size=40) if net.classifies else RNG.normal(size=(40, net.outputs))
    net.learning_rate = 0.01
    first = net.fit(x, y)
    assert net.fit(x, y, epochs=60) < 0.9 * first
    # The flat samples are the same samples, and so is a net from the file.
    other = Net(name)
    other.load(net.save())
    assert np.array_equal(net.predict(x), other.predict(x.reshape(40, -1)))
    assert net.parameters * 4 < len(net.save()) < len(net.save(checkpoint=True)) < baregrad.memory(name)


def test_checkpoint_goes_on_to_the_same_bits():
    net = trained()
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert other.learning_rate == net.learning_rate
        other.fit(X, Y, epochs=2)
        twin = Net(NAME, 5)
        twin.load(net.save(checkpoint=True))
        twin.fit(X, Y, epochs=2)
        assert other.save(checkpoint=True) == twin.save(checkpoint=True)


def test_weights_begin_a_new_training():
    weights = trained().save()
    fresh, used = Net(NAME, 3), Net(NAME, 3)
    used.fit(X, Y, shuffle=False)
    for net in (fresh, used):
        net.load(weights)
        net.fit(X, Y, epochs=2, shuffle=False)
    assert fresh.save() == used.save()


def test_a_bad_file_changes_nothing():
    net = trained()
    before = net.save(checkpoint=True)
    damaged = bytearray(before)
    damaged[100] ^= 1
    for file, message in [
        (bytes(damaged), "the file is damaged"),
        (before[:-4], "the file ends after"),
        (b"", "the file ends after 0"),
        (Net("dense 16 8 4 relu").save(), "belongs to another net"),
    ]:
        with pytest.raises(ValueError, match=message):
            net.load(file)
    assert net.save(checkpoint=True) == before


@pytest.mark.parametrize(
    "x",
    [
        X.astype(np.float64),
        X.astype(">f4"),
        X.tolist(),
        np.asfortranarray(X),
        np.repeat(X, 2, axis=0)[::2],
        np.repeat(X, 2, axis=1)[:, ::2],
    ],
)
def test_other_arrays_are_converted(x):
    expected = trained()
    assert trained(x).save() == expected.save()
    assert np.array_equal(expected.predict(x), expected.predict(X))


@pytest.mark.parametrize("y", [Y.astype(np.uint16), Y.astype(np.int8), Y.tolist(), np.repeat(Y, 2)[::2]])
def test_class_numbers_of_any_integer(y):
    assert trained(y=y).save() == trained().save()


def test_arrays_are_read_in_place():
    frozen = X.copy()
    frozen.flags.writeable = False
    assert trained(frozen).save() == trained().save()
    net, many = Net(NAME), np.zeros((100_000, 16), np.float32)
    tracemalloc.start()
    net.predict(many)
    # The outputs take 1.6 MB. A copy of the inputs would take 6.4 MB more.
    assert 1.6e6 <= tracemalloc.get_traced_memory()[1] < 1.7e6
    tracemalloc.stop()


def with_number(value):
    """X with this number in sample 3."""
    x = X.copy()
    x[3, 5] = value
    return x


@pytest.mark.parametrize(
    "x, y, message",
    [
        (X[:, :15], Y, r"x has the shape \[200, 15\], but .* takes samples of the shape \[16\]"),
        (X[0], Y, "x has the shape"),
        (X[0, 0], Y, "x has the shape"),
        (X.reshape(200, 4, 4), Y, "x has the shape"),
        (X[:0], Y[:0], "the data set is empty"),
        (X, Y[:-1], "200 samples, but 199 targets"),
        (X, Y.reshape(-1, 1), "y must be class numbers"),
        (X, Y + 1, "names class 4, but the net has 4 outputs"),
        (X, -Y, "y must be class numbers"),
        (X, Y + 0.5, "y must be class numbers"),
        (X, ["a"] * 200, "y must be class numbers"),
        (X, None, "y must be class numbers"),
        (with_number(np.nan), Y, "sample 3 of x has a number that is NaN"),
        (with_number(-np.inf), Y, "sample 3 of x has a number that is -inf"),
        (X * 1j, Y, "no complex numbers"),
        (None, Y, "x has the shape"),
        ([["a"] * 16] * 200, Y, "could not convert"),
        ([[1.0], [1.0, 2.0]], Y, "inhomogeneous"),
    ],
)
def test_wrong_data(x, y, message):
    net = trained()
    before = net.save(checkpoint=True)
    with pytest.raises(ValueError, match=message):
        net.fit(x, y)
    assert net.save(checkpoint=True) == before


@pytest.mark.parametrize(
    "options, message",
    [
        ({"batch_size": 0}, "batch of 0 samples"),
        ({"batch_size": 65}, "batch of 65 samples, but the trainer takes 1 to 64"),
        ({"epochs": 0}, "0 epochs"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        trained(**options)


def test_other_errors():
    with pytest.raises(ValueError, match="no net is called"):
        Net("dense 1 2 3")
    with pytest.raises(OverflowError):
        Net(NAME, -1)
    with pytest.raises(OverflowError):
        Net(NAME).fit(X, Y, epochs=-1)
    for rate in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="learning rate"):
            Net(NAME).learning_rate = rate
    for batch_size in (0, 65, 2**64 - 1):
        with pytest.raises(ValueError, match="batch of"):
            baregrad.memory(NAME, batch_size)
    with pytest.raises(ValueError, match=r"y has the shape \[200\], but \[200, 4\] is needed"):
        Net("dense 16 32 4 tanh, values").fit(X, Y)
    with pytest.raises(ValueError, match="the loss is inf"):
        Net("dense 16 16 1 tanh").fit(X, np.full(200, 3e38))


def test_threads_train_beside_each_other():
    nets = [Net(NAME, seed) for seed in range(4)]
    threads = [threading.Thread(target=net.fit, args=(X, Y), kwargs={"epochs": 50}) for net in nets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, net in enumerate(nets):
        alone = Net(NAME, seed)
        alone.fit(X, Y, epochs=50)
        assert net.save(checkpoint=True) == alone.save(checkpoint=True)


def test_a_net_in_use_refuses_another_thread():
    net = Net(NAME)
    thread = threading.Thread(target=net.fit, args=(X, Y), kwargs={"epochs": 3000})
    thread.start()
    refused = 0
    while thread.is_alive():
        try:
            net.predict(X)
        except RuntimeError as error:
            assert str(error) == "another thread is using this net"
            refused += 1
    assert refused > 10  # so the training ran without the interpreter's lock


def test_ctrl_c_ends_a_training():
    net = Net(NAME)
    # Background jobs of a shell ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=100_000)
    signal.signal(signal.SIGINT, before)
    assert np.isfinite(net.predict(X)).all()


def test_weighted_mean():
    a, b, other = trained(seed=1), trained(seed=2), Net("dense 16 4 4 tanh")
    mean = Net(NAME)
    mean.load(baregrad.weighted_mean(NAME, [a.save(), b.save(checkpoint=True)], [300, 100]))
    weights = [np.frombuffer(net.save()[-4 * net.parameters :], np.float32) for net in (a, b, mean)]
    np.testing.assert_allclose(weights[2], 0.75 * weights[0] + 0.25 * weights[1], rtol=1e-5, atol=1e-7)
    assert baregrad.weighted_mean(NAME, [a.save()], [5]) == a.save()
    for files, samples, message in [
        ([a.save(), other.save()], [1, 1], "file 1: the file belongs to another net"),
        ([a.save()], [1, 1], "1 files, but 2 numbers of samples"),
        ([a.save()], [0], "the mean of no samples"),
        ([], [], "the mean of no samples"),
    ]:
        with pytest.raises(ValueError, match=message):
            baregrad.weighted_mean(NAME, files, samples)


def test_memory_grows_with_the_batch():
    sizes = [baregrad.memory(NAME, batch_size) for batch_size in (1, 2, 3, 4, 64)]
    assert sizes[2] == sizes[3] and sizes[0] < sizes[1] < sizes[3] < sizes[4]
    # Weights, two moments of each; then what a sample takes.
    assert 12 * Net(NAME).parameters < sizes[0] < 12 * Net(NAME).parameters + 400
