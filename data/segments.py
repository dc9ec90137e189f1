"""The tables of revenue and income by segment, region and quarter."""

from __future__ import annotations

from figures import SEGMENTS, Money, Year
from statements import LAST_THREE, LAST_TWO, NAMES, Table, amounts, group, head, over, row

REGIONS = (
    ("United States", 0.612),
    ("Canada", 0.094),
    ("Germany", 0.118),
    ("Other Europe", 0.097),
    ("Asia Pacific", 0.079),
)


def segment_tables(years: dict[int, Year]) -> dict[str, Table]:
    """Return the tables by name."""
    two, three = [years[y] for y in LAST_TWO], [years[y] for y in LAST_THREE]
    return {
        "segment_results": _segment_results(three),
        "segment_reconciliation": _segment_reconciliation(three),
        "segment_assets": _segment_assets(two),
        "geography": _geography(three),
        "quarters": _quarters(years[2025]),
        "backlog": _backlog(two),
    }


def split(total: int, *shares: float) -> list[Money]:
    """Divide a total into parts by their shares. The last part is the remainder, so that the parts add up."""
    parts = [Money(round(total * share)) for share in shares]
    return [*parts, Money(total - sum(parts))]


def _segment_results(years: list[Year]) -> Table:
    table = [head("", *LAST_THREE)]
    for name in SEGMENTS:
        table += [
            group(NAMES[name]),
            over(years, "Revenue", lambda y, n=name: y.revenue[n]),  # type: ignore[misc]
            over(years, "Growth over the year before", lambda y, n=name: y.rate[f"growth_{n}"]),  # type: ignore[misc]
            over(years, "Segment operating income", lambda y, n=name: y.income[n]),  # type: ignore[misc]
            over(years, "Segment operating margin", lambda y, n=name: y.rate[n]),  # type: ignore[misc]
        ]
    return table


def _segment_reconciliation(years: list[Year]) -> Table:
    return [
        head("", *LAST_THREE),
        *(over(years, NAMES[name], lambda y, n=name: y.income[n]) for name in SEGMENTS),  # type: ignore[misc]
        *amounts(
            years,
            """
            *Total segment operating income = segment_income
            Corporate expenses = -corporate
            Amortization of intangible assets = -amortization
            Restructuring charges = -restructuring
            *Operating income = operating_income
            Interest expense = -interest
            Interest income = interest_income
            *Income before income taxes = pretax
            """,
        ),
    ]


def _segment_assets(years: list[Year]) -> Table:
    table = [head("", *(f"{what} {year.year}" for what in ("Assets", "Depreciation") for year in years))]
    assets = [split(year.v["total_assets"] - year.v["cash"], 0.462, 0.371, 0.118) for year in years]
    worn = [split(year.v["depreciation"], 0.447, 0.339, 0.173) for year in years]
    for index, label in enumerate([*NAMES.values(), "Corporate, without cash"]):
        table.append(row(label, *(column[index] for column in [*assets, *worn])))
    totals = [sum(column) for column in [*assets, *worn]]
    return [*table, row("Total", *map(Money, totals), kind="total")]


def _geography(years: list[Year]) -> Table:
    columns = [split(year.v["revenue"], *(share for _, share in REGIONS[:-1])) for year in years]
    labels = [label for label, _ in REGIONS]
    table = [row(label, *(column[index] for column in columns)) for index, label in enumerate(labels)]
    return [head("", *LAST_THREE), *table, *amounts(years, "*Total revenue = revenue")]


def _quarters(year: Year) -> Table:
    table = [head("2025", "First", "Second", "Third", "Fourth", "Year")]
    for label, key, shares in (
        ("Revenue", "revenue", (0.231, 0.252, 0.249)),
        ("Gross profit", "gross_profit", (0.228, 0.254, 0.251)),
        ("Operating income", "operating_income", (0.214, 0.271, 0.178)),
        ("Net income", "net_income", (0.203, 0.279, 0.161)),
    ):
        table.append(row(label, *split(year.v[key], *shares), year.v[key]))
    return table


def _backlog(years: list[Year]) -> Table:
    shares = {2025: (0.291, 0.334, 0.187), 2024: (0.312, 0.297, 0.181)}
    columns = [
        [Money(round(year.revenue[n] * s)) for n, s in zip(SEGMENTS, shares[year.year], strict=True)] for year in years
    ]
    table = [row(NAMES[name], *(column[index] for column in columns)) for index, name in enumerate(SEGMENTS)]
    totals = (Money(sum(column)) for column in columns)
    return [head("", *(f"December 31, {y}" for y in LAST_TWO)), *table, row("Total backlog", *totals, kind="total")]
