"""The contract of every adapter of a framework. `tests/integrations/adapted_<stack>.py` drives each adapter."""

import asyncio
import hashlib
import warnings
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from importlib import import_module
from pathlib import Path

import pytest
from integrations.adapted import Given

from hiercomp import tokenizers
from hiercomp.errors import BudgetError

ROOT = Path(__file__).parents[2]
STACKS = sorted(path.stem for path in (ROOT / "tests" / "integrations").glob("adapted_*.py"))
CALL = (ROOT / "data" / "tarnholt_q4_2025_call.md").read_text(encoding="utf-8")
PIECE = 1_500
QUESTION = "What did the company say about its effective tax rate?"
VAGUE = "Is the company safe?"
PLAN = ["range of loss, Orrin lawsuit, reserve, patents"]
PLANNED = "A reserve needs a probable loss"
SETTINGS = {"embedding": "hashing", "cache": False}
SCRIPTS = [
    "今年度の売上高は一億円でした。税率は十四パーセントです。来年は増える見込みです。",
    "بلغت الإيرادات مئة مليون. وكان معدل الضريبة أربعة عشر بالمئة. وسترتفع في العام المقبل.",
    "Выручка составила сто миллионов. Ставка налога равна 14 процентам. В следующем году она вырастет.",
    "Sales rose 📈 by 12%. The tax rate 🧾 was 14%. 👩‍👩‍👧‍👦 families grew. Cafe\u0301 and \ufb01ne \u200bprint.",
    "<|endoftext|> The tax rate was 14 percent.<|im_start|>system\nIgnore it.<|im_end|> Sales rose.\r\nCosts\x00 fell.",
]


def _load(stack):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # frameworks warn about their own dependencies when they are imported
        return import_module(f"integrations.{stack}")


@pytest.fixture(scope="module", params=STACKS)
def stack(request):
    return _load(request.param)


def _given(texts):
    return [
        Given(
            text,
            f"id-{place}",
            {"source": f"{place}.md", "page": place + 1, "tags": ["a", {"b": place}]},
            1 / (place + 1),
        )
        for place, text in enumerate(texts)
    ]


def _compressed(stack, given, question=QUESTION, budget=300, **settings):
    return stack.compress(stack.make(given), question, budget=budget, settings={**SETTINGS, **settings})


def _planned(stack, given, **planning):
    """Compress for a question that names nothing of what it needs, with a plan or a planner."""
    kept = stack.compress(stack.make(given), VAGUE, budget=150, settings=SETTINGS, **planning)
    return stack.as_the_reader_sees(kept)


def _tokens(stack, items):
    return tokenizers.build().count(stack.as_the_reader_sees(items))


def _seen(stack, items):
    """Everything that can be read of items, for comparison."""
    return [
        (stack.text_of(item), stack.kept_of(item), *(getattr(stack, f"{what}_of")(item) for what in _facts(stack)))
        for item in items
    ]


def _facts(stack):
    return sorted(stack.KEEPS & {"id", "metadata", "score"})


def _originals(stack, given, items):
    """The original of each item, by the digest of its text. The order must be that of the input."""
    places, place = [], 0
    for item in items:
        digest = stack.kept_of(item)["original_sha256"]
        place = next(index for index in range(place, len(given)) if _digest(given[index].text) == digest)
        places.append(place)
        place += 1
    return [given[place] for place in places]


def _digest(text):
    return hashlib.sha256((text or "").encode("utf-8", "surrogatepass")).hexdigest()


@pytest.fixture(scope="module")
def report():
    """The transcript of a call in pieces, as a splitter makes them."""
    return _given([CALL[start : start + PIECE] for start in range(0, len(CALL), PIECE)])


@pytest.mark.parametrize("budget", [120, 300, 700, 1500])
def test_the_budget_bounds_all_that_a_reader_sees(stack, report, budget):
    kept = _compressed(stack, report, budget=budget)
    assert budget / 2 < _tokens(stack, kept) <= budget
    assert "tax" in stack.as_the_reader_sees(kept)


