import math
from dataclasses import replace

import pytest
from eval_runs import BUDGETS, RISING, curve, reading, record, run, whole

from eval.summary import Summary, summarise
from eval.summary.estimates import Estimate, over_sets
from eval.types import Record


def test_the_area_of_a_straight_line_over_the_logarithm_is_its_middle() -> None:
    # Over 100, 1,000 and 10,000 tokens: trapezoids of (0 + 0.5) / 2 and (0.5 + 1) / 2, each half of the range.
    summary = summarise([run("hiercomp", *curve())])
    area = summary.main.areas["hiercomp"]["papers"]
    assert area.mean == pytest.approx(0.5)
    assert (area.low, area.high) == pytest.approx((0.5, 0.5))
    assert [each.mean for each in summary.main.recalls["papers"]["hiercomp"]] == list(RISING)


def test_each_set_counts_the_same_however_many_questions_it_has() -> None:
    small = curve((0.0, 0.0, 0.0), [100, 101], set="filings")
    summary = summarise([run("hiercomp", *curve((1.0, 1.0, 1.0)), *small)])
    assert summary.main.mean_areas["hiercomp"].mean == pytest.approx(0.5)
    assert [each.mean for each in summary.main.mean_recalls["hiercomp"]] == pytest.approx([0.5, 0.5, 0.5])


def test_the_arms_of_sets_add_up_in_squares() -> None:
    # Arms of 0.3 and 0.4 below, of 0.03 and 0.04 above: 0.5 / 2 and 0.05 / 2.
    mean = over_sets([Estimate(0.5, 0.2, 0.53, 10), Estimate(0.7, 0.3, 0.74, 20)])
    assert (mean.mean, mean.low, mean.high, mean.questions) == pytest.approx((0.6, 0.35, 0.625, 30))


def test_methods_stand_in_the_order_of_their_areas_with_their_paired_differences() -> None:
    summary = summarise([
        run("hiercomp", *curve()),
        run("bm25", *curve((0.0, 0.4, 0.8))),
        run("dense", *curve((0.2, 0.7, 1.0))),
    ])  # fmt: skip
    assert summary.main.names == ("dense", "hiercomp", "bm25")
    assert summary.best == "dense"
    # dense: (0.45 + 0.85) / 2 = 0.65, bm25: (0.2 + 0.6) / 2 = 0.4.
    assert summary.main.gains["dense"].mean == pytest.approx(-0.15)
    assert summary.main.gains["bm25"].mean == pytest.approx(0.1)
    assert [summary.main.gains[name].verdict for name in ("dense", "bm25")] == [-1, 1]


def test_a_difference_whose_interval_holds_zero_is_level() -> None:
    mixed = [*curve((0.0, 0.6, 1.0), range(0, 10, 2)), *curve((0.0, 0.4, 1.0), range(1, 10, 2))]
    summary = summarise([run("hiercomp", *curve()), run("bm25", *mixed)])
    assert summary.main.differences["bm25"]["papers"].gain.verdict == 0


def test_a_method_with_few_questions_does_not_shrink_the_table_of_the_others() -> None:
    summary = summarise([
        run("hiercomp", *curve((0.0, 0.0, 0.0), [0, 1]), *curve(RISING, range(2, 10))),
        run("bm25", *curve()),
        run("slow", *curve((0.1, 0.1, 0.1), [0, 1])),
    ])  # fmt: skip
    assert set(summary.main.names) == {"hiercomp", "bm25"}
    assert len(summary.main.grounds[0].questions) == 10
    (sample,) = summary.samples
    assert sample.names == ("slow",)
    assert sample.curves.grounds[0].questions == ("q000", "q001")
    # The subject found nothing for these two questions.
    assert sample.curves.mean_areas["hiercomp"].mean == 0
    assert sample.curves.gains["slow"].mean == pytest.approx(-0.1)


def test_a_question_that_failed_in_one_method_is_left_out_for_all() -> None:
    records = curve(questions=range(40))
    bm25 = [each for each in records if (each.question, each.budget) != ("q007", 1000)]
    summary = summarise([run("hiercomp", *records), run("bm25", *bm25)])
    assert set(summary.main.names) == {"hiercomp", "bm25"}
    assert len(summary.main.grounds[0].questions) == 39
    assert "q007" not in summary.main.grounds[0].questions


def test_a_method_without_a_set_is_compared_apart() -> None:
    filings = curve((1.0, 1.0, 1.0), [100, 101], set="filings")
    summary = summarise([run("hiercomp", *curve(), *filings), run("bm25", *curve(), *filings), run("half", *curve())])
    assert [ground.set for ground in summary.main.grounds] == ["filings", "papers"]
    assert [ground.set for ground in summary.samples[0].curves.grounds] == ["papers"]


