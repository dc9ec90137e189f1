from pathlib import Path

import pytest

from hiercomp.components import STORED_LENGTH, Components
from hiercomp.config import Config
from hiercomp.errors import ConfigError
from hiercomp.types import Document


class CountedWords:
    """A tokenizer that counts words, and records the length of each text that it counts."""

    name = "words"

    def __init__(self, joined: bool = False) -> None:
        self.asked: list[int] = []
        self._joined = joined

    def count(self, text: str) -> int:
        self.asked.append(len(text))
        return len(text.replace("-", "" if self._joined else " ").split())

    def count_many(self, texts):
        return [self.count(text) for text in texts]


@pytest.fixture
def long() -> Document:
    return Document("well-known words " * 4_000, source="a.txt", title="a")  # 17 x 4,000 = 68,000 > STORED_LENGTH


def source_tokens(document: Document, tokenizer: CountedWords, folder: Path) -> int:
    components = Components(document, Config(cache_dir=folder))
    try:
        return components.source_tokens(tokenizer)
    finally:
        components.close()


def test_the_tokens_of_a_long_document_are_counted_once_for_all_runs(tmp_path, long) -> None:
    first, second = CountedWords(), CountedWords()
    assert source_tokens(long, first, tmp_path) == source_tokens(long, second, tmp_path) == 12_000
    assert max(first.asked) == len(long.text) > STORED_LENGTH
    assert max(second.asked) < STORED_LENGTH


def test_a_vocabulary_that_changed_under_its_name_counts_anew(tmp_path, long) -> None:
    assert source_tokens(long, CountedWords(), tmp_path) == 12_000
    assert source_tokens(long, CountedWords(joined=True), tmp_path) == 8_000


def test_the_tokens_of_short_documents_are_added_up(tmp_path) -> None:
    documents = [Document("one two", source="a", title="a"), Document("three", source="b", title="b")]
    components = Components(documents, Config(cache=False))
    assert components.source_tokens(CountedWords()) == 3
    components.close()


LONG_TEXT = "Revenue rose by four percent in the year. Costs fell in the second quarter. " * 1400


def test_the_encoder_is_loaded_while_long_files_are_read(tmp_path) -> None:
    (tmp_path / "a.txt").write_text(LONG_TEXT)
    components = Components(tmp_path / "a.txt", Config(cache=False, embedding="hashing"))
    assert components.hierarchy.documents
    assert components.encoder._encoder() is components._likely_encoder.result()
    components.close()


def test_an_encoder_that_is_not_the_likely_one_is_made_when_it_is_chosen(tmp_path) -> None:
    (tmp_path / "a.txt").write_text(
        "Der Umsatz und die Kosten der Gesellschaft sind in dem Jahr nicht gestiegen. " * 1400
    )
    components = Components(tmp_path / "a.txt", Config(cache=False))
    assert components.encoder.name != components._likely_encoder.result().name
    components.close()


def test_what_fails_ahead_fails_where_it_is_needed(tmp_path) -> None:
    (tmp_path / "a.txt").write_text(LONG_TEXT)
    components = Components(tmp_path / "a.txt", Config(cache=False, embedding="hashing/many"))
    assert components.hierarchy.documents
    with pytest.raises(ConfigError, match="takes a dimension"):
        components.encoder.name  # noqa: B018
    components.close()


@pytest.mark.parametrize(
    ("text", "settings"), [(LONG_TEXT, {"retriever": "bm25", "model": "extractive"}), ("Revenue rose in the year.", {})]
)
def test_nothing_is_loaded_ahead_for_short_files_or_retrieval_by_terms(tmp_path, text, settings) -> None:
    (tmp_path / "a.txt").write_text(text)
    components = Components(tmp_path / "a.txt", Config(cache=False, **settings))
    assert components.hierarchy.documents
    assert components._likely_encoder is None
    components.close()


def test_the_planner_of_a_call_is_built_once_and_depends_on_its_reader(tmp_path) -> None:
    components = Components("Revenue rose.", Config(cache=False, model="extractive"))
    rules, hosted = components.planner("extractive"), components.planner("gpt-5")
    assert (type(rules).__name__, type(hosted).__name__) == ("Rules", "ReaderPlanner")
    assert components.planner(None) is rules
    assert components.planner("openai/gpt-5") is hosted
    components.close()


def test_the_planner_of_the_settings_plans_for_every_reader(tmp_path) -> None:
    components = Components("Revenue rose.", Config(cache=False, planner="rules", playbook=tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match=r"none\.toml: the playbook cannot be read"):
        components.planner("gpt-5")
    (tmp_path / "none.toml").write_text('[[entry]]\nname = "A"\nasked = ["b"]\nneeds = ["c"]\nsource = "d"\n')
    with pytest.raises(ConfigError, match="each phrase of asked needs a word"):
        components.planner("gpt-5")
    (tmp_path / "none.toml").write_text('[[entry]]\nname = "A"\nasked = ["rate"]\nneeds = ["c"]\nsource = "d"\n')
    assert components.planner("gpt-5") is components.planner(None)
    components.close()


def test_a_planner_with_a_limit_is_its_own(tmp_path) -> None:
    components = Components("Revenue rose.", Config(cache=False, planner="reader", model="scripted/rates"))
    assert components.planner("scripted", 100) is not components.planner("scripted", 100)
    assert components.allowed_reader(None) is components.reader
    assert components.allowed_reader(77).context_window == 77
    components.close()
