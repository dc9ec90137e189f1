"""`hiercomp cache`: it counts what is stored, and deletes it."""

import json

from command_line import QUESTION


def cache(done):
    return json.loads(done.stdout)["cache"]


def test_info_counts_what_a_run_kept_and_clear_deletes_it(hiercomp):
    assert cache(hiercomp("cache", "info", "--json"))["hierarchies"] == 0
    hiercomp("ask", "report.md", QUESTION)
    held = cache(hiercomp("cache", "info", "--json"))
    assert held["hierarchies"] == 1
    assert held["vectors"] > 0
    assert held["path"].startswith(str(hiercomp.folder / "cache"))
    assert json.loads(hiercomp("cache", "clear", "--json").stdout)["freed_bytes"] >= 0
    assert cache(hiercomp("cache", "info", "--json"))["hierarchies"] == 0


def test_people_get_words(hiercomp):
    assert b"hierarchies  0" in hiercomp("cache", "info").stdout
    assert hiercomp("cache", "clear").stdout.endswith(b" bytes freed\n")


def test_a_flag_names_another_cache(hiercomp):
    hiercomp("index", "report.md", "--cache-dir", "elsewhere")
    assert cache(hiercomp("cache", "info", "--json"))["hierarchies"] == 0
    assert cache(hiercomp("cache", "info", "--json", "--cache-dir", "elsewhere"))["hierarchies"] == 1
