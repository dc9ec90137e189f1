import pytest

from hiercomp import loaders, sources
from hiercomp.config import Config
from hiercomp.errors import ConfigError, DocumentError
from hiercomp.hierarchy import build_hierarchy
from hiercomp.sources import LONG_BYTES, read
from hiercomp.storage.store import Store, file_key
from hiercomp.types import CORPUS, DOCUMENT, Document, Omission

ZIP = b"PK\x03\x04 broken"
SENTENCE = "The effective tax rate was {} percent in the year.\n"


@pytest.fixture
def folder(tmp_path):
    """Three texts. One is in a subfolder and has the same name as another."""
    (tmp_path / "below").mkdir()
    for place, name in enumerate(["one report.txt", "two.md", "below/two.md"]):
        (tmp_path / name).write_text(SENTENCE.format(place))
    return tmp_path


def read_all(*given, store=None, config=None, observe=lambda done, total: None):
    return read(given, config or Config(), store or Store.memory(), observe)


def texts(tree):
    return [document.text for document in tree.documents]


def names(tree):
    return [document.source for document in tree.documents]


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_path_is_read_whether_a_string_or_not_and_may_hold_blanks(folder, kind):
    tree = read_all(kind(folder / "one report.txt"))
    assert (texts(tree), names(tree)) == ([SENTENCE.format(0)], ["one report.txt"])
    assert tree.root.level == DOCUMENT


def test_a_folder_and_a_glob_are_a_corpus(folder):
    tree = read_all(folder)
    assert tree.root.level == CORPUS
    assert sorted(texts(tree)) == [SENTENCE.format(place) for place in range(3)]
    assert sorted(texts(read_all(str(folder / "*.*")))) == [SENTENCE.format(0), SENTENCE.format(1)]


def test_files_of_one_name_are_told_apart_by_no_more_of_their_paths_than_that_takes(folder):
    tree = read_all(folder / "two.md", folder / "below" / "two.md", folder / "one report.txt")
    assert names(tree) == [f"{folder.name}/two.md", "below/two.md", "one report.txt"]


@pytest.mark.parametrize(
    "text",
    [
        "The tax rate was 14 percent.",
        "What is 2 * 3? [1] and *all*",
        "a\x00b c",
        "word " * 100_000,
        "line\nline",
        "../.. /etc/no such file",
        "lone \ud800 surrogate",
    ],
)
def test_a_string_with_white_space_that_names_no_file_is_a_text(text):
    tree = read_all(text)
    assert (texts(tree), names(tree)) == ([text], ["text"])


def test_a_document_is_taken_as_it_is():
    document = Document(SENTENCE.format(14), "mine.txt", "Mine")
    assert read_all(document) == build_hierarchy(document)


def test_sources_of_all_kinds_are_read_in_their_order_and_progress_is_told(folder):
    heard = []
    document = Document(SENTENCE.format(14), "mine.txt", "Mine")
    tree = read_all(document, "A text of its own.", folder / "two.md", observe=lambda *step: heard.append(step))
    assert names(tree) == ["mine.txt", "text", "two.md"]
    assert heard == [(0, 3), (1, 3), (2, 3)]


def test_the_same_content_given_twice_is_taken_once(folder):
    (folder / "copy.txt").write_text(SENTENCE.format(0))
    assert names(read_all(folder / "one report.txt", folder / "copy.txt")) == ["one report.txt"]


@pytest.mark.parametrize("given", [(), ("no-such-file.pdf",), ("no/such/*.pdf",), ("",)])
def test_what_is_not_there_is_refused(given):
    with pytest.raises(DocumentError):
        read_all(*given)


def test_a_file_that_cannot_be_read_is_named(folder):
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 and then nothing of the kind")
    with pytest.raises(DocumentError, match=r"bad\.pdf"):
        read_all(folder / "bad.pdf")


def test_a_bad_file_among_several_is_skipped_and_named(folder):
    (folder / "bad.txt").write_bytes(b" \n")
    (folder / "old.zip").write_bytes(ZIP)
    for given in ([folder], [str(folder / "*.*")], [folder / "bad.txt", folder / "old.zip", folder / "two.md"]):
        tree = read_all(*given)
        assert SENTENCE.format(1) in texts(tree)
        bad, other = tree.skipped
        assert (bad.source, bad.reason, bad.format) == ("bad.txt", "the file holds no text, only white space", "text")
        assert (other.source, other.format) == ("old.zip", None)


def test_strict_stops_at_the_first_bad_file(folder):
    (folder / "old.zip").write_bytes(ZIP)
    with pytest.raises(DocumentError, match=r"^old\.zip: "):
        read_all(folder, config=Config(strict=True))


