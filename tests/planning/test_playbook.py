import json
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playbooks import playbook

from hiercomp.errors import ConfigError
from hiercomp.planning._playbook import SPREAD, Kind, Playbook, parse, read, shipped, shipped_entries, stems

FOLDER = files("hiercomp.planning").joinpath("playbooks")
SHIPPED = sorted(item.name for item in FOLDER.iterdir() if item.name.endswith(".toml"))
FILLERS = ["board", "city", "dinner", "engine", "forest", "garden"]
"""Words that stand in no phrase of the tests."""


def text_of(name):
    return FOLDER.joinpath(name).read_text(encoding="utf-8")


def found(text, question):
    return [entry.name for entry in parse(text, "own.toml").find(question)]


MARGINS = playbook(
    ("Margin", ["margin"]),
    ("Operating margin", ["operating margin", "EBIT margin"]),
    ("Quick ratio", ["quick ratio", "acid test"]),
)


def test_a_phrase_is_found_in_any_form_and_order_of_its_words():
    assert found(MARGINS, "Compute the ratio of quick assets.") == ["Quick ratio"]
    assert found(MARGINS, "Was the ACID TESTED?") == ["Quick ratio"]
    assert found(MARGINS, "What is the margin that operates?") == ["Operating margin"]
    assert found(MARGINS, "Who is the chairman?") == []
    assert found(MARGINS, "") == []


def test_the_longest_phrase_wins_where_two_share_words():
    assert found(MARGINS, "What was the operating margin?") == ["Operating margin"]
    assert found(MARGINS, "What was the margin of the whole group?") == ["Margin"]


def test_a_phrase_that_stands_twice_takes_both_places():
    question = "Is the operating margin better than the operating margin of last year?"
    assert found(MARGINS, question) == ["Operating margin"]


def test_a_shorter_phrase_is_found_at_a_place_of_its_own():
    assert found(MARGINS, "Is the operating margin above the gross margin?") == ["Operating margin", "Margin"]
    # The longest phrase takes the first "ratio". The second is left for the quick ratio.
    text = playbook(("Quick ratio", ["quick ratio"]), ("Liquidity", ["healthy liquidity ratio"]))
    question = "Is the liquidity healthy by its quick ratio? If no quick ratio can be computed, say so."
    assert found(text, question) == ["Liquidity", "Quick ratio"]


def test_entries_come_in_the_order_in_which_the_question_names_them():
    assert found(MARGINS, "The quick ratio and the operating margin?") == ["Quick ratio", "Operating margin"]
    assert found(MARGINS, "The operating margin and the quick ratio?") == ["Operating margin", "Quick ratio"]


@given(
    phrase=st.permutations(["tax", "rate", "debt"]).flatmap(
        lambda words: st.integers(1, 3).map(lambda count: words[:count])
    ),
    before=st.lists(st.sampled_from(FILLERS), max_size=4),
    between=st.lists(st.lists(st.sampled_from(FILLERS), max_size=2), min_size=2, max_size=2),
    data=st.data(),
)
def test_a_phrase_is_found_exactly_if_its_words_stand_close_together(phrase, before, between, data):
    words = data.draw(st.permutations(phrase))
    question = [*before, words[0]]
    for word, others in zip(words[1:], between, strict=False):
        question += [*others, word]
    others = sum(map(len, between[: len(words) - 1]))
    assert found(playbook(("It", [" ".join(phrase)])), " ".join(question)) == ["It"] * (others <= SPREAD)


@given(
    phrases=st.dictionaries(
        st.frozensets(st.sampled_from(["tax", "rate", "debt", "loan", "term"]), min_size=1, max_size=3).map(
            lambda words: " ".join(sorted(words))
        ),
        st.sampled_from(["One", "Two", "Three"]),
        min_size=1,
        max_size=6,
    ),
    question=st.lists(st.sampled_from(["tax", "rate", "debt", "loan", "term", *FILLERS]), max_size=12).map(" ".join),
)
def test_each_entry_found_has_a_phrase_in_the_question_and_none_is_found_twice(phrases, question):
    names = sorted(set(phrases.values()))
    entries = [(name, [phrase for phrase, owner in phrases.items() if owner == name]) for name in names]
    result = found(playbook(*entries), question)
    assert len(set(result)) == len(result)
    for name in result:
        assert any(set(phrase.split()) <= set(question.split()) for phrase in dict(entries)[name])
    if not result:
        assert not any(phrase in question.split() for phrase in phrases)
    assert found(playbook(*entries), question) == result


@pytest.mark.parametrize("written", ["R&D", "R & D", "r&d", "PP&E", "SG&A", "M&A"])
def test_an_abbreviation_with_an_ampersand_is_one_word(written):
    assert len(stems(written)) == 1
    assert found(playbook(("It", [written])), f"How much is {written}?") == ["It"]
    assert found(playbook(("It", [written])), f"How much is {written.replace('&', '')}?") == []


def test_other_ampersands_separate_words():
    assert stems("Johnson & Johnson") == ("johnson", "johnson")
    assert stems("R&D & SG&A") == (*stems("R&D"), *stems("SG&A"))
    assert found(playbook(("It", ["PP&E"])), "What is on page PP 5 and E 6?") == []


def test_a_playbook_without_a_kind_is_for_all_documents():
    assert parse(MARGINS, "own.toml").is_for(lambda word: 0)


