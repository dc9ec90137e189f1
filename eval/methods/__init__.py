"""The methods that are compared, one module a kind; each lists its names in `NAMES` and makes them with `build`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from eval.ports import Method, Parts
from hiercomp.errors import ConfigError


@cache
def _modules() -> dict[str, ModuleType]:
    """The module of each method, in the order of the modules' names."""
    found: dict[str, ModuleType] = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            loaded = importlib.import_module(f"{__name__}.{module.name}")
            found |= dict.fromkeys(loaded.NAMES, loaded)
    return found


def names() -> tuple[str, ...]:
    """The methods that there are."""
    return tuple(_modules())


def build(name: str, parts: Parts) -> Method:
    """The method with a name.

    Raises:
        ConfigError: there is none.
        Unavailable: it cannot run here.
    """
    module = _modules().get(name)
    if module is None:
        raise ConfigError(f"no method is called {name!r}; choose from {', '.join(names())}")
    method: Method = module.build(name, parts)
    return method
