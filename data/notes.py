"""The tables of the notes to the financial statements and of management's discussion."""

from __future__ import annotations

from figures import LEASE_PAYMENTS, LEASE_RATE, NOTES, NOTES_RATE, Money, Rate, Year
from segments import split
from statements import LAST_THREE, LAST_TWO, Table, amounts, group, head, over, row

UNITS = {
    "started": (1_118, 1_094, 1_067),
    "granted": (402, 431, 389),
    "vested": (376, 365, 322),
    "forfeited": (47, 42, 40),
}
GRANT_PRICE = {2025: 31.42, 2024: 27.85, 2023: 24.10}
FOREIGN_SHARE = {2025: 0.236, 2024: 0.251, 2023: 0.244}


def notes(years: dict[int, Year]) -> dict[str, Table]:
    """Return the tables by name."""
    two, three = [years[y] for y in LAST_TWO], [years[y] for y in LAST_THREE]
    return {
        "costs": _costs(three),
        "cash_summary": [
            head("", *LAST_THREE),
            *amounts(
                three, "Cash provided by operating activities = operations\nCapital expenditures = -capital_spending"
            ),
            *amounts(
                three, "*Free cash flow = free_cash_flow\nDividends paid = -dividends\nShare repurchases = -buybacks"
            ),
        ],
        "tax_provision": _tax_provision(three),
        "tax_reconciliation": _tax_reconciliation(three),
        "unrecognized": _unrecognized(),
        "leases": _leases(two),
        "lease_maturities": _lease_maturities(years[2025]),
        "debt": _debt(two),
        "debt_maturities": _debt_maturities(years[2025]),
        "covenants": _covenants(two),
        "obligations": _obligations(years[2025]),
        "units": _units(),
        "inventories": _parts(
            two,
            "inventories",
            "Total inventories",
            ("Raw materials", 0.412),
            ("Work in process", 0.173),
            ("Finished goods", 0),
        ),
        "intangibles": _parts(
            two,
            "intangibles",
            "Total intangible assets, net",
            ("Customer relationships", 0.571),
            ("Developed technology", 0.318),
            ("Trade names", 0),
        ),
        "goodwill": [
            head("", *LAST_TWO),
            row("Flow Measurement", *[Money(81_300)] * 2),
            row("Water Quality", *[Money(74_500)] * 2),
            row("Field Services", *[Money(14_400)] * 2),
            row("Total goodwill", *[Money(170_200)] * 2, kind="total"),
        ],
    }


def _costs(years: list[Year]) -> Table:
    table = [head("", *LAST_THREE)]
    for label, key in (
        ("Research and development", "research"),
        ("Selling, general and administrative", "selling"),
        ("Amortization of intangible assets", "amortization"),
        ("Restructuring charges", "restructuring"),
    ):
        table.append(over(years, label, lambda y, k=key: y.v[k]))  # type: ignore[misc]
        table.append(over(years, "   as a share of revenue", lambda y, k=key: Rate(y.v[k] / y.v["revenue"])))  # type: ignore[misc]
    return table


def _tax_provision(years: list[Year]) -> Table:
    foreign = {year.year: Money(round(year.v["pretax"] * FOREIGN_SHARE[year.year])) for year in years}
    parts = {year.year: split(year.v["current_tax"], 0.604, 0.127) for year in years}
    return [
        head("", *LAST_THREE),
        group("Income before income taxes"),
        over(years, "United States", lambda y: Money(y.v["pretax"] - foreign[y.year])),
        over(years, "Foreign", lambda y: foreign[y.year]),
        *amounts(years, "*Income before income taxes = pretax"),
        group("Provision for income taxes"),
        over(years, "Current: federal", lambda y: parts[y.year][0]),
        over(years, "Current: state", lambda y: parts[y.year][1]),
        over(years, "Current: foreign", lambda y: parts[y.year][2]),
        *amounts(years, "Deferred = deferred_tax\n*Provision for income taxes = tax"),
    ]


def _tax_reconciliation(years: list[Year]) -> Table:
    table = [head("", *(f"{what} {year.year}" for year in years for what in ("$", "%")))]
    for label, key in (
        ("Tax at the federal statutory rate", "statutory"),
        ("State taxes, net of federal benefit", "state_tax"),
        ("Foreign rate differential", "foreign_tax"),
        ("Global minimum tax", "minimum_tax"),
        ("Research and development credits", "research_credit"),
        ("Change in valuation allowance", "allowance"),
        ("Share-based compensation", "stock_tax"),
        ("Other, net", "other_tax"),
    ):
        cells = (cell for y in years for cell in (y.tax[key], _percent(y.tax[key] / y.v["pretax"])))
        table.append(row(label, *cells))
    totals = (cell for y in years for cell in (y.v["tax"], _percent(y.rate["tax"])))
    return [*table, row("Provision and effective tax rate", *totals, kind="total")]


def _percent(share: float) -> str:
    return "—" if share == 0 else f"({-share:.1%})" if share < 0 else f"{share:.1%}"


