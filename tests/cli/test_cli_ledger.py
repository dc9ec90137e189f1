"""The ledger that is printed on stderr."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planned_runs import NEEDS, planned_run
from rich.cells import cell_len

from hiercomp.cli.ledger import draw_ledger, segments, widths
from hiercomp.types import (
    Allocation,
    Answer,
    Budget,
    Choice,
    Citation,
    Completion,
    Context,
    Document,
    Evidence,
    Hierarchy,
    Ledger,
    Need,
    Node,
    Part,
    Plan,
    Ranking,
    Run,
    Span,
)


def run(**ledger_changes):
    text = "The rate was 21.3 percent."
    document = Document(text, "report.pdf", "Report")
    span = Span(0, len(text))
    values = {"source_tokens": 20_000, "encoded": 3, "model": None, "embedding": "hashing"}
    return Run(
        question="What was the rate?",
        hierarchy=Hierarchy((document,), (Node("n", document.id, 0, "Report", span, text, (span,)),)),
        plan=Plan((), "rules"),
        rankings=(),
        ranking=Ranking(()),
        evidence=Evidence({}),
        ladders={},
        budget=Budget(total=1000, prompt=100, answer=200, tokenizer="o200k_base"),
        allocation=Allocation((), 500, (("passage", 400), ("section", 100), ("document", 0)), 0.002, 7.31, 7.4),
        context=Context(
            text, 500, (Part("n", 0, "verbatim", document.id, "report.pdf", 5, span, (span,), (0.9,), text, 400, 1),)
        ),
        ledger=Ledger((("total", 2.9),), **(values | ledger_changes)),
    )


def answer(*citations, **ledger_changes):
    completion = Completion("It was 21.3 percent [1].", prompt_tokens=600, completion_tokens=50, model="extractive")
    answered = run(**({"model": "extractive", "usd": 0.0, "wh": 0.05} | ledger_changes))
    return Answer("It was 21.3 percent [report.pdf p. 5].", citations, completion, answered)


class Stderr(io.TextIOWrapper):
    def __init__(self, encoding="utf-8", *, terminal=False):
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self._terminal = terminal

    def isatty(self):
        return self._terminal

    def written(self):
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


@pytest.fixture
def drawn(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "90")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def draw(result, *, usage=True, **kind):
        stderr = Stderr(**kind)
        monkeypatch.setattr("sys.stderr", stderr)
        draw_ledger(result, usage=usage)
        return stderr.written()

    return draw


def test_segments_are_the_whole_budget():
    # 100 prompt + 400 + 100 context + 50 written = 650 of 1,000, so 350 are left.
    assert [(part.name, part.tokens) for part in segments(answer())] == [
        ("prompt", 100),
        ("passage", 400),
        ("section", 100),
        ("answer", 50),
        ("unused", 350),
    ]


def test_bar_cells_follow_the_tokens():
    # A cell for each, and of the 7 others 4.55, 2.1 and 0.35: 4, 2 and 0, and the last goes to the largest remainder.
    assert widths([650, 300, 50], 10) == [6, 3, 1]


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.integers(10, 80))
def test_bar_cells_always_fill_the_bar(tokens, width):
    cells = widths(tokens, width)
    assert sum(cells) == width
    assert min(cells) >= 1


def test_the_ledger_shows_budget_citations_and_cost(drawn):
    good = Citation(1, "report.pdf", 5, "The rate was 21.3 percent.", "It was 21.3 percent", supported=True)
    bad = Citation(2, "report.pdf", 9, "Nothing here.", "It was 99", supported=False)
    lines = drawn(answer(good, bad)).splitlines()
    assert lines[1].startswith("  1,000 ███████▓▓▓")
    assert "█ prompt 100  ▓ passage 400  ▒ section 100  ▚ answer 50  · unused 350" in lines[2]
    assert "  ✓ report.pdf p. 5  “The rate was 21.3 percent.”" in lines
    assert "  ✗ report.pdf p. 9  “Nothing here.”" in lines
    assert lines[-2:] == [
        "  20,000 → 500 tokens (40.0x shorter) from p. 5 | 2.9 s | 600 tokens in, 50 out | $0",
        "  3 texts embedded | 0.05 Wh (estimate)",
    ]


def test_the_ledger_shows_no_estimate_that_looks_like_a_share_of_the_evidence(drawn):
    for result in (answer(), run()):
        shown = drawn(result)
        assert "evidence" not in shown
        assert "λ" not in shown
        assert "%" not in shown


def test_an_open_budget_is_shown_with_its_reason(drawn):
    choice = Choice("value", share=0.95, least_value=0.05, expected=7.5)
    chosen = replace(run(), budget=replace(run().budget, choice=choice))
    assert "  budget: " in drawn(chosen)
    assert "worth less than 0.05" in drawn(chosen)
    assert "budget: " not in drawn(run())


def test_the_number_of_embedded_texts_is_shown_unless_it_is_zero(drawn):
    assert "1 text embedded" in drawn(answer(encoded=1))
    assert "embedded" not in drawn(answer(encoded=0))


def test_without_usage_only_citations_and_warnings_are_shown(drawn):
    good = Citation(1, "report.pdf", 5, "The rate was 21.3 percent.", "It was 21.3 percent", supported=True)
    assert drawn(answer(good, warnings=("the server read less",)), usage=False).splitlines() == [
        "",
        "  ✓ report.pdf p. 5  “The rate was 21.3 percent.”",
        "  warning: the server read less",
    ]


def test_two_claims_on_the_same_words_are_one_line(drawn):
    claims = [Citation(1, "r.pdf", 5, "The rate was 21.3.", claim, supported=True) for claim in ("one", "two")]
    assert drawn(answer(*claims)).count("The rate was 21.3.") == 1


def test_an_uncited_claim_is_marked_and_counted(drawn):
    doubtful = replace(answer(), uncited=("It was 99.9 percent.", "The chief is \x1bPeter Miller."))
    lines = drawn(doubtful).splitlines()
    assert "  ✗ uncited  “It was 99.9 percent.”" in lines
    assert "  ✗ uncited  “The chief is ␛Peter Miller.”" in lines
    assert any("| 2 uncited claims | $0" in line or line.startswith("  2 uncited claims | $0") for line in lines)
    assert "✗ uncited" in drawn(doubtful, usage=False)
    assert "uncited" not in drawn(answer())
    assert 'x uncited  "It was 99.9' in drawn(replace(answer(), uncited=("It was 99.9 percent.",)), encoding="ascii")


def test_a_mark_that_is_not_in_the_context_is_named(drawn):
    assert "✗ mark 7: not in the context" in drawn(answer(Citation(7, "", None, "", "claim", supported=False)))


def test_a_plain_stream_gets_no_escape_and_a_terminal_gets_colour(drawn):
    assert "\x1b" not in drawn(answer())
    assert "\x1b[" in drawn(answer(), terminal=True)


def test_an_ascii_stream_gets_ascii(drawn):
    citation = Citation(1, "report.pdf", 5, "The “rate” was 21.3 percent.", "claim", supported=True)
    shown = drawn(answer(citation), encoding="ascii")
    assert "#" in shown
    assert "20,000 -> 500 tokens" in shown
    assert '+ report.pdf p. 5  "The' in shown
    assert "?" not in shown


def test_a_quote_cannot_control_the_terminal(drawn):
    quote = "bad \x1b[31m words \u202e"
    shown = drawn(answer(Citation(1, "r\x1bx.pdf", 5, quote, "claim", supported=True)))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_no_line_is_wider_than_the_screen(drawn):
    long = Citation(1, "a-rather-long-name-of-a-file.pdf", 123, "word " * 100, "claim", supported=True)
    ledger_lines = drawn(answer(long)).splitlines()
    assert max(len(line) for line in ledger_lines) <= 90


def test_a_context_has_a_ledger_too(drawn):
    shown = drawn(run())
    assert "answer" not in shown
    assert "· unused 400" in shown


def test_the_needs_of_a_plan_are_listed_with_their_tokens_and_marks(drawn):
    lines = drawn(planned_run()).splitlines()
    start = lines.index("  needs  given by the caller")
    assert [line.split() for line in lines[start + 1 : start + 4]] == [
        ["1", *NEEDS[0].text.split(), "17", "tokens", "[1]", "[3]"],
        ["2", *NEEDS[1].text.split(), "1,320", "tokens", "[2]"],
        ["3", *NEEDS[2].text.split(), "nothing", "found"],
    ]
    assert lines[start - 1] == ""
    assert "needs" not in drawn(planned_run(), usage=False)


def test_under_an_answer_the_needs_have_pages_because_its_text_has_no_marks(drawn):
    shown = drawn(Answer("So.", (), answer().completion, planned_run()))
    assert "17 tokens  pp. 1, 4" in shown
    assert "1,320 tokens  pp. 2, 3" in shown


def test_a_plan_of_the_question_alone_is_not_listed(drawn):
    alone = replace(planned_run(), plan=Plan(NEEDS[:1], "rules"), rankings=planned_run().rankings[:1])
    assert "needs" not in drawn(alone)


def test_the_author_of_a_plan_and_the_entries_of_a_playbook_are_named(drawn):
    guessed = (NEEDS[0], *(replace(need, reason="Quick\x1b ratio") for need in NEEDS[1:]))
    assert "  needs  by rules (playbook: Quick␛ ratio)\n" in drawn(planned_run(Plan(guessed, "rules")))
    looked_twice = (*NEEDS[:2], replace(NEEDS[2], reason="second look"))
    shown = drawn(planned_run(Plan(looked_twice, "openai/gpt-5")))
    assert "  needs  by openai/gpt-5\n" in shown
    assert f"{NEEDS[2].text} (second look)" in shown


def test_if_the_whole_input_is_shown_the_needs_say_so(drawn):
    whole = replace(planned_run(), rankings=(), ladders={})
    assert "  needs  the whole input fits, so that nothing was searched for\n" in drawn(whole)


def test_long_needs_and_many_marks_do_not_widen_a_line(drawn):
    many = tuple(replace(part, mark=mark) for mark in range(100, 140) for part in planned_run().context.parts)
    needs = (*NEEDS[:2], Need("売上高と営業利益 " * 40, reason="a reason that is much too long " * 9))
    shown = drawn(planned_run(Plan(needs, "the name of a reader " * 20), parts=many))
    assert max(cell_len(line) for line in shown.splitlines()) <= 90
    assert "  [100] [101] [102] …\n" in shown
    assert "売上高" in shown
