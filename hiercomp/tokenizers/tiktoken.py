"""OpenAI's encodings. They count offline, because the package llama-index-core contains their vocabularies."""

from __future__ import annotations

import hashlib
import re
import threading
from binascii import a2b_base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from itertools import pairwise
from pathlib import Path

import tiktoken
from tiktoken.load import read_file_cached
from tiktoken.model import encoding_name_for_model
from tiktoken_ext import openai_public  # type: ignore[import-untyped]

from hiercomp.building import BuildCache
from hiercomp.errors import ConfigError
from hiercomp.types import Message

DEFAULT = "o200k_base"
# OpenAI's formula for chat models: 3 tokens for each message, and 3 for the start of the answer.
MESSAGE_TOKENS = 3
ANSWER_TOKENS = 3

# The pattern engine of tiktoken overflows on a run of a million blanks. Runs longer than this are counted in pieces.
MAX_BLANKS = 100_000
_BLANKS = re.compile(rf"\s{{1,{MAX_BLANKS}}}+")

_library_lock = threading.Lock()
"""Held while a function of the library is replaced."""


class TiktokenTokenizer:
    """A tokenizer that counts with one of OpenAI's encodings.

    UTF-8 cannot encode a lone surrogate, so the replacement character U+FFFD is counted and sent instead.
    """

    def __init__(self, encoding: tiktoken.Encoding, name: str) -> None:
        self.name = name
        self._encoding = encoding

    def count(self, text: str) -> int:
        """Count the tokens of a text. Text that looks like a special token is counted as ordinary text."""
        return sum(len(self._encoding.encode_ordinary(piece)) for piece in _pieces(text))

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text."""
        return [self.count(text) for text in texts]

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """Count the tokens of a chat by OpenAI's published formula."""
        texts = [text for message in messages for text in (message.role, message.content)]
        return sum(self.count_many(texts)) + MESSAGE_TOKENS * len(messages) + ANSWER_TOKENS


_tokenizers: BuildCache[tuple[str, str], TiktokenTokenizer] = BuildCache()


def build(argument: str | None = None, *, approximates: str | None = None) -> TiktokenTokenizer:
    """Build the tokenizer of an encoding or of an OpenAI model id.

    Args:
        argument: the encoding's name or the model's id, o200k_base by default.
        approximates: the model that the encoding stands in for, if it is not the model's own.

    Raises:
        ConfigError: tiktoken has no such encoding, or its vocabulary is neither installed nor can be fetched.
    """
    encoding = encoding_name(argument or DEFAULT)
    if encoding is None:
        raise ConfigError(f"tiktoken has no encoding {argument!r}; choose from {', '.join(_encoding_names())}")
    name = encoding if approximates is None else f"{encoding} (approximates {approximates})"
    return _tokenizers.get((encoding, name), lambda: TiktokenTokenizer(_load(encoding), name))


def encoding_name(name: str) -> str | None:
    """Return an encoding by its name or by a model's name; None if tiktoken knows neither."""
    if name in _encoding_names():
        return name
    try:
        return encoding_name_for_model(name.removeprefix("openai/").removeprefix("openai:"))
    except KeyError:
        return None


def _pieces(text: str) -> list[str]:
    """Split a text after each run of `MAX_BLANKS` blanks."""
    if len(text) < MAX_BLANKS:
        return [text]
    ends = [match.end() for match in _BLANKS.finditer(text) if len(match[0]) == MAX_BLANKS]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)])]


def _encoding_names() -> list[str]:
    return sorted(tiktoken.list_encoding_names())


def _load(encoding: str) -> tiktoken.Encoding:
    try:
        with _library_lock, _fast_loading():
            return tiktoken.get_encoding(encoding)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the vocabulary of {encoding!r} is not shipped and cannot be fetched ({type(error).__name__}); "
            "o200k_base and cl100k_base work offline"
        ) from error


@contextmanager
def _fast_loading() -> Iterator[None]:
    """Make tiktoken load vocabularies with `_ranks`, which reads installed files faster than tiktoken's own loop."""
    before = openai_public.load_tiktoken_bpe
    openai_public.load_tiktoken_bpe = _ranks
    try:
        yield
    finally:
        openai_public.load_tiktoken_bpe = before


def _ranks(address: str, expected_hash: str | None = None) -> dict[bytes, int]:
    """Return the rank of each token of a vocabulary. Each line of its file is a token in base64 and its rank."""
    path = _shipped(address)
    data = path.read_bytes() if path else b""
    if hashlib.sha256(data).hexdigest() != expected_hash:
        data = read_file_cached(address, expected_hash)
    words = data.split()
    return dict(zip(map(a2b_base64, words[::2]), map(int, words[1::2]), strict=True))


def _shipped(address: str) -> Path | None:
    """Return the installed file of a vocabulary, or None. As in tiktoken, its name is the SHA-1 of the address."""
    name = hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()
    try:  # the metadata locates the package without its import, which takes seconds
        folder = distribution("llama-index-core").locate_file("llama_index/core/_static/tiktoken_cache")
    except PackageNotFoundError:
        return None
    path = Path(str(folder)) / name
    return path if path.is_file() else None
