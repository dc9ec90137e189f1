"""The comparison of a whole document with a context. The expected figures are computed by hand."""

import sys
from pathlib import Path

import pytest

from benchmarks import whole
from benchmarks.whole import Case, comparison, first_token_seconds
from hiercomp.tokenizers import build

DEMO = Path(__file__).parents[2] / "data" / "tarnholt_2025_annual_report.pdf"


def cells(text):
    """Return the cells of each row, by the row's name."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {name: values for name, *values in lines}


def test_the_table_of_the_demo_report_is_prices_times_tokens(capsys, monkeypatch):
    question = "How many people does Tarnholt employ?"
    monkeypatch.setattr(sys, "argv", ["whole", str(DEMO), "--budget", "300", "--question", question])
    whole.main()
    printed = capsys.readouterr().out
    rows = cells(printed)
    full, cached, first, further = (int(cell.replace(",", "")) for cell in rows["input tokens"])
    assert full == cached > 10_000
    assert 100 < first < 600
    assert 100 < further < 600
    question_tokens = build().count(question)  # the host's cache holds everything before the question
    # Dollars per million tokens of input, of cached input and of output. An answer has 300 output tokens.
    prices = {
        "openai/gpt-5.4-mini": (0.75, 0.075, 4.5),
        "anthropic/claude-haiku-4-5": (1, 0.1, 5),
        "google/gemini-2.5-flash": (0.3, 0.03, 2.5),
    }
    for model, (input_price, cache_price, output_price) in prices.items():
        cached_dollars = (full - question_tokens) * cache_price + question_tokens * input_price
        inputs = [full * input_price, cached_dollars, first * input_price, further * input_price]
        printed_dollars = [float(cell.strip("$")) for cell in rows[f"{model}, dollars a question"]]
        assert printed_dollars == pytest.approx([(each + 300 * output_price) / 1e6 for each in inputs], abs=0.00006)
    totals, seconds = rows["openai/gpt-5.4-mini, seconds to the first token"][2:], rows["seconds of hiercomp"][2:]
    for total, own in zip(totals, seconds, strict=True):
        assert 0.22 < float(total) - float(own) < 0.25  # 233 ms at 1,000 bytes, and 2 ms more for each further 1,000
    assert question in printed
    assert "genai-prices" in printed
    assert "2026" in printed


@pytest.mark.parametrize(
    ("model", "size", "seconds"),
    [
        ("openai/gpt-5.4-mini", 200, 0.233),  # the smallest published size
        ("openai/gpt-5.4-mini", 160_000, 0.564),  # the middle of 64 KB and 256 KB: (349 + 779) / 2
        ("openai/gpt-5.4-mini", 601_000, 1.376),
        ("google/gemini-2.5-flash", 800_500, 3.566),  # the middle of 601 KB and 1 MB: (2,482 + 4,650) / 2
        ("google/gemini-2.5-flash", 1_000_001, None),
        ("anthropic/claude-haiku-4-5", 601_000, 2.229),
        ("anthropic/claude-haiku-4-5", 601_001, None),  # the host rejected 1 MB
    ],
)
def test_the_latency_is_interpolated_by_hand(model, size, seconds):
    assert first_token_seconds(model, size) == (None if seconds is None else pytest.approx(seconds))


def test_a_prompt_that_is_larger_than_the_window_does_not_fit():
    # The windows have 400,000, 200,000 and 1,048,576 tokens. The answer takes 300 of them.
    rows = cells(comparison([Case("most", 199_700, 64_000, seconds=1.0), Case("more", 199_701, 2_000_000)]))
    assert rows["anthropic/claude-haiku-4-5, dollars a question"] == ["$0.2012", "does not fit"]
    assert rows["anthropic/claude-haiku-4-5, seconds to the first token"] == ["1.61", "does not fit"]
    assert rows["google/gemini-2.5-flash, seconds to the first token"] == ["1.59", "unknown"]
    assert rows["seconds of hiercomp"] == ["1.00", "–"]


def test_the_latency_of_a_cached_prompt_is_unknown():
    rows = cells(comparison([Case("cached", 10_000, 64_000, cached_tokens=9_000)]))
    assert rows["openai/gpt-5.4-mini, seconds to the first token"] == ["unknown"]
