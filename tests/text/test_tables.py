from collections.abc import Callable, Mapping, Sequence

import pytest

from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.text.tables import BEST_ROWS, PROSE_LENGTH, TABLE_SHARE, is_head, is_row, with_heads, with_whole_tables
from hiercomp.types import Document, Hierarchy, Page, Span

Raise = Callable[[Hierarchy, Mapping[str, Sequence[float]]], Mapping[str, Sequence[float]]]

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


def _raised(
    text: str, chances: dict[str, float], *, cut: int | None = None, raise_units: Raise = with_heads
) -> dict[str, float]:
    """Return the probability of each unit after some were raised. Units without a given one start at 0.1."""
    pages = (Page(1, Span(0, cut)), Page(2, Span(cut, len(text)))) if cut else ()
    document = Document(text, source="t", title="t", pages=pages)
    tree = build_hierarchy(document)
    given = {node.id: tuple(chances.get(span.of(text), 0.1) for span in node.sentences) for node in tree.level(0)}
    raised = raise_units(tree, given)
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


NAMES = ["Sales", "Costs", "Taxes", "Debt", "Cash"]
ROWS = [f"{name}\t{number}\t{number + 1}" for number, name in enumerate(NAMES, start=40)]
PROSE = "The company says in this line of prose that nothing of the kind has happened in " + "any of the years " * 5


def _whole(lines: list[str], chances: dict[str, float], *, cut: int | None = None) -> list[float]:
    """Return the probability of each line after whole tables were raised."""
    text = "".join(f"{line}\n" for line in lines)
    raised = _raised(text, chances, cut=cut, raise_units=with_whole_tables)
    return [raised[line] for line in lines]


def test_the_rows_of_a_table_are_raised_halfway_to_the_mean_of_its_best_rows() -> None:
    assert (BEST_ROWS, TABLE_SHARE) == (3, 0.5)
    # The mean of 0.9, 0.6 and 0.3 is 0.6. The other rows have 0.1.
    found = _whole(ROWS, {ROWS[1]: 0.9, ROWS[3]: 0.6, ROWS[4]: 0.3})
    assert found == pytest.approx([0.35, 0.9, 0.35, 0.6, 0.45])


def test_a_title_among_the_rows_is_not_raised_and_does_not_end_the_table() -> None:
    lines = [ROWS[0], "Current liabilities", *ROWS[1:3]]
    assert _whole(lines, {ROWS[0]: 0.9, ROWS[2]: 0.8}) == pytest.approx([0.9, 0.1, 0.35, 0.8])


def test_two_rows_are_no_table() -> None:
    assert _whole(ROWS[:2], {ROWS[0]: 0.9}) == [0.9, 0.1]


def test_prose_ends_a_table() -> None:
    prose = PROSE.strip()
    assert len(prose) > PROSE_LENGTH
    assert _whole([*ROWS[:3], prose], {ROWS[0]: 0.9, ROWS[1]: 0.9}) == pytest.approx([0.9, 0.9, 1.1 / 3, 0.1])
    found = _whole([*ROWS[:3], prose, *ROWS[3:]], {ROWS[0]: 0.9, ROWS[1]: 0.9})
    # The mean of 0.9, 0.9 and 0.1 is 1.9 / 3. The two rows after the prose are no table.
    assert found == pytest.approx([0.9, 0.9, 1.1 / 3, 0.1, 0.1, 0.1])


def test_a_table_ends_with_its_page() -> None:
    cut = sum(len(row) + 1 for row in ROWS[:3])
    chances = {row: 0.9 for row in ROWS[:3]}
    assert _whole(ROWS, chances, cut=cut) == [0.9, 0.9, 0.9, 0.1, 0.1]
    assert _whole(ROWS, chances) == pytest.approx([0.9, 0.9, 0.9, 0.5, 0.5])


def test_passages_without_probabilities_part_a_table() -> None:
    rows = [f"Item number {number} of the long list of figures\t{number}\t{number + 1}" for number in range(120)]
    tree = build_hierarchy(Document("".join(f"{row}\n" for row in rows), source="t", title="t"))
    first, second, third = tree.level(0)[:3]
    given = {
        first.id: [0.75] * len(first.sentences),
        second.id: [0.1] * len(second.sentences),
        third.id: [0.1] * len(third.sentences),
    }
    assert with_whole_tables(tree, given)[third.id] == pytest.approx([0.425] * len(third.sentences))
    del given[second.id]
    assert with_whole_tables(tree, given) == given


def test_no_row_falls_and_nothing_is_changed_in_place() -> None:
    tree = build_hierarchy(Document("".join(f"{row}\n" for row in ROWS), source="t", title="t"))
    (passage,) = tree.level(0)
    given = {passage.id: [0.9, 0.0, 0.5, 0.2, 0.4]}
    before = {node_id: list(values) for node_id, values in given.items()}
    raised = with_whole_tables(tree, given)
    assert given == before
    assert all(after >= chance for after, chance in zip(raised[passage.id], given[passage.id], strict=True))