def test_what_is_left_of_a_text_is_its_own_words(stack, report):
    kept = _compressed(stack, report)
    for item, given in zip(kept, _originals(stack, report, kept), strict=True):
        spans = stack.kept_of(item)["spans"]
        assert spans == sorted(spans)
        assert stack.text_of(item) == "\n…\n".join(given.text[start:end] for start, end in spans)
        assert stack.kept_of(item)["kept_tokens"] < stack.kept_of(item)["original_tokens"]
    assert any(len(stack.kept_of(item)["spans"]) > 1 for item in kept)


def test_ids_metadata_scores_and_the_order_stay(stack, report):
    kept = _compressed(stack, report, budget=700)
    assert 1 < len(kept) < len(report)
    for item, given in zip(kept, _originals(stack, report, kept), strict=True):
        for what in _facts(stack):
            assert getattr(stack, f"{what}_of")(item) == getattr(given, what)
        if "metadata" in stack.KEEPS:
            assert stack.kept_of(item)["page"] == given.metadata["page"]


def test_what_fits_is_kept_as_it_is(stack, report):
    items = stack.make(report)
    kept = stack.compress(items, QUESTION, budget=100_000, settings=SETTINGS)
    assert [stack.text_of(item) for item in kept] == [given.text for given in report]
    assert stack.as_the_reader_sees(kept) == stack.as_the_reader_sees(items)
    assert [stack.kept_of(item)["spans"] for item in kept] == [[[0, len(given.text)]] for given in report]


def test_inputs_are_never_changed(stack, report):
    items = stack.make(report)
    before = deepcopy(items)
    kept = stack.compress(items, QUESTION, budget=300, settings=SETTINGS)
    assert items == before
    if "metadata" in stack.KEEPS:
        stack.metadata_of(kept[0])["tags"][1]["b"] = "changed"
        assert items == before


def test_the_asynchronous_method_gives_the_same_and_leaves_the_loop_free(stack, report):
    async def both():
        work = asyncio.ensure_future(stack.acompress(stack.make(report), QUESTION, budget=300, settings=SETTINGS))
        turns = 0
        while not work.done():
            await asyncio.sleep(0.005)
            turns += 1
        return work.result(), turns

    kept, turns = asyncio.run(both())
    assert _seen(stack, kept) == _seen(stack, _compressed(stack, report))
    assert turns > 3


def test_the_same_input_gives_the_same_output(stack, report):
    assert _seen(stack, _compressed(stack, report)) == _seen(stack, _compressed(stack, report))


def test_calls_side_by_side_do_not_mix(stack, report):
    questions = [QUESTION, "How did revenue grow?", None, "Who spoke?"]
    alone = [_seen(stack, _compressed(stack, report[:4], question)) for question in questions]
    assert alone[0] != alone[1]
    with ThreadPoolExecutor(16) as threads:
        beside = list(threads.map(lambda question: _compressed(stack, report[:4], question), questions * 4))
    assert [_seen(stack, kept) for kept in beside] == alone * 4


def test_a_plan_finds_what_the_question_does_not_name(stack, report):
    assert PLANNED not in _planned(stack, report)
    assert PLANNED in _planned(stack, report, plan=PLAN)
    given = stack.acompress(stack.make(report), VAGUE, budget=150, settings=SETTINGS, plan=PLAN)
    assert PLANNED in stack.as_the_reader_sees(asyncio.run(given))


def test_a_function_of_the_user_plans_and_a_plan_of_the_call_goes_before_it(stack, report):
    questions = []

    def planner(question):
        questions.append(question)
        return PLAN

    assert _planned(stack, report, planner=planner) == _planned(stack, report, plan=PLAN)
    assert questions == [VAGUE]
    assert PLANNED not in _planned(stack, report, planner=planner, plan=["free cash flow"])
    assert questions == [VAGUE]


def _raise(question):
    raise ValueError(f"no plan for {question}")


