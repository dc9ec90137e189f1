"""Adapters for other frameworks. Each framework has its own module, which you import by name.

    from hiercomp.integrations.llama_index import HiercompPostprocessor

An adapter takes and returns items of the framework's own type. It returns copies, and keeps their ids, order and
metadata. The metadata key `hiercomp` holds the spans of the original text that were kept. Every adapter takes `budget`
and `settings`, which are the fields of `hiercomp.Config`. An adapter that takes a question also takes a plan with the
call, and a `planner` for all calls; most take an `embedding` model of the framework.
"""
