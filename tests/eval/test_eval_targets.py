"""Compare targets with runs made by hand."""

import json
import sys
from dataclasses import asdict, replace
from math import inf

import pytest
from eval_runs import RISING, curve, reading, record, run, whole

from eval import targets
from eval.report import reached
from eval.report.reached import Measured
from eval.targets import MET, MISSED, UNMEASURED
from eval.types import Record, Run
from hiercomp.errors import ConfigError

LOWER = (0.0, 0.4, 0.8)


def measured(*runs: Run, calibration: dict[str, float] | None = None) -> Measured:
    return targets.measure(runs, calibration or {})


def row(found: Measured, beginning: str) -> tuple[str, str, str, str]:
    """Return the target, the figure reached, the verdict and the detail."""
    ((target, *rest),) = [each for each in targets.rows(found) if each[0].title.startswith(beginning)]
    return target.wanted, *rest


def test_the_mean_area_is_set_over_that_of_the_best_baseline() -> None:
    # Areas of 0.5 and (0.2 + 0.6) / 2 = 0.4: 25 % more. Worse baselines, variants and references are ignored.
    perfect = curve((1.0, 1.0, 1.0))
    others = [run("head", *curve((0.0, 0.0, 0.0))), run("hiercomp/no-bm25", *perfect), run("gold", *perfect)]
    found = measured(run("hiercomp", *curve()), run("bm25", *curve(LOWER)), *others)
    wanted, text, verdict, detail = row(found, "Mean area")
    assert (wanted, text, verdict) == ("at least +15.0\u00a0%", "+25.0\u00a0% [+25.0\u00a0%, +25.0\u00a0%]", MET)
    assert detail == "0.500 against bm25 0.400; 10 questions of 1 set, 100 to 10,000 tokens"
    # (0.5 - 0.65) / 0.65.
    behind = measured(run("hiercomp", *curve()), run("dense", *curve((0.2, 0.7, 1.0))))
    assert row(behind, "Mean area")[1:3] == ("−23.1\u00a0% [−23.1\u00a0%, −23.1\u00a0%]", MISSED)


@pytest.mark.parametrize(("middle", "text", "verdict"), [(0.48, "−0.010", MET), (0.46, "−0.020", MISSED)])
def test_the_worst_set_may_be_one_point_below_its_best_baseline(middle: float, text: str, verdict: str) -> None:
    # The area of (0, m, 1) is (m / 2 + (m + 1) / 2) / 2 = m / 2 + 1 / 4: 0.49 and 0.48 against 0.5.
    theirs = curve(set="filings")
    found = measured(
        run("hiercomp", *curve(), *curve((0.0, middle, 1.0), set="filings")),
        run("bm25", *curve(LOWER), *theirs),
        run("dense", *curve(LOWER), *curve(LOWER, set="filings")),
    )
    wanted, reached_text, found_verdict, detail = row(found, "Worst set")
    assert (wanted, reached_text, found_verdict) == ("at least −0.010", f"{text} [{text}, {text}]", verdict)
    assert detail.startswith("filings: 0.4")
    assert "against bm25 0.500" in detail
    assert detail.endswith(f"{int(verdict == MISSED)} of 2 sets below by more than 0.01")


def test_filings_are_measured_by_pages_touched_and_by_the_mean_of_both_recalls() -> None:
    ours = [
        {"page_recall": 0.0, "shingle_recall": 0.4, "rare_word_recall": 0.8},
        {"page_recall": 0.5, "shingle_recall": 1.0, "rare_word_recall": None},
        {"page_recall": 1.0, "shingle_recall": 0.0, "rare_word_recall": 0.0},
        {"page_recall": None, "shingle_recall": None, "rare_word_recall": None},
    ]

    def made(method: str, scores: list[dict[str, float | None]]) -> Run:
        lines = [
            record(place, budget, 0.5, set="financebench", scores=each)
            for place, each in enumerate(scores)
            for budget in (1000, 2000)
        ]
        return run(method, *lines)

    found = measured(made("hiercomp", ours), made("dense", [{**ours[1], "page_recall": 1.0}] * 4))
    # Two of three pages; (0.6 + 1 + 0) / 3.
    assert row(found, "Filings: gold page touched at 1,000")[1].startswith("0.667 [")
    wanted, text, verdict, detail = row(found, "Filings: evidence recall at 1,000")
    assert (wanted, text[:5], verdict) == ("at least 0.500", "0.533", MET)
    assert detail == "3 questions of financebench; best other: dense 1.000"
    assert row(found, "Filings: evidence recall at 2,000")[2] == MISSED
    assert row(found, "Filings: evidence recall at 4,000")[1:] == (UNMEASURED, UNMEASURED, "no record answers it")
    alone = measured(made("hiercomp", ours))
    assert row(alone, "Filings: gold page touched at 2,000")[3] == "3 questions of financebench"


