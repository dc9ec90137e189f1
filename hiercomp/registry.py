"""Component names to builders: the module's name is the component's name.

`hiercomp/<family>/<name>.py` holds `build(argument=None, **options)`; a specification is `name` or `name/argument`
("local/1.5b", "hf/gpt2"). Packages of others plug in through the entry point group `hiercomp.<family>`. Listing
imports nothing; a module is imported when its component is asked for.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

from hiercomp.errors import ConfigError

FAMILIES = ("loaders", "tokenizers", "encoders", "retrievers", "compressors", "allocators", "llms")


def names(family: str) -> list[str]:
    """The names of a family's components, sorted."""
    return sorted({*_own(family), *_entries(family)})


def knows(family: str, name: str) -> bool:
    """Whether a family has a component; others' packages are searched only for a name that is not the package's own."""
    return name in _own(family) or name in _entries(family)


def origin(family: str, name: str) -> str | None:
    """The package of others that brings a component, with its version; None for the package's own."""
    entry = None if name in _own(family) else _entries(family).get(name)
    return f"{entry.dist.name} {entry.dist.version}" if entry is not None and entry.dist is not None else None


def build(family: str, specification: str, **options: object) -> object:
    """The component that a specification names; the package's own come before those of others.

    Raises:
        ConfigError: no component of the family has that name.
    """
    name, _, argument = specification.partition("/")
    return builder(family, name)(argument or None, **options)


def builder(family: str, name: str) -> Callable[..., object]:
    """What builds a component: it takes the argument and the options.

    Raises:
        ConfigError: no component of the family has that name.
    """
    if name in _own(family):
        own: Callable[..., object] = import_module(f"hiercomp.{family}.{name}").build
        return own
    entry = _entries(family).get(name)
    if entry is None:
        raise ConfigError(f"{family} has no {name!r}; choose from {', '.join(names(family))}")
    loaded: Callable[..., object] = entry.load()
    return loaded


@cache
def _own(family: str) -> frozenset[str]:
    package = find_spec(f"hiercomp.{family}")
    paths = package.submodule_search_locations if package else ()
    return frozenset(module.name for module in pkgutil.iter_modules(paths) if not module.name.startswith("_"))


def _entries(family: str) -> dict[str, EntryPoint]:
    return _entries_along(tuple(sys.path), family)


@cache
def _entries_along(path: tuple[str, ...], family: str) -> dict[str, EntryPoint]:
    """A family's entry points found along `sys.path`: reading them opens a file of every installed package."""
    return {entry.name: entry for entry in entry_points(group=f"hiercomp.{family}")}
