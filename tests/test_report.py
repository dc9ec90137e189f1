import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from planned_runs import NEEDS, planned_run

from hiercomp.report import to_dict
from hiercomp.types import (
    Allocation,
    Answer,
    Budget,
    Citation,
    Completion,
    Context,
    Document,
    Dropped,
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

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "run.schema.json").read_text(encoding="utf-8"))


def _run() -> Run:
    part = Part(
        node_id="a1",
        level=0,
        detail="extract",
        document_id="d" * 64,
        source="report.pdf",
        page=55,
        span=Span(100, 109),
        spans=(Span(100, 104), Span(105, 109)),
        values=(0.5, 0.25),
        text="One. Two.",
        tokens=4,
        mark=1,
    )
    document = Document("One. Two.", "report.pdf", "Report")
    span = Span(0, 9)
    return Run(
        question="Why?",
        hierarchy=Hierarchy((document,), (Node("n", document.id, 0, "", span, document.text, (span,)),)),
        plan=Plan((), "rules"),
        rankings=(),
        ranking=Ranking(()),
        evidence=Evidence({}),
        ladders={},
        context=Context("[1] One. Two.", 7, (part,)),
        budget=Budget(total=400, prompt=90, answer=60, tokenizer="o200k_base"),
        allocation=Allocation((), 7, (("passage", 7),), 0.01, 0.7, 0.9, (Dropped("b2", "worth less than its price"),)),
        ledger=Ledger((("load", 0.5), ("total", 1.5)), 1000, 12, None, "minilm", wh=0.01, warnings=("slow",)),
    )


def _answer() -> Answer:
    citation = Citation(1, "report.pdf", 55, "One.", "It is one", True)
    unknown = Citation(9, "", None, "", "It is nine", False)
    ledger = Ledger((("total", 2.5),), 1000, 12, "gpt-4o", "minilm", usd=0.001)
    run = replace(_run(), ledger=ledger)
    return Answer("One.", (citation, unknown), Completion("One [1].", 95, 5, "gpt-4o"), run, ("It is ten",))


@pytest.mark.parametrize("run", [_run(), _answer(), planned_run()], ids=["run", "answer", "planned run"])
def test_a_run_fits_the_schema_and_survives_json(run: Run | Answer) -> None:
    report = json.loads(json.dumps(to_dict(run), allow_nan=False))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(report, SCHEMA)


def test_the_schema_refuses_a_page_zero() -> None:
    report = json.loads(json.dumps(to_dict(_run())))
    report["context"]["parts"][0]["page"] = 0
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, SCHEMA)


def test_an_answer_has_its_keys() -> None:
    assert list(to_dict(_answer())) == [
        "schema", "question", "answer", "stop_reason", "citations", "uncited", "plan", "context", "budget",
        "allocation", "usage", "seconds", "model", "embedding", "source_tokens", "encoded", "neural_tokens",
        "cpu_seconds", "peak_bytes", "warnings", "skipped", "omitted",
    ]  # fmt: skip


def test_what_was_not_read_is_named() -> None:
    document = Document("One. Two.", "report.pdf", "Report", omissions=("1 chart of page 2",))
    tree = replace(_run().hierarchy, documents=(document,), skipped=(Skipped("bad.pdf", "it is damaged", "pdf"),))
    report = to_dict(replace(_run(), hierarchy=tree))
    assert report["skipped"] == [{"source": "bad.pdf", "reason": "it is damaged"}]
    assert report["omitted"] == [{"source": "report.pdf", "what": "1 chart of page 2"}]
    jsonschema.validate(json.loads(json.dumps(report)), SCHEMA)


def test_a_context_has_no_answer_and_no_claims() -> None:
    assert set(to_dict(_answer())) - set(to_dict(_run())) == {"answer", "stop_reason", "citations", "uncited"}


