"""`hiercomp inspect`: the tree of documents; with a question also what was found, chosen and dropped."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.options import InputOptions, QuestionOptions, takes
from hiercomp.cli.screen import console, write_json
from hiercomp.cli.session import open_session

if TYPE_CHECKING:
    from hiercomp.pipeline import Pipeline
    from hiercomp.types import Context, Hierarchy, Ranking


def add_to(app: typer.Typer) -> None:
    """Adds the command to an application."""
    app.command("inspect", epilog="Example: hiercomp inspect report.pdf --question 'Which risks are new?'")(inspect)


@dataclass(frozen=True, kw_only=True)
class Options(QuestionOptions, InputOptions):
    """The options of `inspect`."""

    files: Annotated[list[str] | None, typer.Argument(metavar="FILES", hidden=True)] = None
    depth: Annotated[
        int, typer.Option(min=0, metavar="N", help="Levels shown below a document: 1 sections, 2 passages too.")
    ] = 1


@takes(Options)
def inspect(options: Options) -> None:
    """Show the hierarchy of documents: titles, pages and summaries.

    With --question also the ranking, what the allocator chose for which price, and what it dropped and why.
    """
    with open_session(options, options.files or ()) as session:
        hierarchy = session.pipeline.hierarchy
        ranking, context = _answered(session.pipeline, options.question)
    if options.json:
        write_json(_report(hierarchy, ranking, context))
        return
    from hiercomp.cli.tree import draw_choice, draw_ranking, draw_tree

    screen = console(sys.stdout)
    draw_tree(screen, hierarchy, depth=options.depth)
    if ranking is not None and context is not None:
        draw_ranking(screen, hierarchy, ranking)
        draw_choice(screen, hierarchy, ranking, context)


def _answered(pipeline: Pipeline, question: str | None) -> tuple[Ranking | None, Context | None]:
    if question is None:
        return None, None
    return pipeline.rank(question), pipeline.explain(question)


def _report(hierarchy: Hierarchy, ranking: Ranking | None, context: Context | None) -> dict[str, object]:
    from dataclasses import asdict

    from hiercomp.report import to_dict

    report: dict[str, object] = {"schema": "hiercomp/1"} if context is None else to_dict(context)
    report["hierarchy"] = {
        "documents": [
            {"id": document.id, "source": document.source, "title": document.title, "pages": len(document.pages)}
            for document in hierarchy.documents
        ],
        "nodes": [_node(hierarchy, node.id) for node in hierarchy.nodes],
    }
    if ranking is not None:
        report["ranking"] = [asdict(hit) for hit in ranking.hits]
    return report


def _node(hierarchy: Hierarchy, node_id: str) -> dict[str, object]:
    from hiercomp.types import LEVEL_NAMES, PASSAGE

    node = hierarchy.node(node_id)
    return {
        "id": node.id,
        "level": LEVEL_NAMES[node.level],
        "title": node.title,
        "document_id": node.document_id or None,
        "start": node.span.start,
        "end": node.span.end,
        "parent": node.parent_id,
        "children": list(node.child_ids),
        "summary": None if node.level == PASSAGE else node.text,
    }
