"""Seconds, memory and tokens of hiercomp beside its peers, against the targets.

    python -m benchmarks FILE... [--output DIR] [--runs 3] [--peers llama-index,llmslim] [--big FILE]

The first FILE is what the table is about, a PDF of about 100 pages; the pages of all are what the larger files and the
corpora are made of. Results are written as they come, named by commit: run it again, and it goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks import plots, report
from benchmarks.documents import Material, length_of
from benchmarks.growth import CORPUS, DOCUMENTS, PAGED, PAGES, case_of, growth_tasks
from benchmarks.process import ProcessFailed, memory_counted
from benchmarks.samples import Results
from benchmarks.tasks import BASELINE, COLD, LARGE_CHUNKS, LLMSLIM, NODES, PEERS, SUBJECT, Asked, Task, table_tasks
from eval import machine

QUESTIONS = (
    "What was the effective tax rate, and why did it change?",
    "How much debt falls due in the next years?",
    "Which risks could hurt the results most?",
    "How did revenue develop, and what drove it?",
    "How many people are employed, and where?",
    "What was spent on research and development?",
    "Which lawsuits are pending?",
    "How much cash came from operating activities?",
    "What are the critical accounting estimates?",
)
"""The first is asked cold, the second warm, and the others in one process: they suit reports of companies."""
PACKAGES = (
    "llama-index-core", "llama-index-readers-file", "llama-index-embeddings-huggingface", "sentence-transformers",
    "torch", "pypdf", "llmslim", "llmlingua",
)  # fmt: skip


def main() -> None:
    """Measures what is missing, writes the results, and prints the tables."""
    options = _options()
    asked = Asked((options.files[0],), _questions(options.questions), options.budget)
    material = Material(options.files, user_cache_path("hiercomp-benchmarks", appauthor=False))
    results = Results(options.output / f"{options.name}.json", _head(options, asked, material))
    tasks = table_tasks(asked, options.runs, options.peers, options.nodes, options.big)
    tasks += growth_tasks(material, asked, options.runs, (options.pages, options.documents), options.peers)
    _run(tasks, results)
    text = report.page(results)
    results.path.with_suffix(".md").write_text(text, encoding="utf-8")
    if any(results.sizes(SUBJECT, case_of(kind, COLD)) for kind in (PAGED, CORPUS)):
        results.path.with_suffix(".png").write_bytes(plots.growth(results))
    print(text)


def _run(tasks: list[Task], results: Results) -> None:
    """Run after run, all tasks in each, so that what is compared is measured at about the same time."""
    for run in range(max((task.runs for task in tasks), default=0)):
        for task in tasks:
            if run < task.runs and not results.done(task.name, run):
                _measure(task, run, results)


def _measure(task: Task, run: int, results: Results) -> None:
    try:
        samples = task.measure()
    except ProcessFailed as error:
        results.fail(task.name, str(error))
        print(f"{task.name}: {error}", file=sys.stderr, flush=True)
        return
    results.add(task.name, run, samples)
    for sample in samples:
        taken = ", ".join(f"{second:.2f}" for second in sample.seconds)
        print(f"run {run + 1}: {sample.subject}, {sample.case}: {taken} s", file=sys.stderr, flush=True)


def _head(options: argparse.Namespace, asked: Asked, material: Material) -> dict[str, object]:
    """What the figures depend on: another head, and all is measured anew."""
    return {
        "commit": options.name,
        "file": options.files[0].name,
        "pages": asked.size,
        "material": [file.name for file in options.files],
        "material_pages": material.pages,
        "questions": asked.questions,
        "budget": options.budget,
        "runs": options.runs,
        "big": options.big.name if options.big else None,
        "memory": memory_counted(),
        "machine": machine.describe(),
        "peers": {name: found for name in PACKAGES if (found := machine.package_version(name))},
    }


def _questions(file: Path | None) -> tuple[str, ...]:
    lines = file.read_text(encoding="utf-8").splitlines() if file else QUESTIONS
    questions = tuple(line.strip() for line in lines if line.strip())
    if len(questions) < 3:
        sys.exit(f"error: {file} has {len(questions)} questions; give 3 at least, one a line")
    return questions


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=_pdf, nargs="+", metavar="FILE", help="PDFs with text")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"), help="the folder of the results")
    parser.add_argument("--name", default=machine.commit(), help="what the results are called: the commit if not given")
    parser.add_argument("--runs", type=int, default=3, help="how often each process is measured")
    parser.add_argument("--budget", type=int, default=4000)
    parser.add_argument("--questions", type=Path, help="a file of questions, one a line")
    parser.add_argument("--big", type=_pdf, help="a PDF of thousands of pages, measured once")
    peers = ",".join((BASELINE, LARGE_CHUNKS, LLMSLIM))
    parser.add_argument("--peers", type=_peers, default=peers, help=f"of {', '.join(PEERS)}; '' for none")
    parser.add_argument("--pages", type=_counts, default=PAGES, help="sizes of one file; '' for none")
    parser.add_argument("--documents", type=_counts, default=DOCUMENTS, help="sizes of a corpus; '' for none")
    parser.add_argument("--nodes", type=_counts, default=NODES, help="sizes of what is packed; '' for none")
    return parser.parse_args()


def _pdf(text: str) -> Path:
    path = Path(text).resolve()
    if not path.is_file() or not length_of(path):
        raise argparse.ArgumentTypeError(f"{text} is no PDF that can be read")
    return path


def _peers(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    if unknown := set(names) - set(PEERS):
        raise argparse.ArgumentTypeError(f"no peer is called {min(unknown)!r}; choose from {', '.join(PEERS)}")
    return names


def _counts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


if __name__ == "__main__":
    main()
