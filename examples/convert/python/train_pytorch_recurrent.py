"""Trains the recurrent PyTorch model in ../models: a state dict as safetensors, the same exported to ONNX, and PyTorch's outputs.

    python train_pytorch_recurrent.py
"""

import torch
from safetensors.torch import save_file
from torch import nn

import digits
from digits import train_pytorch as train


class Recurrent(nn.Module):
    """Rows of pixels as steps. The last states of both directions are joined, and one of the layers gives its last step."""

    def __init__(self):
        super().__init__()
        self.inward = nn.RNN(8, 10, nonlinearity="relu", batch_first=True)
        self.deep = nn.LSTM(10, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.each = nn.Linear(12, 8)
        self.both = nn.GRU(8, 6, bidirectional=True, batch_first=True)
        self.outward = nn.Linear(12, 10)

    def forward(self, x):
        x = self.deep(self.inward(x)[0])[0]
        states = self.both(torch.tanh(self.each(x)))[1]
        return torch.softmax(self.outward(torch.cat([states[-2], states[-1]], 1)), 1)


class Steps(nn.Module):
    """Two layers, of which the last step is taken."""

    def __init__(self, channels, units):
        super().__init__()
        self.steps = nn.GRU(channels, units, num_layers=2, dropout=0.1, batch_first=True)
        self.outward = nn.Linear(units, 10)

    def forward(self, x):
        return torch.softmax(self.outward(self.steps(x)[0][:, -1]), 1)


torch.manual_seed(41)
train(Recurrent(), "recurrent_torch", (8, 8))
torch.manual_seed(42)
train(Steps(8, 12), "steps", (8, 8))

# Small ones that the fuzz targets begin with.
SEEDS = digits.HERE.parent / "fuzz" / "seeds"
layers = nn.ModuleList([nn.Embedding(4, 2), nn.GRU(2, 2, bidirectional=True), nn.LSTM(4, 1), nn.Linear(1, 1)])
save_file(layers.state_dict(), SEEDS / "safetensors" / "recurrent.safetensors")
model = Steps(2, 1).eval()
torch.onnx.export(model, (torch.zeros(1, 3, 2),), SEEDS / "onnx" / "recurrent.onnx",
                  input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}},
                  opset_version=17, dynamo=False)
