"""`hiercomp config`: show each setting and its origin."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from hiercomp.cli.options import CommonOptions, takes
from hiercomp.cli.screen import console, visible, write_json
from hiercomp.cli.session import load_settings


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("config", epilog="Example: HIERCOMP_BUDGET=2000 hiercomp config --show")(config)


@dataclass(frozen=True, kw_only=True)
class Options(CommonOptions):
    """The options of `config`."""

    show: Annotated[
        bool, typer.Option("--show", show_default=False, help="Print each value and its origin; the default.")
    ] = True


@takes(Options)
def config(options: Options) -> None:
    """Show every setting, its value and its origin.

    The order of precedence is: options, HIERCOMP_* variables, ./hiercomp.toml, the user's own config.toml.
    """
    rows = list(load_settings(options).rows())
    if options.json:
        values = {name: {"value": _plain(value), "origin": origin} for name, value, origin in rows}
        write_json({"schema": "hiercomp/1", "settings": values})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("setting", "value", "origin"):
        table.add_column(heading, overflow="fold")
    for name, value, origin in rows:
        shown = Text("not set", style="dim") if value is None else Text(visible(str(value)))
        table.add_row(name, shown, Text(visible(origin), style="dim" if origin == "default" else "bold"))
    console(sys.stdout).print(table)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int | float | str) else str(value)
