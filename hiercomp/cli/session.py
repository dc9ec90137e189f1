"""The settings of a command and its pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from hiercomp import registry
from hiercomp.cli.inputs import read_sources
from hiercomp.cli.offline import forbid_network
from hiercomp.cli.options import CommonOptions, InputOptions
from hiercomp.cli.progress import ProgressLine
from hiercomp.cli.screen import note
from hiercomp.errors import ConfigError, DocumentError

if TYPE_CHECKING:
    from hiercomp.config import Config, Settings
    from hiercomp.pipeline import Pipeline
    from hiercomp.types import Hierarchy, TokenBudget


def load_settings(options: CommonOptions) -> Settings:
    """Return the settings. An option on the command line overrides every other origin."""
    from hiercomp.config import Config, read_settings

    flags = {name: value for name, value in asdict(options).items() if name in Config.model_fields}
    settings = read_settings(flags, file=options.config)
    if settings.config.offline:
        forbid_network()
    return settings


@dataclass(frozen=True, slots=True)
class Session:
    """A pipeline, its settings, and the line that shows its progress."""

    pipeline: Pipeline
    settings: Settings
    progress: ProgressLine

    @property
    def budget(self) -> TokenBudget:
        """The token budget from the settings."""
        return self.settings.config.budget

    def describe_reader(self) -> str:
        """Return the reader's name and the origin of that setting.

        The origin matters because a project's file can name a reader and a server that the user does not expect.
        """
        origins = self.settings.origins
        server = f", server: {origins['base_url']}" if self.settings.config.base_url else ""
        return f"reader: {self.pipeline.reader.name} ({origins['model']}{server})"


@contextmanager
def open_session(options: InputOptions, files: Sequence[str]) -> Iterator[Session]:
    """Open a pipeline over the files, and close it at the end of the `with` block."""
    settings = load_settings(options)
    with ProgressLine(wanted=not (options.quiet or options.json)) as progress:
        progress("load", 0, 0)
        _check_names(settings.config)
        sources = read_sources(files, settings.config)
        from hiercomp.pipeline import Pipeline

        with Pipeline(sources, config=settings.config, observer=progress) as pipeline:
            yield Session(pipeline, settings, progress)


def end(hierarchy: Hierarchy, *, warn: bool = False) -> None:
    """End a command with the code of an unreadable input if a file was skipped.

    Args:
        hierarchy: The tree of the command's documents.
        warn: Print what is missing from the documents on stderr. A command that draws the ledger does not need this.

    Raises:
        typer.Exit: a file was skipped.
    """
    if warn:
        from hiercomp.ledger import losses

        for line in losses(hierarchy):
            note(f"warning: {line}")
    if hierarchy.skipped:
        raise typer.Exit(DocumentError.exit_code)


def _check_names(config: Config) -> None:
    """Refuse an unknown component before the documents are read and indexed, which can take minutes."""
    for family, name in (
        ("encoders", config.embedding),
        ("planning", config.planner),
        ("retrievers", config.retriever),
        ("allocators", config.allocator),
        ("compressors", config.compressor),
    ):
        if name is not None and not registry.knows(family, name.partition("/")[0]):
            raise ConfigError(
                f"no component of {family} is called {name!r}; choose from {', '.join(registry.names(family))}"
            )
