import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

import hiercomp
from hiercomp import BudgetError, Config, ConfigError, Document, DocumentError, Pipeline, llms, tokenizers
from hiercomp.allocators.tree_cut import TreeCut
from hiercomp.building import Lazy
from hiercomp.llms.scripted import ScriptedLLM
from hiercomp.types import Allocation, Part, Span

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
    levels = dict(context.tokens_by_level)
    assert sum(levels.values()) == context.token_count
    assert levels["passage"] == sum(part.tokens for part in context.parts if part.level == 0)


def test_a_call_never_exceeds_its_budget_answer_included(report: Pipeline) -> None:
    for budget in (400, 1000, 4000):
        answer = report.ask(QUESTION, budget=budget)
        division = answer.run.budget
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
    with Pipeline(text, config=Config(**QUICK)) as pipeline:
        run = pipeline.fit("Which one?", budget=100)
    assert str(run.context) == text
    assert "".join(part.text for part in run.context.parts) == text
    assert (run.ranking.hits, run.ladders, run.ledger.encoded, run.ledger.embedding) == ((), {}, 0, None)


def test_a_measure_of_ones_own_changes_the_count_and_nothing_else() -> None:
    text = "The tax rate was four percent in that year. The debt fell to nine million in the next year."
    words: list[int] = []

    def measure(shown: str, parts: Sequence[Part]) -> int:
        words.append(len(parts))
        return len(shown.split())

    with Pipeline(text, config=Config(**QUICK)) as pipeline:
        own, usual = (pipeline.fit("Which?", budget=100, measure=each) for each in (measure, None))
        assert (own.context.text, own.context.parts) == (usual.context.text, usual.context.parts)
        assert own.context.token_count == 19
        assert words
        addressed = pipeline.fit("Which?", budget=100, addressed=True)
        assert addressed.context.text.startswith("[1]")
        # A whole document that is too much by the measure is ranked and cut.
        cut = pipeline.fit("What was the tax rate?", budget=120, measure=lambda shown, parts: 10 * len(shown.split()))
    assert cut.ranking.hits
    assert cut.context.token_count <= 120


def test_compressing_a_compressed_context_changes_nothing(report: Pipeline) -> None:
    once = report.compress(QUESTION, budget=700)
    document = Document(once.text, source="context.txt", title="")
    assert str(hiercomp.compress(document, QUESTION, budget=700, **QUICK)) == once.text


def test_more_budget_is_never_worth_less(report: Pipeline) -> None:
    values = [report.fit(QUESTION, budget=budget).allocation.value for budget in (300, 600, 1200, 2400, 4800)]
    assert values == sorted(values)


def test_without_a_question_the_overview_shows_many_sections(report: Pipeline) -> None:
    context = report.compress(budget=1500)
    assert 0.9 * 1500 <= context.token_count <= 1500
    assert len({part.page for part in context.parts}) >= 10


def test_a_second_question_encodes_little(report: Pipeline) -> None:
    report.fit("Who leads the Field Services segment?", budget=500)
    second = report.fit("Who leads the Field Services segment?", budget=500).ledger
    # The question itself: eleven words' tokens would be too many for the passages.
    assert second.encoded == 1
    assert 0 < second.neural_tokens < 20


def test_each_run_has_figures_of_its_own() -> None:
    with Pipeline(REPORT, config=Config(**QUICK | {"retriever": "cascade/20"})) as pipeline:
        runs = [pipeline.fit(question, budget=500) for question in (QUESTION, QUESTION, "Who audits the company?")]
    encoded, needs = ([run.ledger.encoded for run in runs], [len(run.plan.needs) for run in runs])
    assert encoded[:2] == [20 + needs[0], needs[1]]  # twenty passages and the needs, then the needs alone
    assert needs[2] <= encoded[2] <= 20 + needs[2]  # and the passages that the first question did not need
    assert all(run.ledger.embedding == "hashing-256" for run in runs)


def test_runs_at_the_same_time_do_not_bill_each_other() -> None:
    questions = [f"What was the effective tax rate of {year}?" for year in range(2016, 2024)]
    with Pipeline(REPORT, config=Config(**QUICK)) as pipeline:
        pipeline.fit(QUESTION, budget=500)
        with ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(lambda question: pipeline.fit(question, budget=500), questions))
    assert [run.ledger.encoded for run in runs] == [len(run.plan.needs) for run in runs]


def test_the_allocators_time_is_booked_under_allocate() -> None:
    class Slow(TreeCut):
        def allocate(self, *given: object) -> Allocation:
            time.sleep(0.05)
            return super().allocate(*given)

    with Pipeline(REPORT, config=Config(**QUICK)) as pipeline:
        pipeline.fit(QUESTION, budget=500)
        pipeline._components._allocator = Lazy(Slow)
        seconds = dict(pipeline.fit(QUESTION, budget=500).ledger.seconds)
    assert seconds["allocate"] >= 0.05 > seconds["render"]


def test_eight_threads_at_once_build_one_of_everything() -> None:
    with Pipeline(REPORT, config=Config(**QUICK)) as pipeline, ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: pipeline.fit(QUESTION, budget=500), range(8)))
    assert len({id(run.hierarchy) for run in runs}) == 1
    # The passages once, and the needs of the question eight times.
    assert sum(run.ledger.encoded for run in runs) == 8 * len(runs[0].plan.needs) + len(runs[0].hierarchy.level(0))
    assert len({run.context.text for run in runs}) == 1


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
    with Pipeline(REPORT, config=Config(**QUICK | {"retriever": "bm25"})) as pipeline:
        run = pipeline.fit(QUESTION, budget=800)
    assert run.ledger.embedding is None
    assert "38,381" in run.context.text


@pytest.mark.parametrize("retriever", ["bm25", "dense", "cascade"])
def test_every_hit_is_a_passage(retriever: str) -> None:
    with Pipeline(REPORT, config=Config(**QUICK | {"retriever": retriever})) as pipeline:
        ranking, passages = pipeline.rank(QUESTION), pipeline.hierarchy.level(0)
        found = pipeline._components.index.search([QUESTION], 10_000)[0]
    assert {hit.node_id for hit in ranking.hits} == {passage.id for passage in passages}
    assert {hit.node_id for hit in found.hits} <= {passage.id for passage in passages}


def test_a_summary_that_a_model_wrote_is_marked_as_written_and_has_the_spans_it_rests_on() -> None:
    said = "The management answered questions about the clean room, the lawsuit and the tax rate."
    reader = ScriptedLLM([said] * 40, tokenizers.build())
    with Pipeline(CALL, config=Config(**QUICK | {"compressor": "llm"}), reader=reader) as pipeline:
        run = pipeline.fit(budget=300)
    written = [part for part in run.context.parts if part.detail == "written"]
    assert written
    for part in written:
        assert part.text == said
        assert "(summary written by a model)" in run.context.text
        assert part.spans == (run.hierarchy.node(part.node_id).span,)
    document = run.hierarchy.documents[0]
    others = [part for part in run.context.parts if part.detail != "written"]
    assert all(part.text == part.span.of(document.text) for part in others)


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