def at(recalls: tuple[float, ...], **fields: object) -> list[Record]:
    """Make records with these recalls at 1,000, 2,000 and 4,000 tokens."""
    return [
        record(each, budget, recall, **fields)
        for each in range(4)
        for budget, recall in zip((1000, 2000, 4000), recalls, strict=True)
    ]


@pytest.mark.parametrize(
    ("ours", "text", "verdict"),
    [
        # 0.7 is halfway from 0.6 at 2,000 to 0.8 at 4,000: 2,000 · √2.
        ((0.4, 0.6, 0.8), "2,828", MISSED),
        # 2,000 / 2^(1/3).
        ((0.4, 0.85, 0.9), "1,587", MET),
        ((0.7, 0.8, 0.9), "≤ 1,000", MET),
        ((0.4, 0.5, 0.6), "over 4,000", MISSED),
    ],
)
def test_tokens_for_the_recall_of_dense_are_read_off_the_logarithmic_curve(
    ours: tuple[float, ...], text: str, verdict: str
) -> None:
    found = measured(run("hiercomp", *at(ours)), run("dense", *at((0.2, 0.5, 0.7))))
    assert row(found, "Tokens for")[:3] == ("at most 1,800", text, verdict)
    assert row(found, "Tokens for")[3] == f"for the mean recall 0.700; by set: papers {text}"


def test_a_recall_that_no_budget_reaches_takes_endless_tokens() -> None:
    found = reached.tokens_of_dense(measured(run("hiercomp", *at((0.1,) * 3)), run("dense", *at((0.7,) * 3))))
    assert found is not None
    assert found.value == inf


def answers(method: str, right: dict[int, float]) -> Run:
    """Make records whose answer score is the mean of the scores."""
    lines = [
        record(each, budget, 0.5, answer="yes", scores={"choice_accuracy": float(each < 4 * share)}, reading_tokens={})
        for each in range(4)
        for budget, share in right.items()
    ]
    return reading(method, "direct", *lines)


def test_answers_at_half_the_tokens_are_set_against_the_best_baseline() -> None:
    found = measured(
        answers("hiercomp", {2000: 0.75, 4000: 1.0}),
        answers("hiercomp/no-bm25", {2000: 1.0, 4000: 1.0}),
        answers("bm25", {2000: 1.0, 4000: 0.5}),
        answers("dense", {2000: 0.0, 4000: 0.25}),
    )
    wanted, text, verdict, detail = row(found, "Answers")
    assert (wanted, text, verdict) == ("at least +0.000", "+0.250", MET)
    assert detail == "0.750 at 2,000 against bm25 0.500 at 4,000 (local/0.5b+direct, 4 questions)"


def test_answers_without_a_baseline_at_4000_are_unmeasured() -> None:
    ours = [answers("hiercomp", {2000: 0.75, 4000: 1.0}), answers("hiercomp/no-bm25", {2000: 1.0, 4000: 1.0})]
    found = measured(*ours, answers("bm25", {2000: 0.5}))
    assert [line.shared for line in found.summary.answered if line.method == "hiercomp"] == [True, True]
    assert row(found, "Answers")[2] == UNMEASURED


