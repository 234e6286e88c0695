import shlex
import sys
import zlib
from pathlib import Path

import baregrad
import numpy as np
import pytest
from flwr.app import ConfigRecord, MetricRecord, RecordDict

sys.path.insert(0, str(Path(__file__).parents[1]))

from client import NET, record, wheel  # noqa: E402
from digits import NODES, shard, train  # noqa: E402
from server import WeightFiles, fleet  # noqa: E402
from study import FIRST, ROUNDS, accuracy, alone  # noqa: E402

SHARDS = [shard(node) for node in range(len(NODES))]


def plain_round(file, nodes):
    """A round in which these nodes take part, without Flower."""
    files = [wheel(file, SHARDS[node]) for node in nodes]
    return baregrad.weighted_mean(NET, files, [len(SHARDS[node]) for node in nodes])


class Reply:
    """What the strategy sees of a reply."""

    def __init__(self, name, file, samples):
        metrics, node = MetricRecord({"num-examples": samples}), ConfigRecord({"name": name})
        self.content = RecordDict({"arrays": record(file), "metrics": metrics, "node": node})

    def has_error(self):
        return False


@pytest.fixture(scope="session")
def wheels():
    """The global weights of a fleet of wheels."""
    return fleet(FIRST, ROUNDS)


def test_shards_are_all_images_and_not_alike():
    rows = [tuple(image) for images in SHARDS for image in images]
    assert sorted(rows) == sorted(map(tuple, train))
    for seen, images in zip(NODES, SHARDS):
        assert sorted(map(int, seen)) == np.unique(images[:, 64]).tolist()


def test_only_sound_files_count():
    a, b = (wheel(FIRST, images) for images in SHARDS[:2])
    infinite = bytearray(a)
    infinite[-4:] = np.float32("inf").tobytes()
    infinite[28:32] = zlib.crc32(infinite[:28] + infinite[32:]).to_bytes(4, "little")
    other = baregrad.Net("dense 16 8 4 relu").save()
    bad = [Reply("node-0", bytes(infinite), 5), Reply("node-3", other, 5), Reply("node-4", b"", 5), Reply("node-5", a + b"0", 5)]
    strategy = WeightFiles()
    mean, _ = strategy.aggregate_train(1, [Reply("node-2", b, 200), *bad, Reply("node-1", a, 100)])
    assert mean["file"].data == baregrad.weighted_mean(NET, [a, b], [100, 200])
    assert mean["file"].data != baregrad.weighted_mean(NET, [b, a], [200, 100])
    assert strategy.aggregate_train(2, bad) == strategy.aggregate_train(3, []) == (None, None)


def test_the_fleet_learns_as_well_as_one_machine(wheels, capsys):
    central, best = accuracy(alone(train)[-1]), max(accuracy(alone(images)[-1]) for images in SHARDS)
    with capsys.disabled():
        print(f"\nfleet {accuracy(wheels[-1]):.1f} %, central {central:.1f} %, the best node alone {best:.1f} %")
    assert accuracy(wheels[-1]) >= central - 1 > 95
    assert best < 50


def test_two_runs_have_the_same_bits(wheels):
    assert fleet(FIRST, ROUNDS) == wheels


def test_flower_adds_nothing_to_the_bits(wheels):
    assert len(wheels) == ROUNDS + 1 and wheels[0] == FIRST
    for before, after in zip(wheels, wheels[1:]):
        assert plain_round(before, range(8)) == after


def test_boards_have_the_bits_of_wheels_and_faults_are_left_out(wheels, request, tmp_path, monkeypatch, capfd):
    """Two rounds without faults, one with two, and one that all boards finish again."""
    weights = tmp_path / "weights"
    weights.write_bytes(wheels[2])
    wire = [sys.executable, Path(__file__).parent / "wire.py", weights, Path(request.config.getoption("--boards")).resolve()]
    monkeypatch.setenv("BOARD", shlex.join(map(str, wire)))
    boards = fleet(FIRST, 4)
    assert boards[:3] == wheels[:3]
    assert boards[3] == plain_round(wheels[2], [0, 1, 3, 4, 6, 7]) != wheels[3]
    assert boards[4] == plain_round(boards[3], range(8))
    without = [line for line in capfd.readouterr().out.splitlines() if "goes on without" in line]
    assert [line.split(":")[0] for line in without] == ["round 3 goes on without node-2", "round 3 goes on without node-5"]
    assert "ends after 5000 of 9684 bytes" in without[0] and "damaged" in without[1]
