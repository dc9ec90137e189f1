"""`hiercomp cache`: what is kept between runs."""

from __future__ import annotations

import sys
from dataclasses import asdict

import typer

from hiercomp.cli.options import CommonOptions, takes
from hiercomp.cli.screen import console, visible, write_json, write_line
from hiercomp.cli.session import settings_of

group = typer.Typer(help="Look at what is kept between runs, or delete it.", rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Adds the commands to an application."""
    app.add_typer(group, name="cache")


@group.command("info", epilog="Example: hiercomp cache info")
@takes(CommonOptions)
def info(options: CommonOptions) -> None:
    """Show where the cache is, its size and what it holds."""
    config = settings_of(options).config
    from hiercomp.storage.store import Store

    with Store.open(config.cache_dir) as store:
        facts = asdict(store.info())
        warning = store.warning
    if options.json:
        written = {name: str(value) if name == "path" else value for name, value in facts.items()}
        write_json({"schema": "hiercomp/1", "cache": written | {"warning": warning}})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in facts.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else visible(str(value)))
    if warning:
        table.add_row("warning", visible(warning))
    console(sys.stdout).print(table)


@group.command("clear", epilog="Example: hiercomp cache clear")
@takes(CommonOptions)
def clear(options: CommonOptions) -> None:
    """Delete all hierarchies and vectors that are kept; models stay."""
    config = settings_of(options).config
    from hiercomp.storage.store import Store

    with Store.open(config.cache_dir) as store:
        freed = store.clear()
    if options.json:
        write_json({"schema": "hiercomp/1", "freed_bytes": freed})
    else:
        write_line(f"{freed:,} bytes freed")