def test_a_playbook_is_for_documents_that_contain_enough_of_its_words_often_enough():
    # Two of three words must each occur in a tenth of the sentences.
    book = parse(playbook(("It", ["tax"]), documents=(["fiscal", "revenues", "liabilities"], 2)), "own.toml")
    assert book.is_for({"fiscal": 0.9, "revenues": 0.1, "liabilities": 0.0, "hereto": 0.4}.get)
    assert not book.is_for({"fiscal": 0.9, "revenues": 0.09, "liabilities": 0.0}.get)
    assert not book.is_for({"fiscal": 1.0, "revenues": 0.0, "liabilities": 0.0}.get)


def test_a_word_that_does_not_occur_counts_for_no_kind():
    text = playbook(("It", ["tax"])) + "\n[documents]\nwords = ['fiscal', 'revenues']\nleast = 1\nshare = 0\n"
    assert parse(text, "own.toml").is_for({"fiscal": 1e-6, "revenues": 0.0}.get)
    assert not parse(text, "own.toml").is_for({"fiscal": 0.0, "revenues": 0.0}.get)


def test_the_entries_are_read_once_and_only_if_they_are_needed():
    readings = []

    def read_entries():
        readings.append(1)
        return parse(MARGINS, "own.toml").entries

    book = Playbook(Kind(("fiscal",), 1), read_entries)
    assert not book.is_for(lambda word: 0)
    assert readings == []
    assert book.find("quick ratio") == book.find("acid test") == [book.entries[2]]
    assert readings == [1]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_playbook_is_valid_and_the_quick_reading_gives_the_same(name):
    book = parse(text_of(name), name)
    assert shipped_entries(text_of(name)) == list(book.entries)
    assert len(book.entries) >= 5
    for entry in book.entries:
        assert entry.name.strip()
        assert entry.source.strip()
        assert 1 <= len(entry.needs) <= 3
        assert all(3 <= len(need.split()) <= 40 for need in entry.needs), entry.name
        assert len(set(entry.needs)) == len(entry.needs)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_playbook_is_for_a_kind_of_document(name):
    kind = tomllib.loads(text_of(name))["documents"]
    words = {stems(word) for word in kind["words"]}
    # No word is a form of another one, and each can be found in a sentence.
    assert len(words) == len(kind["words"])
    assert () not in words
    assert 2 <= kind["least"] <= len(words)
    assert not parse(text_of(name), name).is_for(lambda word: 0)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_phrase_of_a_shipped_playbook_stands_in_two_entries(name):
    owners = {}
    for entry in parse(text_of(name), name).entries:
        for phrase in entry.phrases:
            assert owners.setdefault(frozenset(phrase), entry.name) == entry.name, phrase


@pytest.mark.parametrize("name", SHIPPED)
def test_each_phrase_of_a_shipped_playbook_finds_its_entry(name):
    book = parse(text_of(name), name)
    for entry in tomllib.loads(text_of(name))["entry"]:
        for phrase in entry["asked"]:
            assert entry["name"] in [match.name for match in book.find(f"Tell us about {phrase}, please.")], phrase


def test_the_names_of_shipped_entries_are_unique():
    names = [entry.name.casefold() for book in shipped() for entry in book.entries]
    assert len(shipped()) == len(SHIPPED)
    assert len(set(names)) == len(names)


COMPLETE = {"name": "It", "asked": ["tax rate"], "needs": ["income taxes, effective rate"], "source": "a textbook"}


def entry_with(**changes):
    """Write one entry with other values. A value of None leaves its key out."""
    values = {key: value for key, value in {**COMPLETE, **changes}.items() if value is not None}
    return "[[entry]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no toml", "own.toml: the playbook is not valid TOML: "),
        ("", "own.toml: a playbook consists of tables [[entry]] and at most one table [documents]"),
        ("entry = 3\n", "own.toml: a playbook consists of tables [[entry]] and at most one table [documents]"),
        ("entries = 3\n" + entry_with(), "own.toml: a playbook consists of tables [[entry]] and at most one table"),
        ("entry = [3]\n", "own.toml, entry 1: an entry has exactly the keys name, asked, needs and source"),
        (entry_with(source=None), "own.toml, entry 1: an entry has exactly the keys name, asked, needs and source"),
        (entry_with() + entry_with(also="x"), "own.toml, entry 2: an entry has exactly the keys name, asked, needs"),
        (entry_with(name=3), "own.toml, entry 1: name and source are texts"),
        (entry_with(source=["a"]), "own.toml, entry 1: name and source are texts"),
        (entry_with(asked="tax rate"), "own.toml, entry 1, asked: a list of one or more texts is needed"),
        (entry_with(asked=[]), "own.toml, entry 1, asked: a list of one or more texts is needed"),
        (entry_with(needs=["rows", " "]), "own.toml, entry 1, needs: a list of one or more texts is needed"),
        (entry_with(needs=["rows", 3]), "own.toml, entry 1, needs: a list of one or more texts is needed"),
        (entry_with(asked=["tax", "of the"]), "own.toml, entry 1: each phrase of asked needs a word that can be"),
        (entry_with() + "[documents]\nwords = ['tax']\n", "own.toml, documents: the table has exactly the keys words"),
        (entry_with() + "[documents]\nwords = ['tax']\nleast = 'x'\nshare = 0\n", "own.toml, documents: least"),
        (entry_with() + "[documents]\nwords = []\nleast = 1\nshare = 0\n", "own.toml, documents, words: a list"),
    ],
)
def test_an_error_of_a_playbook_is_one_line_that_names_the_place(text, message):
    with pytest.raises(ConfigError) as caught:
        parse(text, "own.toml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_playbook_is_read_from_a_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(MARGINS, encoding="utf-8")
    assert read(path).entries == parse(MARGINS, "own.toml").entries


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"own\.toml: the playbook cannot be read: "):
        read(path)
