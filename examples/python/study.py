"""A thousand nets: an Optuna study of 16 → h → 4 nets under a bound of RAM, in one process.

    python study.py                        # 1,000 nets of baregrad, and the picture
    python study.py --library sklearn      # the same study with scikit-learn's MLPClassifier, or with torch

The task: handwritten digits, shrunk to 4×4 pixels. Is the digit odd or even, and is it below 5 or not?
"""

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import optuna

import baregrad

BOUND = 24 * 1024  # bytes: a microcontroller with 32 KB has the rest for its stack and drivers


def load():
    """Training and validation data: every fifth image is for validation."""
    digits = np.loadtxt(Path(__file__).parents[1] / "data/digits.csv", delimiter=",", dtype=np.float32)
    x = digits[:, :64].reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16) / 16
    y = (digits[:, 64] % 2 + 2 * (digits[:, 64] >= 5)).astype(np.uint16)
    test = np.arange(len(y)) % 5 == 0
    return x[~test], y[~test], x[test], y[test]


def with_baregrad(x, y, test_x, seed, hidden, activation, rate, batch, epochs):
    net = baregrad.Net(f"dense 16 {hidden} 4 {activation}", seed)
    net.learning_rate = rate
    net.fit(x, y, epochs=epochs, batch_size=batch)
    return net.predict(test_x)


def with_sklearn(x, y, test_x, seed, hidden, activation, rate, batch, epochs):
    from sklearn.neural_network import MLPClassifier

    # All epochs, as in the others: no penalty, no early end.
    options = {"alpha": 0, "max_iter": epochs, "tol": 0, "n_iter_no_change": epochs}
    net = MLPClassifier((hidden,), activation, learning_rate_init=rate, batch_size=batch, random_state=seed, **options)
    return net.fit(x, y).predict_proba(test_x)


def with_torch(x, y, test_x, seed, hidden, activation, rate, batch, epochs):
    import torch
    from torch import nn

    torch.manual_seed(seed)
    x, y, test_x = torch.from_numpy(x), torch.from_numpy(y.astype(np.int64)), torch.from_numpy(test_x)
    net = nn.Sequential(nn.Linear(16, hidden), nn.Tanh() if activation == "tanh" else nn.ReLU(), nn.Linear(hidden, 4))
    optimizer, loss = torch.optim.Adam(net.parameters(), lr=rate), nn.CrossEntropyLoss()
    for _ in range(epochs):
        for places in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            loss(net(x[places]), y[places]).backward()
            optimizer.step()
    with torch.no_grad():
        return net(test_x).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", dest="side", choices=["baregrad", "sklearn", "torch"], default="baregrad")
    parser.add_argument("--nets", type=int, default=1000, help="how many to train")
    parser.add_argument("--picture", default="nets.svg")
    arguments = parser.parse_args()
    train = globals()[f"with_{arguments.side}"]
    x, y, test_x, test_y = load()
    seconds, trained = [], []

    def objective(trial):
        hidden = trial.suggest_categorical("hidden", [4, 8, 16, 32, 64])
        activation = trial.suggest_categorical("activation", ["tanh", "relu"])
        trial.suggest_float("rate", 1e-3, 1e-1, log=True)
        batch = trial.suggest_categorical("batch", [8, 16, 32, 64])
        trial.suggest_int("epochs", 5, 40)
        memory = baregrad.memory(f"dense 16 {hidden} 4 {activation}", batch)
        trial.set_user_attr("memory", memory)
        if memory > BOUND:
            raise optuna.TrialPruned
        trained.append(trial.number)
        start = time.process_time()
        outputs = train(x, y, test_x, trial.number, **trial.params)
        seconds.append(time.process_time() - start)
        return np.mean(outputs.argmax(axis=1) == test_y), memory

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.simplefilter("ignore")  # scikit-learn's, of nets that could learn longer
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=1))
    complete = [optuna.trial.TrialState.COMPLETE]
    train(x, y, test_x, 0, hidden=4, activation="tanh", rate=0.01, batch=64, epochs=1)  # not timed: imports the library
    start = time.process_time()
    study.optimize(objective, callbacks=[optuna.study.MaxTrialsCallback(arguments.nets, complete)])
    total = time.process_time() - start

    rejected = {trial.number for trial in study.trials if trial.user_attrs["memory"] > BOUND}
    assert rejected and not rejected & set(trained), "a net over the bound was trained"
    assert len(trained) == arguments.nets
    print(f"{arguments.side}: {len(trained)} nets trained, {len(rejected)} rejected for their RAM before that")
    print(f"processor seconds: objective {sum(seconds):.2f}, sampler {total - sum(seconds):.2f}")
    front = sorted(study.best_trials, key=lambda trial: trial.values[1])
    for trial in front:
        accuracy, memory = trial.values
        print(f"{memory:6.0f} bytes: {100 * accuracy:.1f} %, {trial.params}")
    print(f"best score {100 * front[-1].values[0]:.1f} %")
    if arguments.side == "baregrad":
        draw(study.get_trials(states=complete), front, arguments.picture)


def draw(trials, front, path):
    import matplotlib
    from matplotlib.figure import Figure

    ink, soft, faint, blue, red = "#262C36", "#69717D", "#E4E7EC", "#1F69B2", "#D0452A"
    # Text stays text, and the same study gives the same file.
    style = {"svg.fonttype": "none", "svg.hashsalt": "nets", "path.simplify": False, "font.family": "sans-serif", "font.size": 10}
    style |= {"text.color": ink, "axes.labelcolor": soft, "axes.edgecolor": faint, "xtick.color": soft, "ytick.color": soft}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(10, 5), layout="constrained")
        axes = figure.subplots()
        axes.set_title(f"{len(trials):,} nets 16 → h → 4: RAM of training and accuracy", loc="left", fontsize=15)
        axes.set(xlabel="RAM in KB: weights, moments, activations of a batch", ylabel="accuracy in %", ylim=(40, 100))
        axes.grid(color=faint)
        axes.set_axisbelow(True)
        axes.spines[:].set_visible(False)
        points, best = (
            np.unique([(trial.values[1] / 1024, 100 * trial.values[0]) for trial in some], axis=0) for some in (trials, front)
        )
        # Lines of no length with round ends: one path of the file, where markers would be an element each.
        dots = np.insert(np.repeat(points, 2, axis=0), range(2, 2 * len(points), 2), np.nan, axis=0)
        axes.plot(*dots.T, color=soft, alpha=0.5, linewidth=4, solid_capstyle="round")
        axes.step(best[:, 0], best[:, 1], where="post", color=blue, marker="o", label="Pareto front")
        axes.axvline(BOUND / 1024, color=red, linestyle="--")
        axes.text(1.01 * BOUND / 1024, 42, "not trained:\nmore than the bound", color=red)
        for trial in front:
            place = trial.values[1] / 1024, 100 * trial.values[0] + 1
            axes.text(*place, f"h = {trial.params['hidden']}", color=blue, horizontalalignment="center")
        axes.set_xlim(0, 1.2 * BOUND / 1024)
        axes.legend(frameon=False, loc="lower center")
        figure.savefig(path, format="svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
