"""`hiercomp cache`: show or delete the data that is stored between runs."""

from __future__ import annotations

import sys
from dataclasses import asdict

import typer

from hiercomp.cli.options import CommonOptions, takes
from hiercomp.cli.screen import console, visible, write_json, write_line
from hiercomp.cli.session import load_settings

group = typer.Typer(help="Show or delete the data that is stored between runs.", rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.add_typer(group, name="cache")


@group.command("info", epilog="Example: hiercomp cache info")
@takes(CommonOptions)
def info(options: CommonOptions) -> None:
    """Show the place, the size and the contents of the cache."""
    config = load_settings(options).config
    from hiercomp.storage.store import Store

    with Store.open(config.cache_dir) as store:
        facts = asdict(store.info())
        warning = store.warning
    if options.json:
        values = {name: str(value) if name == "path" else value for name, value in facts.items()}
        write_json({"schema": "hiercomp/1", "cache": values | {"warning": warning}})
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
    """Delete all stored hierarchies and vectors. Models are not deleted."""
    config = load_settings(options).config
    from hiercomp.storage.store import Store

    with Store.open(config.cache_dir) as store:
        freed = store.clear()
    if options.json:
        write_json({"schema": "hiercomp/1", "freed_bytes": freed})
    else:
        write_line(f"{freed:,} bytes freed")
