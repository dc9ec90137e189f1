"""The tokens of an image, estimated from above."""

from __future__ import annotations

import binascii
import struct
from base64 import b64decode
from collections.abc import Mapping
from itertools import chain
from math import ceil

LOW_TOKENS = 85
"""The tokens of an image of low detail, and the base of every other one."""
TILE_TOKENS, TILE_SIDE = 170, 512
LONG_SIDE, SHORT_SIDE = 2048, 768
PIXELS_PER_TOKEN = 750
MOST_TOKENS = 1600
"""The most tokens by either formula, and those of an image whose size is not known."""
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEAD = 24
"""The bytes of a PNG file up to the end of its size."""


def image_tokens(part: Mapping[str, object]) -> int:
    """Return an estimate of the tokens of an image part: the larger one of OpenAI's and Anthropic's formulas.

    The size is read from PNG data. Other data, and an image that the part only names, count as an image of the greatest
    size. Data that is too short for an image counts as the text that it is.

    Sources: OpenAI's guide "Images and vision" (gpt-4o): 85 tokens, and 170 for each tile of 512 x 512 pixels after
    scaling to 2048 x 2048 and to a short side of 768; with low detail 85 tokens. Anthropic's guide "Vision": width x
    height / 750, at most about 1,600.
    """
    if "low" in _values(part, "detail"):
        return LOW_TOKENS
    urls = (url for key in ("url", "image_url") for url in _values(part, key) if url.startswith("data:"))
    inline = (data for key in ("data", "base64", "result") for data in _values(part, key))
    encoded = next(chain((url.partition(",")[2] for url in urls), inline), "")
    size = _png_size(encoded)
    tokens = MOST_TOKENS if size is None else _tokens(*size)
    return min(tokens, len(encoded)) if encoded else tokens


def _values(part: Mapping[str, object], name: str) -> list[str]:
    """Return the texts of a key, at any depth."""
    found = []
    for key, value in part.items():
        if isinstance(value, Mapping):
            found += _values(value, name)
        elif key == name and isinstance(value, str):
            found.append(value)
    return found


def _tokens(width: int, height: int) -> int:
    scale = min(1, LONG_SIDE / max(width, height, 1))
    scale *= min(1, SHORT_SIDE / max(min(width, height) * scale, 1))
    tiles = ceil(width * scale / TILE_SIDE) * ceil(height * scale / TILE_SIDE)
    return min(MOST_TOKENS, max(LOW_TOKENS + TILE_TOKENS * tiles, ceil(width * height / PIXELS_PER_TOKEN)))


def _png_size(encoded: str) -> tuple[int, int] | None:
    """Return the width and the height of a PNG image, or None for other data."""
    try:
        head = b64decode(encoded[: _PNG_HEAD * 4 // 3])
    except (binascii.Error, ValueError):
        return None
    if len(head) < _PNG_HEAD or not head.startswith(_PNG):
        return None
    width, height = struct.unpack(">II", head[16:_PNG_HEAD])
    return width, height