def _unrecognized() -> Table:
    table = [head("", *LAST_THREE)]
    opened, added, settled, lapsed = (3_480, 3_105, 2_760), (640, 585, 530), (-210, 0, -95), (-320, -210, -90)
    for label, values in (("Balance, January 1", opened), ("Positions of the year", added), ("Settlements", settled)):
        table.append(row(label, *map(Money, values)))
    closing = [Money(sum(column)) for column in zip(opened, added, settled, lapsed, strict=True)]
    return [*table, row("Lapse of statutes", *map(Money, lapsed)), row("Balance, December 31", *closing, kind="total")]


def _leases(years: list[Year]) -> Table:
    payments = {2025: LEASE_PAYMENTS[2024][0], 2024: 8_905}
    short = {2025: Money(1_340), 2024: Money(1_275)}
    variable = {2025: Money(2_215), 2024: Money(2_080)}
    return [
        head("", *LAST_TWO),
        over(years, "Operating lease cost", lambda y: Money(payments[y.year])),
        over(years, "Short-term lease cost", lambda y: short[y.year]),
        over(years, "Variable lease cost", lambda y: variable[y.year]),
        over(years, "Total lease cost", lambda y: Money(payments[y.year] + short[y.year] + variable[y.year]), "total"),
        over(years, "Cash paid for operating leases", lambda y: Money(payments[y.year])),
        row("Weighted average remaining term, in years", "5.4", "5.2"),
        row("Weighted average discount rate", Rate(LEASE_RATE), Rate(LEASE_RATE)),
    ]


def _lease_maturities(year: Year) -> Table:
    *yearly, rest = LEASE_PAYMENTS[2025]
    total = sum(yearly) + rest
    return [
        head("Year", "Payments"),
        *(row(str(2026 + index), Money(payment)) for index, payment in enumerate(yearly)),
        row("2031 and later", Money(rest)),
        row("Total lease payments", Money(total), kind="total"),
        row("Less imputed interest", Money(year.v["lease_liability"] - total)),
        *amounts([year], "*Operating lease liabilities = lease_liability"),
    ]


def _debt(years: list[Year]) -> Table:
    return [
        head("", *LAST_TWO),
        *amounts(years, "Term loan, due June 2029 = term_loan\nRevolving credit facility, due June 2029 = revolver"),
        row(f"{NOTES_RATE:.2%} senior notes, due March 2031", *[Money(NOTES)] * 2),
        *amounts(
            years, "*Total debt = debt\nLess unamortized issuance costs = -costs\nLess current portion = -loan_current"
        ),
        *amounts(years, "*Long-term debt = long_debt"),
    ]


def _debt_maturities(year: Year) -> Table:
    last = year.v["term_loan"] - 30_000 + year.v["revolver"]
    table = [row(str(when), Money(10_000)) for when in (2026, 2027, 2028)]
    return [
        head("Year", "Principal"),
        *table,
        row("2029", Money(last)),
        row("2030", "—"),
        row("2031", Money(NOTES)),
        *amounts([year], "*Total debt = debt"),
    ]


def _covenants(years: list[Year]) -> Table:
    return [
        head("", "Required", *(f"December 31, {y}" for y in LAST_TWO)),
        row("Net leverage ratio", "at most 3.50x", *(f"{year.rate['leverage']:x}" for year in years)),
        row("Interest coverage ratio", "at least 3.00x", *(f"{year.rate['coverage']:x}" for year in years)),
    ]


def _obligations(year: Year) -> Table:
    *yearly, rest = LEASE_PAYMENTS[2025]
    last = year.v["term_loan"] - 30_000 + year.v["revolver"]
    lines = {
        "Debt principal": (10_000, 20_000, last, NOTES),
        "Interest on debt": (16_480, 30_115, 17_930, 1_455),
        "Operating leases": (yearly[0], yearly[1] + yearly[2], yearly[3] + yearly[4], rest),
        "Purchase commitments": (38_720, 11_860, 2_400, 0),
    }
    table = [row(label, *map(Money, values), Money(sum(values))) for label, values in lines.items()]
    totals = [sum(column) for column in zip(*lines.values(), strict=True)]
    return [
        head("", "2026", "2027-2028", "2029-2030", "Later", "Total"),
        *table,
        row("Total", *map(Money, totals), Money(sum(totals)), kind="total"),
    ]


def _units() -> Table:
    table = [head("Thousands of units", *LAST_THREE)]
    for label, key, sign in (
        ("Outstanding, January 1", "started", 1),
        ("Granted", "granted", 1),
        ("Vested", "vested", -1),
        ("Forfeited", "forfeited", -1),
    ):
        table.append(row(label, *(Money(sign * count) for count in UNITS[key])))
    closing = [s + g - v - f for s, g, v, f in zip(*UNITS.values(), strict=True)]
    prices = (f"${GRANT_PRICE[year]:.2f}" for year in LAST_THREE)
    return [
        *table,
        row("Outstanding, December 31", *map(Money, closing), kind="total"),
        row("Weighted average grant-date fair value of units granted", *prices),
    ]


def _parts(years: list[Year], key: str, total: str, *shares: tuple[str, float]) -> Table:
    """Return a table that divides a balance into parts. The last part is the remainder."""
    columns = [split(year.v[key], *(share for _, share in shares[:-1])) for year in years]
    table = [row(label, *(column[index] for column in columns)) for index, (label, _) in enumerate(shares)]
    return [head("", *LAST_TWO), *table, *amounts(years, f"*{total} = {key}")]
