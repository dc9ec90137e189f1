"""The method `hiercomp` equals the public function, and each variant changes only its own part."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from documents import document_of
from eval_parts import Words, asked, parts_of
from gathered import evidence_of

import hiercomp
from eval.baselines import BASELINES
from eval.methods import _ablations as ablations
from eval.methods import hiercomp as methods
from hiercomp import encoders, loaders, tokenizers
from hiercomp.allocation.ladder import JOIN_TOKENS, offer
from hiercomp.hierarchy import build_hierarchy
from hiercomp.monitor import Monitor
from hiercomp.storage.store import Store
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.text.question import strip_instructions
from hiercomp.types import CALLER, DOCUMENT, PASSAGE, SECTION, Evidence, Hit, Need, Plan, Ranking

DATA = Path(__file__).parents[3] / "data"
QUESTIONS = [
    json.loads(line)["question"] for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
TOKENIZER = tokenizers.build("o200k_base")
BUDGETS = (500, 1500)
ROUNDED = "What was the tax rate? Round your answer to two decimal places."
LINES = ("Goodwill by segment", "Range of loss that the company estimates for the suit", "Field Services technicians")
ASKED = [asked(question) for question in (*QUESTIONS[:3], "", ROUNDED)]
"""A blank question shows summaries. The last question has an instruction."""
PLANNED = [asked(question, plan=LINES) for question in (QUESTIONS[0], QUESTIONS[-1], ROUNDED)]
OF_NEEDS = {f"hiercomp/{part}" for part in ("no-plan", "no-playbook", "maximum", "concave")}
"""The variants that change the needs or how they are joined. They are tested on questions with a plan."""
VARIANTS = [name for name in methods.NAMES if name != "hiercomp"]


@pytest.fixture(scope="module")
def report():
    return loaders.load(DATA / "tarnholt_2025_annual_report.pdf", source="report.pdf")


@pytest.fixture(scope="module")
def call():
    return loaders.load(DATA / "tarnholt_q4_2025_call.md", source="call.md")


@pytest.fixture(scope="module")
def tree(report):
    return build_hierarchy(report)


@pytest.fixture(scope="module")
def whole(report):
    """The contexts of hiercomp for the report: for the questions without plans, and for those with plans."""
    return shown("hiercomp", report, ASKED), shown("hiercomp", report, PLANNED)


def shown(name, document, questions):
    """Return the contexts of a method for all questions and budgets."""
    index = methods.build(name, parts_of(TOKENIZER)).index(document)
    return [index.find(question)(budget) for question in questions for budget in BUDGETS]


@pytest.mark.parametrize("question", ["", QUESTIONS[0], QUESTIONS[-1], "nothing like this: zyzzyva"])
def test_the_text_is_that_of_the_public_function(report, question):
    index = methods.build("hiercomp", parts_of(TOKENIZER)).index(report)
    select = index.find(asked(question))
    for budget in (100, 1000, 100_000):
        context = hiercomp.compress(report, question, budget=budget, cache=False)
        assert select(budget) == context.text


@pytest.mark.parametrize("question", ["", QUESTIONS[0], QUESTIONS[-1], ROUNDED])
def test_with_a_plan_the_text_is_that_of_the_pipeline_with_the_same_needs(report, question):
    given = asked(question, plan=LINES)
    select, unextended, unplanned = (
        methods.build(name, parts_of(TOKENIZER)).index(report).find(given)
        for name in ("hiercomp", "hiercomp/no-playbook", "hiercomp/no-plan")
    )
    subject, lines = strip_instructions(question), [Need(line) for line in LINES]
    with hiercomp.Pipeline(report, config=hiercomp.Config(cache=False)) as pipeline:
        known = pipeline.fit(question, budget=100_000, addressed=True).plan.needs[1:]
        assert bool(known) == (question in {QUESTIONS[0], ROUNDED})
        both = Plan.of(subject, [*lines, *known], CALLER)
        for budget in (100, 1000, 4000):
            assert select(budget) == pipeline.compress(question, budget=budget, plan=both.within(budget)).text
            assert unextended(budget) == pipeline.compress(question, budget=budget, plan=LINES).text
            alone = Plan.of(subject, [], CALLER)
            assert unplanned(budget) == pipeline.compress(question, budget=budget, plan=alone).text


@pytest.mark.parametrize("allocator", ["fixed", "proportional", "nested"])
def test_a_baseline_allocator_is_built_and_named_in_the_settings(allocator):
    method = methods.build(f"hiercomp/{allocator}", parts_of(TOKENIZER))
    assert isinstance(method.allocator, BASELINES[allocator])
    assert method.settings["allocator"] == allocator


def test_nested_contexts_grow_with_the_budget(report):
    select = methods.build("hiercomp/nested", parts_of(TOKENIZER)).index(report).find(asked(QUESTIONS[0]))
    smaller, greater = select(200), select(800)
    # Headings, addresses and gap marks can differ.
    lines = [line for line in smaller.splitlines() if not line.startswith(("#", "[", "…"))]
    assert len(lines) > 3
    assert all(line in greater for line in lines)
    assert len(greater) > 2 * len(smaller)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_shows_something_else_within_the_budget(report, whole, name):
    questions = PLANNED if name in OF_NEEDS else ASKED
    found = shown(name, report, questions)
    assert found != whole[name in OF_NEEDS]
    assert all(found)
    assert all(TOKENIZER.count(text) <= budget for text, budget in zip(found, BUDGETS * len(questions), strict=True))


def test_a_document_that_fits_comes_back_whole(call):
    tokens = TOKENIZER.count(call.text)
    for name in methods.NAMES:
        select = methods.build(name, parts_of(TOKENIZER)).index(call).find(asked(QUESTIONS[0]))
        assert select(tokens) == call.text
        assert select(tokens - 1) != call.text


def test_where_not_even_a_sentence_fits_nothing_is_shown(report):
    assert methods.build("hiercomp", parts_of(TOKENIZER)).index(report).find(asked("tax"))(3) == ""


RATE = "What was the effective tax rate?"


def stored_encoder():
    return StoredEncoder(lambda: encoders.build("hashing"), Store.memory(), lambda done, total: None)


def retrievers_of(ranking):
    """Return the retrievers that scored a hit."""
    return {source.retriever for hit in ranking.hits for source in hit.sources}


@pytest.mark.parametrize("name", ["dense", "bm25"])
def test_passages_are_found_by_the_named_retriever_alone(tree, name):
    with Monitor().active() as monitor:
        index = ablations.retriever_of(name)(stored_encoder()).index(tree.level(PASSAGE))
        ranking = index.search([RATE], len(tree.nodes))[0]
    assert retrievers_of(ranking) == {name}
    assert bool(monitor.encoded) == (name == "dense")
    assert index.search([RATE], 3)[0].hits == ranking.hits[:3]


def test_by_one_vector_passages_have_no_tokens(tree):
    (found,) = ablations.by_one_vector(stored_encoder()).index(tree.level(PASSAGE)).search([RATE], 1000)
    assert retrievers_of(found) == {"bm25", "dense"}
    assert not any(hit.sentences for hit in found.hits)


def test_the_cascade_encodes_as_many_passages_as_its_argument_says(tree):
    passages = tree.level(PASSAGE)
    for limit, encoded in ((5, 5), (methods.ALL_PASSAGES, len(passages))):
        with Monitor().active() as monitor:
            ablations.retriever_of(f"cascade/{limit}")(stored_encoder()).index(passages).search([RATE], 1000)
        # The question is encoded too.
        assert monitor.encoded == 1 + encoded


def test_passages_that_one_question_encodes_are_stored_for_the_next(call):
    parts = parts_of(TOKENIZER)
    index = methods.build("hiercomp/no-playbook", parts).index(call)
    assert parts.meter.tokens == 0
    spent = []
    for question in (asked(QUESTIONS[0]), asked(QUESTIONS[0]), asked(QUESTIONS[-1], plan=LINES)):
        before = parts.meter.tokens
        index.find(question)
        spent.append(parts.meter.tokens - before)
    # The first question encodes all passages. The others encode only their needs. The encoder adds two tokens to each.
    count = tokenizers.build("hf/minilm").count
    assert spent[0] > 2000
    assert spent[1:] == [count(QUESTIONS[0]) + 2, sum(count(need) + 2 for need in (QUESTIONS[-1], *LINES))]


def evidence(tree):
    """Return the evidence where the passages have falling probabilities in the order of the document."""
    hits = [Hit(node.id, 1 / place, 1 / place) for place, node in enumerate(tree.level(PASSAGE), start=2)]
    return evidence_of(tree, RATE, Ranking(tuple(hits)))


def ladders(offering, tree):
    return offering(tree, evidence(tree), TOKENIZER.count_many)


def test_without_summaries_only_passages_have_renderings(tree):
    full, flat = ladders(offer, tree), ladders(ablations.without_summaries, tree)
    assert flat.keys() == full.keys()
    for node_id, ladder in flat.items():
        if tree.node(node_id).level == PASSAGE:
            assert ladder == full[node_id]
        else:
            assert (ladder.renderings, ladder.opening) == ((), full[node_id].opening)
    assert any(full[node_id].renderings for node_id in full if tree.node(node_id).level in {SECTION, DOCUMENT})


def test_without_refinement_a_passage_is_shown_whole_or_not_at_all(tree):
    full, unrefined = ladders(offer, tree), ladders(ablations.without_extracts, tree)
    assert max(len(ladder.renderings) for ladder in full.values()) > 3
    for node_id, ladder in unrefined.items():
        node = tree.node(node_id)
        if node.level == PASSAGE:
            (whole,) = ladder.renderings
            assert (whole.detail, whole.spans) == ("verbatim", node.sentences)
        else:
            assert ladder == full[node_id]


def test_without_redundancy_a_repeat_is_worth_as_much():
    sentence = "The effective tax rate was four percent in the year."
    tree = build_hierarchy(document_of(*[f"# Item {place}\n{sentence}\n" for place in range(3)]))

    def worth(offering):
        found = ladders(offering, tree)
        return sorted(
            found[node.id].renderings[-1].values[index]
            for node in tree.level(PASSAGE)
            for index, span in enumerate(node.sentences)
            if span.of(tree.documents[0].text) == sentence
        )

    once, each = worth(offer), worth(ablations.with_repeats)
    assert once[1] < 1e-6 < once[2]
    assert min(each) > 0.5 * max(each) > 1e-6


def test_without_calibration_a_sentence_is_worth_its_rank(tree):
    probabilities = evidence(tree).joint
    best = max(each for row in probabilities.values() for each in row)
    found = ladders(ablations.by_rank, tree)
    node_id = next(node_id for node_id, row in probabilities.items() if best in row)
    place = probabilities[node_id].index(best)
    node = tree.node(node_id)
    # Its rank is 1, so each of its tokens is worth 1 / (1 + 1).
    tokens = TOKENIZER.count(node.sentences[place].of(tree.documents[0].text)) + JOIN_TOKENS
    assert found[node_id].renderings[-1].values[place] == pytest.approx(tokens / 2)


def test_without_calibration_ranks_by_hand():
    tree = build_hierarchy(document_of("# One\nThe rate of the year was four percent.\n", "# Two\nThe debt is due.\n"))
    first, second = tree.level(PASSAGE)
    probabilities = {second.id: (0.1, 0.7), first.id: (0.1, 0.3)}
    ranked = ablations._by_rank(tree, probabilities)
    # 0.7 is first and 0.3 second. Of the two equal ones, the one in the passage that is listed first is third.
    assert ranked == {second.id: [1 / 4, 1 / 2], first.id: [1 / 5, 1 / 3]}


WORDS = Words()
TOPICS = ("tax", "lease", "goodwill", "pension", "storm", "board")


def two_needs(chances, others):
    """Make a passage of six sentences of ten words, and the first ones' probabilities for two needs."""
    sentences = [f"The {topic} was on the list of the last day." for topic in TOPICS]
    tree = build_hierarchy(document_of(" ".join(sentences)))
    (node,) = tree.level(PASSAGE)
    rows = [{node.id: (*first, *[0.0] * (len(TOPICS) - len(first)))} for first in (chances, others)]
    return tree, node.id, Evidence(rows[0], tuple(rows))


