"""The metadata at the head of a GGUF file: the limits and the vocabulary of a model, without its weights.

The head consists of the magic, the version, two counts, and keys with typed values.

Source: the GGUF specification of ggml, version 3.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from hiercomp.errors import ModelError

Value = int | float | bytes | list[int | float | bytes]

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# The types of control tokens. Only a chat template may write them; in any other text they are ordinary letters.
_UNKNOWN, _CONTROL = 2, 3
DEFAULT_CONTEXT = 2048
"""The context length of a model whose file states none. Longer prompts are unlikely to work."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The facts that the reader needs before the model is loaded. `control_tokens` maps their texts to their ids."""

    context_length: int
    control_tokens: dict[str, int]


class _Cursor:
    """A position in the file. Each read moves it forward."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._position = 4

    def scalar(self, code: str) -> int | float:
        layout = f"<{code}"
        value: int | float = struct.unpack_from(layout, self._data, self._position)[0]
        self._position += struct.calcsize(layout)
        return value

    def string(self) -> bytes:
        length = int(self.scalar("Q"))
        start = self._position
        if start + length > len(self._data):
            raise ValueError("a string runs past the end")
        self._position += length
        return self._data[start : self._position]

    def value(self, kind: int) -> Value:
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            return self.scalar(_SCALARS[kind])
        items, count = int(self.scalar("I")), int(self.scalar("Q"))
        if items == _STRING:
            return [self.string() for _ in range(count)]
        values = struct.unpack_from(f"<{count}{_SCALARS[items]}", self._data, self._position)
        self._position += struct.calcsize(f"<{count}{_SCALARS[items]}")
        return list(values)


def read_metadata(path: Path) -> Metadata:
    """Read the metadata of a model.

    Raises:
        ModelError: the file cannot be read or is not a complete GGUF file.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[:4] != b"GGUF":
                raise ModelError(f"{path} is not a GGUF model; give a file that ends in .gguf")
            return _metadata(_pairs(_Cursor(data)))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; give the path of a GGUF model") from error
    except (KeyError, ValueError, struct.error, MemoryError) as error:
        raise ModelError(f"{path} is a damaged GGUF model ({error}); get the file again") from error


def _pairs(cursor: _Cursor) -> dict[str, Value]:
    cursor.scalar("I")  # the version; 2 and 3 have the same head
    cursor.scalar("Q")  # the number of tensors
    pairs: dict[str, Value] = {}
    for _ in range(int(cursor.scalar("Q"))):
        key = cursor.string().decode()
        pairs[key] = cursor.value(int(cursor.scalar("I")))
    return pairs


def _metadata(pairs: dict[str, Value]) -> Metadata:
    architecture = pairs.get("general.architecture", b"")
    prefix = architecture.decode() if isinstance(architecture, bytes) else ""
    length = pairs.get(f"{prefix}.context_length", DEFAULT_CONTEXT)
    tokens, types = pairs.get("tokenizer.ggml.tokens", []), pairs.get("tokenizer.ggml.token_type", [])
    if not isinstance(length, int) or not isinstance(tokens, list) or not isinstance(types, list):
        raise ValueError("a value has the wrong type")
    control = {
        token.decode(errors="replace"): index
        for index, (token, kind) in enumerate(zip(tokens, types, strict=False))
        if kind in (_UNKNOWN, _CONTROL) and isinstance(token, bytes) and token
    }
    return Metadata(length, control)