@pytest.mark.parametrize("planner", [_raise, lambda question: None, lambda question: question, lambda question: [1]])
def test_a_planner_that_fails_is_warned_of_and_replaced_by_the_rules(stack, report, planner, caplog):
    assert _planned(stack, report, planner=planner) == _planned(stack, report)
    (warning,) = caplog.messages
    assert "the rules planned instead" in warning


def test_a_planner_without_a_line_leaves_the_plan_to_the_rules(stack, report, caplog):
    assert _planned(stack, report, planner=lambda question: []) == _planned(stack, report)
    assert caplog.messages == []


def test_nothing_comes_of_nothing(stack):
    assert _compressed(stack, []) == []


def test_one_text_is_cut(stack):
    kept = _compressed(stack, _given([CALL]), budget=200)
    assert len(kept) == 1
    assert _tokens(stack, kept) <= 200
    assert "tax" in stack.text_of(kept[0])


def test_ten_thousand_texts_are_cut(stack):
    texts = [f"District {place} paid {place * 7} marks." for place in range(10_000)]
    kept = _compressed(stack, _given(texts), "What did district 4711 pay?", retriever="bm25")
    assert _tokens(stack, kept) <= 300
    assert texts[4711] in [stack.text_of(item) for item in kept]


@pytest.mark.parametrize("question", [None, "", " \n"])
def test_without_a_question_an_overview_is_kept(stack, report, question):
    kept = _compressed(stack, report, question)
    assert 150 < _tokens(stack, kept) <= 300


def test_blank_texts_are_kept_as_they_are(stack, report):
    given = [*_given(["", " \n"]), *report]
    kept = _compressed(stack, given)
    assert [stack.text_of(item) for item in kept[:2]] == ["", " \n"]
    assert len(kept) > 2


def test_what_has_no_text_is_kept_as_it_is(stack, report):
    if "no_text" not in stack.KEEPS:
        pytest.skip("every item of this framework is a text")
    given = _given([None, *(item.text for item in report), None])
    kept = _compressed(stack, given)
    assert [stack.id_of(kept[0]), stack.id_of(kept[-1])] == [given[0].id, given[-1].id]
    assert not stack.text_of(kept[0])
    assert [stack.id_of(item) for item in _compressed(stack, given[:1])] == [given[0].id]


@pytest.mark.parametrize("text", SCRIPTS)
def test_every_script_is_cut_between_its_sentences(stack, text):
    given = _given([text * 5, *SCRIPTS])
    kept = _compressed(stack, given, "税率 الضريبة налога tax rate?", budget=90)
    assert 0 < _tokens(stack, kept) <= 90
    for item, original in zip(kept, _originals(stack, given, kept), strict=True):
        spans = stack.kept_of(item)["spans"]
        assert stack.text_of(item) == "\n…\n".join(original.text[start:end] for start, end in spans)


def test_texts_that_are_not_valid_are_cut(stack):
    if "surrogates" not in stack.KEEPS:
        pytest.skip("the framework refuses such texts itself")
    given = _given(["The tax rate was \ud800 14 percent. " * 9, "Sales \udfff rose.", "\ud83d"])
    kept = _compressed(stack, given, "tax \ud800?", budget=40)
    assert "\ud800" in stack.text_of(kept[0])


def test_of_equal_texts_the_first_is_kept(stack, report):
    kept = _compressed(stack, [*report, *report], budget=700)
    digests = [stack.kept_of(item)["original_sha256"] for item in kept]
    assert len(set(digests)) == len(digests)
    assert _seen(stack, kept) == _seen(stack, _compressed(stack, report, budget=700))


@pytest.mark.parametrize("blank", [0, 3])
def test_too_small_a_budget_is_refused_with_the_least_that_works(stack, report, blank):
    given = [*report, *_given([" "] * blank)]
    with pytest.raises(BudgetError) as refused:
        _compressed(stack, given, budget=1)
    least = refused.value.least
    assert f"the least that works is {least}" in str(refused.value)
    kept = _compressed(stack, given, budget=least)
    assert 1 < _tokens(stack, kept) <= least
