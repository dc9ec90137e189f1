"""The sections of a report: texts, tables and links to pictures."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from eval import metrics
from eval.report import tables
from eval.report._format import counted, interval, listed, number, percent, plain, tokens, words
from eval.report.findings import caveats
from eval.summary import Sample, Summary
from eval.summary.comparison import SUBJECT
from eval.summary.curves import Curves, Whole
from eval.summary.estimates import LEVEL
from eval.summary.pages import PagesShown
from eval.types import Run

AREA = (
    "The area under recall over the logarithm of the budget, divided by its range. It is the mean recall over "
    "budgets of every size; 1 is perfect. The mean counts each set the same."
)


def sample_pictures(summary: Summary, name: str = "sample") -> list[tuple[str, Sample]]:
    """Return each sample that can be drawn, with the file name of its picture, which begins with `name`."""
    return [(f"{name}-{place}.png", each) for place, each in enumerate(summary.samples, 1) if each.curves.budgets]


def picture(file: str, text: str) -> str:
    """Return a picture's Markdown."""
    return f"![{text}]({file})"


def glance(summary: Summary) -> str:
    """Format the table of all methods, and what its figures mean."""
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


def areas(curves: Curves) -> str:
    """Format the table of each method's area in each set."""
    return f"{AREA}\n\n{tables.areas(curves)}"


def pages(shown: Sequence[PagesShown]) -> str:
    """Format the table of the gold pages that contexts show."""
    note = (
        "Touched is the share of questions whose context has text of a gold page. Recall is the mean share of the gold "
        "pages that the context has text of. Both count only text that occurs on no other page. The lines of a set "
        "have the same questions."
    )
    return f"{note}\n\n{tables.pages(shown)}"


def rivals(summary: Summary) -> str:
    """Compare the subject with the best other methods, set by set."""
    note = (
        f"Differences of areas on the same questions: {SUBJECT} minus the other method. *Level* means that the "
        "interval contains 0. The best method of a set is chosen with the results known, which favours it."
    )
    return f"{tables.rivals(summary)}\n\n{note}"


def sets(file: str) -> str:
    """Show the picture with a panel for each set."""
    note = (
        "Lines are means over questions, and bands are their intervals. A context above its budget is cut to the "
        "budget before it is scored. All methods in a panel are measured on the same questions."
    )
    return f"{picture(file, 'Recall over budget in each set')}\n\n{note}"


def variants(summary: Summary) -> str:
    """Format the table of the changed parts."""
    return (
        f"{SUBJECT} with one part changed or removed, compared with {SUBJECT} on the same questions. A negative number "
        f"means that the part helps.\n\n{tables.variants(summary)}"
    )


def needs(summary: Summary) -> str:
    """Format the table of the tokens that nearly reach the recall of whole documents."""
    return (
        "The budget at which the mean curve of a set reaches 90 % of the recall of the whole document, and how many "
        "times smaller the budget is than the document (below 1×, the document is smaller). The median counts a set "
        f"that never reaches it as larger than every budget.\n\n{tables.needs(summary)}"
    )


def samples(summary: Summary, name: str = "sample") -> str:
    """Compare the methods that ran on a sample. The file names of their pictures begin with `name`."""
    named = {id(sample): file for file, sample in sample_pictures(summary, name)}
    parts = []
    for sample in summary.samples:
        count = sum(len(ground.questions) for ground in sample.curves.grounds)
        where = listed([plain(ground.set) for ground in sample.curves.grounds])
        names = listed([plain(name) for name in sample.names])
        parts.append(f"**{names}** on {counted(count, 'question')} of {where}.")
        if id(sample) in named:
            parts.append(picture(named[id(sample)], "Recall over budget on a sample"))
        parts.append(tables.sample(sample))
    return "\n\n".join(parts)


def times(summary: Summary) -> str:
    """Format the table of times and memory."""
    note = (
        "Medians on the machine below. Stored vectors count as if they had been computed again. Compare only methods "
        "with the same documents. The peak memory is that of the whole process."
    )
    drawn = [picture("time.png", "Area over seconds")] if summary.main.grounds else []
    return "\n\n".join([*drawn, note, tables.times(summary)])


def overruns(summary: Summary) -> str:
    """Format the table of how methods keep to their budgets."""
    note = "The used share of a budget is measured on documents that have more tokens than the budget."
    return f"{note}\n\n{tables.overruns(summary)}"


def answers(summary: Summary) -> str:
    """Format the table of a reader's answers."""
    note = (
        "The answer score of a question is choice accuracy, number match or the F1 of words: the first that applies. "
        "All tokens are the tokens of the reader's calls, in and out, the tokens that the method's own models read for "
        "the question, and the question's share of the tokens for indexing. The method's models are far smaller."
    )
    return f"{picture('answers.png', 'Answer score over all tokens')}\n\n{note}\n\n{tables.answers(summary.answered)}"


def limits(summary: Summary, runs: Sequence[Run]) -> str:
    """List the limits of the comparison."""
    return "\n".join(f"- {line}" for line in caveats(summary, runs)) or "No limit was found."


def further(summary: Summary) -> str:
    """Format the tables of further metrics."""
    parts = ["Means over the questions that a metric applies to. Their number is in the column head."]
    for budget in summary.main.budgets:
        parts += [f"### At {tokens(budget)} tokens", tables.further(summary.metrics, budget)]
    return "\n\n".join(parts)


def numbers(summary: Summary, condition: str = "") -> str:
    """Format the numbers behind the curves. `condition` ends the head of each set."""
    parts = []
    for ground in summary.main.grounds:
        note = f"{words(ground.metric).capitalize()}, {counted(len(ground.questions), 'question')} on "
        note += f"{counted(len(set(ground.documents)), 'document')}."
        for name, wholes in summary.main.wholes.items():
            if ground.set in wholes:
                whole = wholes[ground.set]
                note += f" {plain(name).capitalize()} ({tokens(whole.tokens)} tokens): {interval(whole.recall)}."
        parts += [f"### {plain(ground.set)}{condition}", note, tables.curve(summary.main, ground.set)]
    return "\n\n".join(parts)


def definitions() -> str:
    """List the definitions of the metrics."""
    return "\n".join(f"- **{words(name)}**: {plain(text)}" for name, text in metrics.NAMES.items())
