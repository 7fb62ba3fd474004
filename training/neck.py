"""The upper part of the recognition network, trainable: from the pooled features to the letters.

The network's eyes (its convolutions, nine tenths of its 3 million weights) stay as published. What
is trained is the part after the last pooling: two convolutions along the row, two blocks of
attention and the last matrix, 0.35 million weights, each under the name that it has in the file.
"""

from __future__ import annotations

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

FEATURES = "p2o.pd_op.pool2d.1.0"
"""The tensor at which the trained part begins: 384 figures a frame of 8 pixels."""

WIDTH, HEADS = 120, 8
_CONVOLUTIONS = ("conv2d_67.w_0", "conv2d_65.w_0", "conv2d_66.w_0")
_NORMS = ("batch_norm2d_57", "batch_norm2d_55", "batch_norm2d_56")
_LINEARS, _LAYER_NORMS = 9, 10
_SCALE, _EPSILON = "auto.cast.74", "helper.constant.45"


class Neck(nn.Module):
    """The part of `model` that is trained."""

    def __init__(self, model: onnx.ModelProto, dropout: float = 0.1) -> None:
        super().__init__()
        known = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.names = [
            *_CONVOLUTIONS,
            *(f"{norm}.{key}" for norm in _NORMS for key in ("w_0", "b_0")),
            *(f"linear_{i}.{key}" for i in range(_LINEARS) for key in ("w_0", "b_0")),
            *(f"helper.reshape.{i}" for i in range(_LAYER_NORMS)),
        ]
        for name in self.names:
            values = torch.from_numpy(np.array(known[name], np.float32))
            self.register_parameter(_attribute(name), nn.Parameter(values))
        for norm in _NORMS:  # means and variances stay
            for key in ("w_1", "w_2"):
                values = torch.from_numpy(np.array(known[f"{norm}.{key}"], np.float32))
                self.register_buffer(_attribute(f"{norm}.{key}"), values)
        norm_node = next(node for node in model.graph.node if node.op_type == "BatchNormalization")
        self._norm_epsilon = next(a.f for a in norm_node.attribute if a.name == "epsilon")
        self._layer_epsilon = float(known[_EPSILON])
        self._scale = float(known[_SCALE].ravel()[0])
        self.drop = nn.Dropout(dropout)

    def weight(self, name: str) -> Tensor:
        """A weight by its name in the file."""
        found: Tensor = getattr(self, _attribute(name))
        return found

    def forward(self, features: Tensor, valid: Tensor) -> Tensor:
        """Logits: rows × frames × signs.

        Args:
            features: Rows × frames × 384, shorter rows padded.
            valid: Rows × frames; false where padded.
        """
        x = features.transpose(1, 2)
        beside = functional.silu(self._norm(self._along(x, _CONVOLUTIONS[0]), _NORMS[0]))
        inner = functional.silu(self._norm(self._along(x, _CONVOLUTIONS[1]), _NORMS[1]))
        inner = inner * valid[:, None, :]
        wide = functional.conv1d(inner, self.weight(_CONVOLUTIONS[2])[:, :, 0], padding=3, groups=WIDTH)
        z = (inner + functional.silu(self._norm(wide, _NORMS[2]))).transpose(1, 2)
        for block in (0, 1):
            z = z + self.drop(self._attend(self._layer(z, 2 * block), valid, 4 * block))
            grown = functional.silu(self._linear(self._layer(z, 2 * block + 1), 4 * block + 2))
            z = z + self.drop(self._linear(self.drop(grown), 4 * block + 3))
        z = self._layer(z, 4) + beside.transpose(1, 2)
        return self._linear(self.drop(z), 8)

    def _attend(self, z: Tensor, valid: Tensor, first: int) -> Tensor:
        rows, frames, _ = z.shape
        parts = self._linear(z, first).reshape(rows, frames, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        weights = (query * self._scale) @ key.transpose(2, 3)
        weights = weights.masked_fill(~valid[:, None, None, :], -1e9).softmax(3)
        return self._linear((weights @ value).transpose(1, 2).reshape(rows, frames, WIDTH), first + 1)

    def _along(self, x: Tensor, name: str) -> Tensor:
        return functional.conv1d(x, self.weight(name)[:, :, 0])

    def _norm(self, x: Tensor, norm: str) -> Tensor:
        mean, variance = self.weight(f"{norm}.w_1"), self.weight(f"{norm}.w_2")
        scale, shift = self.weight(f"{norm}.w_0"), self.weight(f"{norm}.b_0")
        return functional.batch_norm(x, mean, variance, scale, shift, False, 0.0, self._norm_epsilon)

    def _layer(self, z: Tensor, number: int) -> Tensor:
        scale, shift = (self.weight(f"helper.reshape.{2 * number + i}") for i in (0, 1))
        return functional.layer_norm(z, (WIDTH,), scale, shift, self._layer_epsilon)

    def _linear(self, z: Tensor, number: int) -> Tensor:
        return z @ self.weight(f"linear_{number}.w_0") + self.weight(f"linear_{number}.b_0")


def _attribute(name: str) -> str:
    return name.replace(".", "__")
