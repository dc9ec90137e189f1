"""`hiercomp inspect`: the tree, the ranking and the allocation."""

import json
import re

from command_line import QUESTION


def test_the_tree_shows_titles_and_pages(hiercomp, pdf):
    shown = hiercomp("inspect", pdf).stdout.decode()
    assert "report.pdf pp. 1-2" in shown.splitlines()[0]
    assert "pp. 1-2" in shown.splitlines()[2]
    assert "section" in shown
    assert "├──" in shown or "└──" in shown


def test_depth_is_how_far_the_tree_is_shown(hiercomp):
    lines = [len(hiercomp("inspect", "report.md", "--depth", depth).stdout.splitlines()) for depth in (0, 1, 2)]
    assert lines[0] < lines[1] < lines[2]


def test_a_question_adds_ranking_allocation_and_price(hiercomp):
    shown = hiercomp("inspect", "report.md", "--question", QUESTION, "-b", "700").stdout.decode()
    headings = ("budget: 700 = prompt", "tokens by level:", "price of a token (λ):", "expected evidence:", "dropped:")
    for words in ("ranking", "bm25 #1", *headings):
        assert words in shown
    assert "[1]" in shown


def test_the_optimum_is_marked_as_an_estimate(hiercomp):
    shown = hiercomp("inspect", "report.md", "--question", QUESTION, "-b", "700").stdout.decode()
    (line,) = (line for line in shown.splitlines() if line.startswith("expected evidence: "))
    assert re.search(r": [\d.]+, at least [\d.]+% of what the best allocation would hold \(at most [\d.]+\),", line)
    assert line.endswith("under hiercomp's own estimates")


def test_a_question_is_searched_once(hiercomp):
    command = ["inspect", "report.md", "--question", QUESTION, "--json"]
    hiercomp(*command)
    # The passages are in the cache now, so the encoder reads the question alone.
    assert json.loads(hiercomp(*command).stdout)["encoded"] == 1


def test_without_a_question_no_text_is_encoded_and_no_reader_is_needed(hiercomp):
    # A server that does not exist would be an error if the reader were called for.
    tree = json.loads(hiercomp("inspect", "report.md", "--json", HIERCOMP_MODEL="local/bogus").stdout)
    assert "encoded" not in tree


def test_an_open_budget_is_shown_with_its_reason(hiercomp):
    options = ["--question", QUESTION, "-b", "auto", "--evidence-share", "1", "--least-value", "0.1"]
    assert "one more token is worth less than 0.1" in hiercomp("inspect", "report.md", *options).stdout.decode()
    plan = hiercomp("ask", "report.md", *options, "--model", "extractive", "--dry-run").stdout.decode()
    assert "one more token is worth less than 0.1" in plan


def test_json_holds_tree_ranking_and_run(hiercomp):
    tree = json.loads(hiercomp("inspect", "report.md", "--json").stdout)
    assert set(tree) == {"schema", "hierarchy", "skipped", "omitted"}
    assert {node["level"] for node in tree["hierarchy"]["nodes"]} == {"document", "section", "passage"}
    run = json.loads(hiercomp("inspect", "report.md", "-q", QUESTION, "--json").stdout)
    assert run["hierarchy"] == tree["hierarchy"]
    assert run["ranking"][0]["probability"] >= run["ranking"][-1]["probability"]
    assert run["allocation"]["tokens_by_level"]


def test_a_title_cannot_control_the_terminal(hiercomp):
    (hiercomp.folder / "evil.md").write_text("# A \x1b[31mred\u202e title\n\nSome words.\n", encoding="utf-8")
    done = hiercomp("inspect", "evil.md", "--depth", "2")
    assert b"\x1b" not in done.stdout
    assert "\u202e" not in done.stdout.decode()


def test_a_summary_that_a_model_wrote_is_marked(hiercomp):
    reader = {"HIERCOMP_COMPRESSOR": "llm", "HIERCOMP_MODEL": "scripted/Ingrid Solheim is the chief executive."}
    nodes = json.loads(hiercomp("inspect", "report.md", "--json", **reader).stdout)["hierarchy"]["nodes"]
    by_level = {node["level"]: node for node in nodes}
    assert by_level["section"]["summary"] == "Ingrid Solheim is the chief executive."
    assert {level: node["author"] for level, node in by_level.items()} == {
        "document": "scripted",
        "section": "scripted",
        "passage": None,
    }
    lines = hiercomp("inspect", "report.md", **reader).stdout.decode().splitlines()
    assert sum("(summary written by a model) Ingrid Solheim is" in line for line in lines) == 2
    assert "written by a model" not in hiercomp("inspect", "report.md").stdout.decode()


PLAYBOOK = """
[[entry]]
name = "Strike days"
asked = ["strike"]
needs = ["Risks: a strike stopped deliveries for days"]
source = "A test."
"""


def test_the_plan_is_shown_with_the_entries_of_your_own_playbook(hiercomp):
    (hiercomp.folder / "own.toml").write_text(PLAYBOOK, encoding="utf-8")
    question = "How long was the strike?"
    command = ["inspect", "report.md", "--question", question, "-b", "420", "--playbook", "own.toml"]
    shown = hiercomp(*command).stdout.decode()
    assert "\nneeds  by rules (playbook: Strike days)\n  1  How long was the strike?" in shown
    assert re.search(r"2  Risks: a strike stopped deliveries for days +\d+ tokens  \[\d\]", shown)
    plan = json.loads(hiercomp(*command, "--json").stdout)["plan"]
    assert [need["reason"] for need in plan["needs"]] == ["", "Strike days"]
    broken = hiercomp("inspect", "report.md", "--question", question, "--playbook", "report.md", check=2)
    assert b"error: report.md: the playbook is not valid TOML" in broken.stderr


def test_needs_can_be_inspected_without_a_question(hiercomp):
    shown = hiercomp("inspect", "report.md", "--need", "Risks: price of steel", "-b", "420").stdout.decode()
    assert re.search(r"\nneeds  given by the caller\n  1  Risks: price of steel +[\d,]+ tokens  \[\d\]", shown)


def test_a_planner_that_does_not_exist_is_refused_before_anything_is_read(hiercomp):
    refused = hiercomp("inspect", "missing.pdf", "--question", QUESTION, "--planner", "oracle", check=2)
    assert b"no component of planning is called 'oracle'; choose from reader, recorded, rules" in refused.stderr
