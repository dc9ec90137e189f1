import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from hiercomp import ledger
from hiercomp.ledger import STAGES, Stopwatch, energy, footer, part, peak_bytes, price
from hiercomp.types import Allocation, Answer, Budget, Completion, Context, Ledger, Part, Span


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


def _context(*parts: Part, tokens: int = 3987) -> Context:
    return Context(
        question="Why?",
        text="One. Two.",
        token_count=tokens,
        parts=parts,
        budget=Budget(4500, 200, 300, "o200k_base"),
        allocation=Allocation((), tokens, (("passage", tokens),), 0.1, 1.0, 1.5),
        ledger=Ledger((("load", 0.4), ("total", 2.94)), 112_340, 12, None, "minilm"),
    )


def _answer(context: Context, usd: float | None) -> Answer:
    cost = replace(context.ledger, usd=usd)
    return Answer("So.", (), context, Completion("So.", 4312, 210, "gpt-4o"), cost)


def test_a_stopwatch_adds_up_stages_and_knows_the_total() -> None:
    watch = Stopwatch()
    for _ in range(2):
        with watch.stage("load"):
            time.sleep(0.02)
    seconds = dict(watch.seconds())
    assert tuple(seconds) == (*STAGES, "total")
    assert 0.04 <= seconds["load"] <= seconds["total"]
    assert seconds["reason"] == 0.0


def test_a_stage_that_fails_is_counted() -> None:
    watch = Stopwatch()
    with suppress(ValueError), watch.stage("load"):
        time.sleep(0.01)
        raise ValueError
    assert dict(watch.seconds())["load"] >= 0.01


def test_core_seconds_count_work_here_and_in_children_but_not_sleep() -> None:
    watch = Stopwatch()
    time.sleep(0.1)
    idle = dict(watch.cpu_seconds())["total"]
    assert idle < 0.09
    subprocess.run(
        [sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass"],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert dict(watch.cpu_seconds())["total"] >= idle + 0.15


def test_core_seconds_are_told_by_stage() -> None:
    watch = Stopwatch()
    with watch.stage("load"):
        until = time.process_time() + 0.2
        while time.process_time() < until:
            pass
    seconds = dict(watch.cpu_seconds())
    assert tuple(seconds) == (*STAGES, "total")
    assert 0.17 <= seconds["load"] <= seconds["total"]  # the system counts in hundredths
    assert seconds["retrieve"] == 0.0


def test_a_part_counts_in_its_stage_and_once_and_nowhere_without_one() -> None:
    watch = Stopwatch()
    with part("encode"):
        pass
    assert "encode" not in dict(watch.seconds())
    with watch.stage("retrieve"):
        with part("encode"):
            time.sleep(0.02)
            with part("encode"):
                time.sleep(0.02)
        time.sleep(0.02)
    seconds = dict(watch.seconds())
    assert seconds["encode"] >= 0.04
    # Counted twice, the inner one would bring it to the stage's own 60 ms.
    assert seconds["encode"] + 0.02 <= seconds["retrieve"]


def test_runs_in_other_threads_keep_their_own_parts() -> None:
    def run(stage: str) -> dict[str, float]:
        watch = Stopwatch()
        with watch.stage("retrieve"), part(stage):
            time.sleep(0.05)
        return dict(watch.seconds())

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(run, ["encode", "rank"])
    assert "rank" not in one
    assert "encode" not in other


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


def test_the_footer_of_an_answer_is_one_line() -> None:
    run = _answer(_context(_part(12), _part(3), _part(7)), usd=0.00114)
    # 112,340 / 3,987 = 28.18; three parts of two sentences
    assert footer(run) == ("112,340 -> 3,987 tokens (28.2x), 6 spans, pp. 3,7,12 | in 4,312 out 210 | $0.0011 | 2.9 s")


@pytest.mark.parametrize(
    ("claims", "counted"), [(("It is ten.",), "1 uncited claim"), (("It is ten.", "It is six."), "2 uncited claims")]
)
def test_the_footer_counts_uncited_claims(claims: tuple[str, ...], counted: str) -> None:
    run = replace(_answer(_context(_part(3)), usd=0.0), uncited=claims)
    assert f" | in 4,312 out 210 | {counted} | $0 | " in footer(run)


def test_the_footer_of_a_context_has_no_call() -> None:
    assert footer(_context(_part(3))) == "112,340 -> 3,987 tokens (28.2x), 2 spans, p. 3 | 2.9 s"


def test_the_footer_of_an_empty_context_has_no_ratio() -> None:
    assert footer(_context(tokens=0)) == "112,340 -> 0 tokens, 0 spans | 2.9 s"


def test_runs_of_pages_are_joined() -> None:
    parts = [_part(page) for page in (3, 4, 6, 7, 8, 10)]
    assert "pp. 3,4,6-8,10" in footer(_context(*parts))


def test_a_format_without_pages_shows_none() -> None:
    assert "p." not in footer(_context(_part(None, "notes.md")))


def test_of_several_documents_their_number_is_shown() -> None:
    assert ", 2 documents |" in footer(_context(_part(3), _part(3, "b.pdf")))


@pytest.mark.parametrize(
    ("usd", "shown"), [(None, "price unknown"), (0.0, "$0"), (0.00002, "<$0.0001"), (0.0123, "$0.0123")]
)
def test_money_is_shown_as_far_as_it_is_known(usd: float | None, shown: str) -> None:
    assert f"| {shown} |" in footer(_answer(_context(_part(3)), usd))
