"""The student model that `eval/distil.py` trains, and its export to ONNX.

The student has a vector for each word piece. One layer mixes it with its neighbours' vectors and the passage's mean.
Another layer is attention.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from hiercomp.encoders.distilled import Distilled

DIMENSION = Distilled.dimension
HIDDEN = 256
REACH = 4
"""Word pieces before and after a word piece whose vectors are mixed in."""
HEADS = 4


class Mixing(nn.Module):
    """Adds to each vector a function of its neighbours and of the passage's mean."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Conv1d(DIMENSION, DIMENSION, 2 * REACH + 1, padding=REACH, groups=DIMENSION)
        self.norm = nn.LayerNorm(3 * DIMENSION)
        self.into = nn.Linear(3 * DIMENSION, HIDDEN)
        self.out = nn.Linear(HIDDEN, DIMENSION)

    def forward(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """Map (passages, tokens, d) to the same shape. `mask` is 1 for tokens and 0 for padding."""
        vectors = vectors * mask
        near = self.near(vectors.transpose(1, 2)).transpose(1, 2)
        mean = (vectors.sum(1, keepdim=True) / mask.sum(1, keepdim=True)).expand_as(vectors)
        mixed = functional.relu(self.into(self.norm(torch.cat([vectors, near, mean], 2))))
        return vectors + cast("Tensor", self.out(mixed))


class Attending(nn.Module):
    """A transformer layer without positions, because the layer below has mixed them in."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.LayerNorm(DIMENSION)
        self.three = nn.Linear(DIMENSION, 3 * DIMENSION)
        self.joined = nn.Linear(DIMENSION, DIMENSION)
        self.second = nn.LayerNorm(DIMENSION)
        self.into = nn.Linear(DIMENSION, HIDDEN)
        self.out = nn.Linear(HIDDEN, DIMENSION)

    def forward(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """Map vectors as `Mixing` does."""
        passages, tokens, _ = vectors.shape
        heads = self.three(self.first(vectors)).view(passages, tokens, 3, HEADS, DIMENSION // HEADS)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask.bool().view(passages, 1, 1, tokens)
        )
        vectors = vectors + self.joined(seen.transpose(1, 2).reshape(passages, tokens, DIMENSION))
        return vectors + cast("Tensor", self.out(functional.relu(self.into(self.second(vectors)))))


class Student(nn.Module):
    """Maps word pieces to unit vectors of `DIMENSION`."""

    def __init__(self, table: NDArray[np.float32]) -> None:
        super().__init__()
        self.table = nn.Embedding(table.shape[0], table.shape[1], _weight=torch.tensor(table))
        self.layers = nn.ModuleList([Mixing(), Attending()])
        self.last = nn.Linear(DIMENSION, DIMENSION)
        nn.init.eye_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Map (passages, tokens) to (passages, tokens, d)."""
        return self.mix(self.table(input_ids), attention_mask)

    def mix(self, vectors: Tensor, attention_mask: Tensor) -> Tensor:
        """Apply the layers to the word pieces' own vectors."""
        mask = attention_mask.unsqueeze(2).float()
        for layer in self.layers:
            vectors = layer(vectors, mask)
        return functional.normalize(self.last(vectors), dim=-1)


class Compact(nn.Module):
    """The student with one byte for each component of its table. Each row is scaled by its greatest component."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student
        table = student.table.weight.detach()
        scale = table.abs().amax(1, keepdim=True).clamp_min(1e-9) / 127
        self.bytes = nn.Buffer(torch.round(table / scale).to(torch.int8))
        self.scale = nn.Buffer(scale)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Map word pieces as the student does."""
        return self.student.mix(self.bytes[input_ids].float() * self.scale[input_ids], attention_mask)


def export(student: Student, path: Path) -> Compact:
    """Write the student as ONNX and return it in the form that was written."""
    compact = Compact(student).eval()
    example = torch.ones((2, 8), dtype=torch.int64)
    names = ["input_ids", "attention_mask"]
    axes = {name: {0: "passages", 1: "tokens"} for name in (*names, "rows")}
    with warnings.catch_warnings():
        # It warns of a newer exporter, which needs two more packages, and of shapes. A test reads the written file.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            compact,
            (example, example),
            str(path),
            input_names=names,
            output_names=["rows"],
            dynamic_axes=axes,
            dynamo=False,
        )
    return compact
