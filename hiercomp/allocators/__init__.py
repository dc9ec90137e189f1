"""Allocators: they divide a token budget over a hierarchy. Each module holds one."""

from __future__ import annotations

from hiercomp import registry
from hiercomp.ports import Allocator

FAMILY = "allocators"


def build(name: str) -> Allocator:
    """Build an allocator by its name, such as "tree_cut".

    Raises:
        ConfigError: no allocator has that name, or the allocator lacks members of `hiercomp.ports.Allocator`.
    """
    built = registry.component(FAMILY, name, {})
    if not isinstance(built, Allocator):
        raise registry.wrong_component(FAMILY, name, built, "Allocator")
    return built
