import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from planned_runs import evidence, planned_run

from hiercomp import ledger
from hiercomp.ledger import add_prices, energy, footer, losses, peak_bytes, price
from hiercomp.types import (
    Allocation,
    Answer,
    Budget,
    Completion,
    Context,
    Document,
    Evidence,
    Hierarchy,
    Ledger,
    Node,
    Part,
    Plan,
    Ranking,
    Run,
    Skipped,
    Span,
)


def _part(page: int | None, document: str = "a.pdf") -> Part:
    return Part(
        node_id=f"{document}{page}",
        level=0,
        detail="extract",
        document_id=document,
        source=document,
        page=page,
        span=Span(0, 9),
        spans=(Span(0, 4), Span(5, 9)),
        values=(0.5, 0.25),
        text="One. Two.",
        tokens=4,
        mark=1,
    )


def _run(*parts: Part, tokens: int = 3987) -> Run:
    document = Document("One. Two.", "a.pdf", "A")
    span = Span(0, 9)
    return Run(
        question="Why?",
        hierarchy=Hierarchy((document,), (Node("n", document.id, 0, "A", span, document.text, (span,)),)),
        plan=Plan((), "rules"),
        rankings=(),
        ranking=Ranking(()),
        evidence=Evidence({}),
        ladders={},
        budget=Budget(4500, 200, 300, "o200k_base"),
        allocation=Allocation((), tokens, (("passage", tokens),), 0.1, 1.0, 1.5),
        context=Context("One. Two.", tokens, parts),
        ledger=Ledger((("load", 0.4), ("total", 2.94)), 112_340, 12, None, "minilm"),
    )


def _answer(run: Run, usd: float | None) -> Answer:
    run = replace(run, ledger=replace(run.ledger, usd=usd))
    return Answer("So.", (), Completion("So.", 4312, 210, "gpt-4o"), run)


def test_memory_is_what_was_held_at_most() -> None:
    script = """
from hiercomp.ledger import peak_bytes
before = peak_bytes()
held = b"1" * 200_000_000
del held
print(before, peak_bytes())
"""
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    before, after = map(int, run.stdout.split())
    assert 1e6 < before < 2e8 <= after < before + 2.5e8


def test_memory_is_told_without_the_table_of_linux_and_unknown_without_any(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ledger, "MEMORY", tmp_path / "none")
    assert (peak_bytes() or 0) > 1e6
    monkeypatch.setitem(sys.modules, "resource", None)
    assert peak_bytes() is None


@pytest.mark.parametrize(
    "model",
    ["extractive", "local", "local/1.5b", "hf/gpt2", "models/reader.gguf", "ollama/qwen3", "gpt-4o at localhost"],
)
def test_a_reader_of_ones_own_costs_no_money(model: str) -> None:
    assert price(model, 1000, 100) == 0.0


@pytest.mark.parametrize("model", ["gpt-4o", "openai/gpt-4o"])
def test_a_hosted_model_costs_what_its_provider_lists(model: str) -> None:
    # 1,000 tokens at $2.50 a million and 100 at $10.00: 0.0025 + 0.0010
    assert price(model, 1000, 100) == pytest.approx(0.0035)


@pytest.mark.parametrize(
    "model", ["no-such-model", "no-such-host/gpt-4o", "openai/no-such-model", "claude-sonnet-4-5 at 10.0.0.8"]
)
def test_an_unknown_price_is_not_zero(model: str) -> None:
    assert price(model, 1000, 100) is None


def test_without_the_price_list_a_price_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert price("gpt-4o", 1000, 100) is None


def test_energy_is_core_seconds_at_twelve_watts() -> None:
    # 600 core-seconds x 12 W = 7,200 J = 2 Wh
    assert energy(600.0, "local") == pytest.approx(2.0)
    assert energy(600.0) == pytest.approx(2.0)


@pytest.mark.parametrize("model", ["gpt-4o", "ollama/qwen3", "gpt-4o at localhost"])
def test_the_energy_of_a_reader_elsewhere_is_unknown(model: str) -> None:
    assert energy(600.0, model) is None


def test_the_energy_is_unknown_if_one_of_the_models_that_were_called_runs_elsewhere() -> None:
    assert energy(600.0, "local", None) == energy(600.0, None, "local/1.5b") == pytest.approx(2.0)
    assert energy(600.0, "local", "gpt-4o") is None
    assert energy(600.0, "gpt-4o", "local") is None


def test_prices_add_up_unless_one_is_unknown() -> None:
    assert add_prices([]) == 0.0
    assert add_prices([0.25, 0.5]) == 0.75
    assert add_prices([0.25, None]) is None


