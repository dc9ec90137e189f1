"""`hiercomp index`: build and store hierarchies, so that the first question needs less time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.options import InputOptions, takes
from hiercomp.cli.screen import console, visible, write_json
from hiercomp.cli.session import end, open_session

if TYPE_CHECKING:
    from hiercomp.ports import Tokenizer
    from hiercomp.types import Hierarchy


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("index", epilog="Example: hiercomp index reports/*.pdf")(index)


@dataclass(frozen=True, kw_only=True)
class Options(InputOptions):
    """The options of `index`."""

    files: Annotated[list[str] | None, typer.Argument(metavar="FILES", hidden=True)] = None


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a document. `pages` is None if its format has no pages."""

    document: str
    pages: int | None
    sections: int
    passages: int
    tokens: int


@takes(Options)
def index(options: Options) -> None:
    """Build and store the hierarchies of documents for later questions."""
    from hiercomp import tokenizers
    from hiercomp.report import losses

    started = time.perf_counter()
    with open_session(options, options.files or ()) as session:
        hierarchy = session.pipeline.hierarchy
        seconds = time.perf_counter() - started
        config = session.settings.config
        tokenizer = tokenizers.build(config.tokenizer or tokenizers.DEFAULT, cache_dir=config.cache_dir)
        sizes = list(_sizes(hierarchy, tokenizer))
    if options.json:
        documents = [{name: getattr(size, name) for name in Size.__slots__} for size in sizes]
        report = {"schema": "hiercomp/1", "documents": documents, "seconds": {"total": seconds}}
        write_json(report | losses(hierarchy))
    else:
        _print_table(sizes, seconds)
    end(hierarchy, warn=not (options.quiet or options.json))


def _sizes(hierarchy: Hierarchy, tokenizer: Tokenizer) -> Iterator[Size]:
    from hiercomp.types import PASSAGE, SECTION

    for document in hierarchy.documents:
        levels = [node.level for node in hierarchy.nodes if node.document_id == document.id]
        yield Size(
            document=document.source,
            pages=len(document.pages) or None,
            sections=levels.count(SECTION),
            passages=levels.count(PASSAGE),
            tokens=tokenizer.count(document.text),
        )


def _print_table(sizes: list[Size], seconds: float) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column("document", overflow="fold")
    for heading in ("pages", "sections", "passages", "tokens"):
        table.add_column(heading, justify="right")
    for size in sizes:
        pages = "-" if size.pages is None else f"{size.pages:,}"
        counts = (pages, f"{size.sections:,}", f"{size.passages:,}", f"{size.tokens:,}")
        table.add_row(Text(visible(size.document)), *counts)
    screen = console(sys.stdout)
    screen.print(table)
    screen.print(f"{seconds:.1f} seconds")
