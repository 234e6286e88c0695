"""Trains the PyTorch models in ../models that have transposed convolutions and relu6: state dicts as safetensors, the same exported
to ONNX, and PyTorch's outputs.

    python train_pytorch_transposed.py
"""

import shutil

import torch
from torch import nn

import digits
from digits import train_pytorch as train

# The output padding of the first one leaves its last place, while Keras leaves the first. What the second one cuts off follows from
# the lengths; the third one has it along one axis.
torch.manual_seed(41)
train(nn.Sequential(
    nn.Conv2d(1, 6, 3, stride=2, padding=1), nn.ReLU6(),
    nn.ConvTranspose2d(6, 5, 3, stride=2, padding=1, output_padding=1), nn.ReLU6(), nn.MaxPool2d(2),
    nn.ConvTranspose2d(5, 4, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(4), nn.Hardtanh(0, 6), nn.MaxPool2d(2),
    nn.ConvTranspose2d(4, 6, (2, 3), stride=2, padding=(0, 1), output_padding=(0, 1)), nn.SiLU(),
    nn.ConvTranspose2d(6, 3, 2, dilation=2), nn.Flatten(), nn.Linear(300, 10), nn.Softmax(dim=1)), "transposed_torch", (1, 8, 8))


class ChannelsFirst(nn.Module):
    """Rows of pixels as places."""

    def forward(self, x):
        return x.transpose(1, 2)


torch.manual_seed(42)
train(nn.Sequential(
    ChannelsFirst(), nn.Conv1d(8, 6, 4, stride=4), nn.ReLU6(), nn.ConvTranspose1d(6, 8, 6, stride=4, padding=1), nn.ReLU6(),
    nn.ConvTranspose1d(8, 5, 2, stride=3, output_padding=1), nn.Flatten(), nn.Linear(120, 10), nn.Softmax(dim=1)),
    "transposed_steps", (8, 8))
# The fuzz target begins with it.
shutil.copy(digits.MODELS / "transposed_steps.onnx", digits.HERE.parent / "fuzz" / "seeds" / "onnx")