def test_a_method_at_fewer_budgets_is_compared_apart_at_those() -> None:
    few = [each for each in curve() if each.budget == 1000]
    summary = summarise([run("hiercomp", *curve()), run("slow", *few)])
    assert summary.main.grounds[0].budgets == BUDGETS
    assert summary.samples[0].curves.grounds[0].budgets == (1000,)
    assert summary.samples[0].curves.mean_areas["slow"].mean == pytest.approx(0.5)


def test_what_is_unscored_is_not_counted_as_nothing() -> None:
    unscored = [record(each, budget, None, scores={"evidence_recall": None}) for each in (50, 51) for budget in BUDGETS]
    pages = [replace(each, scores={**each.scores, "page_recall": 0.25}) for each in curve(questions=[0, 1])]
    summary = summarise([run("hiercomp", *pages, *curve(questions=range(2, 10)), *unscored)])
    assert len(summary.main.grounds[0].questions) == 10
    assert summary.main.mean_areas["hiercomp"].mean == pytest.approx(0.5)
    assert summary.metrics["hiercomp"][100] == {"page_recall": (0.25, 2)}


def test_a_set_without_evidence_is_measured_by_pages_and_one_without_either_by_answers() -> None:
    pages = [record(1, budget, None, set="pages", scores={"page_recall": 1.0}) for budget in BUDGETS]
    answers = [record(1, budget, None, set="answers", scores={"answer_in_context": 0.0}) for budget in BUDGETS]
    nothing = [record(1, budget, None, set="nothing") for budget in BUDGETS]
    summary = summarise([run("hiercomp", *pages, *answers, *nothing, *curve())])
    metrics = {ground.set: ground.metric for ground in summary.main.grounds}
    assert metrics == {"answers": "answer_in_context", "pages": "page_recall", "papers": "evidence_recall"}
    assert summary.unscored == ("nothing",)


def test_tokens_for_nearly_full_recall_are_read_off_the_logarithmic_curve() -> None:
    # 0.9 lies four fifths of the way from 0.5 at 1,000 to 1.0 at 10,000: 1,000 · 10^0.8 = 6,309.6.
    summary = summarise([
        run("full", *whole(63096)),
        run("hiercomp", *curve()),
        run("early", *curve((0.95, 1.0, 1.0))),
        run("never", *curve((0.0, 0.5, 0.8))),
    ])  # fmt: skip
    need = summary.needs["hiercomp"]["papers"]
    assert need.tokens == pytest.approx(1000 * 10**0.8)
    assert need.ratio == pytest.approx(10, abs=1e-4)
    assert (summary.needs["early"]["papers"].tokens, summary.needs["early"]["papers"].least) == (100, True)
    assert summary.needs["never"]["papers"].tokens is None
    assert summary.needs["never"]["papers"].ratio is None


def test_references_are_shown_and_compared_with_nothing() -> None:
    summary = summarise([
        run("full", *whole(63096)), run("gold", *curve((0.9, 1.0, 1.0), range(8))), run("hiercomp", *curve()),
        run("bm25", *curve((0.0, 0.4, 0.8))), run("unbudgeted", *whole(500)),
    ])  # fmt: skip
    assert summary.main.names == ("hiercomp", "bm25")
    assert summary.best == "bm25"
    assert summary.main.references == ("gold",)
    assert len(summary.main.grounds[0].questions) == 10
    assert summary.main.areas["gold"]["papers"].questions == 8
    assert summary.main.wholes["full"]["papers"].tokens == 63096
    assert summary.main.wholes["unbudgeted"]["papers"].tokens == 500


def test_variants_are_compared_with_the_subject_alone() -> None:
    summary = summarise([
        run("hiercomp", *curve()),
        run("bm25", *curve((0.0, 0.4, 0.8))),
        run("hiercomp/no-bm25", *curve((0.0, 0.3, 1.0), range(4))),
        run("hiercomp", *curve((0.1, 0.6, 1.0), range(6)), commit="0ld0000"),
    ])  # fmt: skip
    assert summary.main.names == ("hiercomp", "bm25")
    assert len(summary.main.grounds[0].questions) == 10
    assert [each.name for each in summary.variants] == ["hiercomp@0ld0000", "hiercomp/no-bm25"]
    # (0.15 + 0.65) / 2 against 0.5, on four questions.
    assert summary.variants[1].gain.mean == pytest.approx(0.4 - 0.5)
    assert summary.variants[1].gain.questions == 4
    # (0.35 + 0.8) / 2 - 0.5.
    assert summary.variants[0].gain.mean == pytest.approx(0.075)


def _over(question: int, budget: int) -> Record:
    return record(question, budget, 1.0, tokens=budget + 50, overrun=50)


def test_a_method_that_cheats_the_budget_is_caught() -> None:
    cheat = [_over(each, budget) if each < 5 else record(each, budget, 1.0) for each in range(10) for budget in BUDGETS]
    summary = summarise([run("hiercomp", *curve()), run("cheat", *cheat)])
    found = {each.name: each for each in summary.overruns}
    assert found["hiercomp"].over == 0
    assert (found["cheat"].over, found["cheat"].records, found["cheat"].worst_tokens) == (15, 30, 50)
    assert found["cheat"].worst_share == pytest.approx(0.5)
    # Half of the contexts hold 150 of 100 tokens.
    assert found["cheat"].fills[100] == pytest.approx(1.25)


