"""Retrievers: they rank passages by their relevance to a question. Each module holds one."""

from __future__ import annotations

from hiercomp import registry
from hiercomp.ports import Encoder, Retriever

FAMILY = "retrievers"


def build(name: str, *, encoder: Encoder) -> Retriever:
    """Build a retriever by its name, such as "cascade" or "cascade/64". `encoder` is for retrievers that use one.

    Raises:
        ConfigError: no retriever has that name, or the retriever lacks members of `hiercomp.ports.Retriever`.
    """
    built = registry.component(FAMILY, name, {"encoder": encoder})
    if not isinstance(built, Retriever):
        raise registry.wrong_component(FAMILY, name, built, "Retriever")
    return built
