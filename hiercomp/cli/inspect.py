"""`hiercomp inspect`: show the tree of documents; with a question also the ranking and the allocation."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from hiercomp.cli.options import InputOptions, PlanOptions, QuestionOptions, takes
from hiercomp.cli.screen import console, write_json
from hiercomp.cli.session import end, open_session

if TYPE_CHECKING:
    from hiercomp.types import Hierarchy, Run


def add_to(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("inspect", epilog="Example: hiercomp inspect report.pdf --question 'Which risks are new?'")(inspect)


@dataclass(frozen=True, kw_only=True)
class Options(QuestionOptions, PlanOptions, InputOptions):
    """The options of `inspect`."""

    files: Annotated[list[str] | None, typer.Argument(metavar="FILES", hidden=True)] = None
    question: Annotated[
        str | None, typer.Option("--question", "-q", metavar="TEXT", help="A question to rank the passages by.")
    ] = None
    depth: Annotated[
        int, typer.Option(min=0, metavar="N", help="Levels to show below a document: 1 for sections, 2 for passages.")
    ] = 1


@takes(Options)
def inspect(options: Options) -> None:
    """Show the hierarchy of documents: titles, pages and summaries, and what could not be read.

    With --question or --need, the command also shows the plan, the ranking, the chosen parts, the price of a token
    (λ), and the dropped parts. If a hosted reader writes plans, it is called for the plan; --planner rules calls none.
    """
    with open_session(options, options.files or ()) as session:
        hierarchy = session.pipeline.hierarchy
        question = options.question
        run = None
        if question is not None or options.need:
            run = session.pipeline.explain(question or "", budget=session.budget, plan=options.need)
    if options.json:
        write_json(_report(hierarchy, run))
    else:
        _draw(hierarchy, run, depth=options.depth)
    end(hierarchy)


def _draw(hierarchy: Hierarchy, run: Run | None, *, depth: int) -> None:
    from hiercomp.cli.needs import draw_needs
    from hiercomp.cli.tree import draw_choice, draw_losses, draw_ranking, draw_tree

    screen = console(sys.stdout)
    draw_tree(screen, hierarchy, depth=depth)
    draw_losses(screen, hierarchy)
    if run is not None:
        draw_needs(screen, run)
        draw_ranking(screen, run)
        draw_choice(screen, run)


def _report(hierarchy: Hierarchy, run: Run | None) -> dict[str, object]:
    from dataclasses import asdict

    from hiercomp.report import losses, to_dict

    report = {"schema": "hiercomp/1"} | losses(hierarchy) if run is None else to_dict(run)
    report["hierarchy"] = {
        "documents": [
            {"id": document.id, "source": document.source, "title": document.title, "pages": len(document.pages)}
            for document in hierarchy.documents
        ],
        "nodes": [_node(hierarchy, node.id) for node in hierarchy.nodes],
    }
    if run is not None:
        report["ranking"] = [asdict(hit) for hit in run.ranking.hits]
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
        "author": node.author,
    }