def test_if_no_file_can_be_read_the_error_names_them(folder):
    for name in ("a.zip", "b.zip"):
        (folder / "below" / name).write_bytes(ZIP)
    bad = [folder / "below" / name for name in ("a.zip", "b.zip")]
    with pytest.raises(DocumentError, match=r"^a\.zip: this is a zip"):
        read_all(bad[0])
    with pytest.raises(DocumentError, match=r"^none of the 2 files can be read: a\.zip: this .*; b\.zip: this"):
        read_all(*bad)


def test_a_name_that_does_not_exist_is_an_error_beside_files_that_do(folder):
    with pytest.raises(DocumentError, match="no such file"):
        read_all(folder / "two.md", folder / "three.md")


def test_a_folder_without_files_does_not_spoil_a_glob(folder):
    (folder / "empty").mkdir()
    assert len(read_all(str(folder / "*")).documents) == 3
    with pytest.raises(DocumentError, match="no file in this directory"):
        read_all(folder / "empty")


def test_a_wrong_setting_is_an_error_and_no_skipped_file(folder):
    with pytest.raises(ConfigError):
        read_all(folder, config=Config(type="xyz"))


INNER = Document("The price of the pump is 4,100 euros.\n", "offer.txt", "", omissions=("1 picture",))
MAIL = Document(
    "Please find our offers below.\n",
    "mail.eml",
    "Offers",
    attachments=(
        INNER,
        Document("The price of the boiler is 9,300 euros.\n", "offer.txt", ""),
        Document("Forwarded.\n", "old.eml", "", attachments=(Document("Terms.\n", "old.eml › terms.txt", ""),)),
    ),
)
ATTACHED = ["mail.eml", "mail.eml › offer.txt", "mail.eml › offer.txt (2)", "mail.eml › old.eml"]
ATTACHED += ["mail.eml › old.eml › terms.txt"]


def test_attachments_are_documents_of_their_own():
    tree = read_all(MAIL)
    assert names(tree) == ATTACHED
    assert tree.root.level == CORPUS
    assert tree.omitted == (Omission("mail.eml › offer.txt", "1 picture"),)
    assert not any(document.attachments for document in tree.documents)
    assert len(read_all(MAIL, "Another text.").root.child_ids) == 6


def test_attachments_and_omissions_come_from_the_store_too(folder, monkeypatch):
    loads = []
    monkeypatch.setattr("hiercomp.loaders.load", lambda path, **options: loads.append(path) or MAIL)
    path = folder / "two.md"
    with Store.open(folder / "cache") as store:
        first, second = read_all(path, store=store), read_all(path, store=store)
    assert loads == [path]
    assert second == first == read_all(MAIL)
    assert second.omitted == first.omitted != ()


def test_too_many_attachments_are_an_omission(monkeypatch):
    monkeypatch.setattr(sources, "MAX_ATTACHMENTS", 2)
    tree = read_all(MAIL)
    assert names(tree) == ATTACHED[:3]
    assert tree.omitted[0] == Omission("mail.eml", "2 attachments beyond the limit of 2")


def test_a_file_is_read_once_for_the_same_content_and_settings(folder, tmp_path_factory):
    path = folder / "one report.txt"
    with Store.open(tmp_path_factory.mktemp("cache")) as store:
        first = read_all(path, store=store)
        assert store.info().hierarchies == 1
        # A stored hierarchy is returned even if it does not match the file.
        settings = {"name": path.name, "pages": None, "type": None, "password": None, "version": sources.VERSION}
        settings |= {"ocr": "yes"} if loaders.has_ocr() else {}
        kept = build_hierarchy(Document("Kept.", "kept", ""))
        assert store.get_hierarchy(file_key(path, **settings)) == first
        store.put_hierarchy(file_key(path, **settings), kept)
        assert read_all(path, store=store) == kept
        path.write_text(SENTENCE.format(99))
        assert texts(read_all(path, store=store)) == [SENTENCE.format(99)]


def test_other_settings_are_another_reading(folder):
    path = folder / "two.md"
    with Store.memory() as store:
        read_all(path, store=store)
        read_all(path, store=store, config=Config(type="text"))
        assert store.info().hierarchies == 2


def test_texts_and_documents_are_not_kept():
    with Store.memory() as store:
        read_all("A text of its own.", Document("Mine.", "a", ""), store=store)
        assert store.info().hierarchies == 0


def test_limits_reach_the_loader(folder):
    with pytest.raises(DocumentError, match=r"two\.md"):
        read_all(folder / "two.md", config=Config(max_bytes=10))


def test_before_long_files_are_read_what_takes_as_long_may_begin(tmp_path):
    begun = []
    for name, length in (("short", LONG_BYTES), ("long", LONG_BYTES + 1)):
        (tmp_path / f"{name}.txt").write_text("a" * length)
    with Store.open(tmp_path / "cache") as store:
        for name in ("short", "long", "long"):  # The third file is in the store.
            read(
                [tmp_path / f"{name}.txt"], Config(), store, lambda done, total: None, begin=lambda: begun.append(True)
            )
            assert len(begun) == {"short": 0}.get(name, len(begun))
    assert begun == [True, True]
