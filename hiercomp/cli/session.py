"""A command's settings and its pipeline."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from hiercomp import registry
from hiercomp.cli.inputs import read_sources
from hiercomp.cli.offline import forbid_network
from hiercomp.cli.options import CommonOptions, InputOptions
from hiercomp.cli.progress import ProgressLine
from hiercomp.errors import ConfigError

if TYPE_CHECKING:
    from hiercomp.config import Config, Settings
    from hiercomp.pipeline import Pipeline


def settings_of(options: CommonOptions) -> Settings:
    """The settings: those of the options before all others."""
    from hiercomp.config import Config, read_settings

    flags = {name: value for name, value in asdict(options).items() if name in Config.model_fields}
    settings = read_settings(flags, file=options.config)
    if settings.config.offline:
        forbid_network()
    if settings.config.cache_dir is not None:  # the packaged models are kept there too
        os.environ["HIERCOMP_CACHE_DIR"] = str(settings.config.cache_dir)
    return settings


@dataclass(frozen=True, slots=True)
class Session:
    """A pipeline, the settings it runs with, and the line that shows what it does."""

    pipeline: Pipeline
    settings: Settings
    progress: ProgressLine

    def reader(self) -> str:
        """The reader that was taken, and who asked for it: a project's file may name a server too."""
        origins = self.settings.origins
        server = f", server: {origins['base_url']}" if self.settings.config.base_url else ""
        return f"reader: {self.pipeline.reader.name} ({origins['model']}{server})"


@contextmanager
def open_session(options: InputOptions, files: Sequence[str]) -> Iterator[Session]:
    """A pipeline over the files, closed at the end."""
    settings = settings_of(options)
    with ProgressLine(wanted=not (options.quiet or options.json)) as progress:
        progress("load", 0, 0)
        _check_names(settings.config)
        sources = read_sources(files, settings.config)
        from hiercomp.pipeline import Pipeline

        with Pipeline(sources, config=settings.config, observer=progress) as pipeline:
            yield Session(pipeline, settings, progress)


def _check_names(config: Config) -> None:
    """Refuses a component that is not known before minutes are spent on reading and indexing."""
    for family, name in (
        ("encoders", config.embedding),
        ("retrievers", config.retriever),
        ("allocators", config.allocator),
        ("compressors", config.compressor),
    ):
        if name is not None and not registry.knows(family, name.partition("/")[0]):
            raise ConfigError(f"{family} has no {name!r}; choose from {', '.join(registry.names(family))}")
