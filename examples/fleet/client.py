"""A node: the gateway of a board, if the variable `BOARD` has the command that reaches it, or the wheel."""

import os
import shlex
from subprocess import PIPE, run

import baregrad
from digits import shard
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

NET = "dense 64 32 10 relu"
app = ClientApp()


def record(file):
    """A weight file, as Flower carries it: an array of bytes."""
    return ArrayRecord({"file": Array(dtype="uint8", shape=(len(file),), stype="baregrad", data=file)})


def learn(net, images):
    net.learning_rate = 0.01
    net.fit(images[:, :64] / 16, images[:, 64], epochs=10, batch_size=32)
    return net.save()


def wheel(file, images):
    """What a board does, bit for bit. The checksum is the seed: each round has its own order of images."""
    net = baregrad.Net(NET, seed=int.from_bytes(file[28:32], "little"))
    net.load(file)
    return learn(net, images)


def board(name, file):
    """What a board sends until it ends. If it dies before, the server will refuse the file."""
    return run([*shlex.split(os.environ["BOARD"]), name], input=file, stdout=PIPE, timeout=60).stdout


@app.train()
def train(message, context):
    node, file = context.node_config["partition-id"], message.content["arrays"]["file"].data
    name, images = f"node-{node}", shard(node)
    trained = record(board(name, file) if "BOARD" in os.environ else wheel(file, images))
    metrics, node = MetricRecord({"num-examples": len(images)}), ConfigRecord({"name": name})
    return Message(RecordDict({"arrays": trained, "metrics": metrics, "node": node}), reply_to=message)
