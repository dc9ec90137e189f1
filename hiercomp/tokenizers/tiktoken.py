"""OpenAI's encodings, counted offline: the vocabularies ship inside llama-index-core."""

from __future__ import annotations

import os
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

from hiercomp.errors import ConfigError
from hiercomp.types import Message

# The names under which tiktoken caches a vocabulary: the SHA-1 of its address. Its content is checked by SHA-256.
VOCABULARY_FILES = {
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
    "o200k_harmony": "fb374d419588a4632f3f557e76b4b70aebbca790",
}
CACHE_VARIABLE = "TIKTOKEN_CACHE_DIR"
# OpenAI's formula for chat models: each message is framed by 3 tokens, and 3 open the answer.
MESSAGE_TOKENS = 3
ANSWER_TOKENS = 3

# tiktoken's pattern engine overflows on a run of a million blanks; longer runs than this are counted in pieces.
LONGEST_BLANK = 100_000
_BLANKS = re.compile(rf"\s{{1,{LONGEST_BLANK}}}+")

_environment = threading.Lock()


class TiktokenTokenizer:
    """Counts with one of OpenAI's encodings.

    A lone surrogate, which no UTF-8 can carry, is counted as the replacement character U+FFFD that is sent for it.
    """

    def __init__(self, encoding: tiktoken.Encoding, name: str) -> None:
        self.name = name
        self._encoding = encoding

    def count(self, text: str) -> int:
        """The tokens of a whole string; text that looks like a special token is ordinary text."""
        return sum(len(self._encoding.encode_ordinary(piece)) for piece in _pieces(text))

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each string."""
        return [self.count(text) for text in texts]

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """The tokens of a chat by OpenAI's published formula."""
        texts = [text for message in messages for text in (message.role, message.content)]
        return sum(self.count_many(texts)) + MESSAGE_TOKENS * len(messages) + ANSWER_TOKENS


def build(argument: str | None = None, *, approximates: str | None = None) -> TiktokenTokenizer:
    """An encoding by its own name or by a model's id; `approximates` names a model that it only stands in for.

    Raises:
        ConfigError: tiktoken knows no such encoding, or its vocabulary is neither shipped nor to be had.
    """
    encoding = encoding_name(argument or "o200k_base")
    if encoding is None:
        raise ConfigError(f"tiktoken has no encoding {argument!r}; choose from {', '.join(_encoding_names())}")
    name = encoding if approximates is None else f"{encoding} (approximates {approximates})"
    return TiktokenTokenizer(_load(encoding), name)


def encoding_name(name: str) -> str | None:
    """The encoding that a name means, itself or a model's, None where tiktoken knows neither."""
    if name in _encoding_names():
        return name
    try:
        return encoding_name_for_model(name.removeprefix("openai/").removeprefix("openai:"))
    except KeyError:
        return None


def _pieces(text: str) -> list[str]:
    """The text, cut after each full stretch of `LONGEST_BLANK` blanks."""
    if len(text) < LONGEST_BLANK:
        return [text]
    cuts = [match.end() for match in _BLANKS.finditer(text) if len(match[0]) == LONGEST_BLANK]
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]


def _encoding_names() -> list[str]:
    return sorted(tiktoken.list_encoding_names())


def _load(encoding: str) -> tiktoken.Encoding:
    try:
        with _environment, _shipped_vocabulary(encoding), _parsed_at_once():
            return tiktoken.get_encoding(encoding)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the vocabulary of {encoding!r} is not shipped and cannot be fetched ({type(error).__name__}); "
            "o200k_base and cl100k_base work offline"
        ) from error


@contextmanager
def _shipped_vocabulary(encoding: str) -> Iterator[None]:
    """Tiktoken reads the shipped file while this is open; the environment is as before afterwards."""
    directory = _vocabulary_directory()
    if directory is None or not (directory / VOCABULARY_FILES.get(encoding, "-")).is_file():
        yield
        return
    before = os.environ.get(CACHE_VARIABLE)
    os.environ[CACHE_VARIABLE] = str(directory)
    try:
        yield
    finally:
        del os.environ[CACHE_VARIABLE]
        if before is not None:
            os.environ[CACHE_VARIABLE] = before


@contextmanager
def _parsed_at_once() -> Iterator[None]:
    """Tiktoken parses a vocabulary as `_ranks` does while this is open: its own loop takes most of a start's time."""
    before = openai_public.load_tiktoken_bpe
    openai_public.load_tiktoken_bpe = _ranks
    try:
        yield
    finally:
        openai_public.load_tiktoken_bpe = before


def _ranks(address: str, expected_hash: str | None = None) -> dict[bytes, int]:
    """The rank of each token in a vocabulary: lines of a token in base64 and its rank."""
    words = read_file_cached(address, expected_hash).split()
    return dict(zip(map(a2b_base64, words[::2]), map(int, words[1::2]), strict=True))


def _vocabulary_directory() -> Path | None:
    try:  # the package's place without its import, which takes seconds
        return Path(str(distribution("llama-index-core").locate_file("llama_index/core/_static/tiktoken_cache")))
    except PackageNotFoundError:
        return None
