"""hiercomp as a method is the public function, and each ablation lacks its part and nothing else."""

import json
import math
from pathlib import Path

import pytest
from documents import document_of
from eval_parts import asked, parts_of

import hiercomp
from eval.methods import _ablations as ablations
from eval.methods import hiercomp as methods
from eval.ports import Parts
from hiercomp import loaders, registry, tokenizers
from hiercomp.evidence import Lexicon, fitted, sentence_probabilities
from hiercomp.fusion import fuse, passage_probabilities
from hiercomp.hierarchy import build_hierarchy
from hiercomp.ladder import JOIN_TOKENS, offer
from hiercomp.store import Store
from hiercomp.stored_encoder import StoredEncoder
from hiercomp.types import DOCUMENT, PASSAGE, SECTION, Document, Hit, Ranking, Source

DATA = Path(__file__).parents[3] / "data"
QUESTIONS = [
    json.loads(line)["question"] for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
TOKENIZER = tokenizers.build("o200k_base")
BUDGETS = (300, 1500)
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
    """What hiercomp shows of the report."""
    return shown("hiercomp", report)


def shown(name, document):
    """What a method shows for some questions at all budgets."""
    index = methods.build(name, parts_of(TOKENIZER)).index(document)
    return [index.find(asked(question))(budget) for question in QUESTIONS[:3] for budget in BUDGETS]


@pytest.mark.parametrize("question", ["", QUESTIONS[0], QUESTIONS[-1], "nothing like this: zyzzyva"])
def test_the_text_is_that_of_the_public_function(report, question):
    index = methods.build("hiercomp", parts_of(TOKENIZER)).index(report)
    select = index.find(asked(question))
    for budget in (100, 1000, 100_000):
        context = hiercomp.compress(report, question, budget=budget, embedding="hashing", cache=False)
        assert select(budget) == context.text


def test_the_text_is_that_of_the_public_function_with_its_own_encoder(call):
    encoder = StoredEncoder(lambda: registry.build("encoders", "minilm"), Store.memory(), lambda done, total: None)
    document = Document(call.text[:4000], "call.md", call.title)
    index = methods.build("hiercomp", Parts(TOKENIZER, encoder)).index(document)
    with hiercomp.Pipeline(document, config=hiercomp.Config(cache=False)) as pipeline:
        for question in QUESTIONS[-2:]:
            for budget in (200, 800):
                assert index.find(asked(question))(budget) == pipeline.compress(question, budget=budget).text


@pytest.mark.parametrize("allocator", ["fixed", "proportional", "nested"])
def test_an_allocator_is_the_one_that_can_be_set(report, allocator):
    index = methods.build(f"hiercomp/{allocator}", parts_of(TOKENIZER)).index(report)
    context = hiercomp.compress(
        report, QUESTIONS[0], budget=1500, embedding="hashing", cache=False, allocator=allocator
    )
    assert index.find(asked(QUESTIONS[0]))(1500) == context.text


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_shows_something_else_within_the_budget(report, whole, name):
    found = shown(name, report)
    assert found != whole
    assert all(found)
    assert all(TOKENIZER.count(text) <= budget for text, budget in zip(found, BUDGETS * 3, strict=True))


def test_a_document_that_fits_comes_back_whole(call):
    tokens = TOKENIZER.count(call.text)
    for name in methods.NAMES:
        select = methods.build(name, parts_of(TOKENIZER)).index(call).find(asked(QUESTIONS[0]))
        assert select(tokens) == call.text
        assert select(tokens - 1) != call.text


def test_where_not_even_a_sentence_fits_nothing_is_shown(report):
    assert methods.build("hiercomp", parts_of(TOKENIZER)).index(report).find(asked("tax"))(3) == ""


@pytest.mark.parametrize(
    ("names", "said"), [(("bm25", "dense"), {"bm25", "dense"}), (("dense",), {"dense"}), (("bm25",), {"bm25"})]
)
def test_passages_are_found_by_the_named_retrievers_alone(tree, names, said):
    encoder = StoredEncoder(lambda: registry.build("encoders", "hashing"), Store.memory(), lambda done, total: None)
    index = ablations.passages_by(*names)(encoder).index(tree.nodes)
    ranking = index.search("What was the effective tax rate?", len(tree.nodes))
    assert {source.retriever for hit in ranking.hits for source in hit.sources} == said
    assert all(tree.node(hit.node_id).level == PASSAGE for hit in ranking.hits)
    assert bool(encoder.encoded) == ("dense" in names)
    assert index.search("What was the effective tax rate?", 3).hits == ranking.hits[:3] or len(names) == 2


def test_two_retrievers_on_a_passage_both_count(tree):
    encoder = registry.build("encoders", "hashing")
    found = ablations.passages_by("bm25", "dense")(encoder).index(tree.nodes).search("effective tax rate", 1000)
    both = next(hit for hit in found.hits if len(hit.sources) == 2)
    assert both.score == pytest.approx(sum(source.score for source in both.sources))
    keys = [(-hit.score, hit.node_id) for hit in found.hits]
    assert keys == sorted(keys)


def test_pooled_odds_are_the_geometric_mean(tree):
    first, second, third = tree.level(PASSAGE)[:3]
    said = {
        first: (Source("bm25", 1, 0.8), Source("dense", 2, 0.3)),
        second: (Source("bm25", 2, 0.2),),
        third: (Source("dense", 1, 0.6),),
    }
    ranking = Ranking(tuple(Hit(node.id, 1.0, sources=sources) for node, sources in said.items()))
    pooled = {hit.node_id: hit.probability for hit in ablations.pooled(tree, ranking).hits}
    assert len(pooled) == len(tree.level(PASSAGE))
    odds = {}
    for name in ("bm25", "dense"):
        hits = [
            Hit(node.id, 1.0, sources=tuple(source for source in sources if source.retriever == name))
            for node, sources in said.items()
            if any(source.retriever == name for source in sources)
        ]
        alone = passage_probabilities(tree, Ranking(tuple(hits)), fitted(f"passage/{name}"))
        odds[name] = {hit.node_id: hit.probability / (1 - hit.probability) for hit in alone.hits}
    for node in tree.level(PASSAGE):
        mean = math.sqrt(odds["bm25"][node.id] * odds["dense"][node.id])
        assert pooled[node.id] == pytest.approx(mean / (1 + mean))


def test_where_nothing_is_found_passages_are_ranked_as_hiercomp_does(tree):
    assert ablations.pooled(tree, Ranking(())) == fuse(tree, Ranking(()))


def ladders(offering, tree, question="What was the effective tax rate?", budget=10**6):
    ranking = Ranking(tuple(Hit(node.id, 1 / place, 1 / place) for place, node in enumerate(tree.level(0), start=2)))
    return offering(tree, ranking, question, lexicon=Lexicon(tree), count=TOKENIZER.count_many, budget=budget)


def test_without_levels_only_passages_speak(tree):
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
    question = "What was the effective tax rate?"
    ranking = Ranking(tuple(Hit(node.id, 1 / place, 1 / place) for place, node in enumerate(tree.level(0), start=2)))
    chances = sentence_probabilities(tree, ranking, question, Lexicon(tree))
    best = max(chance for row in chances.values() for chance in row)
    found = ladders(ablations.by_rank, tree, question)
    node_id = next(node_id for node_id, row in chances.items() if best in row)
    place = chances[node_id].index(best)
    node = tree.node(node_id)
    # The first of all ranks: 1 / (1 + 1) for each of its tokens.
    tokens = TOKENIZER.count(node.sentences[place].of(tree.documents[0].text)) + JOIN_TOKENS
    assert found[node_id].renderings[-1].values[place] == pytest.approx(tokens / 2)


def test_without_calibration_ranks_by_hand():
    tree = build_hierarchy(document_of("# One\nThe rate of the year was four percent.\n", "# Two\nThe debt is due.\n"))
    first, second = tree.level(PASSAGE)
    chances = {second.id: (0.1, 0.7), first.id: (0.1, 0.3)}
    ranked = ablations._by_rank(tree, chances)
    # 0.7 is first, 0.3 second; of the two equal ones that of the better passage, which stands first, is third.
    assert ranked == {second.id: [1 / 4, 1 / 2], first.id: [1 / 5, 1 / 3]}
