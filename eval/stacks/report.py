"""Write the comparison in frameworks: recall, tokens, seconds and overruns of each method, and hiercomp's gains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, median

from eval.report._format import bold, counted, interval, number, plain, seconds, table, tokens
from eval.stacks._shared import CANDIDATES
from eval.stacks.stack import LANGCHAIN, LLAMA_INDEX
from eval.summary.comparison import Comparison, Entry, compare, entries, main_metrics
from eval.summary.curves import Curves, differ, measure
from eval.summary.estimates import over_sets
from eval.types import Record, Run

TITLES: Mapping[str, str] = {
    "llama-index": "top nodes, whole",
    "llama-index+hiercomp": "hiercomp: `HiercompPostprocessor`",
    "llama-index+sentence-optimizer": "`SentenceEmbeddingOptimizer`",
    "llama-index+longllmlingua": "LongLLMLingua",
    "langchain": "top documents, whole",
    "langchain+hiercomp": "hiercomp: `HiercompDocumentCompressor`",
    "langchain+embeddings-filter": "`EmbeddingsFilter`",
    "langchain+compressor-pipeline": "`DocumentCompressorPipeline`",
}
INTRODUCTION = f"""
The same retriever with and without a step that cuts its results. A document is split into chunks of 256 tokens, which
all-MiniLM-L6-v2 encodes. A question retrieves the {CANDIDATES} closest chunks. Every method gets these chunks and the
same budget. LlamaIndex: a vector index with its query engine. LangChain: an in-memory vector store with
`ContextualCompressionRetriever`.

- **hiercomp** keeps to the budget itself, so its result is not cut. It uses the order of the retriever's
  chunks.
- **Whole**: the first chunks that fit, without cutting one. The results of the other methods, which take no budget, are
  selected in the same way.
- `SentenceEmbeddingOptimizer` keeps the half of each chunk's sentences that is closest to the question, without
  neighbours. With its default of one neighbour on either side, sentences occur up to three times.
- `EmbeddingsFilter` has its defaults: it keeps the 20 chunks closest to the question. The retriever ranks them first
  anyway.
- `DocumentCompressorPipeline` is that of the framework's guide: pieces of 300 characters, without near-duplicates, the
  closest first.
- **LongLLMLingua**, if it was run, has the budget as its target and the parameters that its README recommends. Gemma 3
  270M scores the tokens.

Recall is the recall of the gold evidence (`evidence_recall`, else `page_recall`: [metrics](../metrics/__init__.py)). It
is the mean over sets of equal weight, with 95 % intervals. A text over its budget is an overrun and is cut to the
budget before it is scored. Seconds are for one question at one budget, from the question to the text for a model. They
include the time that stored vectors would have taken, but not the encoding of a document's chunks, which all methods
need.
""".strip()


def text(runs: Sequence[Run], command: str) -> str:
    """Format the whole report as Markdown."""
    found = {entry.name.rpartition(":")[2]: entry for entry in entries(runs)}
    stacks = [("LlamaIndex", LLAMA_INDEX), ("LangChain", LANGCHAIN)]
    parts = ["# Comparison in frameworks", INTRODUCTION]
    for title, names in stacks:
        present = {name: found[name] for name in names if name in found}
        if f"{names[0]}+hiercomp" in present and len(present) > 1:
            parts += [f"## {title}", *_stack(f"{names[0]}+hiercomp", present)]
    made = sorted({f"{run.commit}, {run.environment['processor']}, {run.environment['cores']} cores" for run in runs})
    return "\n\n".join([*parts, f"Made by\n\n    {command}\n\nat {'; '.join(made)}."]) + "\n"


def _stack(subject: str, present: Mapping[str, Entry]) -> Iterator[str]:
    """Yield one table for each budget, and one table by sets."""
    named = {entry.name: entry for entry in present.values()}
    comparison = compare(list(named.values()), main_metrics(named.values()))
    curves = measure(comparison, named, ())
    for budget in curves.budgets:
        count = sum(len(ground.questions) for ground in comparison.grounds)
        yield f"At {tokens(budget)} tokens, {counted(count, 'question')} of {counted(len(comparison.grounds), 'set')}:"
        yield _at(budget, subject, present, curves)
    yield "Area under recall over the logarithm of the budget, and the gains of hiercomp:"
    yield _areas(subject, present, comparison)


def _at(budget: int, subject: str, present: Mapping[str, Entry], curves: Curves) -> str:
    place = curves.budgets.index(budget)
    best = max(curves.mean_recalls[entry.name][place].mean for entry in present.values())
    rows = []
    for name, entry in present.items():
        recall = curves.mean_recalls[entry.name][place]
        records = list(_records(entry, curves, budget))
        over = sum(record.overrun > 0 for record in records)
        rows.append(
            (
                TITLES[name],
                bold(interval(recall), recall.mean == best),
                tokens(fmean(record.tokens for record in records)),
                seconds(median(record.seconds["query"] for record in records)),
                f"{over} of {len(records)}",
            )
        )
    return table(("method", "recall", "tokens, mean", "seconds, median", "over the budget"), rows)


def _records(entry: Entry, curves: Curves, budget: int) -> Iterator[Record]:
    for ground in curves.grounds:
        yield from (entry.records[ground.set][question, budget] for question in ground.questions)


def _areas(subject: str, present: Mapping[str, Entry], comparison: Comparison) -> str:
    """Format one row for each set and one for their mean, with one column for each method, hiercomp first."""
    others = {name: entry for name, entry in present.items() if name != subject}
    header = ["set", "questions", "hiercomp", *(f"gain on {TITLES[name]}" for name in others)]
    gains = {
        name: [differ(present[subject], entry, ground) for ground in comparison.grounds]
        for name, entry in others.items()
    }
    rows = [
        (
            plain(ground.set),
            str(len(ground.questions)),
            number(next(iter(gains.values()))[place].ours),
            *(interval(by_set[place].gain, difference=True) for by_set in gains.values()),
        )
        for place, ground in enumerate(comparison.grounds)
    ]
    means = [over_sets([each.gain for each in by_set]) for by_set in gains.values()]
    ours = fmean(each.ours for each in next(iter(gains.values())))
    count = sum(len(ground.questions) for ground in comparison.grounds)
    mean = ("mean", str(count), number(ours), *(interval(each, difference=True) for each in means))
    return table(header, [*rows, mean])
