import json
import math
from dataclasses import replace
from importlib.resources import files
from itertools import zip_longest

import numpy as np
import pytest
from documents import document_of, documents
from hypothesis import given, settings
from hypothesis import strategies as st

from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.ranking.evidence import (
    REPRESENTS,
    SENTENCE_FEATURES,
    Lexicon,
    fitted,
    overview,
    sentence_features,
    sentence_probabilities,
)
from hiercomp.ranking.fusion import PASSAGE_FEATURES
from hiercomp.ranking.needs import ANY_FEATURES
from hiercomp.text.analysis import analysis_for
from hiercomp.types import Document, Hit, Ranking

COLUMNS = {name: place for place, name in enumerate(SENTENCE_FEATURES)}
DOCUMENT = document_of(
    "The effective tax rate was four percent in this year. The reason was a released allowance in Denver. "
    + "Nobody asked about anything else on that day, it seems to all of us. " * 12,
    "The goodwill of the segment was tested in the autumn of this year. Debt fell.",
)


def everything(hierarchy, chance=0.5):
    return Ranking(tuple(Hit(node.id, chance, chance) for node in hierarchy.level(0)))


def scored(hierarchy, *scores):
    """Return a ranking of the first passages, with the token scores of their sentences."""
    return Ranking(
        tuple(Hit(node.id, 0.5, 0.5, (), each) for node, each in zip(hierarchy.level(0), scores, strict=False))
    )


@pytest.fixture(scope="module")
def hierarchy():
    return build_hierarchy(DOCUMENT)


def test_the_fitted_models_have_a_finite_weight_for_each_feature():
    models = json.loads(files("hiercomp.ranking").joinpath("evidence.json").read_text(encoding="utf-8"))["models"]
    for name in models:
        features = SENTENCE_FEATURES if name in {"sentence", "sentence+tokens"} else PASSAGE_FEATURES
        features = ANY_FEATURES if name.endswith("/any") else features
        assert len(fitted(name).weights) == len(features)
        assert all(map(math.isfinite, (fitted(name).bias, *fitted(name).weights)))
    # If no tokens were read, these three features are 0. The fourth, the rank, depends on the number of sentences.
    assert fitted("sentence").weights[COLUMNS["tokens_read"] : COLUMNS["tokens_rank"]] == (0.0, 0.0, 0.0)


def test_the_rarity_of_a_term_by_hand():
    lexicon = Lexicon(
        build_hierarchy(
            Document("The tax rate of the company fell to four.\n\nGoodwill of the company rose to nine.", "a", "")
        )
    )
    # There are two sentences: "goodwill" is in one, "company" in both, "debt" in none.
    assert lexicon.idf("goodwil") == pytest.approx(math.log(1 + 1.5 / 1.5))
    assert lexicon.idf("compani") == pytest.approx(math.log(1 + 0.5 / 2.5))
    assert lexicon.idf("debt") == pytest.approx(math.log(1 + 2.5 / 0.5))


def test_coverage_by_hand():
    tree = build_hierarchy(
        Document("The tax rate of the company fell to four.\n\nGoodwill of the company rose to nine.", "a", "")
    )
    goodwill, company = math.log(2), math.log(1.2)
    (node,) = tree.level(0)
    # The question's terms are "goodwill", counted once, and "company".
    lexicon = Lexicon(tree)
    shares = lexicon.coverage("Goodwill, goodwill of the company?")
    assert shares[lexicon.sentences(node.id)] == pytest.approx([company / (goodwill + company), 1.0])
    assert lexicon.coverage("of the?").tolist() == [0.0, 0.0]


@settings(deadline=None, max_examples=60)
@given(document=documents(most_blocks=20), query=st.sampled_from(["the tax rate of the year", "税率", "?", "Item 1"]))
def test_coverage_is_the_share_of_the_weight_of_the_terms_that_a_sentence_contains(document, query):
    tree = build_hierarchy(document)
    lexicon, analysis = Lexicon(tree), analysis_for(node.text for node in tree.level(0))
    weights = {term: lexicon.idf(term) for term in set(analysis(query))}
    covered = lexicon.coverage(query)
    numbers = [number for node in tree.level(0) for number in range(len(covered))[lexicon.sentences(node.id)]]
    assert numbers == list(range(len(covered)))
    sentences = [span.of(document.text) for node in tree.level(0) for span in node.sentences]
    for sentence, share in zip(sentences, covered, strict=True):
        held = sum(weight for term, weight in weights.items() if term in analysis(sentence))
        assert share == pytest.approx(held / (sum(weights.values()) or 1.0))


