"""The settings of a run: one frozen value, and the places that it is read from.

Order: flags, then `HIERCOMP_*` in the environment, then `./hiercomp.toml`, then the user's own `config.toml`. A key
that is not known is refused with its place, because a misspelt budget that is ignored costs money.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from hiercomp.errors import ConfigError

PROJECT_FILE = "hiercomp.toml"
ENVIRONMENT_PREFIX = "HIERCOMP_"
SECRETS = ("password",)
"""Settings that are never read from a file and never shown."""
SECRET_VARIABLES = ("HIERCOMP_API_KEY", "HIERCOMP_SERVER_TOKEN")
"""Variables that are no settings: the readers and the server that need them look them up themselves."""
_SECRET_WORDS = ("key", "token", "secret", "password")


class Config(BaseModel):
    """Everything that can be set. Options of a component that is not chosen have no effect."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    budget: PositiveInt | Literal["auto"] = Field(
        4000, description="Tokens of the whole call: prompt, context and answer; auto for the least that is enough."
    )
    evidence_share: float = Field(0.95, gt=0, le=1, description="Enough for auto: this share of all expected evidence.")
    least_value: float = Field(0.0, ge=0, description="Auto shows nothing worth less expected evidence a token.")
    model: str | None = Field(None, description="The reader, such as local, local/1.5b, extractive or openai/gpt-5.")
    base_url: str | None = Field(None, description="Address of an OpenAI-compatible server.")
    tokenizer: str | None = Field(None, description="How tokens are counted; the reader's own if not set.")
    embedding: str | None = Field(None, description="The encoder; distilled for English, else e5, if not set.")
    retriever: str = Field("cascade", description="How parts are found.")
    allocator: str = Field("tree_cut", description="How the budget is divided.")
    compressor: str = Field("extractive", description="How parts are shortened.")
    pages: str | None = Field(None, description="Pages to read, such as 3-9,12.")
    password: str | None = Field(None, repr=False, exclude=True, description="Opens an encrypted document.")
    type: str | None = Field(None, description="The format, where the content does not tell.")
    cache_dir: Path | None = Field(None, description="Where hierarchies and vectors are kept.")
    cache: bool = Field(True, description="Keep hierarchies and vectors for the next question.")
    offline: bool = Field(False, description="Never use the network.")
    answer_tokens: PositiveInt | None = Field(None, description="Tokens reserved for the answer; estimated if not set.")
    retries: int = Field(2, ge=0, description="Further tries after a reader failed for the moment.")
    timeout: float = Field(120.0, gt=0, description="Seconds that a reader may take.")
    max_memory: PositiveInt = Field(2 * 1024**3, description="Bytes of memory that reading one file may take.")
    max_seconds: float = Field(120.0, gt=0, description="Seconds that reading one file may take.")
    max_pages: PositiveInt = Field(20_000, description="Pages that one file may have.")
    max_bytes: PositiveInt = Field(200 * 1024**2, description="Bytes that one file may have.")


@dataclass(frozen=True, slots=True)
class Settings:
    """A `Config` and where each of its values came from: flag, environment, a file's path, or default."""

    config: Config
    origins: Mapping[str, str]

    def rows(self) -> Iterator[tuple[str, object, str]]:
        """Name, value and origin of each setting; a secret's value is masked."""
        for name in Config.model_fields:
            value = getattr(self.config, name)
            yield name, "***" if value is not None and name in SECRETS else value, self.origins[name]


def read_settings(
    flags: Mapping[str, object] | None = None,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from everywhere, the nearest first.

    Args:
        flags: what the caller sets; None stands for "not set".
        file: read in place of the project's and the user's file.
        environment: where `HIERCOMP_*` is looked up, the process's own if it is not given.

    Raises:
        ConfigError: a key is not known or a value is wrong; the message names its place.
    """
    values: dict[str, object] = {}
    origins = dict.fromkeys(Config.model_fields, "default")
    variables = _variables(os.environ if environment is None else environment)
    for origin, layer in (*_files(file), ("environment", variables), ("flag", flags or {})):
        given = {name: value for name, value in layer.items() if value is not None}
        values |= given
        origins |= dict.fromkeys(given, origin)
    try:
        return Settings(Config.model_validate(values), origins)
    except ValidationError as error:
        problems = error.errors(include_input=False)
        name = str(problems[0]["loc"][0])
        wrong = " or ".join(_lower_first(problem["msg"]) for problem in problems if problem["loc"][0] == name)
        place = _place(name, origins[name])
        value = "" if name in SECRETS else f", not {values[name]!r}"
        raise ConfigError(f"{place}: {wrong}{value}") from error


def _files(file: Path | None) -> Iterator[tuple[str, Mapping[str, object]]]:
    if file is not None:
        yield str(file), _read_file(file)
        return
    for path in (user_config_path("hiercomp", appauthor=False) / "config.toml", Path(PROJECT_FILE)):
        if path.is_file():
            yield str(path), _read_file(path)


def _read_file(path: Path) -> Mapping[str, object]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a file that can be read") from error
    except ValueError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    for key, value in values.items():
        if key in SECRETS:
            raise ConfigError(f"{path}: {key!r} is a secret; set {ENVIRONMENT_PREFIX}{key.upper()} instead")
        if key not in Config.model_fields or isinstance(value, dict):
            raise ConfigError(_unknown(str(path), next(_key_paths(key, value))))
    if isinstance(directory := values.get("cache_dir"), str):
        values["cache_dir"] = path.parent / Path(directory).expanduser()
    return values


def _variables(environment: Mapping[str, str]) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for variable, value in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or not value or variable in SECRET_VARIABLES:
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name not in Config.model_fields:
            raise ConfigError(_unknown("environment", variable))
        found[name] = value
    return found


def _key_paths(key: str, value: object) -> Iterator[str]:
    """The dotted paths of the values below a key."""
    if not isinstance(value, dict) or not value:
        yield key
        return
    for name, below in value.items():
        yield from _key_paths(f"{key}.{name}", below)


def _unknown(place: str, key: str) -> str:
    prefix = ENVIRONMENT_PREFIX if key.startswith(ENVIRONMENT_PREFIX) else ""
    name = key.removeprefix(prefix).lower()
    near = get_close_matches(name, Config.model_fields, n=1, cutoff=0.5) or [
        part for part in name.split(".") if part in Config.model_fields
    ]
    message = f"{place}: unknown key {key!r}"
    if near:
        known = prefix + near[0].upper() if prefix else near[0]
        return f"{message}; did you mean {known!r}?"
    if any(word in name for word in _SECRET_WORDS):
        return f"{message}; secrets are read from the provider's own environment variable, never from here"
    return f"{message}; choose from {', '.join(Config.model_fields)}"


def _place(name: str, origin: str) -> str:
    if origin == "flag":
        return f"--{name.replace('_', '-')}"
    return ENVIRONMENT_PREFIX + name.upper() if origin == "environment" else f"{origin}: {name}"


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]