def test_the_footer_of_an_answer_is_one_line() -> None:
    answer = _answer(_run(_part(12), _part(3), _part(7)), usd=0.00114)
    # 112,340 / 3,987 = 28.18
    assert footer(answer) == (
        "112,340 → 3,987 tokens (28.2x shorter) from pp. 3, 7, 12 | 2.9 s | 4,312 tokens in, 210 out | $0.0011"
    )


@pytest.mark.parametrize(
    ("claims", "counted"), [(("It is ten.",), "1 uncited claim"), (("It is ten.", "It is six."), "2 uncited claims")]
)
def test_the_footer_counts_uncited_claims(claims: tuple[str, ...], counted: str) -> None:
    answer = replace(_answer(_run(_part(3)), usd=0.0), uncited=claims)
    assert footer(answer).endswith(f" | 4,312 tokens in, 210 out | {counted} | $0")


def test_the_footer_of_a_context_has_no_call() -> None:
    assert footer(_run(_part(3))) == "112,340 → 3,987 tokens (28.2x shorter) from p. 3 | 2.9 s"


@pytest.mark.parametrize("tokens", [0, 112_340, 120_000])
def test_the_footer_has_no_ratio_if_the_context_is_empty_or_not_shorter(tokens: int) -> None:
    assert footer(_run(tokens=tokens)) == f"112,340 → {tokens:,} tokens | 2.9 s"


def test_consecutive_pages_become_a_range() -> None:
    parts = [_part(page) for page in (3, 4, 6, 7, 8, 10)]
    assert " from pp. 3, 4, 6-8, 10 |" in footer(_run(*parts))


def test_a_format_without_pages_shows_none() -> None:
    assert "from" not in footer(_run(_part(None, "notes.md")))


def test_of_several_documents_their_number_is_shown() -> None:
    assert " from 2 documents |" in footer(_run(_part(3), _part(3, "b.pdf")))


@pytest.mark.parametrize(
    ("usd", "shown"), [(None, "price unknown"), (0.0, "$0"), (0.00002, "<$0.0001"), (0.0123, "$0.0123")]
)
def test_money_is_shown_as_far_as_it_is_known(usd: float | None, shown: str) -> None:
    assert footer(_answer(_run(_part(3)), usd)).endswith(f" | {shown}")


def test_the_footer_counts_the_needs_if_there_are_more_than_the_question() -> None:
    run = planned_run()
    assert " tokens (14.5x shorter) from pp. 1-4 | 3 needs, 1 not found | 1.5 s" in footer(run)
    assert " | 3 needs | 1.5 s" in footer(replace(run, evidence=evidence((True, True, True))))
    assert "need" not in footer(replace(run, plan=Plan(run.plan.needs[:1], "rules")))


def _tree(*documents: Document, skipped: tuple[Skipped, ...] = ()) -> Hierarchy:
    return Hierarchy(documents, (), skipped)


def _lacking(source: str, *omissions: str) -> Document:
    return Document(source, source, "", omissions=omissions)


def test_what_was_left_out_is_one_line() -> None:
    assert losses(_tree(_lacking("a.txt"))) == []
    assert losses(_tree(_lacking("a.pptx", "1 chart"))) == ["1 part of a.pptx was left out: 1 chart"]
    four = _lacking("a.pptx", *(f"chart {number}" for number in range(4)))
    assert losses(_tree(four)) == [
        "4 parts of a.pptx were left out: chart 0; chart 1; chart 2; and 1 more, which `hiercomp inspect` lists"
    ]
    both = _tree(_lacking("a.pptx", "1 chart"), _lacking("b.txt"), _lacking("c.docx", "1 picture"))
    assert losses(both) == ["2 parts of 2 documents were left out: a.pptx: 1 chart; c.docx: 1 picture"]


def test_each_skipped_file_has_its_line_unless_many_are_of_unknown_formats() -> None:
    bad = Skipped("bad.pdf", "it is damaged", "pdf")
    unknown = tuple(Skipped(name, "it is binary") for name in ("a.PNG", "b.png", "c.zip", "Makefile"))
    few = _tree(skipped=(bad, *unknown[:3]))
    assert losses(few) == [
        "bad.pdf was skipped: it is damaged",
        *(f"{name} was skipped: it is binary" for name in ("a.PNG", "b.png", "c.zip")),
    ]
    assert losses(_tree(skipped=(bad, *unknown))) == [
        "bad.pdf was skipped: it is damaged",
        "4 files skipped: 2 .png, 1 .zip, 1 without a suffix; `hiercomp inspect` says why, --strict stops instead",
    ]
