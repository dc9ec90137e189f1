import time
from itertools import islice, product

import pytest

from hiercomp import tokenizers
from hiercomp.compressors.extractive import build

SENTENCES = [
    "The company was founded in Denver by two brothers in 1951.",
    "The effective tax rate of the company was four percent in 2022.",
    "The effective tax rate of the company was fifteen percent in 2021.",
    "Goodwill was tested in the autumn, and nothing was written off.",
    "The board meets four times a year in the main office of Denver.",
]
TEXT = " ".join(SENTENCES)


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizers.build()


@pytest.fixture(scope="module")
def compressor(tokenizer):
    return build(tokenizer=tokenizer)


def test_the_sentences_that_say_most_are_kept_in_the_order_of_the_text(compressor, tokenizer):
    (summary,) = compressor.compress([TEXT], 2 * tokenizer.count(SENTENCES[1]))
    kept = summary.split("\n")
    assert kept == [sentence for sentence in SENTENCES if sentence in kept]
    assert kept


def test_a_sentence_that_does_not_fit_does_not_keep_out_the_next(compressor, tokenizer):
    long = "The effective tax rate of the company, " + "of which nobody knew anything, " * 30 + "was four percent."
    text = f"{long} {SENTENCES[2]}"
    limit = tokenizer.count(SENTENCES[2])
    assert compressor.compress([text], limit) == [SENTENCES[2]]


def test_where_no_sentence_fits_nothing_is_left(compressor):
    assert compressor.compress([TEXT], 3) == [""]


@pytest.mark.timing
def test_a_long_text_takes_seconds(compressor):
    names = islice(product("abcdefghijklmnop", repeat=4), 4000)
    text = " ".join(f"In the year {year} the rate of {''.join(name)} was {year}." for year, name in enumerate(names))
    started = time.process_time()
    (summary,) = compressor.compress([text], 100)
    assert time.process_time() - started < 15  # quadratic code took 25
    assert summary
