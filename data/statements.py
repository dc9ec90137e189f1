"""The tables of the financial statements and their summaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from figures import SEGMENTS, YEARS, Money, Rate, Year

LAST_TWO = (2025, 2024)
LAST_THREE = (2025, 2024, 2023)
NAMES = {"flow": "Flow Measurement", "quality": "Water Quality", "services": "Field Services"}


@dataclass(frozen=True)
class Row:
    """A table row. `kind` is "head", "group" (a title for the rows below it), "total" or "plain"."""

    cells: tuple[str, ...]
    kind: str = "plain"


Table = list[Row]


def head(*cells: object) -> Row:
    """Return a row of column titles."""
    return Row(tuple(map(str, cells)), "head")


def group(title: str) -> Row:
    """Return a row with a title for the rows below it."""
    return Row((title,), "group")


def row(label: str, *values: object, kind: str = "plain") -> Row:
    """Return a row with a label and formatted values."""
    return Row((label, *(f"{value}" for value in values)), kind)


def over(years: Iterable[Year], label: str, value: Callable[[Year], object], kind: str = "plain") -> Row:
    """Return a row with one value for each year."""
    return row(label, *(value(year) for year in years), kind=kind)


def amounts(years: Iterable[Year], lines: str) -> Table:
    """Return a row for each line such as `Net income = net_income`: a label, and the name of an amount of the year.

    A `*` before the label marks a total. A `-` before the name reverses the sign of the amount.
    """
    table = []
    for line in lines.strip().splitlines():
        label, _, key = (part.strip() for part in line.partition("="))
        kind = "total" if label.startswith("*") else "plain"
        sign = -1 if key.startswith("-") else 1
        name = key.lstrip("-")
        table.append(
            over(years, label.lstrip("* "), lambda year, name=name, sign=sign: Money(sign * year.v[name]), kind)  # type: ignore[misc]
        )
    return table


def statements(years: dict[int, Year]) -> dict[str, Table]:
    """Return the tables by name."""
    two, three = [years[y] for y in LAST_TWO], [years[y] for y in LAST_THREE]
    return {
        "highlights": _highlights(years),
        "five_years": _five_years([years[y] for y in reversed(YEARS)]),
        "income_statement": _income_statement(three),
        "comprehensive_income": [
            head("", *LAST_THREE),
            *amounts(three, "Net income = net_income\nForeign currency translation adjustments = translation"),
            over(three, "Comprehensive income", lambda y: Money(y.v["net_income"] + y.v["translation"]), "total"),
        ],
        "balance_sheet": _balance_sheet(two),
        "cash_flow": _cash_flow(three),
        "equity": _equity(three),
        "ebitda": [
            head("", *LAST_THREE),
            *amounts(three, EBITDA),
        ],
    }


EBITDA = """
Operating income = operating_income
Depreciation = depreciation
Amortization of intangible assets = amortization
Share-based compensation = stock_cost
Restructuring charges = restructuring
*Adjusted EBITDA = ebitda
"""


def _highlights(years: dict[int, Year]) -> Table:
    now, last = years[2025], years[2024]

    def change(after: float, before: float) -> Rate:
        return Rate(after / before - 1)

    table = [head("", 2025, 2024, "Change")]
    for label, key in (
        ("Revenue", "revenue"),
        ("Gross profit", "gross_profit"),
        ("Operating income", "operating_income"),
        ("Net income", "net_income"),
        ("Cash provided by operating activities", "operations"),
        ("Free cash flow", "free_cash_flow"),
        ("Total debt", "debt"),
    ):
        table.append(row(label, now.v[key], last.v[key], change(now.v[key], last.v[key])))
    table += [
        row("Effective tax rate", now.rate["tax"], last.rate["tax"], ""),
        row(
            "Diluted earnings per share",
            f"${now.earnings_per_share:.2f}",
            f"${last.earnings_per_share:.2f}",
            change(now.earnings_per_share, last.earnings_per_share),
        ),
        row(
            "Dividends declared per share",
            f"${now.dividend:.2f}",
            f"${last.dividend:.2f}",
            change(now.dividend, last.dividend),
        ),
        row(
            "Employees at year-end", f"{now.employees:,}", f"{last.employees:,}", change(now.employees, last.employees)
        ),
    ]
    return table


def _five_years(years: list[Year]) -> Table:
    return [
        head("", *(year.year for year in years)),
        group("Results of operations"),
        *(over(years, f"{NAMES[name]} revenue", lambda y, n=name: y.revenue[n]) for name in SEGMENTS),  # type: ignore[misc]
        *amounts(years, "*Total revenue = revenue\nGross profit = gross_profit\nOperating income = operating_income"),
        *amounts(years, "Interest expense = interest\nIncome taxes = tax\n*Net income = net_income"),
        over(years, "Gross margin", lambda y: y.rate["gross"]),
        over(years, "Operating margin", lambda y: y.rate["operating"]),
        over(years, "Effective tax rate", lambda y: y.rate["tax"]),
        group("Per share, in dollars"),
        over(years, "Diluted earnings", lambda y: f"{y.earnings_per_share:.2f}"),
        over(years, "Dividends declared", lambda y: f"{y.dividend:.2f}"),
        group("Financial position at year-end"),
        *amounts(years, "Cash = cash\nTotal assets = total_assets\nTotal debt = debt\nStockholders' equity = equity"),
        group("Other data"),
        *amounts(years, "Capital expenditures = capital_spending\nFree cash flow = free_cash_flow"),
        over(years, "Diluted shares, in millions", lambda y: f"{y.shares:.2f}"),
        over(years, "Employees", lambda y: f"{y.employees:,}"),
    ]


def _income_statement(years: list[Year]) -> Table:
    return [
        head("", *(year.year for year in years)),
        over(years, "Product revenue", lambda y: Money(y.v["revenue"] - y.revenue["services"])),
        over(years, "Service revenue", lambda y: y.revenue["services"]),
        *amounts(
            years,
            """
            *Total revenue = revenue
            Cost of products sold = cost_products
            Cost of services = cost_services
            *Gross profit = gross_profit
            Research and development = research
            Selling, general and administrative = selling
            Amortization of intangible assets = amortization
            Restructuring charges = restructuring
            *Operating income = operating_income
            Interest expense = -interest
            Interest income = interest_income
            *Income before income taxes = pretax
            Provision for income taxes = tax
            *Net income = net_income
            """,
        ),
        over(years, "Diluted earnings per share", lambda y: f"${y.earnings_per_share:.2f}"),
        over(years, "Diluted weighted average shares, in thousands", lambda y: Money(round(y.shares * 1000))),
    ]


def _balance_sheet(years: list[Year]) -> Table:
    return [
        head("", *(f"December 31, {year.year}" for year in years)),
        group("Assets"),
        *amounts(
            years,
            """
            Cash and cash equivalents = cash
            Accounts receivable, net = receivables
            Inventories = inventories
            Prepaid expenses and other current assets = prepaid
            *Total current assets = current_assets
            Property, plant and equipment, net = equipment
            Operating lease right-of-use assets = lease_asset
            Goodwill = goodwill
            Intangible assets, net = intangibles
            Deferred income taxes = deferred_tax_asset
            Other assets = other_assets
            *Total assets = total_assets
            """,
        ),
        group("Liabilities and stockholders' equity"),
        *amounts(
            years,
            """
            Accounts payable = payables
            Accrued compensation and other liabilities = accrued
            Deferred revenue = deferred_revenue
            Current portion of long-term debt = loan_current
            Current operating lease liabilities = lease_current
            *Total current liabilities = current_liabilities
            Long-term debt, net of current portion and issuance costs = long_debt
            Operating lease liabilities, net of current portion = lease_long
            Other liabilities = other_liabilities
            *Total liabilities = total_liabilities
            Common stock and additional paid-in capital = paid_in
            Retained earnings = retained
            Accumulated other comprehensive loss = other_income
            Treasury stock, at cost = treasury
            *Total stockholders' equity = equity
            *Total liabilities and stockholders' equity = total_assets
            """,
        ),
    ]


def _cash_flow(years: list[Year]) -> Table:
    return [
        head("", *(year.year for year in years)),
        group("Operating activities"),
        *amounts(
            years,
            """
            Net income = net_income
            Depreciation = depreciation
            Amortization of intangible assets = amortization
            Share-based compensation = stock_cost
            Deferred income taxes = deferred_tax
            Amortization of debt issuance costs = cost_amortized
            Change in accounts receivable = change_receivables
            Change in inventories = change_inventories
            Change in prepaid expenses = change_prepaid
            Change in accounts payable = change_payables
            Change in accrued liabilities = change_accrued
            Change in deferred revenue = change_deferred_revenue
            *Cash provided by operating activities = operations
            """,
        ),
        group("Investing activities"),
        *amounts(
            years,
            """
            Capital expenditures = -capital_spending
            Acquisition of Pellbrook Analytics, net of cash acquired = -acquired
            *Cash used in investing activities = investing
            """,
        ),
        group("Financing activities"),
        *amounts(
            years,
            """
            Repayment of term loan = loan_repaid
            Net borrowings (repayments) under revolving credit facility = revolver_drawn
            Dividends paid = -dividends
            Repurchases of common stock = -buybacks
            *Cash provided by (used in) financing activities = financing
            Effect of exchange rates on cash = translation
            *Net change in cash and cash equivalents = cash_change
            Cash and cash equivalents, beginning of year = opening_cash
            *Cash and cash equivalents, end of year = cash
            """,
        ),
    ]


def _equity(years: list[Year]) -> Table:
    table = [head("", "Paid-in capital", "Retained earnings", "Other loss", "Treasury stock", "Total")]
    for year in reversed(years):
        v = year.v
        cells = [v["stock_cost"], Money(v["net_income"] - v["dividends"]), v["translation"], Money(-v["buybacks"])]
        opening = [
            Money(v[key] - cell)
            for key, cell in zip(("paid_in", "retained", "other_income", "treasury"), cells, strict=True)
        ]
        empty = "—"
        table += [
            row(f"Balance, January 1, {year.year}", *opening, Money(sum(opening)), kind="total"),
            row("Net income", empty, v["net_income"], empty, empty, v["net_income"]),
            row("Translation adjustments", empty, empty, v["translation"], empty, v["translation"]),
            row("Share-based compensation", v["stock_cost"], empty, empty, empty, v["stock_cost"]),
            row("Dividends declared", empty, Money(-v["dividends"]), empty, empty, Money(-v["dividends"])),
            row("Repurchases of stock", empty, empty, empty, Money(-v["buybacks"]), Money(-v["buybacks"])),
        ]
    last = years[0].v
    closing = [last[key] for key in ("paid_in", "retained", "other_income", "treasury", "equity")]
    return [*table, row("Balance, December 31, 2025", *closing, kind="total")]