def test_the_parts_are_addressed() -> None:
    context = to_dict(_run())["context"]
    assert context == {
        "text": "[1] One. Two.",
        "tokens": 7,
        "parts": [
            {
                "node": "a1",
                "level": "passage",
                "detail": "extract",
                "document": "report.pdf",
                "document_id": "d" * 64,
                "page": 55,
                "label": None,
                "last_page": None,
                "start": 100,
                "end": 109,
                "spans": [[100, 104], [105, 109]],
                "tokens": 4,
                "value": 0.75,  # 0.5 + 0.25
                "text": "One. Two.",
                "mark": 1,
            }
        ],
    }


def test_budget_allocation_and_usage_add_up() -> None:
    report = to_dict(_answer())
    # 400 - 90 - 60 = 250 for the context; 95 + 5 = 100 tokens of the call
    assert report["budget"] == {
        "total": 400,
        "prompt": 90,
        "context": 250,
        "answer": 60,
        "tokenizer": "o200k_base",
        "choice": None,
    }
    assert report["allocation"] == {
        "tokens_by_level": {"passage": 4, "section": 3, "document": 0, "corpus": 0},
        "price": 0.01,
        "value": 0.7,
        "bound": 0.9,
        "expected_evidence": 0.75,
        "dropped": [{"node": "b2", "reason": "worth less than its price"}],
    }
    assert report["usage"] == {
        "prompt_tokens": 95,
        "completion_tokens": 5,
        "plan_prompt_tokens": 0,
        "plan_completion_tokens": 0,
        "total_tokens": 100,
        "usd": 0.001,
        "plan_usd": 0.0,
        "wh": None,
    }


def test_a_plan_has_its_author_its_cost_and_what_each_need_got() -> None:
    plan = Plan(
        (*NEEDS[:2], replace(NEEDS[2], reason="second look", node_ids=("d",))), "gpt-4o", False, 310, 45, ("slow",)
    )
    report = to_dict(planned_run(plan))["plan"]
    assert report == {
        "author": "gpt-4o",
        "is_global": False,
        "needs": [
            {"text": NEEDS[0].text, "reason": "", "nodes": [], "tokens": 17, "marks": [1, 3], "found": True,
             "probability": 0.9},
            {"text": NEEDS[1].text, "reason": "", "nodes": [], "tokens": 1320, "marks": [2], "found": True,
             "probability": 0.75},
            {"text": NEEDS[2].text, "reason": "second look", "nodes": ["d"], "tokens": 0, "marks": [], "found": False,
             "probability": 0.3},
        ],
        "prompt_tokens": 310,
        "completion_tokens": 45,
        "warnings": ["slow"],
    }  # fmt: skip


def test_if_nothing_was_searched_for_it_is_unknown_what_was_found() -> None:
    whole = replace(planned_run(), rankings=(), ladders={})
    report = json.loads(json.dumps(to_dict(whole)))
    jsonschema.validate(report, SCHEMA)
    assert {(need["found"], need["probability"], need["tokens"]) for need in report["plan"]["needs"]} == {
        (None, None, 0)
    }


def test_every_stage_has_its_seconds() -> None:
    assert to_dict(_run())["seconds"] == {
        "load": 0.5, "index": 0.0, "plan": 0.0, "retrieve": 0.0, "allocate": 0.0, "render": 0.0, "reason": 0.0,
        "total": 1.5,
    }  # fmt: skip


def test_citations_keep_page_and_check() -> None:
    citations = to_dict(_answer())["citations"]
    assert citations == [
        {
            "mark": 1,
            "document": "report.pdf",
            "page": 55,
            "label": None,
            "quote": "One.",
            "claim": "It is one",
            "supported": True,
        },
        {
            "mark": 9,
            "document": "",
            "page": None,
            "label": None,
            "quote": "",
            "claim": "It is nine",
            "supported": False,
        },
    ]


def test_uncited_claims_are_listed_and_the_schema_asks_for_them() -> None:
    report = to_dict(_answer())
    assert report["uncited"] == [{"claim": "It is ten"}]
    del report["uncited"]
    with pytest.raises(jsonschema.ValidationError, match="uncited"):
        jsonschema.validate(json.loads(json.dumps(report)), SCHEMA)
