"""Write a run as JSON in the schema `hiercomp/1`, which `docs/run.schema.json` describes.

Keys may be added. No key is renamed.
"""

from __future__ import annotations

from dataclasses import asdict

from hiercomp.ranking.served import ServedNeed, served
from hiercomp.types import LEVEL_NAMES, STAGES, Answer, Budget, Citation, Hierarchy, Ledger, Part, Run

SCHEMA = "hiercomp/1"


def to_dict(result: Run | Answer) -> dict[str, object]:
    """Return the JSON of a run. Only an answer has the keys answer, stop_reason, citations and uncited."""
    run = result.run if isinstance(result, Answer) else result
    report: dict[str, object] = {"schema": SCHEMA, "question": run.question}
    if isinstance(result, Answer):
        report["answer"] = result.text
        report["stop_reason"] = result.completion.stop_reason
        report["citations"] = [_citation(citation) for citation in result.citations]
        report["uncited"] = [{"claim": claim} for claim in result.uncited]
    report["plan"] = _plan(run)
    report["context"] = {
        "text": run.context.text,
        "tokens": run.context.token_count,
        "parts": [_part(part) for part in run.context.parts],
    }
    report["budget"] = _budget(run.budget)
    report["allocation"] = _allocation(run)
    report["usage"] = _usage(result)
    report["seconds"] = {**dict.fromkeys((*STAGES, "total"), 0.0), **dict(run.ledger.seconds)}
    report |= _ledger(run.ledger)
    report |= losses(run.hierarchy)
    return report


def losses(hierarchy: Hierarchy) -> dict[str, object]:
    """Return the files that could not be read, and what loaders had to leave out of the others."""
    return {
        "skipped": [{"source": file.source, "reason": file.reason} for file in hierarchy.skipped],
        "omitted": [asdict(omission) for omission in hierarchy.omitted],
    }


def _citation(citation: Citation) -> dict[str, object]:
    return {
        "mark": citation.mark,
        "document": citation.document,
        "page": citation.page,
        "label": citation.label,
        "quote": citation.quote,
        "claim": citation.claim,
        "supported": citation.supported,
    }


def _plan(run: Run) -> dict[str, object]:
    return {
        "author": run.plan.author,
        "is_global": run.plan.is_global,
        "needs": [_need(need) for need in served(run)],
        "prompt_tokens": run.plan.prompt_tokens,
        "completion_tokens": run.plan.completion_tokens,
        "warnings": list(run.plan.warnings),
    }


def _need(served_need: ServedNeed) -> dict[str, object]:
    return {
        "text": served_need.need.text,
        "reason": served_need.need.reason,
        "nodes": list(served_need.need.node_ids),
        "tokens": served_need.tokens,
        "marks": list(served_need.marks),
        "found": served_need.found,
        "probability": served_need.probability,
    }


def _part(part: Part) -> dict[str, object]:
    return {
        "node": part.node_id,
        "level": LEVEL_NAMES[part.level],
        "detail": part.detail,
        "document": part.source,
        "document_id": part.document_id,
        "page": part.page,
        "label": part.label,
        "last_page": part.last_page,
        "start": part.span.start,
        "end": part.span.end,
        "spans": [[span.start, span.end] for span in part.spans],
        "tokens": part.tokens,
        "value": part.value,
        "text": part.text,
        "mark": part.mark,
    }


def _budget(budget: Budget) -> dict[str, object]:
    return {
        "total": budget.total,
        "prompt": budget.prompt,
        "context": budget.context,
        "answer": budget.answer,
        "tokenizer": budget.tokenizer,
        "choice": None if budget.choice is None else asdict(budget.choice),
    }


def _allocation(run: Run) -> dict[str, object]:
    allocation = run.allocation
    return {
        "tokens_by_level": dict(run.context.tokens_by_level),
        "price": allocation.price,
        "value": allocation.value,
        "bound": allocation.bound,
        # The evidence in the rendered text. In `value`, the allocator counts a repeated sentence once.
        "expected_evidence": sum(part.value for part in run.context.parts),
        "dropped": [{"node": dropped.node_id, "reason": dropped.reason} for dropped in allocation.dropped],
    }


def _usage(result: Run | Answer) -> dict[str, object]:
    """Return the tokens and the cost of the calls: of the final one, and of those for the plan."""
    completion = result.completion if isinstance(result, Answer) else None
    read, written = (completion.prompt_tokens, completion.completion_tokens) if completion else (0, 0)
    ledger = result.ledger
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "plan_prompt_tokens": ledger.plan_prompt_tokens,
        "plan_completion_tokens": ledger.plan_completion_tokens,
        "total_tokens": read + written + ledger.plan_prompt_tokens + ledger.plan_completion_tokens,
        "usd": ledger.usd,
        "plan_usd": ledger.plan_usd,
        "wh": ledger.wh,
    }


def _ledger(ledger: Ledger) -> dict[str, object]:
    return {
        "model": ledger.model,
        "embedding": ledger.embedding,
        "source_tokens": ledger.source_tokens,
        "encoded": ledger.encoded,
        "neural_tokens": ledger.neural_tokens,
        "cpu_seconds": dict(ledger.cpu_seconds),
        "peak_bytes": ledger.peak_bytes,
        "warnings": list(ledger.warnings),
    }
