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
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "fleet", "font.family": "sans-serif"}):
        axes = Figure(figsize=(10, 5), layout="constrained").subplots()
        axes.set_title("Eight nodes, each of which sees four of ten digits", loc="left", fontsize=15)
        axes.set(xlabel="round", ylabel="test images read right, in %", ylim=(0, 100))
        for (name, curve), color in zip(curves.items(), ["#69717D", "#1F69B2", "#D0452A"]):
            axes.plot(curve, color=color, marker="o", label=f"{name}: {curve[-1]:.1f} %")
        axes.legend(frameon=False)
        axes.figure.savefig("fleet.svg", format="svg", metadata={"Date": None})


if __name__ == "__main__":
    runs = {"all images": alone(train), "fleet": fleet(FIRST, ROUNDS), "one node": alone(shard(0))}
    draw({name: [accuracy(file) for file in files] for name, files in runs.items()})
