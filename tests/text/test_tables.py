from collections.abc import Callable, Mapping, Sequence

import pytest
from documents import document_of

from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.text.tables import (
    BEST_ROWS,
    HEADING_SHARE,
    HEADS,
    PROSE_LENGTH,
    TABLE_SHARE,
    UNLIKELY,
    heads_above,
    with_heads,
    with_whole_tables,
)
from hiercomp.types import Document, Heading, Hierarchy, Page, Span

Raise = Callable[[Hierarchy, Mapping[str, Sequence[float]]], Mapping[str, Sequence[float]]]

TABLE = (
    "(in millions)\nYear ended December 31,\t2022\t2021\nRevenue\t410\t380\nCosts\t300\t290\n"
    "A sentence of prose that ends the table, because it is long enough to be one, and it goes on for much more than "
    "a whole line does.\nTaxes\t7\t6\n"
)


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
    raised = _raised("Name\tAge\nIto\t44\n\nCity\tState\nErie\t7\n", {"Erie\t7": 0.7})
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


def _heads(text: str, *, cut: int | None = None) -> dict[str, tuple[str, ...]]:
    """Return the heads of each row of a text, which has two pages if there is a cut."""
    pages = (Page(1, Span(0, cut)), Page(2, Span(cut, len(text)))) if cut else ()
    tree = build_hierarchy(Document(text, source="t", title="t", pages=pages))
    found = heads_above(tree, {node.id for node in tree.level(0)})

    def text_of(place: tuple[str, int]) -> str:
        return tree.node(place[0]).sentences[place[1]].of(text)

    return {text_of(row): tuple(map(text_of, heads)) for row, heads in found.items()}


def test_a_group_title_or_a_row_of_words_does_not_take_the_place_of_the_head() -> None:
    heads = ("(in millions)", "Site\t2022\t2025")
    title = "Balance at December 31, 2021\t\t"
    assert _heads("\n".join([*heads, "Oslo\t\t7.5", title, "Bergen\tclosed\tclosed", "Bodø\t6.1\t"])) == {
        "Oslo\t\t7.5": heads,
        title: heads,
        "Bergen\tclosed\tclosed": (*heads, title),
        "Bodø\t6.1\t": (*heads, title),
    }


def test_the_title_of_a_group_comes_with_its_rows() -> None:
    text = "\t2022\t2021\nRevenue\t9\t8\nThe earnings of the company per share:\nBasic\t1\t2\nDiluted\t3\t4\n"
    title = "The earnings of the company per share:"
    assert _heads(text) == {
        "Revenue\t9\t8": ("\t2022\t2021",),
        "Basic\t1\t2": ("\t2022\t2021", title),
        "Diluted\t3\t4": ("\t2022\t2021", title),
    }


def test_round_thousands_are_rows() -> None:
    rows = ["Loan\t305,000\t340,000", "Total\t25,000\t30,000"]
    assert set(_heads("\n".join(["\t2025\t2024", *rows]))) == set(rows)


def test_only_the_first_row_of_a_table_of_words_is_its_head() -> None:
    rows = ["Theft\tMr Falk", "Flood\tMs Grau"]
    assert _heads("\n".join(["Risk\tOwner", *rows])) == {row: ("Risk\tOwner",) for row in rows}


def test_a_second_line_of_names_belongs_to_the_head_if_figures_stand_below_it() -> None:
    assert _heads("Part\tPrice\nNumber\tin euro\nP-1\t4\n") == {"P-1\t4": ("Part\tPrice", "Number\tin euro")}


def test_a_table_after_a_title_or_with_other_columns_has_a_head_of_its_own() -> None:
    names = "City\tState\tMayor"
    assert _heads(f"Name\tAge\nIto\t44\n{names}\nErie\t7\t8\n")["Erie\t7\t8"] == (names,)
    assert _heads("Name\tAge\nIto\t44\nThe cities of the country\nCity\tState\nErie\t7\n")["Erie\t7"] == (
        "City\tState",
    )


def test_the_rule_below_a_head_is_no_row() -> None:
    found = _heads("| Part | Price |\n|---|---|\n| P-1 | 4 |\n| P-2 | 5 |\n")
    assert found["| P-2 | 5 |"] == ("| Part | Price |",)