def test_how_much_of_a_budget_is_used_is_not_asked_of_documents_that_are_smaller() -> None:
    used = [record(each, budget, 1.0, tokens=min(budget, 900)) for each in range(10) for budget in BUDGETS]
    summary = summarise([run("full", *whole(900)), run("hiercomp", *used)])
    assert summary.overruns[0].fills == {100: 1.0}


def test_time_is_the_median_of_documents_and_of_questions() -> None:
    # Documents 0 and 1 have two questions each, document 2 one: 1, 2 and 9 seconds.
    seconds = {0: 1.0, 1: 2.0, 2: 9.0}
    records = [
        record(each, budget, 1.0, seconds={"index": seconds[each // 2], "query": 0.1 * (each + 1)})
        for each in range(5)
        for budget in BUDGETS
    ]
    (time,) = summarise([run("hiercomp", *records)]).times
    assert (time.documents, time.questions, time.index_seconds) == (3, 5, 2.0)
    assert time.query_seconds == pytest.approx(0.3)
    assert time.peak_memory == 10**8


def _answered(question: int, budget: int, right: float, **fields: object) -> Record:
    given = {"answer": "yes", "reading_tokens": {"in": 100, "out": 20}, "wh": 0.5, **fields}
    return record(question, budget, 1.0, scores={"choice_accuracy": right, "token_f1": 0.9}, **given)


def test_answers_are_set_against_all_tokens_with_indexing_shared_by_the_questions() -> None:
    runs = [
        run("hiercomp", *curve()),
        reading("hiercomp", "direct", *(_answered(each, 100, each % 2) for each in range(4))),
    ]
    (line,) = summarise(runs).answered
    assert (line.title, line.budget, line.strategy) == ("hiercomp+local/0.5b+direct", 100, "direct")
    assert line.score.mean == 0.5
    # 120 tokens read, 10 asked, and half of the 1,000 that a document with two questions took.
    assert (line.reading, line.asking, line.indexing, line.tokens) == (120, 10, 500, 630)
    assert line.metrics == {"token_f1": (pytest.approx(0.9), 4), "choice_accuracy": (0.5, 4)}
    assert (line.usd, line.wh) == (None, 0.5)
    assert line.shared


def test_answers_that_are_missing_do_not_narrow_the_others() -> None:
    direct = [_answered(each, 100, 1.0) for each in range(10)]
    fits = [_answered(each, 0, 1.0) for each in range(3)]
    unread = [record(each, 0, 1.0) for each in range(3, 10)]
    lines = summarise([reading("hiercomp", "direct", *direct), reading("full", "direct", *fits, *unread)]).answered
    assert {line.title: (line.score.questions, line.shared) for line in lines} == {
        "full+local/0.5b+direct": (3, False),
        "hiercomp+local/0.5b+direct": (10, True),
    }


def test_a_price_that_one_answer_lacks_is_not_known() -> None:
    records = [_answered(0, 100, 1.0, usd=0.01), _answered(1, 100, 1.0, usd=None)]
    priced = [_answered(each, 100, 1.0, usd=0.01) for each in range(2)]
    assert [line.usd for line in summarise([reading("hiercomp", "direct", *records)]).answered] == [None]
    assert [line.usd for line in summarise([reading("hiercomp", "direct", *priced)]).answered] == [0.01]


def test_contexts_are_compared_in_runs_without_a_reader() -> None:
    read = reading("hiercomp", "direct", *(replace(each, answer="yes") for each in curve((1.0, 1.0, 1.0))))
    assert summarise([run("hiercomp", *curve()), read]).main.mean_areas["hiercomp"].mean == pytest.approx(0.5)
    assert summarise([read]).main.mean_areas["hiercomp"].mean == pytest.approx(1.0)


def test_a_perfect_method_scores_one() -> None:
    summary = summarise([run("full", *whole(5000)), run("hiercomp", *curve((1.0, 1.0, 1.0)))])
    assert summary.main.mean_areas["hiercomp"].mean == pytest.approx(1.0)
    assert summary.needs["hiercomp"]["papers"].tokens == 100


@pytest.mark.parametrize("runs", [[], [run("hiercomp", unavailable="no model")], [run("full", *whole(100))]])
def test_runs_that_hold_nothing_to_compare_are_no_error(runs: list[object]) -> None:
    summary: Summary = summarise(runs)  # type: ignore[arg-type]
    assert summary.main.names == ()
    assert summary.best is None


def test_without_the_subject_the_methods_are_still_compared() -> None:
    summary = summarise([run("bm25", *curve()), run("dense", *curve((0.2, 0.7, 1.0)))])
    assert (summary.main.names, summary.subject, summary.main.gains) == (("dense", "bm25"), None, {})
    assert not math.isnan(summary.main.mean_areas["bm25"].low)
