"""Trains the PyTorch models in ../models: state dicts as safetensors, the same exported to ONNX, and PyTorch's outputs.

    python train_pytorch.py
"""

import torch
from safetensors.torch import save_file
from torch import nn

import digits

X, Y, X_TEST, Y_TEST = map(torch.from_numpy, digits.load())


def train(model, name, epochs=30):
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=2e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(X)).split(32):
            optimizer.zero_grad()
            y = model(X[rows])
            nn.functional.nll_loss(y.log() - y.sum(1, keepdim=True).log(), Y[rows]).backward()
            optimizer.step()
    model.eval()
    accuracy = (model(X_TEST).argmax(1) == Y_TEST).float().mean().item()
    print(name, "accuracy", accuracy)


def save(model, name, dtype=torch.float32):
    """In `dtype`; the outputs are those of the stored weights, computed in float32."""
    state = {key: value.to(dtype) for key, value in model.state_dict().items()}
    save_file(state, digits.MODELS / f"{name}.safetensors")
    model.load_state_dict({key: value.float() for key, value in state.items()})
    with torch.no_grad():
        digits.expect(name, model(X_TEST))


def export(model, name, opset):
    torch.onnx.export(model, (X_TEST[:1],), digits.MODELS / f"{name}.onnx", input_names=["pixels"],
                      output_names=["classes"], dynamic_axes={"pixels": {0: "batch"}, "classes": {0: "batch"}},
                      opset_version=opset, dynamo=False)


torch.manual_seed(1)
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10), nn.Softmax(dim=1))
train(model, "mlp")
save(model, "mlp")
export(model, "mlp", opset=17)


class Named(nn.Module):
    """Layers with names of their own."""

    def __init__(self):
        super().__init__()
        self.inward = nn.Linear(64, 24)
        self.norm = nn.LayerNorm(24)
        self.hidden = nn.Sequential(nn.Linear(24, 16), nn.SiLU(), nn.Linear(16, 16), nn.Hardswish())
        self.outward = nn.Linear(16, 10)

    def forward(self, x):
        x = nn.functional.gelu(self.norm(self.inward(x)), approximate="tanh")
        return torch.sigmoid(self.outward(self.hidden(x)))


torch.manual_seed(2)
model = Named()
train(model, "named", epochs=10)
save(model, "named")
export(model, "named", opset=20)
for name, dtype in [("named_f16", torch.float16), ("named_bf16", torch.bfloat16)]:
    save(model, name, dtype)