def test_a_table_that_goes_on_over_a_page_keeps_its_head() -> None:
    first = "Name\tAge\nIto\t44\n"
    assert _heads(first + "Abe\t45\n", cut=len(first))["Abe\t45"] == ("Name\tAge",)
    assert _heads(first + "Abe\t45\t46\n", cut=len(first))["Abe\t45\t46"] == ()
    assert _heads(first + "City\tRank\nErie\t7\n", cut=len(first))["Erie\t7"] == ("City\tRank",)


def test_the_head_of_a_long_table_comes_with_a_row_many_passages_below() -> None:
    rows = [f"A{number}\tNordic Timber and Paper Trading Company\t{number}.50" for number in range(1000, 1200)]
    text = "\n".join(["Orders of the year", "order\tcustomer\tnet", *rows])
    tree = build_hierarchy(Document(text, source="t", title="t"))
    first, *_, last = tree.level(0)
    raised = with_heads(tree, {last.id: [0.1] * (len(last.sentences) - 1) + [0.9]})
    assert raised[first.id][:3] == (UNLIKELY, 0.9, UNLIKELY)
    assert raised.keys() == {first.id, last.id}
    middle = tree.level(0)[2]
    assert (
        with_heads(tree, {middle.id: [0.3] * len(middle.sentences), last.id: [0.2] * len(last.sentences)})[first.id][1]
        == 0.3
    )


def test_prose_between_passages_ends_a_table() -> None:
    prose = (PROSE.strip() + ". ") * 8
    found = _heads(f"Name\tAge\nIto\t44\n\n{prose}\n\nErie\t7\n")
    assert found["Erie\t7"] == ()


def test_a_heading_is_less_likely_than_what_stands_below_it() -> None:
    tree = build_hierarchy(
        document_of("# Note 6. Debt\nThe debt fell in the year, because the loan was repaid.\n# Note 7\n")
    )
    above, below = tree.level(0)
    raised = with_heads(tree, {above.id: [0.9, 0.5], below.id: [0.4]})
    assert raised == {above.id: (pytest.approx(0.5 * HEADING_SHARE), 0.5), below.id: (UNLIKELY,)}


@pytest.mark.parametrize("mark", ["[72]", "[1][2]", "•", "---"])
def test_a_mark_alone_holds_nothing(mark: str) -> None:
    document = Document(
        f"{mark}\nNext\n", source="t", title="t", headings=(Heading("Next", 1, Span(len(mark) + 1, len(mark) + 5)),)
    )
    tree = build_hierarchy(document)
    first = tree.level(0)[0]
    assert with_heads(tree, {first.id: [0.5]})[first.id] == pytest.approx((0.5 * 0.02,))


def test_a_table_is_read_from_its_start_whatever_passages_are_asked_for() -> None:
    prose = [f"{PROSE.strip()} {number}." for number in range(12)]
    rows = [f"Item number {number} of the long list of figures\t{number}" for number in range(60)]
    text = "\n\n".join([*prose, "\n".join(["Item\tNumber", *rows]), *prose, "The end of it."])
    tree = build_hierarchy(Document(text, source="t", title="t"))
    passages = tree.level(0)
    whole = heads_above(tree, {node.id for node in passages})
    for node in passages:
        assert heads_above(tree, {node.id}) == {place: heads for place, heads in whole.items() if place[0] == node.id}
    ends = {passages[0].id, next(node.id for node in reversed(passages) if "\t" in node.text)}
    assert heads_above(tree, ends) == {place: heads for place, heads in whole.items() if place[0] in ends}
    assert all(len(heads) == 1 for heads in whole.values())


def test_a_passage_without_sentences_ends_a_table() -> None:
    tree = build_hierarchy(document_of("~Cover\n", "Name\tAge\nIto\t44\n"))
    last = tree.level(0)[-1]
    assert with_heads(tree, {last.id: [0.1, 0.8]})[last.id] == (0.8, 0.8)


def test_only_the_heads_next_to_a_table_are_kept() -> None:
    years = [f"\t{year}\t{year + 1}" for year in range(1990, 2010)]
    assert _heads("\n".join([*years, "Oslo\t7\t8"])) == {"Oslo\t7\t8": tuple(years[-HEADS:])}
