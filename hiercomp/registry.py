"""Component names to builders: the module's name is the component's name.

`hiercomp/<family>/<name>.py` holds `build(argument=None, **options)`; a specification is `name` or `name/argument`
("local/1.5b", "hf/gpt2"). Packages of others plug in through the entry point group `hiercomp.<family>`. Listing
imports nothing; a module is imported when its component is asked for.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec

from hiercomp.errors import ConfigError

FAMILIES = ("loaders", "tokenizers", "encoders", "retrievers", "compressors", "allocators", "llms")


def names(family: str) -> list[str]:
    """The names of a family's components, sorted."""
    package = find_spec(f"hiercomp.{family}")
    paths = package.submodule_search_locations if package else ()
    own = {module.name for module in pkgutil.iter_modules(paths) if not module.name.startswith("_")}
    return sorted(own | {entry.name for entry in entry_points(group=f"hiercomp.{family}")})


def build(family: str, specification: str, **options: object) -> object:
    """The component that a specification names.

    Raises:
        ConfigError: no component of the family has that name.
    """
    name, _, argument = specification.partition("/")
    known = names(family)
    if name not in known:
        raise ConfigError(f"{family} has no {name!r}; choose from {', '.join(known)}")
    return _builder(family, name)(argument or None, **options)


def _builder(family: str, name: str) -> Callable[..., object]:
    for entry in entry_points(group=f"hiercomp.{family}", name=name):
        builder: Callable[..., object] = entry.load()
        return builder
    builder = import_module(f"hiercomp.{family}.{name}").build
    return builder