def test_a_word_is_counted_once_a_sentence_in_any_of_its_forms():
    sentences = ("Taxes on taxed taxes of the company fell.", "The tax rate of the group rose in the year.")
    lexicon = Lexicon(
        build_hierarchy(Document("\n\n".join([*sentences, "Debt of the company fell to nine."]), "a", ""))
    )
    # The first two sentences hold a form of "tax", two hold a form of "fall", and none holds "goodwill" or a stop word.
    assert [lexicon.share(word) for word in ("tax", "Taxes", "fell", "rates", "goodwill", "the", "")] == [
        2 / 3, 2 / 3, 2 / 3, 1 / 3, 0, 0, 0
    ]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(
    document=documents(most_blocks=20),
    question=st.sampled_from(["the tax rate", "税率", " ", "?", "Item 1"]),
    chance=st.floats(0, 1),
    scores=st.lists(st.one_of(st.none(), st.floats(-1, 1)), max_size=8),
)
def test_each_sentence_of_each_ranked_passage_has_a_probability(document, question, chance, scores):
    tree = build_hierarchy(document)
    ranking = Ranking(everything(tree, chance).hits[::2])
    ranking = Ranking(
        tuple(
            replace(hit, sentences=() if score is None else (score,) * len(tree.node(hit.node_id).sentences))
            for hit, score in zip_longest(ranking.hits, scores[: len(ranking.hits)])
        )
    )
    found = sentence_probabilities(ranking, question, Lexicon(tree))
    assert list(found) == [hit.node_id for hit in ranking.hits]
    for node_id, chances in found.items():
        assert len(chances) == len(tree.node(node_id).sentences)
        assert all(0 <= each <= 1 for each in chances)


def test_features_have_a_row_a_sentence_in_the_order_of_the_ranking(hierarchy):
    ranking = Ranking(everything(hierarchy).hits[::-1])
    features = sentence_features(ranking, "Why did goodwill fall?", Lexicon(hierarchy))
    counts = [len(hierarchy.node(hit.node_id).sentences) for hit in ranking.hits]
    assert features.shape == (sum(counts), len(SENTENCE_FEATURES))
    assert features.dtype == np.float64
    assert np.isfinite(features).all()
    # The second page comes first. Its first sentence contains "goodwill".
    assert features[0, COLUMNS["coverage"]] > 0
    assert features[0, COLUMNS["relative"]] == features[:, COLUMNS["relative"]].max() == 1.0


def test_no_hits_have_no_features(hierarchy):
    assert sentence_features(Ranking(()), "Why?", Lexicon(hierarchy)).shape == (0, len(SENTENCE_FEATURES))
    assert sentence_probabilities(Ranking(()), "Why?", Lexicon(hierarchy)) == {}


def test_a_passage_counts_by_the_logarithm_of_its_odds(hierarchy):
    def passage_feature(chance):
        ranking = everything(hierarchy, chance)
        return sentence_features(ranking, "goodwill", Lexicon(hierarchy))[0, COLUMNS["passage"]]

    # ln(0.75 / 0.25)
    assert passage_feature(0.75) == pytest.approx(math.log(3))
    assert passage_feature(0.0) == pytest.approx(math.log(1e-9), rel=1e-6)
    assert passage_feature(1.0) == pytest.approx(-math.log(1e-9), rel=1e-6)


@pytest.fixture(scope="module")
def pairs():
    """Three passages of two sentences: the heading and one more."""
    return build_hierarchy(
        document_of(
            *[f"# {name}\nThe {name} of the year was four percent in all.\n" for name in ("Rate", "Debt", "Cost")]
        )
    )


def token_columns(tree, ranking):
    features = sentence_features(ranking, "the rate", Lexicon(tree))
    return features[:, COLUMNS["tokens_read"] :].tolist()


