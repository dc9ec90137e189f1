"""The methods that are compared, one module a kind; each lists its names in `NAMES` and makes them with `build`.

A method of one's own is a file of that form anywhere: `path/to/mine.py:its-name` names it.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache
from pathlib import Path
from types import ModuleType

from eval.ports import Method, Parts
from hiercomp.errors import ConfigError

FILE = ".py:"


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


def title(name: str) -> str:
    """What a method is called in a report: a file's without its folder."""
    file, marked, method = name.partition(FILE)
    return f"{Path(file).name}:{method}" if marked else name


def check(name: str) -> None:
    """Finds a method without making it.

    Raises:
        ConfigError: there is none of that name.
    """
    _find(name)


def build(name: str, parts: Parts) -> Method:
    """The method with a name.

    Raises:
        ConfigError: there is none.
        Unavailable: it cannot run here.
    """
    module, method_name = _find(name)
    method: Method = module.build(method_name, parts)
    return method


def _find(name: str) -> tuple[ModuleType, str]:
    """The module of a method, and its name there."""
    file, marked, method = name.partition(FILE)
    if not marked:
        if name not in _modules():
            raise ConfigError(f"no method is called {name!r}; choose from {', '.join(names())}")
        return _modules()[name], name
    module = _load(Path(f"{file}.py"))
    if method not in module.NAMES:
        raise ConfigError(f"{file}.py has no method {method!r}; it lists {', '.join(module.NAMES)}")
    return module, method


def _load(path: Path) -> ModuleType:
    """A file of one's own as a module."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None or not path.is_file():
        raise ConfigError(f"{path} is no file of a method: name one with NAMES and build(name, parts)")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
