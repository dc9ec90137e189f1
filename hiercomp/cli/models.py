"""`hiercomp models`: list, pull and verify the models that install as packages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.options import CommonOptions, takes
from hiercomp.cli.progress import ProgressLine
from hiercomp.cli.screen import console, write_json, write_line
from hiercomp.cli.session import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from hiercomp.models import Installed, Progress

group = typer.Typer(help="List, pull and verify the packaged models.", rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add the commands to an application."""
    app.add_typer(group, name="models")


@dataclass(frozen=True, kw_only=True)
class PullOptions(CommonOptions):
    """The options of `models pull`."""

    name: Annotated[str, typer.Argument(metavar="NAME", hidden=True)] = "local"


@dataclass(frozen=True, kw_only=True)
class VerifyOptions(CommonOptions):
    """The options of `models verify`."""

    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", hidden=True)] = None


@group.command("list", epilog="Example: hiercomp models list")
@takes(CommonOptions)
def list_models(options: CommonOptions) -> None:
    """List the packaged models, and show which of them are installed."""
    cache_dir = load_settings(options).config.cache_dir
    from hiercomp.models import find
    from hiercomp.packaged import MODELS

    found = [find(model.name, cache_dir=cache_dir) for model in MODELS]
    if options.json:
        write_json({"schema": "hiercomp/1", "models": [_report(model) for model in found]})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "model", "purpose", "size", "licence", "state"):
        table.add_column(heading, justify="right" if heading == "size" else "left", overflow="fold")
    for item in found:
        model = item.model
        table.add_row(
            model.name, model.title, model.purpose, f"{model.size / 1e6:,.0f} MB", model.licence, _state(item)
        )
    console(sys.stdout).print(table)


@group.command("pull", epilog="Example: hiercomp models pull local/1.5b")
@takes(PullOptions)
def pull(options: PullOptions) -> None:
    """Install a model, check its digest, and print its path.

    A large model consists of several parts, which are joined. The default NAME is local.
    """
    from hiercomp import models

    config = load_settings(options).config
    if config.offline and not models.find(options.name, cache_dir=config.cache_dir).usable:
        from hiercomp.errors import ModelError

        raise ModelError(
            f"{options.name} is not installed, and --offline does not allow a download; run without --offline"
        )
    _show_paths(options, [options.name], partial(models.pull, cache_dir=config.cache_dir), "fetching")


@group.command("verify", epilog="Example: hiercomp models verify local")
@takes(VerifyOptions)
def verify(options: VerifyOptions) -> None:
    """Check that models have the published digests.

    Without NAME, the command checks every installed model.
    """
    cache_dir = load_settings(options).config.cache_dir
    from hiercomp import models
    from hiercomp.packaged import MODELS

    names = options.names or [model.name for model in MODELS if models.find(model.name, cache_dir=cache_dir).usable]
    _show_paths(options, names, partial(models.verify, cache_dir=cache_dir), "checking")


def _state(item: Installed) -> str:
    """Return whether a model is ready, and the remedy if it is not."""
    if item.path is not None:
        return "ready"
    if item.usable:
        return "installed; its parts are joined at the first use"
    return f"not installed; run: hiercomp models pull {item.model.name}"


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
    """Return a progress callback that shows bytes as mebibytes, which are easier to read."""

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
