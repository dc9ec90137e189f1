"""`hiercomp doctor`: check an installation without changing it, and name a repair for each failure."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import file_digest
from importlib import metadata
from typing import TYPE_CHECKING

import typer

from hiercomp.cli.options import CommonOptions, takes
from hiercomp.cli.screen import console, is_ascii, visible, write_json
from hiercomp.cli.session import load_settings
from hiercomp.errors import HiercompError

if TYPE_CHECKING:
    from hiercomp.config import Config

_PACKAGE = "hiercomp"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check. `fix` is the repair if the check failed and a repair is known."""

    name: str
    ok: bool
    found: str
    fix: str | None = None


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("doctor", epilog="Example: hiercomp doctor")(doctor)


@takes(CommonOptions)
def doctor(options: CommonOptions) -> None:
    """Check the installation, and show how to repair it.

    The checks cover packages, models, tokenizer, encoder, cache and reader. The command changes nothing.
    The exit code is 1 if a check fails.
    """
    config = load_settings(options).config
    checks = [check for examine in _CHECKS for check in _guarded(examine, config)]
    if options.json:
        write_json({"schema": "hiercomp/1", "checks": [asdict(check) for check in checks]})
    else:
        _print(checks)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _guarded(examine: Callable[[Config], Iterator[Check]], config: Config) -> Iterator[Check]:
    """Yield the checks of a function. An error of hiercomp becomes a failed check."""
    try:
        yield from examine(config)
    except (HiercompError, ImportError) as error:
        yield Check(examine.__name__.strip("_"), ok=False, found=str(error), fix=_command_in(str(error)))


def _python(_config: Config) -> Iterator[Check]:
    fix = None if sys.version_info >= (3, 11) else "install Python 3.11 or newer"
    yield Check("python", ok=fix is None, found=f"{platform.python_version()} on {platform.platform()}", fix=fix)


def _packages(_config: Config) -> Iterator[Check]:
    yield Check(_PACKAGE, ok=True, found=metadata.version(_PACKAGE))
    for requirement in metadata.requires(_PACKAGE) or ():
        specification, _, marker = requirement.partition(";")
        if "extra" in marker:
            continue
        name = re.match(r"[\w.-]+", specification)
        yield _installed(name.group() if name else specification, specification.strip())


def _installed(name: str, specification: str) -> Check:
    try:
        return Check(name, ok=True, found=metadata.version(name))
    except metadata.PackageNotFoundError:
        return Check(name, ok=False, found="not installed", fix=f"pip install '{specification}'")


def _models(config: Config) -> Iterator[Check]:
    from hiercomp.models import find
    from hiercomp.packaged import MODELS

    for model in MODELS:
        item = find(model.name, cache_dir=config.cache_dir)
        name = f"model {model.name}"
        if item.path is not None:
            with item.path.open("rb") as file:
                genuine = file_digest(file, "sha256").hexdigest() == model.sha256
            found = f"{item.path} {'has' if genuine else 'does not have'} the published digest"
            yield Check(name, ok=genuine, found=found, fix=None if genuine else f"hiercomp models verify {model.name}")
        elif item.usable:
            yield Check(name, ok=True, found="installed; its parts are joined and checked at the first use")
        else:
            yield Check(name, ok=True, found=f"not installed (optional: hiercomp models pull {model.name})")


def _tokenizer(config: Config) -> Iterator[Check]:
    from hiercomp import tokenizers

    tokenizer = tokenizers.build(config.tokenizer or tokenizers.DEFAULT, cache_dir=config.cache_dir)
    yield Check("tokenizer", ok=tokenizer.count("one two three") > 0, found=f"{tokenizer.name} counts offline")


def _encoder(config: Config) -> Iterator[Check]:
    from hiercomp import encoders

    encoder = encoders.build(config.embedding or encoders.ENGLISH, cache_dir=config.cache_dir)
    length = float((encoder.encode_query("a harbour crane").vector ** 2).sum()) ** 0.5
    yield Check("encoder", ok=abs(length - 1) < 1e-3, found=f"{encoder.name}, {encoder.dimension} dimensions")


def _cache(config: Config) -> Iterator[Check]:
    from hiercomp.models import cache_folder

    folder = cache_folder(config.cache_dir)
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    writable = existing.is_dir() and os.access(existing, os.W_OK)
    fix = None if writable else f"make {existing} writable, or set HIERCOMP_CACHE_DIR"
    yield Check("cache", ok=writable, found=f"{folder} {'is' if writable else 'is not'} writable", fix=fix)


def _reader(config: Config) -> Iterator[Check]:
    from hiercomp import llms

    name = config.model or llms.default(cache_dir=config.cache_dir)
    # A local reader is not built here, because that would load the whole model.
    if not config.base_url and llms.resolve(name).partition("/")[0] != llms.LOCAL:
        name = llms.build(name, cache_dir=config.cache_dir).name
    yield Check("reader", ok=True, found=f"{name} at {config.base_url}" if config.base_url else name)


_CHECKS = (_python, _packages, _models, _tokenizer, _encoder, _cache, _reader)


def _command_in(message: str) -> str | None:
    """Return the repair command that a message contains."""
    found = re.search(r"(?:pip install|hiercomp models) .*", message)
    return found.group() if found else None


def _print(checks: list[Check]) -> None:
    from rich.table import Table
    from rich.text import Text

    good, bad = ("+", "x") if is_ascii(sys.stdout) else ("✓", "✗")
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in checks:
        table.add_row(
            Text(good if check.ok else bad, style="green" if check.ok else "bold red"),
            Text(check.name, style="bold"),
            Text(visible(check.found), overflow="fold"),
        )
        if check.fix:
            table.add_row("", "", Text(f"fix: {visible(check.fix)}", style="yellow", overflow="fold"))
    console(sys.stdout).print(table)
