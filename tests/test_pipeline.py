import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

import hiercomp
from hiercomp import BudgetError, Config, ConfigError, Document, DocumentError, Pipeline, llms, tokenizers
from hiercomp.types import Span

DATA = Path(__file__).parents[1] / "data"
REPORT = DATA / "tarnholt_2025_annual_report.pdf"
CALL = DATA / "tarnholt_q4_2025_call.md"
QUESTION = "What were the operating lease liabilities in total at December 31, 2025?"
QUICK = {"embedding": "hashing", "model": "extractive", "cache": False}


@pytest.fixture(scope="module")
def report() -> Pipeline:
    return Pipeline(REPORT, config=Config(**QUICK))


def test_a_context_holds_the_evidence_verbatim_at_its_page(report: Pipeline) -> None:
    context = report.compress(QUESTION, budget=800)
    document = report.hierarchy.documents[0]
    assert context.token_count == tokenizers.build().count(str(context)) <= 800
    assert any("38,381" in part.text and part.page == 26 for part in context.parts)
    for part in context.parts:
        assert part.span.of(document.text) == part.text
        assert part.page == document.page_at(part.span.start)
        assert part.text in context.text


def test_parts_stand_in_document_order_without_overlap(report: Pipeline) -> None:
    spans = [part.span for part in report.compress(QUESTION, budget=1500).parts]
    assert all(before.end <= after.start for before, after in pairwise(spans))


def test_the_tokens_of_the_levels_add_up_to_the_context(report: Pipeline) -> None:
    context = report.compress(QUESTION, budget=800)
    assert sum(tokens for _, tokens in context.allocation.tokens_by_level) == context.token_count


def test_a_call_never_exceeds_its_budget_answer_included(report: Pipeline) -> None:
    for budget in (400, 1000, 4000):
        answer = report.ask(QUESTION, budget=budget)
        division = answer.context.budget
        assert division.prompt + answer.context.token_count + division.answer <= budget
        assert answer.completion.completion_tokens <= budget - division.prompt - answer.context.token_count


def test_an_answer_cites_pages_and_its_citations_are_checked(report: Pipeline) -> None:
    answer = report.ask(QUESTION, budget=1500)
    assert "38,381" in str(answer)
    assert "p. 26]" in answer.text
    assert all(citation.supported for citation in answer.citations)


def test_what_an_answer_makes_up_is_uncited_and_what_the_question_says_is_not() -> None:
    reader = "scripted/At December 31, 2025 they were $38,381 thousand. In 2019 they were $77,777 thousand."
    with Pipeline(REPORT, config=Config(**(QUICK | {"model": reader}))) as pipeline:
        answer = pipeline.ask(QUESTION, budget=1500)
    assert answer.uncited == ("In 2019 they were $77,777 thousand.",)


def test_pieces_of_an_answer_join_to_what_was_written(report: Pipeline) -> None:
    pieces: list[str] = []
    answer = report.ask(QUESTION, budget=1500, on_text=pieces.append)
    assert "".join(pieces) == answer.text


def test_a_budget_that_is_too_small_names_the_least_that_works(report: Pipeline) -> None:
    with pytest.raises(BudgetError) as refused:
        report.ask(QUESTION, budget=40)
    least = refused.value.least
    assert report.ask(QUESTION, budget=least).context.parts
    with pytest.raises(BudgetError):
        report.ask(QUESTION, budget=least - 1)


def test_the_least_budget_of_a_compression_works_and_one_less_does_not(report: Pipeline) -> None:
    with pytest.raises(BudgetError) as refused:
        report.compress(QUESTION, budget=5)
    assert report.compress(QUESTION, budget=refused.value.least).token_count <= refused.value.least
    with pytest.raises(BudgetError):
        report.compress(QUESTION, budget=refused.value.least - 1)


def test_a_document_that_fits_comes_back_byte_for_byte() -> None:
    text = "One sentence.\r\n\r\nAnother\tone \u00e9 \U0001f600, with <|endoftext|> in it.   \n"
    context = hiercomp.compress(text, "Which one?", budget=100, **QUICK)
    assert str(context) == text
    assert "".join(part.text for part in context.parts) == text
    assert context.ledger.encoded == 0


def test_compressing_a_compressed_context_changes_nothing(report: Pipeline) -> None:
    once = report.compress(QUESTION, budget=700)
    document = Document(once.text, source="context.txt", title="")
    assert str(hiercomp.compress(document, QUESTION, budget=700, **QUICK)) == once.text


def test_more_budget_is_never_worth_less(report: Pipeline) -> None:
    values = [report.compress(QUESTION, budget=budget).allocation.value for budget in (300, 600, 1200, 2400, 4800)]
    assert values == sorted(values)


def test_without_a_question_the_overview_shows_many_sections(report: Pipeline) -> None:
    context = report.compress(budget=1500)
    assert 0.9 * 1500 <= context.token_count <= 1500
    assert len({part.page for part in context.parts}) >= 10


