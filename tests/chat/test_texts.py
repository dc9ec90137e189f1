import asyncio
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hiercomp import BudgetError, Config, tokenizers
from hiercomp.cancellation import in_thread
from hiercomp.chat.texts import Excerpt, Hints, count_joined, select
from hiercomp.types import Span

CALL = Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md"
QUICK = Config(cache=False)
QUESTION = "What tax rate does management expect for 2026?"
HASHING = Config(cache=False, embedding="hashing")
COUNT = tokenizers.build().count


@pytest.fixture(scope="module")
def chunks() -> list[str]:
    """The paragraphs of the call, as a splitter would cut them."""
    return [chunk for chunk in CALL.read_text(encoding="utf-8").split("\n\n") if chunk]


def test_what_fits_comes_back_as_it_is(chunks: list[str]) -> None:
    selection = select(chunks, QUESTION, budget=100_000, config=QUICK)
    assert [excerpt.text for excerpt in selection.excerpts] == chunks
    assert selection.tokens == selection.original_tokens == COUNT("\n\n".join(chunks))
    assert selection.run is None


@pytest.mark.parametrize("budget", [150, 400, 800])
def test_what_is_left_holds_the_evidence_within_the_budget(chunks: list[str], budget: int) -> None:
    selection = select(chunks, QUESTION, budget=budget, config=QUICK)
    text = "\n\n".join(excerpt.text for excerpt in selection.excerpts if excerpt)
    assert selection.tokens == COUNT(text) <= budget
    assert "For 2026 please use 23 to 25 percent." in text


def test_the_run_names_each_text_by_its_number(chunks: list[str]) -> None:
    selection = select(["", *chunks], QUESTION, budget=400, config=QUICK)
    kept = [index for index, excerpt in enumerate(selection.excerpts) if excerpt is not None and excerpt.text]
    assert {part.source for part in selection.run.context.parts} == {f"text {index + 1}" for index in kept}
    assert {document.source for document in selection.run.hierarchy.documents} <= {
        f"text {index + 1}" for index in range(len(chunks) + 1)
    }


def test_an_excerpt_is_its_spans_of_the_text_in_order(chunks: list[str]) -> None:
    for chunk, excerpt in zip(chunks, select(chunks, QUESTION, budget=400, config=QUICK).excerpts, strict=True):
        if excerpt is not None:
            assert excerpt.text.split("\n…\n") == [span.of(chunk) for span in excerpt.spans]
            assert list(excerpt.spans) == sorted(excerpt.spans)


def test_stretches_with_white_space_between_them_are_one() -> None:
    text = " One. Two.  Three. Four. "
    #       0123456789
    assert Excerpt.of(text, [Span(6, 10), Span(1, 5)]) == Excerpt("One. Two.", (Span(1, 10),))
    assert Excerpt.of(text, [Span(1, 5), Span(12, 18)]) == Excerpt("One.\n…\nThree.", (Span(1, 5), Span(12, 18)))
    assert Excerpt.of(text, [Span(1, 10), Span(12, 24)]) == Excerpt.whole(text)


def test_the_budget_bounds_what_the_caller_measures(chunks: list[str]) -> None:
    frame = "source: the call of the fourth quarter; speaker: unknown; page: 7\n\n"

    def seen(kept) -> str:
        return "\n\n".join(frame + excerpt.text for excerpt in kept if excerpt is not None)

    hints = Hints(metadata_texts=[frame] * len(chunks))
    measure = lambda tokenizer, kept: tokenizer.count(seen(kept))  # noqa: E731
    selection = select(chunks, QUESTION, budget=300, config=QUICK, hints=hints, measure=measure)
    assert 270 < COUNT(seen(selection.excerpts)) == selection.tokens <= 300
    assert "23 to 25 percent" in seen(selection.excerpts)
    # If the cost of metadata is known, fewer texts are chosen and more of each is kept.
    unframed = select(chunks, QUESTION, budget=300, config=QUICK, measure=measure)
    assert selection.excerpts.count(None) >= unframed.excerpts.count(None)


def test_blank_texts_stay_and_equal_ones_are_kept_once(chunks: list[str]) -> None:
    best = next(chunk for chunk in chunks if "23 to 25 percent" in chunk)
    excerpts = select(["", best, " \n", best, *chunks], QUESTION, budget=200, config=QUICK).excerpts
    assert excerpts[0] == Excerpt("", ())
    assert excerpts[2] == Excerpt.whole(" \n")
    assert excerpts[1] is not None
    assert excerpts[3] is None


def test_nothing_needs_no_budget() -> None:
    assert select([], QUESTION, budget=1, config=QUICK).excerpts == ()
    assert select(["", ""], None, budget="auto", config=QUICK).tokens == COUNT("\n\n")


def test_a_budget_that_holds_no_sentence_names_the_least_that_does(chunks: list[str]) -> None:
    with pytest.raises(BudgetError) as refused:
        select(chunks, QUESTION, budget=1, config=QUICK)
    assert select(chunks, QUESTION, budget=refused.value.least, config=QUICK).tokens <= refused.value.least