def test_by_maximum_a_sentence_has_its_greatest_probability():
    tree, node_id, given = two_needs((0.5, 0.1), (0.3, 0.4))
    found = ablations.by_maximum(tree, given, 100, WORDS.count_many)
    assert found.joint[node_id][:3] == (0.5, 0.4, 0.0)


def test_concave_weights_by_hand():
    tree, node_id, given = two_needs((0.5, 0.0), (0.0, 0.4))
    found = ablations.concave(tree, given, 100, WORDS.count_many)
    # All is shown. The needs have 5 and 4 tokens of expected evidence, and the saturation is 0.05 * 100 = 5. So the
    # weights are 1 / (1 + 1) and 1 / (1 + 4 / 5), or 0.9 and 1 after division by the greater one.
    assert found.joint[node_id][:3] == pytest.approx((0.9 * 0.5, 0.4, 0.0))
    # A lone need has the weight 1.
    alone = replace(given, by_need=given.by_need[:1])
    assert ablations.concave(tree, alone, 100, WORDS.count_many).joint[node_id][:2] == pytest.approx((0.5, 0.0))


def test_without_whole_tables_a_row_has_its_own_probability():
    rows = [f"{name}\t{amount}\t{amount + 7}" for name, amount in (("Cash", 310), ("Debt", 620), ("Tax", 930))]
    tree = build_hierarchy(document_of("\n".join(rows)))
    (node,) = tree.level(PASSAGE)
    given = Evidence({node.id: (0.9, 0.6, 0.1)})

    def chances(offering):
        rendering = offering(tree, given, lambda texts: [9] * len(texts))[node.id].renderings[-1]
        return [value / (9 + JOIN_TOKENS) for value in rendering.values]

    assert chances(ablations.without_whole_tables) == pytest.approx([0.9, 0.6, 0.1])
    # The last row is raised halfway to the mean of the three rows, 1.6 / 3.
    assert chances(offer) == pytest.approx([0.9, 0.6, (0.1 + 1.6 / 3) / 2])
