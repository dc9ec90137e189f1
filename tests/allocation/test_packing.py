import random
import statistics
from dataclasses import replace
from functools import cache

import pytest
from documents import SENTENCES, document_of, documents
from gathered import evidence_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hiercomp import tokenizers
from hiercomp.allocation.ladder import offer
from hiercomp.allocation.packing import EMPTY, pack, pack_whole
from hiercomp.allocators.tree_cut import TreeCut
from hiercomp.context import render
from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.ranking.evidence import Lexicon
from hiercomp.ranking.fusion import fuse
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.types import PASSAGE, Document

TOKENIZERS = ["o200k_base", "hf/minilm"]
QUESTIONS = ["What was the effective tax rate?", "税率", "", "ibid", "nothing like it"]
WORDS = [
    "tax",
    "rate",
    "debt",
    "lease",
    "goodwill",
    "income",
    "segment",
    "covenant",
    "revenue",
    "margin",
    "fell",
    "rose",
    "was",
    "were",
    "the",
    "of",
    "in",
    "and",
]


@cache
def tokenizer_of(name):
    return tokenizers.build(name)


def measured(text, parts):
    """Count the tokens of a context's text."""
    return tokenizer_of("o200k_base").count(text)


def ladders_of(tree, question, budget, tokenizer, lexicon=None):
    (found,) = Bm25().index(tree.level(PASSAGE)).search([question], len(tree.nodes))
    ranking = fuse(tree, found) if found.hits else None
    return offer(tree, evidence_of(tree, question, ranking, budget=budget, lexicon=lexicon), tokenizer.count_many)


def packed_of(tree, question, budget, name="o200k_base", lexicon=None):
    tokenizer = tokenizer_of(name)
    ladders = ladders_of(tree, question, budget, tokenizer, lexicon)
    return pack(tree, ladders, TreeCut(), budget, measure=lambda text, parts: tokenizer.count(text))


