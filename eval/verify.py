"""Check `hiercomp compress --json` on every question of a set of PDFs.

    python -m eval.verify DATA/financebench --budget 4000

Each question runs in its own process, as for a user. The check does not use the package's counting: tiktoken counts the
text, each part is compared with the document's text at its address and with the text of its page, and the gold pages
are searched among the pages shown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import tiktoken

from hiercomp import loaders
from hiercomp.types import Document


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one question."""

    problems: tuple[str, ...]
    tokens: int
    pages_found: float | None
    seconds: float


def check(document: Document, path: Path, question: dict[str, object], budget: int) -> Outcome:
    """Run one question and check the output."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "hiercomp.cli", "compress", str(path), "--question", str(question["question"])]
    run = subprocess.run([*command, "--budget", str(budget), "--json"], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if run.returncode:
        return Outcome((f"exit {run.returncode}: {run.stdout.strip()[:200]}",), 0, None, seconds)
    report = json.loads(run.stdout)
    tokens = len(_encoding(report["budget"]["tokenizer"]).encode_ordinary(report["context"]["text"]))
    parts = report["context"]["parts"]
    problems = tuple(_problems(report, document, tokens, budget))
    gold = question.get("evidence_pages")
    shown = {part["page"] - 1 for part in parts}
    found = len(shown.intersection(gold)) / len(set(gold)) if isinstance(gold, list) and gold else None
    return Outcome(problems, tokens, found, seconds)


@cache
def _encoding(name: str) -> tiktoken.Encoding:
    """Return a vocabulary that llama-index-core ships, so that nothing is downloaded."""
    shipped = distribution("llama-index-core").locate_file("llama_index/core/_static/tiktoken_cache")
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(shipped))
    return tiktoken.get_encoding(name)


def _problems(report: dict, document: Document, tokens: int, budget: int) -> Iterator[str]:  # type: ignore[type-arg]
    if tokens > budget:
        yield f"{tokens} tokens, {budget} allowed"
    if tokens != report["context"]["tokens"]:
        yield f"{tokens} tokens, {report['context']['tokens']} reported"
    pages = {page.number: page.span for page in document.pages}
    for part in report["context"]["parts"]:
        if document.text[part["start"] : part["end"]] != part["text"]:
            yield f"part {part['start']}-{part['end']} is not the document's text"
        page = pages[part["page"]]
        if not (page.start <= part["start"] and part["end"] <= page.end):
            yield f"part {part['start']}-{part['end']} is not on page {part['page']}"
        if part["text"] not in report["context"]["text"]:
            yield f"part {part['start']}-{part['end']} is not in the context"


def main() -> None:
    """Print one line for each question and the totals. Exit with 1 if a check failed."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", type=Path, help="the folder of a set whose documents are PDFs")
    parser.add_argument("--budget", type=int, default=4000, help="the most tokens of a context")
    options = parser.parse_args()
    lines = [json.loads(line) for line in (options.set / "documents.jsonl").read_text("utf-8").splitlines()]
    paths = {line["doc_id"]: options.set / line["path"] for line in lines if line["path"].endswith(".pdf")}
    documents: dict[str, Document] = {}
    outcomes = []
    for line in (options.set / "questions.jsonl").read_text("utf-8").splitlines():
        question = json.loads(line)
        name = question["doc_id"]
        if name not in paths:
            continue
        documents.setdefault(name, loaders.load(paths[name]))
        outcome = check(documents[name], paths[name], question, options.budget)
        outcomes.append(outcome)
        shown = "-" if outcome.pages_found is None else f"{outcome.pages_found:.2f}"
        print(
            f"{question['id']:24} {outcome.tokens:6} tokens  gold pages {shown}  {outcome.seconds:5.1f} s", flush=True
        )
        for problem in outcome.problems:
            print(f"    {problem}")
    recalls = [outcome.pages_found for outcome in outcomes if outcome.pages_found is not None]
    broken = sum(bool(outcome.problems) for outcome in outcomes)
    touched = statistics.mean(recall > 0 for recall in recalls)
    print(f"{len(outcomes)} questions, {broken} with a failed check")
    print(f"gold page shown {touched:.2f}, share of gold pages {statistics.mean(recalls):.2f}")
    print(f"median {statistics.median(outcome.tokens for outcome in outcomes):,.0f} tokens")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