def test_what_stays_anyway_is_left_alone_where_nothing_fits_beside_it(chunks: list[str]) -> None:
    def measure(tokenizer, kept) -> int:
        return 50 + count_joined(tokenizer, kept)

    assert set(select(chunks, QUESTION, budget=51, config=QUICK, measure=measure).excerpts) == {None}
    with pytest.raises(BudgetError, match="the least that works is 50"):
        select(chunks, QUESTION, budget=49, config=QUICK, measure=measure)


def test_without_a_question_an_overview_is_left(chunks: list[str]) -> None:
    for question in (None, "", " "):
        selection = select(chunks, question, budget=300, config=QUICK)
        assert 0 < selection.tokens <= 300
        assert sum(excerpt is not None for excerpt in selection.excerpts) > 3


def test_enough_is_kept_where_the_budget_is_left_open(chunks: list[str]) -> None:
    config = QUICK.model_copy(update={"evidence_share": 0.5})
    selection = select(chunks, QUESTION, budget="auto", config=config)
    assert 0 < selection.tokens < selection.original_tokens


def test_a_plan_finds_what_the_question_does_not_name(chunks: list[str]) -> None:
    def kept(hints: Hints) -> str:
        excerpts = select(chunks, "Is the company safe?", budget=150, config=QUICK, hints=hints).excerpts
        return "\n\n".join(excerpt.text for excerpt in excerpts if excerpt)

    plan = ["range of loss, Orrin lawsuit, reserve, patents"]
    assert "A reserve needs a probable loss" not in kept(Hints())
    assert "A reserve needs a probable loss" in kept(Hints(plan=plan))
    assert kept(Hints(plan=[])) == kept(Hints())


PLACES = ["Oslo", "Bergen", "Fargo", "Duluth", "Perth", "Lima", "Turin", "Lyon"]
ALIKE = [f"In {place} the tax rate was 24 %." for place in PLACES]


def ranked_places(scores: list[float | None], texts: list[str] = ALIKE) -> list[int]:
    """Return the places of the texts, the most probable first."""
    run = select(texts, "Which tax rate?", budget=12, config=HASHING, hints=Hints(scores=scores)).run
    ids = {document.id: place for place, document in reversed(list(enumerate(run.hierarchy.documents)))}
    return [ids[run.hierarchy.node(hit.node_id).document_id] for hit in run.ranking.hits]


def test_the_order_of_the_callers_retriever_makes_a_text_more_probable() -> None:
    without = ranked_places([])
    rises = []
    for best in range(len(ALIKE)):
        near = ranked_places([abs(place - best) * -1.0 for place in range(len(ALIKE))])
        assert near == ranked_places([abs(place - best) * -100.0 for place in range(len(ALIKE))])
        rises.append(without.index(best) - near.index(best))
    assert min(rises) >= 0
    assert sum(rises) > len(ALIKE)


def test_scores_that_are_absent_or_equal_change_nothing() -> None:
    without = ranked_places([])
    assert without == ranked_places([None] * 8) == ranked_places([0.5] * 8) == ranked_places([float("nan")] * 8)


def test_of_equal_texts_the_best_score_counts() -> None:
    falling = [-float(place) for place in range(len(ALIKE))]
    first = ranked_places([*falling[:-1], 1.0]).index(len(ALIKE) - 1)
    assert ranked_places([*falling, 1.0], [*ALIKE, ALIKE[-1]]).index(len(ALIKE) - 1) == first
    assert ranked_places(falling).index(len(ALIKE) - 1) > first


def attempted(texts, question, budget):
    try:
        return select(texts, question, budget=budget, config=QUICK)
    except BudgetError as error:
        return error


TEXTS = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    [
        "Net sales rose.\nCosts fell. ",
        "利润增长了。成本下降。",
        "<|endoftext|> is text.",
        "a\tb\n1\t2",
        "…",
        "\ud800 lone",
    ]
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(TEXTS, max_size=8), budget=st.integers(1, 120), question=st.sampled_from([None, "sales", "利润"]))
def test_the_ceiling_holds_for_any_texts(texts: list[str], budget: int, question: str | None) -> None:
    selection = attempted(texts, question, budget)
    if isinstance(selection, BudgetError):
        assert selection.least > budget
        return
    kept = [excerpt.text for excerpt in selection.excerpts if excerpt is not None]
    assert COUNT("\n\n".join(kept)) == selection.tokens <= budget
    assert len(selection.excerpts) == len(texts)
    for text, excerpt in zip(texts, selection.excerpts, strict=True):
        assert excerpt is None or all(span.of(text) in excerpt.text for span in excerpt.spans)


def test_a_selection_that_is_given_up_stops_at_its_next_step(chunks: list[str]) -> None:
    measured: list[int] = []

    async def given_up() -> None:
        started = asyncio.Event()
        loop = asyncio.get_running_loop()

        def measure(tokenizer, kept) -> int:
            measured.append(len(kept))
            loop.call_soon_threadsafe(started.set)
            time.sleep(0.2)  # long enough for the caller to cancel
            return count_joined(tokenizer, kept)

        selecting = asyncio.create_task(in_thread(select, chunks, QUESTION, budget=200, config=QUICK, measure=measure))
        await started.wait()
        selecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await selecting

    asyncio.run(given_up())  # returns only when the thread has ended
    assert measured == [len(chunks)]
