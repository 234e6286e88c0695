"""The handwritten digits of examples/data, and where the models and the frameworks' own outputs go."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "models"


def load():
    """Pixels from 0 to 1 and labels: training set, then test set, which is every fifth line."""
    table = np.loadtxt(HERE.parents[1] / "data" / "digits.csv", delimiter=",", dtype=np.float32)
    x, y = table[:, :64] / 16, table[:, 64].astype(np.int64)
    test = np.arange(len(x)) % 5 == 0
    return x[~test], y[~test], x[test], y[test]


def expect(name, outputs):
    """Writes a framework's own outputs for the test set, as little-endian float32."""
    np.asarray(outputs).astype("<f4").tofile(MODELS / f"{name}.expected")


def train_keras(keras, model, name, suffix, epochs=20):
    """Without the optimiser's variables. The outputs are those of the file."""
    x, y, x_test, y_test = load()
    shape = model.input_shape[1:]
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x.reshape(-1, *shape), y, epochs=epochs, batch_size=32, verbose=0)
    fresh = keras.models.clone_model(model)
    fresh.set_weights(model.get_weights())
    path = MODELS / f"{name}.{suffix}"
    fresh.save(path, **({"include_optimizer": False} if suffix == "h5" else {}))
    outputs = keras.models.load_model(path, compile=False).predict(x_test.reshape(-1, *shape), verbose=0)
    print(name, "accuracy", (outputs.argmax(1) == y_test).mean())
    expect(name, outputs)


def train_pytorch(model, name, shape, epochs=20):
    """A state dict, the model as ONNX, and the outputs."""
    import torch
    from safetensors.torch import save_file
    from torch import nn

    x, y, x_test, y_test = map(torch.from_numpy, load())
    x, x_test = x.reshape(-1, *shape), x_test.reshape(-1, *shape)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            nn.functional.nll_loss(model(x[rows]).log(), y[rows]).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        outputs = model(x_test)
    print(name, "accuracy", (outputs.argmax(1) == y_test).float().mean().item())
    expect(name, outputs)
    save_file(model.state_dict(), MODELS / f"{name}.safetensors")
    # As the layers are: PyTorch would fold batch normalisation.
    torch.onnx.export(model, (x_test[:1],), MODELS / f"{name}.onnx", input_names=["pixels"], output_names=["classes"],
                      dynamic_axes={"pixels": {0: "batch"}, "classes": {0: "batch"}}, opset_version=17, dynamo=False,
                      training=torch.onnx.TrainingMode.PRESERVE)
