"""Adapters for other frameworks, one module a framework, each imported by name when it is wanted.

    from hiercomp.integrations.llama_index import HiercompPostprocessor

What goes through an adapter is the framework's own type before and after: copies, with ids, order and metadata kept,
and what was kept of each text under the metadata key `hiercomp`. Every adapter takes `budget` and `settings`, the
fields of `hiercomp.Config`.
"""
