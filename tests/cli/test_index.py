"""`hiercomp index`: it prints the size of each document, and stores the index."""

import json


def test_the_size_of_each_document_is_printed(hiercomp, pdf):
    lines = hiercomp("index", "report.md", pdf).stdout.decode().splitlines()
    assert lines[0].split() == ["document", "pages", "sections", "passages", "tokens"]
    rows = {line.split()[0]: line.split()[1:] for line in lines[1:3]}
    assert rows["report.pdf"][0] == "2"
    assert rows["report.md"][0] == "-"
    assert lines[3].endswith(" seconds")


def test_json_holds_the_same_numbers(hiercomp):
    done = hiercomp("index", "report.md", "--json")
    assert done.stderr == b""
    (document,) = json.loads(done.stdout)["documents"]
    assert document["document"] == "report.md"
    assert document["pages"] is None
    assert document["passages"] >= document["sections"] >= 1
    assert 150 < document["tokens"] < 400


def test_an_indexed_document_is_in_the_cache_unless_it_must_not_be(hiercomp):
    cache = hiercomp.folder / "cache"
    hiercomp("index", "report.md", "--no-cache")
    assert not cache.exists() or not any(path.is_file() for path in cache.rglob("*"))
    hiercomp("index", "report.md")
    assert any(path.is_file() for path in cache.rglob("*"))


def test_the_tokenizer_of_the_settings_counts(hiercomp):
    (hiercomp.folder / "hiercomp.toml").write_text('tokenizer = "hf/minilm"\n')
    by_setting = json.loads(hiercomp("index", "report.md", "--json").stdout)["documents"]
    (hiercomp.folder / "hiercomp.toml").unlink()
    by_default = json.loads(hiercomp("index", "report.md", "--json").stdout)["documents"]
    by_flag = json.loads(hiercomp("index", "report.md", "--json", "--tokenizer", "hf/minilm").stdout)["documents"]
    assert by_setting == by_flag != by_default
