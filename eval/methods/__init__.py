"""The compared methods. Each module lists the names of its methods in `NAMES` and builds them with `build`.

A user's own method is a file of the same form: `path/to/mine.py:its-name` names it.
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
    """Return the module of each method, in the order of module names."""
    found: dict[str, ModuleType] = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            loaded = importlib.import_module(f"{__name__}.{module.name}")
            found |= dict.fromkeys(loaded.NAMES, loaded)
    return found


def names() -> tuple[str, ...]:
    """Return the names of all methods."""
    return tuple(_modules())


def title(name: str) -> str:
    """Return a method's name for reports: a path is shortened to its file name."""
    file, marked, method = name.partition(FILE)
    return f"{Path(file).name}:{method}" if marked else name


def check(name: str) -> None:
    """Check that a method exists without building it.

    Raises:
        ConfigError: no method has that name.
    """
    _find(name)


def build(name: str, parts: Parts) -> Method:
    """Build a method.

    Raises:
        ConfigError: no method has that name.
        Unavailable: the method cannot run on this machine.
    """
    module, method_name = _find(name)
    method: Method = module.build(method_name, parts)
    return method


def _find(name: str) -> tuple[ModuleType, str]:
    """Return the module of a method, and the method's name in it."""
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
    """Load a user's file as a module."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None or not path.is_file():
        raise ConfigError(f"{path} is not a method file: name a file with NAMES and build(name, parts)")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
