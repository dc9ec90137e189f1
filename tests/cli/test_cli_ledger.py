"""The ledger that people see."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.cli.ledger import draw_ledger, segments, widths
from hiercomp.types import Allocation, Answer, Budget, Citation, Completion, Context, Ledger, Part, Span


def context(**changes):
    text = "The rate was 21.3 percent."
    part = Part("n", 0, "verbatim", "d", "report.pdf", 5, Span(0, 26), (Span(0, 26),), (0.9,), text, 8, 1)
    values = {
        "question": "What was the rate?",
        "text": text,
        "token_count": 500,
        "parts": (part,),
        "budget": Budget(total=1000, prompt=100, answer=200, tokenizer="o200k_base"),
        "allocation": Allocation((), 500, (("passage", 400), ("section", 100), ("document", 0)), 0.002, 7.31, 7.4),
        "ledger": Ledger((("total", 2.9),), source_tokens=20_000, encoded=3, model=None, embedding="hashing"),
    }
    return Context(**(values | changes))


def answer(*citations, **changes):
    completion = Completion("It was 21.3 percent [1].", prompt_tokens=600, completion_tokens=50, model="extractive")
    ledger = Ledger((("total", 2.9),), 20_000, 3, "extractive", "hashing", usd=0.0, wh=0.05, **changes)
    return Answer("It was 21.3 percent [report.pdf p. 5].", citations, context(), completion, ledger)


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

    def draw(run, *, usage=True, **kind):
        stderr = Stderr(**kind)
        monkeypatch.setattr("sys.stderr", stderr)
        draw_ledger(run, usage=usage)
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


def test_the_ledger_shows_budget_citations_price_and_cost(drawn):
    good = Citation(1, "report.pdf", 5, "The rate was 21.3 percent.", "It was 21.3 percent", supported=True)
    bad = Citation(2, "report.pdf", 9, "Nothing here.", "It was 99", supported=False)
    lines = drawn(answer(good, bad)).splitlines()
    assert lines[1].startswith("  1,000 ███████▓▓▓")
    assert "█ prompt 100  ▓ passage 400  ▒ section 100  ▚ answer 50  · unused 350" in lines[2]
    assert "  ✓ report.pdf p. 5  “The rate was 21.3 percent.”" in lines
    assert "  ✗ report.pdf p. 9  “Nothing here.”" in lines
    assert "  λ 0.002 evidence a token · evidence 7.31 of at most 7.40 (98.8%)" in lines
    assert any("20,000 -> 500 tokens (40.0x)" in line and "2.9 s" in line for line in lines)
    assert any("3 texts encoded" in line for line in lines)
    assert any("0.05 Wh (estimate)" in line for line in lines)


def test_one_text_is_one_and_none_is_not_told(drawn):
    run = answer()
    assert "1 text encoded" in drawn(replace(run, ledger=replace(run.ledger, encoded=1)))
    assert "encoded" not in drawn(replace(run, ledger=replace(run.ledger, encoded=0)))


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
    run = replace(answer(), uncited=("It was 99.9 percent.", "The chief is \x1bPeter Miller."))
    lines = drawn(run).splitlines()
    assert "  ✗ uncited  “It was 99.9 percent.”" in lines
    assert "  ✗ uncited  “The chief is ␛Peter Miller.”" in lines
    assert any("in 600 out 50 | 2 uncited claims | $0" in line for line in lines)
    assert "✗ uncited" in drawn(run, usage=False)
    assert "uncited" not in drawn(answer())
    assert 'x uncited  "It was 99.9' in drawn(replace(answer(), uncited=("It was 99.9 percent.",)), encoding="ascii")


def test_a_mark_that_nothing_bears_is_named(drawn):
    assert "✗ mark 7: not in the context" in drawn(answer(Citation(7, "", None, "", "claim", supported=False)))


def test_a_plain_stream_gets_no_escape_and_a_terminal_gets_colour(drawn):
    assert "\x1b" not in drawn(answer())
    assert "\x1b[" in drawn(answer(), terminal=True)


def test_an_ascii_stream_gets_ascii(drawn):
    citation = Citation(1, "report.pdf", 5, "The “rate” was 21.3 percent.", "claim", supported=True)
    shown = drawn(answer(citation), encoding="ascii")
    assert "#" in shown
    assert "lambda 0.002" in shown
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
    shown = drawn(context())
    assert "answer" not in shown
    assert "· unused 400" in shown