def test_token_features_by_hand(pairs):
    found = token_columns(pairs, scored(pairs, (0.2, 0.5), (0.5, None), ()))
    # The best score is 0.5, the lowest 0.2. Of two equal scores the earlier one ranks first. Sentences with the score
    # None, or without a score, were not read.
    expected = [
        [1, 0.2, -0.3, math.log(3)],
        [1, 0.5, 0.0, math.log(1)],
        [1, 0.5, 0.0, math.log(2)],
        [0, 0.2, -0.3, math.log(6)],
        [0, 0.2, -0.3, math.log(6)],
        [0, 0.2, -0.3, math.log(6)],
    ]
    assert np.array(found) == pytest.approx(np.array(expected))


def test_a_score_of_zero_was_read(pairs):
    found = token_columns(pairs, scored(pairs, (0.5, 0.0), ()))
    expected = [
        [1, 0.5, 0.0, math.log(1)],
        [1, 0.0, -0.5, math.log(2)],
        [0, 0.0, -0.5, math.log(4)],
        [0, 0.0, -0.5, math.log(4)],
    ]
    assert np.array(found) == pytest.approx(np.array(expected))


def test_token_features_below_zero_by_hand(pairs):
    found = token_columns(pairs, scored(pairs, (-0.2, -0.1), ()))
    expected = [
        [1, -0.2, -0.1, math.log(2)],
        [1, -0.1, 0.0, math.log(1)],
        [0, -0.2, -0.1, math.log(4)],
        [0, -0.2, -0.1, math.log(4)],
    ]
    assert np.array(found) == pytest.approx(np.array(expected))


def test_token_features_where_none_were_read_by_hand(pairs):
    assert token_columns(pairs, scored(pairs, (), ())) == [[0, 0, 0, math.log(4)]] * 4


@pytest.mark.parametrize(("scores", "model"), [(((), ()), "sentence"), (((), (0.3, 0.6)), "sentence+tokens")])
def test_sentences_are_judged_by_tokens_where_any_were_read(pairs, scores, model):
    ranking, lexicon = scored(pairs, *scores), Lexicon(pairs)
    found = sentence_probabilities(ranking, "the rate", lexicon)
    expected = fitted(model).probability(sentence_features(ranking, "the rate", lexicon))
    assert [chance for chances in found.values() for chance in chances] == expected.tolist()
    assert list(found) == [hit.node_id for hit in ranking.hits]


def test_a_sentence_that_its_tokens_bring_closer_is_likelier(pairs):
    lexicon = Lexicon(pairs)
    low, high = (
        sentence_probabilities(scored(pairs, (0.3, 0.4), (0.3, score)), "fees", lexicon) for score in (0.31, 0.7)
    )
    second = pairs.level(0)[1].id
    assert high[second][1] > low[second][1]
    assert high[second][1] == max(chance for chances in high.values() for chance in chances)


def test_a_sentence_is_judged_by_its_neighbours_across_passages_but_not_across_gaps(hierarchy):
    passages = hierarchy.level(0)
    assert len(passages) >= 3
    near = COLUMNS["near"]
    features = sentence_features(everything(hierarchy), "goodwill tested", Lexicon(hierarchy))
    ends = np.cumsum([len(node.sentences) for node in passages])
    # The last sentence before the second page is next to the sentence that contains all terms.
    assert features[ends[-2] - 1, near] == 1.0
    assert features[ends[-2], near] == features[ends[-2] + 1, COLUMNS["relative"]]
    apart = Ranking((everything(hierarchy).hits[0], everything(hierarchy).hits[-1]))
    alone = sentence_features(apart, "goodwill tested", Lexicon(hierarchy))
    assert alone[ends[0] - 1, near] == 0.0


def test_a_better_passage_and_a_closer_sentence_are_likelier(hierarchy):
    best = hierarchy.level(0)[-1].id
    hits = [Hit(node.id, *(2 * [0.9 if node.id == best else 0.01])) for node in hierarchy.level(0)]
    found = sentence_probabilities(Ranking.of(hits), "Was the goodwill of the segment tested?", Lexicon(hierarchy))
    assert max((chance, node_id, place) for node_id, chances in found.items() for place, chance in enumerate(chances))[
        1:
    ] == (best, 0)


def test_an_overview_of_several_documents_names_them_all(hierarchy):
    other = build_hierarchy(document_of("The lender of the company may call in the loan of the year.\n"))
    values = overview(join([hierarchy, other]))
    assert {document_id for document_id, _ in values} == {DOCUMENT.id, other.documents[0].id}
    assert set(values.values()) <= set(REPRESENTS.values())
