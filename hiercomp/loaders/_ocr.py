"""The text of an image by optical character recognition (OCR)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from math import dist
from statistics import fmean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rapidocr import RapidOCR

UNSURE = 0.95
"""The confidence below which a line is reported. On blurred scans, all 58 lines below it had faults, 24 of 74 above."""

# Below this confidence, a line is noise, such as a signature or a smear. It is left out.
_NOISE = 0.5
# A page that is upside down has a mean confidence below this.
_TURNED = 0.8
_MAX_THREADS = 4
# The recognition writes signs of Chinese and Japanese text between letters and figures of other scripts.
_WIDE = str.maketrans("，：；（）！？％＄＋－／", ",:;()!?%$+-/")
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DEGREES = re.compile("°?([℃℉])")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line.

    It has its text, its words, its confidence from 0 to 1, and its corners in pixels, clockwise from the top left.
    Each word has a text, and its left and right end as shares of the width of the piece.
    """

    text: str
    words: tuple[tuple[str, float, float], ...]
    confidence: float
    corners: tuple[Point, Point, Point, Point]

    @property
    def is_upright(self) -> bool:
        """Whether the piece is wider than high. Pieces of few characters are not."""
        return dist(self.corners[0], self.corners[1]) > dist(self.corners[0], self.corners[3])


@dataclass(frozen=True, slots=True)
class Scan:
    """The text of an image: its pieces, the size of the image as it was read, and the number of lines left out."""

    pieces: tuple[Piece, ...]
    width: int
    height: int
    noise_count: int

    @property
    def confidence(self) -> float:
        """The mean confidence of a character."""
        characters = sum(len(piece.text) for piece in self.pieces)
        return sum(piece.confidence * len(piece.text) for piece in self.pieces) / characters if characters else 0.0

    @property
    def unsure(self) -> list[str]:
        """The texts whose confidence is low."""
        return [piece.text for piece in self.pieces if piece.confidence < UNSURE]

    @property
    def turns(self) -> tuple[int, ...]:
        """The numbers of quarter turns that may bring the image upright. There are none if it is upright."""
        longer = [piece.is_upright for piece in self.pieces if len(piece.text) > 3]
        if longer and fmean(longer) < 0.5:
            return 1, 3
        return (2,) if longer and self.confidence < _TURNED else ()


def is_installed() -> bool:
    """Return whether the package of the extra `ocr` is installed."""
    return find_spec("rapidocr") is not None


class ImageReader:
    """Reads the text of images. The models are loaded with the first one."""

    @cached_property
    def _read(self) -> RapidOCR:
        from rapidocr import RapidOCR

        threads = min(_MAX_THREADS, os.cpu_count() or 1)
        return RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,  # `read` turns the whole image instead.
                "Global.text_score": 0.0,
                "Global.max_side_len": 100_000,  # The caller limits the size, because a long receipt must stay legible.
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            }
        )

    def read(self, image: NDArray[np.uint8]) -> Scan:
        """Return the text of an image of grey values. An image that seems to be turned is read in other directions."""
        import numpy as np

        best = self._scan(image)
        for turns in best.turns:
            scan = self._scan(np.ascontiguousarray(np.rot90(image, turns)))
            best = max(best, scan, key=lambda scan: (len(scan.turns) < 2, scan.confidence))
            if not best.turns:
                break
        return best

    def _scan(self, image: NDArray[np.uint8]) -> Scan:
        result: Any = self._read(image, return_word_box=True)
        height, width = image.shape[:2]
        if result.txts is None:
            return Scan((), width, height, 0)
        # The words of a line are missing if one of its characters has no place.
        found = result.word_results if len(result.word_results) == len(result.txts) else [()] * len(result.txts)
        lines = zip(result.boxes.tolist(), result.txts, result.scores, found, strict=True)
        pieces = [
            _piece(corners, text, float(score), words) for corners, text, score, words in lines if score >= _NOISE
        ]
        return Scan(tuple(pieces), width, height, len(result.txts) - len(pieces))


def _piece(
    corners: Sequence[Sequence[float]],
    text: str,
    confidence: float,
    found: Sequence[tuple[str, float, Sequence[Sequence[float]]]],
) -> Piece:
    """Return a piece. `found` has each word that was recognized with its confidence and its corners.

    If these are not the words of the text, each character is taken to be equally wide.
    """
    words = text.split()
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    width = max(right - left, 1.0)
    if [word for word, _, _ in found] == words:
        ends = [[(x - left) / width for x, _ in word_corners] for _, _, word_corners in found]
        places = [(min(xs), max(xs)) for xs in ends]
    else:
        places = list(_even_places(words))
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    spread = tuple((_plain(word), start, end) for word, (start, end) in zip(words, places, strict=True))
    return Piece(" ".join(word for word, _, _ in spread), spread, confidence, (first, second, third, fourth))


def _even_places(words: Sequence[str]) -> Iterator[tuple[float, float]]:
    start, length = 0, max(len(" ".join(words)), 1)
    for word in words:
        yield start / length, (start + len(word)) / length
        start += len(word) + 1


def _plain(word: str) -> str:
    """Return a word with the signs of its own script."""
    word = _DEGREES.sub(lambda sign: "°C" if sign[1] == "℃" else "°F", word)
    return word if _EAST_ASIAN.search(word) else word.translate(_WIDE)
