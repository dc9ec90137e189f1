"""The settings of a run, and the places from which they are read.

Flags override `HIERCOMP_*` variables. These override `./hiercomp.toml`, which overrides the user's own `config.toml`.
An unknown key is an error that names its place, because a misspelt budget would cost money if it were ignored.
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
"""The settings that are never read from a file and never shown."""
SECRET_VARIABLES = ("HIERCOMP_API_KEY", "HIERCOMP_SERVER_TOKEN")
"""Environment variables that are not settings. The readers and the server read them directly."""
_SECRET_WORDS = ("key", "token", "secret", "password")


class Config(BaseModel):
    """All settings of a run. The options of a component that is not in use have no effect."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    budget: PositiveInt | Literal["auto"] = Field(
        4000, description="The tokens of the whole call: prompt, context and answer. auto: the fewest that are enough."
    )
    total: PositiveInt | None = Field(
        None, description="The most tokens of all calls of a run together: the final call, the plan and a second look."
    )
    evidence_share: float = Field(
        0.95, gt=0, le=1, description="With budget auto: the share of all expected evidence to show."
    )
    least_value: float = Field(0.0, ge=0, description="With budget auto: the least expected evidence per token.")
    model: str | None = Field(None, description="The reader, for example local, local/1.5b or openai/gpt-5.")
    base_url: str | None = Field(None, description="The address of an OpenAI-compatible server.")
    tokenizer: str | None = Field(None, description="The tokenizer. Default: the reader's own.")
    embedding: str | None = Field(
        None, description="The encoder. Default: distilled for English, else e5 if it is installed."
    )
    planner: str | None = Field(None, description="The planner. Default: a hosted reader plans itself, else the rules.")
    playbook: Path | None = Field(None, description="A playbook of your own, a TOML file, for the planner rules.")
    passes: int = Field(
        1, ge=1, le=2, description="2: a second look. After the first context the reader names what is still missing."
    )
    retriever: str = Field("cascade", description="The retriever. It finds passages.")
    allocator: str = Field("tree_cut", description="The allocator. It divides the budget.")
    compressor: str = Field("extractive", description="The compressor. It summarizes sections and documents.")
    pages: str | None = Field(None, description="The pages to read, for example 3-9,12.")
    password: str | None = Field(None, repr=False, exclude=True, description="The password of an encrypted document.")
    type: str | None = Field(None, description="The file format. Default: detected from the content.")
    strict: bool = Field(False, description="Stop at the first file that cannot be read, instead of skipping it.")
    cache_dir: Path | None = Field(None, description="The folder of the cache and the models.")
    cache: bool = Field(True, description="Store hierarchies and vectors for later questions.")
    offline: bool = Field(False, description="Never use the network.")
    answer_tokens: PositiveInt | None = Field(
        None, description="The tokens reserved for the answer. Default: estimated."
    )
    retries: int = Field(2, ge=0, description="The number of retries after a temporary error of the reader.")
    timeout: float = Field(120.0, gt=0, description="The most seconds of one call of the reader.")
    max_memory: PositiveInt = Field(2 * 1024**3, description="The most bytes of memory for reading one file.")
    max_seconds: float = Field(120.0, gt=0, description="The most seconds for reading one file.")
    max_pages: PositiveInt = Field(20_000, description="The most pages of one file.")
    max_bytes: PositiveInt = Field(200 * 1024**2, description="The most bytes of one file.")


@dataclass(frozen=True, slots=True)
class Settings:
    """A `Config` and the origin of each value: `flag`, `environment`, `default`, or the path of a file."""

    config: Config
    origins: Mapping[str, str]

    def rows(self) -> Iterator[tuple[str, object, str]]:
        """Yield the name, value and origin of each setting. The value of a secret is masked."""
        for name in Config.model_fields:
            value = getattr(self.config, name)
            yield name, "***" if value is not None and name in SECRETS else value, self.origins[name]


def read_settings(
    flags: Mapping[str, object] | None = None,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings of all places. The module's docstring gives their order.

    Args:
        flags: the caller's own settings. None means that a setting is not set.
        file: a file to read instead of the project's and the user's files.
        environment: the variables among which to find `HIERCOMP_*`. The default is the process's environment.

    Raises:
        ConfigError: a key is unknown or a value is wrong. The message names the place.
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
        reason = " or ".join(_lower_first(problem["msg"]) for problem in problems if problem["loc"][0] == name)
        place = _place(name, origins[name])
        value = "" if name in SECRETS else f", not {values[name]!r}"
        raise ConfigError(f"{place}: {reason}{value}") from error


def _files(file: Path | None) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the path and the settings of each file, the most important last."""
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
        raise ConfigError(f"{path}: the file is not valid TOML: {error}") from error
    for key, value in values.items():
        if key in SECRETS:
            raise ConfigError(f"{path}: {key!r} is a secret; set {ENVIRONMENT_PREFIX}{key.upper()} instead")
        if key not in Config.model_fields or isinstance(value, dict):
            raise ConfigError(_unknown(str(path), next(_key_paths(key, value))))
    for key in ("cache_dir", "playbook"):
        if isinstance(named := values.get(key), str):
            values[key] = path.parent / Path(named).expanduser()
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
    """Yield the dotted paths of the values below a key."""
    if not isinstance(value, dict) or not value:
        yield key
        return
    for name, below in value.items():
        yield from _key_paths(f"{key}.{name}", below)


def _unknown(place: str, key: str) -> str:
    """Return an error message for an unknown key, with the most similar key if there is one."""
    prefix = ENVIRONMENT_PREFIX if key.startswith(ENVIRONMENT_PREFIX) else ""
    name = key.removeprefix(prefix).lower()
    similar = get_close_matches(name, Config.model_fields, n=1, cutoff=0.5) or [
        part for part in name.split(".") if part in Config.model_fields
    ]
    message = f"{place}: unknown key {key!r}"
    if similar:
        known = prefix + similar[0].upper() if prefix else similar[0]
        return f"{message}; did you mean {known!r}?"
    if any(word in name for word in _SECRET_WORDS):
        return f"{message}; secrets are read from the provider's own environment variable, never from here"
    return f"{message}; choose from {', '.join(Config.model_fields)}"


def _place(name: str, origin: str) -> str:
    """Return the words by which an error message names the place of a setting."""
    if origin == "flag":
        return f"--{name.replace('_', '-')}"
    return ENVIRONMENT_PREFIX + name.upper() if origin == "environment" else f"{origin}: {name}"


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]
