"""The components of each family, by name.

The module `hiercomp/<family>/<name>.py` holds the component `name`: its function `build(argument=None, *, option, …)`
returns it. A specification is `name` or `name/argument`, such as "local/1.5b" or "hf/gpt2". Other packages add
components through the entry point group `hiercomp.<family>`. A list of names imports no component; a component's module
is imported when the component is built.

Each family has a typed function `build`, such as `hiercomp.encoders.build`. Use it if you know the family.
"""

from __future__ import annotations

import inspect
import pkgutil
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

from hiercomp.errors import ConfigError

FAMILIES = ("loaders", "tokenizers", "encoders", "planning", "retrievers", "compressors", "allocators", "llms")


def names(family: str) -> list[str]:
    """Return the names of a family's components, sorted."""
    return sorted({*_own_names(family), *_entries(family)})


def knows(family: str, name: str) -> bool:
    """Return whether a family has a component. Other packages are searched only if hiercomp itself has none."""
    return name in _own_names(family) or name in _entries(family)


def origin(family: str, name: str) -> str | None:
    """Return the other package that adds a component, with its version; None for a component of hiercomp."""
    entry = None if name in _own_names(family) else _entries(family).get(name)
    return f"{entry.dist.name} {entry.dist.version}" if entry is not None and entry.dist is not None else None


def component(family: str, specification: str, offered: Mapping[str, object]) -> object:
    """Build a component with those of the offered options that its build function declares.

    A build function that declares `**options` gets all of them. If hiercomp and another package have a component of
    the same name, that of hiercomp is built.

    Raises:
        ConfigError: the family has no such component, or the component requires an option that is not offered.
    """
    accepted = accepted_options(family, specification, offered)
    return _call(family, specification, accepted, f"the options of the family are {_listed(offered)}")


def accepted_options(family: str, specification: str, offered: Mapping[str, object]) -> dict[str, object]:
    """Return the offered options that the build function of a component declares.

    Raises:
        ConfigError: the family has no such component, or its build function is not a callable.
    """
    parameters = _signature(family, _name(specification)).parameters
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return dict(offered)
    return {option: value for option, value in offered.items() if option in parameters}


def build(family: str, specification: str, **options: object) -> object:
    """Build a component with exactly these options.

    Raises:
        ConfigError: the family has no such component, or the component does not take these options.
    """
    return _call(family, specification, options, f"the options that were given are {_listed(options)}")


def builder(family: str, name: str) -> Callable[..., object]:
    """Return the build function of a component.

    Raises:
        ConfigError: the family has no such component, or the package that adds it cannot be imported.
    """
    if name in _own_names(family):
        own: Callable[..., object] = import_module(f"hiercomp.{family}.{name}").build
        return own
    entry = _entries(family).get(name)
    if entry is None:
        raise ConfigError(f"no component of {family} is called {name!r}; choose from {', '.join(names(family))}")
    try:
        loaded: Callable[..., object] = entry.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"the component {name!r} of {family} cannot be loaded from {entry.value}: {error}; "
            "update the package that adds it"
        ) from error
    return loaded


def wrong_component(family: str, specification: str, built: object, port: str) -> ConfigError:
    """Return the error for a component that lacks members of its port, such as "Encoder"."""
    return ConfigError(
        f"the component {_name(specification)!r} of {family} is not usable: "
        f"its build function returned a {type(built).__name__}, which lacks members of hiercomp.ports.{port}"
    )


def _call(family: str, specification: str, options: Mapping[str, object], hint: str) -> object:
    name, _, argument = specification.partition("/")
    try:
        _signature(family, name).bind(argument or None, **options)
    except TypeError as error:
        raise ConfigError(f"the component {name!r} of {family} cannot be built: {error}; {hint}") from error
    return builder(family, name)(argument or None, **options)


def _listed(options: Mapping[str, object]) -> str:
    return ", ".join(options) or "none"


def _name(specification: str) -> str:
    return specification.partition("/")[0]


def _signature(family: str, name: str) -> inspect.Signature:
    try:
        return inspect.signature(builder(family, name))
    except (TypeError, ValueError) as error:  # not a callable, or a built-in function without a signature
        raise ConfigError(f"the component {name!r} of {family} cannot be built: {error}") from error


@cache
def _own_names(family: str) -> frozenset[str]:
    package = find_spec(f"hiercomp.{family}")
    paths = package.submodule_search_locations if package else ()
    return frozenset(module.name for module in pkgutil.iter_modules(paths) if not module.name.startswith("_"))


def _entries(family: str) -> dict[str, EntryPoint]:
    return _entries_along(tuple(sys.path), family)


@cache
def _entries_along(path: tuple[str, ...], family: str) -> dict[str, EntryPoint]:
    """Return a family's entry points on `sys.path`. They are cached because each installed package has to be read."""
    return {entry.name: entry for entry in entry_points(group=f"hiercomp.{family}")}
