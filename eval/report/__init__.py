"""Write the report of runs: `report.md`, `report.html`, pictures and `summary.json`, from records alone.

The same records give the same bytes. Times and memory have their own section, so that two reports can be compared
without them. The report contains no text of a set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from eval import metrics, plots
from eval.report import tables
from eval.report._format import counted, interval, listed, number, percent, plain, tokens, words
from eval.report._page import page
from eval.report.figures import as_json
from eval.report.findings import caveats, opening
from eval.report.provenance import provenance
from eval.summary import Sample, Summary, summarise
from eval.summary.comparison import SUBJECT
from eval.summary.curves import Whole
from eval.summary.estimates import LEVEL
from eval.types import Run

TITLE = "Recall within a token budget"
TIMES = "Time and memory"
PICTURES = ("mean.png", "sets.png", "time.png", "answers.png", "sample-[0-9]*.png")
AREA = (
    "The area under recall over the logarithm of the budget, divided by its range. It is the mean recall over "
    "budgets of every size; 1 is perfect. The mean counts each set the same."
)


def write(runs: Sequence[Run], output: Path) -> None:
    """Write the report of runs into a folder. The folder is made if it does not exist."""
    ordered = sorted(runs, key=lambda run: (run.title, run.commit))
    summary = summarise(ordered)
    pictures = _pictures(summary)
    text = _text(summary, ordered)
    output.mkdir(parents=True, exist_ok=True)
    for path in (path for pattern in PICTURES for path in output.glob(pattern)):
        path.unlink()  # An earlier report had pictures that this report does not have.
    for name, content in pictures.items():
        (output / name).write_bytes(content)
    (output / "report.md").write_text(text, encoding="utf-8")
    (output / "report.html").write_text(page(TITLE, text, pictures), encoding="utf-8")
    (output / "summary.json").write_text(as_json(summary), encoding="utf-8")


def _pictures(summary: Summary) -> dict[str, bytes]:
    """Return the pictures that have content, by file name."""
    curves = summary.main
    found: dict[str, bytes] = {}
    if len(curves.grounds) > 1:
        found["sets.png"] = plots.set_curves(curves)
    if curves.grounds:
        found["time.png"] = plots.time_and_area(summary)
    if curves.budgets:
        found["mean.png"] = plots.mean_curves(curves)
    for name, sample in _sample_pictures(summary):
        found[name] = plots.mean_curves(sample.curves, sample.names)
    if summary.answered:
        found["answers.png"] = plots.reasoning(summary)
    return found


def _sample_pictures(summary: Summary) -> list[tuple[str, Sample]]:
    return [(f"sample-{place}.png", sample) for place, sample in enumerate(summary.samples, 1) if sample.curves.budgets]


def _text(summary: Summary, runs: Sequence[Run]) -> str:
    """Format the whole report as Markdown."""
    curves = summary.main
    sections: list[tuple[str, Callable[[], str], bool]] = [
        ("At a glance", lambda: _glance(summary), bool(curves.grounds)),
        ("Where hiercomp wins and where it loses", lambda: _rivals(summary), bool(curves.differences)),
        ("Recall over budget", lambda: _sets(summary), len(curves.grounds) > 1),
        ("Area under the curve", lambda: f"{AREA}\n\n{tables.areas(curves)}", bool(curves.grounds)),
        ("The effect of each part", lambda: _variants(summary), bool(summary.variants)),
        ("Tokens for 90 % of full-context recall", lambda: _needs(summary), bool(summary.needs)),
        ("Methods on a sample", lambda: _samples(summary), bool(summary.samples)),
        (TIMES, lambda: _times(summary), bool(summary.times)),
        ("Overruns", lambda: _overruns(summary), bool(summary.overruns)),
        ("Answers and their cost", lambda: _answers(summary), bool(summary.answered)),
        ("Limits of the comparison", lambda: _caveats(summary, runs), True),
        ("Further metrics", lambda: _further(summary), bool(curves.grounds)),
        ("The numbers behind the curves", lambda: _curves(summary), bool(curves.grounds)),
        ("Definitions of the metrics", _definitions, True),
        ("How the report was made", lambda: provenance(runs), True),
    ]
    head = [f"# {TITLE}", opening(summary), *([_picture("mean.png", "Recall over budget")] if curves.budgets else [])]
    body = [part for title, section, shown in sections if shown for part in (f"## {title}", section())]
    return "\n\n".join([*head, *body]) + "\n"


def _picture(file: str, text: str) -> str:
    return f"![{text}]({file})"


def _glance(summary: Summary) -> str:
    references = listed([plain(name) for name in summary.main.references]) if summary.main.references else ""
    sentences = [
        f"{percent(LEVEL)} intervals are in brackets.",
        f"{references} is the upper bound: the gold evidence itself, cut to the budget." if references else "",
        "Model tokens are the tokens that an encoder or a language model reads to index a document (median).",
    ]
    sentences += [_whole(name, list(by_set.values())) for name, by_set in summary.main.wholes.items() if by_set]
    return f"{tables.glance(summary)}\n\n{' '.join(filter(None, sentences))}"


def _whole(name: str, wholes: Sequence[Whole]) -> str:
    recall, taken = fmean(whole.recall.mean for whole in wholes), fmean(whole.tokens for whole in wholes)
    return (
        f"{plain(name)} takes documents whole: recall {number(recall)} for {tokens(taken)} tokens (means of the sets)."
    )


def _rivals(summary: Summary) -> str:
    note = (
        f"Differences of areas on the same questions: {SUBJECT} minus the other method. *Level* means that the "
        "interval contains 0. The best method of a set is chosen with the results known, which favours it."
    )
    return f"{tables.rivals(summary)}\n\n{note}"


def _sets(summary: Summary) -> str:
    note = (
        "Lines are means over questions, and bands are their intervals. A context above its budget is cut to the "
        "budget before it is scored. All methods in a panel are measured on the same questions."
    )
    return f"{_picture('sets.png', 'Recall over budget in each set')}\n\n{note}"


def _variants(summary: Summary) -> str:
    return (
        f"{SUBJECT} with one part changed or removed, compared with {SUBJECT} on the same questions. A negative number "
        f"means that the part helps.\n\n{tables.variants(summary)}"
    )


def _needs(summary: Summary) -> str:
    return (
        "The budget at which the mean curve of a set reaches 90 % of the recall of the whole document, and how many "
        "times smaller the budget is than the document (below 1×, the document is smaller). The median counts a set "
        f"that never reaches it as larger than every budget.\n\n{tables.needs(summary)}"
    )


def _samples(summary: Summary) -> str:
    named = dict((id(sample), name) for name, sample in _sample_pictures(summary))
    parts = []
    for sample in summary.samples:
        count = sum(len(ground.questions) for ground in sample.curves.grounds)
        sets = listed([plain(ground.set) for ground in sample.curves.grounds])
        parts.append(f"**{listed([plain(name) for name in sample.names])}** on {counted(count, 'question')} of {sets}.")
        if id(sample) in named:
            parts.append(_picture(named[id(sample)], "Recall over budget on a sample"))
        parts.append(tables.sample(sample))
    return "\n\n".join(parts)


def _times(summary: Summary) -> str:
    note = (
        "Medians on the machine below. Stored vectors count as if they had been computed again. Compare only methods "
        "with the same documents. The peak memory is that of the whole process."
    )
    picture = [_picture("time.png", "Area over seconds")] if summary.main.grounds else []
    return "\n\n".join([*picture, note, tables.times(summary)])


def _overruns(summary: Summary) -> str:
    note = "The used share of a budget is measured on documents that have more tokens than the budget."
    return f"{note}\n\n{tables.overruns(summary)}"


def _answers(summary: Summary) -> str:
    note = (
        "The answer score of a question is choice accuracy, number match or the F1 of words: the first that applies. "
        "All tokens are the tokens of the reader's calls, in and out, the tokens that the method's own models read for "
        "the question, and the question's share of the tokens for indexing. The method's models are far smaller."
    )
    return f"{_picture('answers.png', 'Answer score over all tokens')}\n\n{note}\n\n{tables.answers(summary.answered)}"


def _caveats(summary: Summary, runs: Sequence[Run]) -> str:
    return "\n".join(f"- {line}" for line in caveats(summary, runs)) or "No limit was found."


def _further(summary: Summary) -> str:
    parts = ["Means over the questions that a metric applies to. Their number is in the column head."]
    for budget in summary.main.budgets:
        parts += [f"### At {tokens(budget)} tokens", tables.further(summary.metrics, budget)]
    return "\n\n".join(parts)


def _curves(summary: Summary) -> str:
    parts = []
    for ground in summary.main.grounds:
        note = f"{words(ground.metric).capitalize()}, {counted(len(ground.questions), 'question')} on "
        note += f"{counted(len(set(ground.documents)), 'document')}."
        for name, wholes in summary.main.wholes.items():
            if ground.set in wholes:
                whole = wholes[ground.set]
                note += f" {plain(name).capitalize()} ({tokens(whole.tokens)} tokens): {interval(whole.recall)}."
                parts += [f"### {plain(ground.set)}", note, tables.curve(summary.main, ground.set)]
    return "\n\n".join(parts)


def _definitions() -> str:
    return "\n".join(f"- **{words(name)}**: {plain(text)}" for name, text in metrics.NAMES.items())
