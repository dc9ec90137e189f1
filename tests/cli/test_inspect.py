"""`hiercomp inspect`: the tree, the ranking and the allocation."""

import json

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
    for words in ("ranking", "bm25 #1", "tokens by level:", "λ:", "evidence:", "dropped:", "budget: 700 = prompt"):
        assert words in shown
    assert "[1]" in shown


def test_an_open_budget_is_told_with_its_reason(hiercomp):
    asked = ["--question", QUESTION, "-b", "auto", "--evidence-share", "1", "--least-value", "0.1"]
    assert "a further token is worth less than 0.1" in hiercomp("inspect", "report.md", *asked).stdout.decode()
    plan = hiercomp("ask", "report.md", *asked, "--model", "extractive", "--dry-run").stdout.decode()
    assert "a further token is worth less than 0.1" in plan


def test_json_holds_tree_ranking_and_run(hiercomp):
    tree = json.loads(hiercomp("inspect", "report.md", "--json").stdout)
    assert set(tree) == {"schema", "hierarchy"}
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