def test_the_fused_ranking_is_set_against_the_better_of_its_members() -> None:
    members = [run("hiercomp/no-bm25", *curve(LOWER)), run("hiercomp/no-embeddings", *curve((0.0, 0.6, 1.0)))]
    found = measured(run("hiercomp", *curve()), *members)
    # The area of (0, 0.6, 1) is 0.55.
    wanted, text, verdict, detail = row(found, "Fused")
    assert (wanted, text, verdict) == ("at least −0.010", "−0.050 [−0.050, −0.050]", MISSED)
    assert detail == "papers: 0.500 against hiercomp/no-embeddings 0.550; worst of 1 set"
    assert row(measured(run("hiercomp", *curve()), members[0]), "Fused")[2] == UNMEASURED
    elsewhere = [replace(each, records=curve(set="filings")) for each in members]
    assert row(measured(run("hiercomp", *curve()), *elsewhere), "Fused")[2] == UNMEASURED


def test_the_calibration_of_the_worst_set_counts() -> None:
    found = measured(run("hiercomp", *curve()), calibration={"papers": 0.02, "filings": 0.06})
    assert row(found, "Expected evidence") == ("at most 0.050", "0.060", MISSED, "filings, worst of 2 sets")


def test_languages_are_set_against_english_and_do_not_narrow_the_rest() -> None:
    def language(name: str, recalls: tuple[float, ...]) -> list[Record]:
        made = curve(recalls, range(2), set="xquad_bundle", document=f"xquad-{name}-x")
        return [replace(each, question=f"{name}-{each.question}") for each in made]

    spoken = [*language("en", RISING), *language("th", (0.0, 0.2, 0.4)), *language("de", LOWER)]
    found = measured(run("hiercomp", *curve(), *spoken), run("bm25", *curve(LOWER)))
    # (0.1 + 0.3) / 2 = 0.2 against 0.5.
    assert row(found, "Languages") == ("at most 0.100", "0.300", MISSED, "3 languages: en 0.500, th 0.200, de 0.400")
    assert row(found, "Mean area")[2] == MET
    english = measured(run("hiercomp", *language("en", RISING)))
    assert row(english, "Languages")[2] == UNMEASURED
    unscored = [replace(each, scores={}) for each in language("en", RISING)]
    assert row(measured(run("hiercomp", *unscored)), "Languages")[2] == UNMEASURED


def test_neural_tokens_are_those_of_documents_once_and_of_questions_once() -> None:
    # Ten questions on five documents, three budgets: 5 · 1,000 + 10 · 10 = 5,100 against 5 · 400 + 10 · 40 = 2,400.
    dense = [replace(each, neural_tokens={"index": 400, "query": 40}) for each in curve()]
    free = [replace(each, neural_tokens={"index": 0, "query": 0}) for each in curve(set="filings")]
    found = measured(run("hiercomp", *curve(), *curve(set="filings")), run("dense", *dense, *free))
    wanted, text, verdict, detail = row(found, "Neural")
    # 5,100 / 2,400 = 2.125; a set without tokens of dense has no ratio.
    assert (wanted, text, verdict) == ("at most 2.00×", "2.12×", MISSED)
    assert detail == "mean of 1 set, worst papers 2.12×; index 5,000 against 2,000, query 100 against 400"
    assert row(measured(run("hiercomp", *curve(set="filings")), run("dense", *free)), "Neural")[2] == UNMEASURED


PLANS = {"plans": {"papers": "ef" * 32, targets.MULTI_HOP: "ef" * 32}}


