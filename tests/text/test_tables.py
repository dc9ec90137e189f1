import pytest

from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.text.tables import is_head, is_row, with_heads
from hiercomp.types import Document, Page, Span

TABLE = (
    "(in millions)\nYear ended December 31,\t2022\t2021\nRevenue\t410\t380\nCosts\t300\t290\n"
    "A sentence of prose that ends the table, because it is long enough to be one, and it goes on for much more than "
    "a whole line does.\nTaxes\t7\t6\n"
)


@pytest.mark.parametrize(
    "text",
    ["(in millions)", "Year ended December 31,\t2022\t2021", "Name\tAge\tPosition", "2022 and 2021", "| a | b |"],
)
def test_years_units_and_column_names_are_heads(text: str) -> None:
    assert is_head(text)


@pytest.mark.parametrize("text", ["Revenue\t410\t380", "Revenue rose.", "Total\t2022\t410", "x" * 200 + "\ty", "2022"])
def test_figures_and_prose_are_no_heads(text: str) -> None:
    assert not is_head(text)


def test_rows_have_cells() -> None:
    assert is_row("Revenue\t410")
    assert is_row("Revenue    410")
    assert not is_row("Revenue rose to 410.")


def _raised(text: str, chances: dict[str, float], *, cut: int | None = None) -> dict[str, float]:
    """Return the probability of each unit after heads were raised. Units without a given one start at 0.1."""
    pages = (Page(1, Span(0, cut)), Page(2, Span(cut, len(text)))) if cut else ()
    document = Document(text, source="t", title="t", pages=pages)
    tree = build_hierarchy(document)
    given = {node.id: tuple(chances.get(span.of(text), 0.1) for span in node.sentences) for node in tree.level(0)}
    raised = with_heads(tree, given)
    return {
        span.of(text): chance
        for node in tree.level(0)
        for span, chance in zip(node.sentences, raised[node.id], strict=True)
    }


def test_a_head_is_as_likely_as_the_likeliest_of_its_rows() -> None:
    raised = _raised(TABLE, {"Costs\t300\t290": 0.6, "Taxes\t7\t6": 0.9})
    assert raised["(in millions)"] == raised["Year ended December 31,\t2022\t2021"] == 0.6
    assert raised["Revenue\t410\t380"] == 0.1


def test_a_head_does_not_reach_over_a_page() -> None:
    text = "Name\tAge\nIto\t44\n"
    assert _raised(text, {"Ito\t44": 0.8}, cut=len("Name\tAge\n"))["Name\tAge"] == 0.1
    assert _raised(text, {"Ito\t44": 0.8})["Name\tAge"] == 0.8


def test_a_new_head_takes_the_place_of_the_one_before() -> None:
    raised = _raised("Name\tAge\nIto\t44\nCity\tState\nErie\t7\n", {"Erie\t7": 0.7})
    assert (raised["Name\tAge"], raised["City\tState"]) == (0.1, 0.7)


def test_a_line_of_a_table_of_contents_is_worth_next_to_nothing() -> None:
    line = "Item 7. Management's discussion . . . . . . . . . 31"
    assert _raised(f"{line}\n", {line: 0.5})[line] == pytest.approx(0.5 * 0.02)


def test_a_head_does_not_reach_into_the_next_document() -> None:
    texts = ("Name\tAge\n", "Ito\t44\nCity\tState\nErie\t7\n")
    tree = join([build_hierarchy(Document(text, source=text[:4], title="t")) for text in texts])
    first, second = tree.level(0)
    assert with_heads(tree, {first.id: [0.1], second.id: [0.8, 0.1, 0.7]}) == {
        first.id: (0.1,),
        second.id: (0.8, 0.7, 0.7),
    }


def test_lines_of_a_table_of_contents_hold_nothing() -> None:
    contents = (
        "Certain relationships and transactions . . . . . . . 17",
        "Risks the Company is exposed to........ iv",
    )
    prose = "What there were of these was counted. . . and then there were 4 of us."
    raised = _raised("\n\n".join([*contents, prose]), {})
    assert [raised[line] for line in contents] == pytest.approx([0.1 * 0.02, 0.1 * 0.02])
    assert max(raised.values()) == 0.1
