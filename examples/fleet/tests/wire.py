"""A wire with faults: wire.py WEIGHTS IMAGES NAME. On a round that begins with these weights, node-2 dies in mid-upload, and one
bit of node-5's file flips. All else goes through."""

import fcntl
import sys
from pathlib import Path
from subprocess import PIPE, Popen

weights, images, name = sys.argv[1:]
file = sys.stdin.buffer.read()
faulty = file == Path(weights).read_bytes()
board = Popen([Path(__file__).parents[1] / "board/emulate", images, name], stdin=PIPE, stdout=PIPE)
fcntl.fcntl(board.stdout, fcntl.F_SETPIPE_SZ, 4096)  # so a board that is not heard stands still in mid-upload
board.stdin.write(file)
board.stdin.close()
if faulty and name == "node-2":
    trained = board.stdout.read(5000)
    assert board.poll() is None, "it has sent its file already"
    board.kill()
else:
    trained = bytearray(board.stdout.read())
    if faulty and name == "node-5":
        trained[7000] ^= 0x10
sys.stdout.buffer.write(trained)
