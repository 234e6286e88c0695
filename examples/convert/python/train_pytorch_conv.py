"""Trains the convolutional PyTorch models in ../models: state dicts as safetensors, the same exported to ONNX, and PyTorch's
outputs.

    python train_pytorch_conv.py
"""

import torch
from safetensors.torch import save_file
from torch import nn

import digits
from digits import train_pytorch as train

# Its padding with a stride of 2 is not Keras' "same". The rows behind `Flatten` are in the order of channels first.
torch.manual_seed(21)
train(nn.Sequential(
    nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1),
    nn.Conv2d(6, 8, 3, stride=2, padding=1, groups=1), nn.SiLU(), nn.Conv2d(8, 8, 2, padding=1, groups=8, dilation=2),
    nn.AvgPool2d(2, stride=1, padding=1), nn.Flatten(), nn.BatchNorm1d(72), nn.Dropout(0.1), nn.Linear(72, 10),
    nn.Softmax(dim=1)), "image", (1, 8, 8))


class Sequence(nn.Module):
    """Rows of pixels as places, which the module transposes to channels first."""

    def __init__(self):
        super().__init__()
        self.inward = nn.Conv1d(8, 12, 3, dilation=2)
        self.block = nn.Sequential(nn.Conv1d(12, 12, 3, padding=1, groups=12), nn.BatchNorm1d(12), nn.ReLU(),
                                   nn.Conv1d(12, 12, 1))
        self.long = nn.Conv1d(12, 16, 4, stride=2, padding=2)
        self.short = nn.Conv1d(12, 16, 1, stride=2)
        self.outward = nn.Linear(16, 10)

    def forward(self, x):
        # Causal: no place sees a later one.
        x = nn.functional.pad(x.transpose(1, 2), (4, 0))
        x = torch.relu(self.inward(x))
        x = torch.relu(x + self.block(x))
        x = nn.functional.pad(self.long(x), (0, -1)) + self.short(x)
        x = nn.functional.interpolate(x, scale_factor=2)
        return torch.softmax(self.outward(torch.tanh(x).mean(2)), 1)


torch.manual_seed(22)
train(Sequence(), "sequence", (8, 8))

# A small one that the fuzz target begins with.
model = nn.Sequential(nn.Conv2d(1, 2, (2, 1)), nn.Conv2d(2, 2, (1, 3), groups=2), nn.BatchNorm2d(2), nn.Flatten(),
                      nn.Linear(12, 1))
save_file(model.state_dict(), digits.HERE.parent / "fuzz" / "seeds" / "safetensors" / "places.safetensors")