def test_runs_with_plans_have_their_own_targets_and_leave_those_of_the_others_alone() -> None:
    plain = [run("hiercomp", *curve()), run("bm25", *curve(LOWER))]
    # The area of (0.8, 0.9, 1) is 0.9, and that of (0.6, 0.9, 1) is (0.75 + 0.95) / 2 = 0.85.
    ours = [*curve((0.8, 0.9, 1.0)), *curve((0.6, 0.9, 1.0), set=targets.MULTI_HOP)]
    theirs = [*curve(), *curve(set=targets.MULTI_HOP)]
    planned = [run("hiercomp", *ours, settings=PLANS), run("bm25", *theirs, settings=PLANS)]
    found = targets.measure([*planned, *plain], {"papers": 0.02}, {"papers": 0.07})
    assert targets.rows(found) == targets.rows(targets.measure(plain, {"papers": 0.02}))
    rows = {
        target.title: (target.wanted, *rest) for target, *rest in targets.rows(found.planned, targets.PLANNED_TARGETS)
    }
    assert rows["Mean area"] == ("at least 0.900", "0.875 [0.875, 0.875]", MISSED, "20 questions of 2 sets")
    assert rows["Mean area above the best single baseline"] == (
        "at least +0.040", "+0.375 [+0.375, +0.375]", MET, "0.875 against bm25 0.500",
    )  # fmt: skip
    assert rows["Worst set against its best baseline"][1:3] == ("+0.350 [+0.350, +0.350]", MET)
    assert rows["Area on multi-hop questions"] == ("at least 0.800", "0.850 [0.850, 0.850]", MET, "10 questions")
    assert rows["Expected evidence against found, worst tenth of any set"][:3] == ("at most 0.080", "0.070", MET)
    assert rows["Filings: gold page touched at 1,000"][:3] == ("at least 0.900", UNMEASURED, UNMEASURED)
    text = targets.page(found)
    assert "## With plans\n\n11 targets of hiercomp at abc1234: 4 met, 1 not met, 6 unmeasured." in text
    assert text.count("**Worst set against its best baseline**") == 1


def test_runs_with_different_plans_are_refused() -> None:
    runs = [run("hiercomp", *curve(), settings={"plans": {"papers": digest}}) for digest in ("ef", "00")]
    with pytest.raises(ConfigError, match="the runs had different plans for the same set"):
        targets.measure(runs, {})


@pytest.mark.parametrize("runs", [[], [run("bm25", *curve())], [run("full", *whole(9))]])
def test_what_no_record_answers_is_said_to_be_unmeasured(runs: list[Run]) -> None:
    found = measured(*runs)
    assert {verdict for _, _, verdict, _ in targets.rows(found)} == {UNMEASURED}
    assert "14 targets: 0 met, 0 not met, 14 unmeasured." in targets.page(found)


def save(folder, made: Run) -> None:
    folder.mkdir(parents=True)
    head = {name: value for name, value in asdict(made).items() if name != "records"}
    (folder / "run.json").write_text(json.dumps(head), encoding="utf-8")
    lines = "".join(json.dumps(asdict(each)) + "\n" for each in made.records)
    (folder / "records.jsonl").write_text(lines, encoding="utf-8")


def command(monkeypatch, *arguments) -> None:
    monkeypatch.setattr(sys, "argv", ["targets", *map(str, arguments)])
    targets.main()


def test_the_script_reads_runs_and_writes_the_table_that_it_prints(tmp_path, monkeypatch, capsys) -> None:
    save(tmp_path / "runs" / "hiercomp", run("hiercomp", *curve()))
    save(tmp_path / "runs" / "bm25", run("bm25", *curve(LOWER)))
    judged = tmp_path / "calibration.json"
    judged.write_text(json.dumps({"sets": [{"set": "papers", "greatest": 0.04}]}), encoding="utf-8")
    output = tmp_path / "out" / "targets.md"
    command(monkeypatch, tmp_path / "runs", "--output", output, "--calibration", judged)
    text = output.read_text(encoding="utf-8")
    assert capsys.readouterr().out == f"{text}\n"
    assert "14 targets of hiercomp at abc1234: 3 met, 0 not met, 11 unmeasured." in text
    line = next(line for line in text.splitlines() if line.startswith("| Expected evidence"))
    assert line.endswith("| at most 0.050 | 0.040 | met | papers, worst of 1 set |")
    assert len([line for line in text.splitlines() if line.startswith("|")]) == 2 + len(targets.TARGETS)
    command(monkeypatch, tmp_path / "runs", "--output", output)
    assert "2 met, 0 not met, 12 unmeasured." in output.read_text(encoding="utf-8")


def test_what_is_no_run_and_no_calibration_is_one_line(tmp_path, monkeypatch) -> None:
    with pytest.raises(SystemExit, match="error: no run in"):
        command(monkeypatch, tmp_path, "--output", tmp_path / "out.md")
    save(tmp_path / "run", run("hiercomp", *curve()))
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"error: .*bad\.json is not a calibration"):
        command(monkeypatch, tmp_path, "--output", tmp_path / "out.md", "--calibration", tmp_path / "bad.json")
    assert not (tmp_path / "out.md").exists()