def test_a_second_question_encodes_little(report: Pipeline) -> None:
    first = report.compress("Who leads the Field Services segment?", budget=500).ledger.encoded
    second = report.compress("Who leads the Field Services segment?", budget=500).ledger.encoded
    # The question itself.
    assert second - first == 1


def test_the_same_question_gives_the_same_bytes_from_many_threads(report: Pipeline) -> None:
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda _: str(report.compress(QUESTION, budget=900)), range(16)))
    assert texts == {str(Pipeline(REPORT, config=Config(**QUICK)).compress(QUESTION, budget=900))}


def test_it_runs_inside_a_running_event_loop(report: Pipeline) -> None:
    async def ask() -> str:
        return str(report.ask(QUESTION, budget=900))

    assert "38,381" in asyncio.run(ask())


def test_several_documents_are_one_corpus_with_their_own_names() -> None:
    context = hiercomp.compress([REPORT, CALL], "When will the board decide on a clean room?", budget=900, **QUICK)
    assert "# tarnholt_q4_2025_call.md" in context.text
    assert any(part.source == CALL.name and part.page is None and "June" in part.text for part in context.parts)


def test_a_folder_is_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "notes.txt").write_text("The pump failed on May 3. " * 200)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "notes.txt").write_text("The valve failed on June 4. " * 200)
    context = hiercomp.compress(tmp_path, "When did the valve fail?", budget=120, **QUICK)
    assert {Path(part.source).parent.name for part in context.parts} <= {"a", "b"}
    assert "June 4" in context.text


def test_the_same_document_twice_is_taken_once() -> None:
    pipeline = Pipeline([CALL, CALL], config=Config(**QUICK))
    assert len(pipeline.hierarchy.documents) == 1


def test_a_name_that_is_no_file_is_refused_and_not_taken_for_text() -> None:
    with pytest.raises(DocumentError, match="no such file"):
        hiercomp.compress("missing.pdf", "Why?", **QUICK)


def test_no_source_at_all_is_refused() -> None:
    with pytest.raises(DocumentError, match="no document"):
        hiercomp.compress([], "Why?", **QUICK)


def test_a_blank_question_is_refused_by_ask(report: Pipeline) -> None:
    with pytest.raises(ConfigError, match="blank"):
        report.ask("  ")


def test_a_budget_of_nothing_is_refused(report: Pipeline) -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        report.compress(QUESTION, budget=0)


def test_a_budget_beyond_the_readers_window_is_refused() -> None:
    pipeline = Pipeline(CALL, config=Config(**QUICK | {"model": "local"}))
    with pytest.raises(ConfigError, match="more than local"):
        pipeline.ask("Why?", budget=1_000_000)


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="budgett"):
        hiercomp.compress("Some text. " * 99, "Why?", budgett=5, **QUICK)


def test_lexical_search_alone_needs_no_encoder() -> None:
    context = hiercomp.compress(REPORT, QUESTION, budget=800, **QUICK | {"retriever": "bm25"})
    assert context.ledger.embedding is None
    assert "38,381" in context.text


@pytest.mark.parametrize("allocator", ["tree_cut", "fixed", "proportional", "nested"])
def test_every_allocator_keeps_the_ceiling(report: Pipeline, allocator: str) -> None:
    context = hiercomp.compress(REPORT, QUESTION, budget=600, **QUICK | {"allocator": allocator})
    assert 0 < context.token_count <= 600


def test_a_readers_own_summaries_stand_for_what_is_below_them() -> None:
    settings = QUICK | {"compressor": "llm", "model": "extractive"}
    context = hiercomp.compress(CALL, "What was said about the clean room?", budget=300, **settings)
    assert 0 < context.token_count <= 300


def test_a_document_without_sentences_is_still_a_document() -> None:
    blank = Document(" \n\n ", source="blank", title="")
    assert str(hiercomp.compress(blank, "Why?", budget=10, **QUICK)) == " \n\n "


def test_furniture_is_never_shown() -> None:
    page = "ACME ANNUAL REPORT\nThe rate was {} percent in that year. It was caused by rain.\n"
    text = "".join(page.format(number) for number in range(60))
    starts = [place for place in range(len(text)) if text.startswith("ACME", place)]
    furniture = tuple(Span(start, start + 19) for start in starts)
    document = Document(text, source="acme.txt", title="", furniture=furniture)
    context = hiercomp.compress(document, "What was the rate?", budget=200, **QUICK)
    assert "ACME" not in context.text
    assert "percent" in context.text


def test_a_reader_of_ones_own_answers(report: Pipeline) -> None:
    reader = llms.build("scripted/It was 38,381 thousand [1].")
    with Pipeline(REPORT, config=Config(**QUICK), reader=reader) as pipeline:
        assert pipeline.reader is reader
        assert "38,381" in pipeline.ask(QUESTION, budget=1500).text