def report(seed, sentences):
    """Build a hierarchy of pages, headings and rows with random words."""
    rng = random.Random(seed)
    pages = [[] for _ in range(1 + sentences // 40)]
    for _ in range(sentences):
        words = " ".join(rng.choices(WORDS, k=rng.randint(4, 30)))
        kind = rng.random()
        line = (
            f"# Item {rng.randint(1, 99)}\n"
            if kind < 0.05
            else f"{words[:30]}\t{rng.randint(1, 9999):,}\t{rng.random():.3f}\n"
        )
        pages[rng.randrange(len(pages))].append(line if kind < 0.3 else f"{words.capitalize()}. ")
    return build_hierarchy(document_of(*["".join(page) for page in pages]))


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    trees=st.lists(documents(most_blocks=20).map(build_hierarchy), min_size=1, max_size=2),
    question=st.sampled_from(QUESTIONS),
    budget=st.integers(1, 600),
)
def test_what_is_packed_is_counted_whole_and_within_the_budget_where_anything_fits(name, trees, question, budget):
    tree = join(trees)
    packed = packed_of(tree, question, budget, name)
    assert packed.tokens == (tokenizer_of(name).count(packed.text) if packed.parts else 0)
    assert (packed.text, packed.parts) == render(tree, packed.allocation.renderings)
    allocation = packed.allocation
    assert allocation.value == pytest.approx(sum(rendering.value for rendering in allocation.renderings))
    assert allocation.value <= allocation.bound + 1e-9
    if packed.tokens > budget:
        # A context exceeds the budget only if no first rendering of a ladder fits. Then it shows the smallest of them.
        (rendering,) = allocation.renderings
        assert rendering.text is None
        ladders = ladders_of(tree, question, budget, tokenizer_of(name))
        alone = [render(tree, [ladder.renderings[0]])[0] for ladder in ladders.values() if ladder.renderings]
        assert packed.tokens == min(tokenizer_of(name).count_many(alone))


@pytest.mark.parametrize("name", TOKENIZERS)
def test_most_of_the_budget_is_used_where_the_source_is_larger(name):
    rng = random.Random(7)
    trees = [(tree, Lexicon(tree)) for tree in (report(seed, 200) for seed in range(4))]
    used = []
    for _ in range(100):
        budget = rng.randint(150, 1800)
        tree, lexicon = rng.choice(trees)
        packed = packed_of(tree, rng.choice(QUESTIONS[:3]), budget, name, lexicon)
        assert packed.tokens <= budget
        used.append(packed.tokens / budget)
    assert statistics.median(used) >= 0.95
    assert min(used) >= 0.8


def test_the_order_of_the_ladders_does_not_matter():
    tree, tokenizer = report(1, 200), tokenizer_of("o200k_base")
    ladders = ladders_of(tree, QUESTIONS[0], 500, tokenizer)
    order = list(ladders)
    random.Random(1).shuffle(order)
    first, second = (
        pack(tree, mapping, TreeCut(), 500, measure=lambda text, parts: tokenizer.count(text))
        for mapping in (ladders, {node_id: ladders[node_id] for node_id in order})
    )
    assert first == second
    assert first.parts


def test_the_same_question_gives_the_same_context():
    assert packed_of(report(2, 200), QUESTIONS[0], 400) == packed_of(report(2, 200), QUESTIONS[0], 400)


def test_a_greater_budget_is_not_worth_less():
    tree = report(3, 200)
    values = [packed_of(tree, QUESTIONS[0], budget).allocation.value for budget in range(100, 1500, 200)]
    assert values == sorted(values)


def test_a_context_packed_again_at_its_own_size_stays_as_it_is():
    text = packed_of(report(4, 200), QUESTIONS[0], 400).text
    again = build_hierarchy(Document(text, "context.txt", ""))
    packed = pack_whole(again, measured)
    assert packed.text == text
    assert packed.tokens <= 400


def test_everything_is_shown_where_it_fits():
    tree = build_hierarchy(document_of("# Taxes\nThe effective rate was four percent in the year 2022.\nIt fell.\n"))
    packed = packed_of(tree, QUESTIONS[0], 1000)
    assert {span for part in packed.parts for span in part.spans} == set(tree.level(0)[0].sentences)


def test_where_no_rendering_fits_the_smallest_is_given_and_over_the_budget():
    tree = build_hierarchy(Document("\n\n".join(SENTENCES[:3]), "a", ""))
    packed = packed_of(tree, "tax rate", 5)
    assert len(packed.allocation.renderings) == 1
    assert packed.tokens > 5
    assert packed.allocation.bound >= packed.allocation.value > 0
    # It fits a budget of its own size. Nothing fits a budget of one token less.
    assert packed_of(tree, "tax rate", packed.tokens).tokens <= packed.tokens
    assert packed_of(tree, "tax rate", packed.tokens - 1).tokens > packed.tokens - 1


def test_the_best_single_rendering_is_given_where_the_ladders_ask_too_much():
    tree = build_hierarchy(Document("\n\n".join(SENTENCES[:3]), "a", ""))
    tokenizer = tokenizer_of("o200k_base")
    fair = ladders_of(tree, "tax rate", 40, tokenizer)
    dear = {
        node_id: replace(
            ladder,
            opening=10_000,
            renderings=tuple(replace(each, tokens=each.tokens + 10_000) for each in ladder.renderings),
        )
        for node_id, ladder in fair.items()
    }
    packed = pack(tree, dear, TreeCut(), 60, measure=lambda text, parts: tokenizer.count(text))
    assert len(packed.allocation.renderings) == 1
    assert 0 < packed.tokens <= 60
    alone = [each.renderings[0] for each in dear.values() if each.renderings]
    fitting = [each.value for each in alone if tokenizer.count(render(tree, [each])[0]) <= 60]
    assert packed.allocation.value == max(fitting)


@pytest.mark.parametrize("budget", [1, 0, -50])
def test_a_document_without_sentences_is_packed_as_nothing(budget):
    packed = packed_of(build_hierarchy(document_of("~Report\n", "~Report\n")), "tax", budget)
    assert packed == EMPTY


def test_a_whole_document_is_counted_whole():
    tree = report(5, 60)
    packed = pack_whole(tree, measured)
    assert packed.text == tree.documents[0].text
    assert packed.tokens == tokenizer_of("o200k_base").count(packed.text)
    assert len(packed.parts) == len(packed.allocation.renderings) == len(tree.level(0))
    assert packed.allocation.value == 0.0
