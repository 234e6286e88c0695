"""The fleet beside central training and one node alone: `python study.py` draws `fleet.svg`."""

import baregrad
from client import NET, learn
from digits import shard, test, train
from matplotlib import rc_context
from matplotlib.figure import Figure
from server import fleet

FIRST, ROUNDS = baregrad.Net(NET, seed=1).save(), 40


def alone(images):
    """As `fleet`, for a machine that learns without others, for as many epochs."""
    net = baregrad.Net(NET, seed=1)
    return [FIRST] + [learn(net, images) for _ in range(ROUNDS)]


def accuracy(file):
    """Percent of the test images that are read right."""
    net = baregrad.Net(NET)
    net.load(file)
    return 100 * float((net.predict(test[:, :64] / 16).argmax(axis=1) == test[:, 64]).mean())


def draw(curves):
    style = {"svg.fonttype": "none", "svg.hashsalt": "fleet", "axes.titlesize": 15, "axes.grid": True}
    style |= {"axes.titlelocation": "left", "grid.color": "#E4E7EC", "axes.edgecolor": "none"}
    style |= dict.fromkeys(["axes.labelcolor", "xtick.color", "ytick.color"], "#69717D")
    with rc_context(style | {"text.color": "#262C36"}):
        axes = Figure(figsize=(10, 5), layout="constrained").subplots()
        axes.set(title="Eight nodes, each of which sees four of ten digits", xlabel="round", ylim=(0, 100))
        axes.set_ylabel("test images read right, in %")
        for (name, curve), color in zip(curves.items(), ["#69717D", "#1F69B2", "#D0452A"]):
            axes.plot(curve, color=color, marker="o", markersize=4, label=f"{name}: {curve[-1]:.1f} %")
        axes.legend(frameon=False, loc="center right")
        axes.figure.savefig("fleet.svg", format="svg", metadata={"Date": None})


if __name__ == "__main__":
    runs = {"all images": alone(train), "fleet": fleet(FIRST, ROUNDS), "node-0 alone": alone(shard(0))}
    draw({name: [accuracy(file) for file in files] for name, files in runs.items()})
