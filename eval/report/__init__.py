"""The report of runs: `report.md`, `report.html`, pictures and `summary.json`, worked out from records alone.

The same records give the same bytes. Times and memory stand in a section of their own, so that two runs of one thing
can be compared without them. No text of a set is in it.
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
    "Area under recall over the logarithm of the budget, divided by its range: the mean recall over budgets of every "
    "size. 1 is perfect. The mean counts each set the same."
)


def write(runs: Sequence[Run], output: Path) -> None:
    """Writes the report of runs into a folder, which is made if it is not there."""
    ordered = sorted(runs, key=lambda run: (run.title, run.commit))
    summary = summarise(ordered)
    pictures = _pictures(summary)
    text = _text(summary, ordered)
    output.mkdir(parents=True, exist_ok=True)
    for path in (path for pattern in PICTURES for path in output.glob(pattern)):
        path.unlink()  # of an earlier report, which had more to show
    for name, content in pictures.items():
        (output / name).write_bytes(content)
    (output / "report.md").write_text(text, encoding="utf-8")
    (output / "report.html").write_text(page(TITLE, text, pictures), encoding="utf-8")
    (output / "summary.json").write_text(as_json(summary), encoding="utf-8")


def _pictures(summary: Summary) -> dict[str, bytes]:
    """The pictures by file, those that there is something to show on."""
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
    """The whole report as Markdown."""
    curves = summary.main
    sections: list[tuple[str, Callable[[], str], bool]] = [
        ("At a glance", lambda: _glance(summary), bool(curves.grounds)),
        ("Where it wins and where it loses", lambda: _rivals(summary), bool(curves.differences)),
        ("Recall over budget", lambda: _sets(summary), len(curves.grounds) > 1),
        ("Area under the curve", lambda: f"{AREA}\n\n{tables.areas(curves)}", bool(curves.grounds)),
        ("What each part is worth", lambda: _variants(summary), bool(summary.variants)),
        ("Tokens for 90 % of full-context recall", lambda: _needs(summary), bool(summary.needs)),
        ("Methods on a sample", lambda: _samples(summary), bool(summary.samples)),
        (TIMES, lambda: _times(summary), bool(summary.times)),
        ("Overruns", lambda: _overruns(summary), bool(summary.overruns)),
        ("Answers, and what they take", lambda: _answers(summary), bool(summary.answered)),
        ("What is not comparable", lambda: _caveats(summary, runs), True),
        ("Further metrics", lambda: _further(summary), bool(curves.grounds)),
        ("The numbers behind the curves", lambda: _curves(summary), bool(curves.grounds)),
        ("What the metrics mean", _definitions, True),
        ("How it was made", lambda: provenance(runs), True),
    ]
    head = [f"# {TITLE}", opening(summary), *([_picture("mean.png", "Recall over budget")] if curves.budgets else [])]
    body = [part for title, section, shown in sections if shown for part in (f"## {title}", section())]
    return "\n\n".join([*head, *body]) + "\n"


def _picture(file: str, text: str) -> str:
    return f"![{text}]({file})"


def _glance(summary: Summary) -> str:
    references = listed([plain(name) for name in summary.main.references]) if summary.main.references else ""
    said = [
        f"In brackets: {percent(LEVEL)} intervals.",
        f"{references} is the upper bound: the gold evidence itself, cut to the budget." if references else "",
        "Model tokens are those that go through an encoder or a language model to index a document (median).",
    ]
    said += [_whole(name, list(by_set.values())) for name, by_set in summary.main.wholes.items() if by_set]
    return f"{tables.glance(summary)}\n\n{' '.join(filter(None, said))}"


def _whole(name: str, wholes: Sequence[Whole]) -> str:
    recall, taken = fmean(whole.recall.mean for whole in wholes), fmean(whole.tokens for whole in wholes)
    return (
        f"{plain(name)} takes documents whole: recall {number(recall)} for {tokens(taken)} tokens (means of the sets)."
    )


def _rivals(summary: Summary) -> str:
    said = (
        f"Differences of areas on the same questions, {SUBJECT} minus the other. *Level*: the interval holds 0. The "
        "best method of a set is chosen after the fact, which flatters it."
    )
    return f"{tables.rivals(summary)}\n\n{said}"


def _sets(summary: Summary) -> str:
    said = (
        "Lines are means over questions, bands their intervals. A context above its budget is cut to it before it is "
        "scored. Every method of a panel is measured on the same questions."
    )
    return f"{_picture('sets.png', 'Recall over budget in each set')}\n\n{said}"


def _variants(summary: Summary) -> str:
    return (
        f"{SUBJECT} with one part changed or taken away, against {SUBJECT} as it is, on the same questions. Negative: "
        f"the part is worth having.\n\n{tables.variants(summary)}"
    )


def _needs(summary: Summary) -> str:
    return (
        "Where the mean curve of a set crosses 90 % of the recall of the whole document, and how many times smaller "
        "that is than the document (below 1×, the documents are smaller). The median counts a set that is never "
        f"reached as larger than every budget.\n\n{tables.needs(summary)}"
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
    said = (
        "Medians on the machine below; vectors that were kept are counted as if they had been made anew. Compare only "
        "methods with the same documents. The peak is of the whole process."
    )
    picture = [_picture("time.png", "Area over seconds")] if summary.main.grounds else []
    return "\n\n".join([*picture, said, tables.times(summary)])


def _overruns(summary: Summary) -> str:
    said = "How much of a budget is used is said of documents that have more tokens than that."
    return f"{said}\n\n{tables.overruns(summary)}"


def _answers(summary: Summary) -> str:
    said = (
        "The answer score of a question is choice accuracy, else number match, else the F1 of words: the first that "
        "applies. All tokens are those of the reader's calls, in and out, those that asking put through the method's "
        "own models, and the question's share of those that indexing did; the latter two go through far smaller models."
    )
    return f"{_picture('answers.png', 'Answer score over all tokens')}\n\n{said}\n\n{tables.answers(summary.answered)}"


def _caveats(summary: Summary, runs: Sequence[Run]) -> str:
    return "\n".join(f"- {line}" for line in caveats(summary, runs)) or "Nothing was found that stands in the way."


def _further(summary: Summary) -> str:
    parts = ["Means over the questions that a metric applies to; their number is in the head."]
    for budget in summary.main.budgets:
        parts += [f"### At {tokens(budget)} tokens", tables.further(summary.metrics, budget)]
    return "\n\n".join(parts)


def _curves(summary: Summary) -> str:
    parts = []
    for ground in summary.main.grounds:
        said = f"{words(ground.metric).capitalize()}, {counted(len(ground.questions), 'question')} on "
        said += f"{counted(len(set(ground.documents)), 'document')}."
        for name, wholes in summary.main.wholes.items():
            if ground.set in wholes:
                whole = wholes[ground.set]
                said += f" {plain(name).capitalize()} ({tokens(whole.tokens)} tokens): {interval(whole.recall)}."
        parts += [f"### {plain(ground.set)}", said, tables.curve(summary.main, ground.set)]
    return "\n\n".join(parts)


def _definitions() -> str:
    return "\n".join(f"- **{words(name)}**: {plain(text)}" for name, text in metrics.NAMES.items())
