"""A run as JSON, schema `hiercomp/1`: `docs/run.schema.json` describes it. Keys may be added, none is renamed."""

from __future__ import annotations

from dataclasses import asdict

from hiercomp.ledger import STAGES
from hiercomp.types import LEVEL_NAMES, Allocation, Answer, Budget, Citation, Context, Ledger, Part

SCHEMA = "hiercomp/1"


def to_dict(run: Context | Answer) -> dict[str, object]:
    """The JSON of a run; that of a context has no answer, no citations and no uncited claims."""
    context = run.context if isinstance(run, Answer) else run
    report: dict[str, object] = {"schema": SCHEMA, "question": context.question}
    if isinstance(run, Answer):
        report["answer"] = run.text
        report["stop_reason"] = run.completion.stop_reason
        report["citations"] = [_citation(citation) for citation in run.citations]
        report["uncited"] = [{"claim": claim} for claim in run.uncited]
    report["context"] = {
        "text": context.text,
        "tokens": context.token_count,
        "parts": [_part(part) for part in context.parts],
    }
    report["budget"] = _budget(context.budget)
    report["allocation"] = _allocation(context.allocation, context)
    report["usage"] = _usage(run)
    report["seconds"] = {**dict.fromkeys((*STAGES, "total"), 0.0), **dict(run.ledger.seconds)}
    report |= _ledger(run.ledger)
    return report


def _citation(citation: Citation) -> dict[str, object]:
    return {
        "mark": citation.mark,
        "document": citation.document,
        "page": citation.page,
        "quote": citation.quote,
        "claim": citation.claim,
        "supported": citation.supported,
    }


def _part(part: Part) -> dict[str, object]:
    return {
        "node": part.node_id,
        "level": LEVEL_NAMES[part.level],
        "detail": part.detail,
        "document": part.source,
        "document_id": part.document_id,
        "page": part.page,
        "start": part.span.start,
        "end": part.span.end,
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


def _allocation(allocation: Allocation, context: Context) -> dict[str, object]:
    return {
        "tokens_by_level": dict(allocation.tokens_by_level),
        "price": allocation.price,
        "value": allocation.value,
        "bound": allocation.bound,
        # What stands in the context after rendering; `value` is what the allocator counted, repeats discounted.
        "expected_evidence": sum(part.value for part in context.parts),
        "dropped": [{"node": dropped.node_id, "reason": dropped.reason} for dropped in allocation.dropped],
    }


def _usage(run: Context | Answer) -> dict[str, object]:
    """Tokens of the call; a context has made none."""
    read, written = (
        (run.completion.prompt_tokens, run.completion.completion_tokens) if isinstance(run, Answer) else (0, 0)
    )
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "usd": run.ledger.usd,
        "wh": run.ledger.wh,
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
