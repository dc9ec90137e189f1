import sys
from types import SimpleNamespace

import pytest
from eval_parts import parts_of, text_of

from eval import methods
from eval.methods import _scorer, llmlingua
from eval.ports import Parts, Unavailable
from hiercomp import tokenizers

TOKENIZER = tokenizers.build("o200k_base")
ENGLISH = (
    "The harbour of Varn Point silted up in the hard winters after 1890, and by the end of the century only small "
    "boats could use it. The fishing families moved along the coast, one after another, to towns with a railway. "
)
PLANTED = "The lighthouse keeper was Ottoline Brask."
QUESTION = "Who was the lighthouse keeper at Varn Point?"


@pytest.fixture(scope="module")
def parts():
    return parts_of(TOKENIZER)


@pytest.fixture(scope="module")
def method(parts):
    return methods.build("longllmlingua", parts)


@pytest.fixture
def compressor(method):
    return method.compressor


def package_view(compressor):
    """Return what the package's own `get_ppl` uses, with the model's cache under the name that the package passes."""

    def model(ids, *, past_key_values, **options):
        output = compressor.model(ids, cache=past_key_values, **options)
        return SimpleNamespace(logits=output.logits, past_key_values=output.cache)

    names = ("tokenizer", "device", "max_position_embeddings")
    return SimpleNamespace(model=model, **{name: getattr(compressor, name) for name in names})


def test_the_unpacked_model_knows_english(compressor):
    surprise = compressor.get_ppl(ENGLISH).exp().item()
    shuffled = compressor.get_ppl(" ".join(sorted(ENGLISH.split()[:20]))).exp().item()
    assert 5 < surprise < 60
    assert shuffled > 5 * surprise


@pytest.mark.parametrize("condition", [{}, {"condition_mode": "after", "condition_pos_id": 5}])
def test_losses_are_those_of_the_package(compressor, condition):
    text = "Only small boats could use the harbour by the end of the century."
    own = type(compressor).get_ppl(package_view(compressor), text, **condition)
    assert compressor.get_ppl(text, **condition).item() == pytest.approx(own.item(), abs=1e-4)


def test_what_was_read_is_continued_as_if_all_were_read(compressor):
    ids = compressor.tokenizer(ENGLISH, return_tensors="pt")["input_ids"]
    mask = ids.new_ones(ids.shape)
    options = {"past_key_values": None, "return_kv": True, "end": None}
    whole, layers = compressor.get_ppl("", "token", ids, mask, **options)
    past = [[keys[:, :, :20], values[:, :, :20]] for keys, values in layers]
    rest, continued = compressor.get_ppl("", "token", ids, mask, **{**options, "past_key_values": past, "end": 30})
    assert whole.shape[0] == ids.shape[1] - 1
    assert rest.tolist() == pytest.approx(whole[20:29].tolist(), abs=1e-3)
    assert continued[0][0].shape[2] == 30


def test_a_mean_is_computed_once(compressor, parts):
    before = parts.meter.tokens
    first = compressor.get_ppl("Seven boats lay in the mud.")
    counted = parts.meter.tokens
    assert counted - before == len(compressor.tokenizer("Seven boats lay in the mud.").input_ids)
    assert compressor.get_ppl("Seven boats lay in the mud.") is first
    assert parts.meter.tokens == counted


def test_tokens_are_dropped_and_those_that_the_question_asks_for_are_not(method):
    later = ENGLISH.replace("silted up", "froze").replace("1890", "1911").replace("harbour", "river")
    text = f"{ENGLISH}{PLANTED} {later}The church was sold for its stone, the school for its slates. {ENGLISH * 2}"
    kept = text_of(method, text, QUESTION, 100)
    assert TOKENIZER.count(text) > 200, "it leaves a shorter text as it is"
    assert 80 < TOKENIZER.count(kept) < 180, "the first 200 tokens are brought to their share, the rest is kept"
    assert "lighthouse keeper" in kept
    assert "Brask" in kept


def test_what_fits_is_not_touched(method):
    assert text_of(method, f"{PLANTED}\n", QUESTION, 50) == PLANTED


def test_parts_that_are_not_the_published_file_are_not_used(monkeypatch, tmp_path):
    monkeypatch.setattr(_scorer, "PARTS", _scorer.PARTS[::-1][:1])
    with pytest.raises(Unavailable, match=f"not {_scorer.SHA256}: not used"):
        _scorer._join_parts(tmp_path)


def test_without_the_model_or_the_package_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(_scorer, "PARTS", (("no-such-distribution", "part00"),))
    with pytest.raises(Unavailable, match=r"no-such-distribution is not installed: pip install 'hiercomp\[eval\]'"):
        _scorer._join_parts(tmp_path)
    monkeypatch.setitem(sys.modules, "llmlingua", None)
    with pytest.raises(Unavailable, match=r"pip install 'hiercomp\[eval\]'"):
        llmlingua.build("llmlingua", Parts(TOKENIZER, parts_of().encoder))
