"""The accounts of an invented company for 2021 to 2025.

A few drivers and a seed determine all figures. Every total is the sum of its parts, and the statements agree with each
other. Amounts of money are whole thousands of US dollars.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

YEARS = (2021, 2022, 2023, 2024, 2025)
SEGMENTS = ("flow", "quality", "services")
LEASE_RATE = 0.051
NOTES_RATE = 0.0485


class Money(int):
    """An amount in thousands of dollars.

    The format specification "m" gives "$612.4 million", and "d" gives "$612,437". Without one, the amount is formatted
    as in a table: "612,437", "(612,437)" or "—".
    """

    def __format__(self, specification: str) -> str:
        if specification == "m":
            return f"${abs(self) / 1000:,.1f} million"
        if specification == "d":
            return f"${abs(self):,}"
        return "—" if self == 0 else f"({-self:,d})" if self < 0 else f"{int(self):,d}"


class Rate(float):
    """A ratio.

    The format specification "x" gives "2.41x", and "a" gives a percentage without its sign. Without one, the ratio is
    formatted as "12.5%".
    """

    def __format__(self, specification: str) -> str:
        if specification == "x":
            return f"{float(self):.2f}x"
        percent = float(self) * 100
        return f"{abs(percent) if specification == 'a' else percent:.1f}%"


# Revenue of each segment in 2020, in thousands of dollars.
BASE = {"flow": 238_000, "quality": 148_000, "services": 96_000}
# Each tuple has one value for each year from 2021 to 2025. Growth is relative to the year before, margins are shares of
# revenue, and amounts of money are in thousands of dollars.
GROWTH = {
    "flow": (0.0, 0.042, 0.051, 0.030, 0.021),
    "quality": (0.0, 0.095, 0.112, 0.081, 0.127),
    "services": (0.0, 0.060, 0.075, 0.090, 0.064),
}
MARGIN = {
    "flow": (0.187, 0.182, 0.176, 0.171, 0.179),
    "quality": (0.142, 0.151, 0.158, 0.149, 0.168),
    "services": (0.118, 0.121, 0.115, 0.124, 0.106),
}
DRIVERS: dict[str, tuple[float, ...]] = {
    "corporate": (21_480, 22_815, 23_940, 25_130, 26_385),
    "restructuring": (0, 0, 3_120, 0, 6_840),
    "research": (0.0682, 0.0695, 0.0711, 0.0724, 0.0738),
    "selling": (0.1815, 0.1802, 0.1788, 0.1779, 0.1764),
    "state_tax": (0.019, 0.020, 0.021, 0.020, 0.021),
    "foreign_tax": (0.006, 0.007, 0.008, 0.009, 0.013),
    "minimum_tax": (0.0, 0.0, 0.0, 0.004, 0.017),
    "research_credit": (-0.021, -0.022, -0.023, -0.024, -0.025),
    "allowance": (0.0, 0.0, -0.003, -0.036, 0.002),
    "stock_tax": (-0.004, 0.002, -0.003, -0.002, 0.003),
    "other_tax": (0.002, 0.001, 0.002, 0.003, 0.001),
    "receivables": (0.168, 0.171, 0.169, 0.173, 0.166),
    "inventories": (0.142, 0.158, 0.161, 0.153, 0.147),
    "prepaid": (0.021, 0.022, 0.022, 0.023, 0.022),
    "payables": (0.083, 0.086, 0.084, 0.085, 0.087),
    "accrued": (0.064, 0.063, 0.066, 0.064, 0.068),
    "deferred_revenue": (0.049, 0.051, 0.054, 0.057, 0.061),
    "depreciation": (0.033, 0.034, 0.034, 0.035, 0.036),
    "capital_spending": (0.038, 0.046, 0.041, 0.049, 0.044),
    "stock_cost": (8_240, 9_115, 10_060, 11_385, 12_470),
    "deferred_tax": (1_210, 840, 1_565, -2_930, 1_740),
    "acquired": (0, 0, 0, 46_000, 0),
    "term_loan": (210_000, 200_000, 190_000, 180_000, 170_000),
    "revolver": (30_000, 25_000, 0, 40_000, 15_000),
    "term_rate": (0.0312, 0.0465, 0.0658, 0.0672, 0.0594),
    "dividend": (0.20, 0.22, 0.24, 0.26, 0.30),
    "buybacks": (6_000, 8_150, 7_480, 4_020, 12_365),
    "shares": (31.94, 31.81, 31.52, 31.38, 31.05),
    "employees": (2_214, 2_297, 2_381, 2_518, 2_566),
    "interest_income": (310, 465, 980, 1_340, 1_215),
    "translation": (-640, -1_180, 520, -910, 1_060),
}
NOTES = 120_000
# Lease payments in each of the five years after the given year, and in all later years together.
LEASE_PAYMENTS = {2024: (9_180, 8_420, 7_260, 5_940, 4_310, 6_450), 2025: (9_640, 8_890, 7_510, 6_020, 4_480, 7_350)}
TAX_LINES = ("state_tax", "foreign_tax", "minimum_tax", "research_credit", "allowance", "stock_tax", "other_tax")
BALANCES = ("receivables", "inventories", "prepaid", "payables", "accrued", "deferred_revenue")


@dataclass
class Year:
    """The accounts of one year.

    `revenue` and `income` are by segment, `tax` is by line of the tax reconciliation, and `rate` holds ratios by name.
    `v` holds all other amounts by name. `shares` is in millions.
    """

    year: int
    revenue: dict[str, Money] = field(default_factory=dict)
    income: dict[str, Money] = field(default_factory=dict)
    v: dict[str, Money] = field(default_factory=dict)
    rate: dict[str, Rate] = field(default_factory=dict)
    earnings_per_share: float = 0.0
    dividend: float = 0.0
    shares: float = 0.0
    employees: int = 0
    tax: dict[str, Money] = field(default_factory=dict)


def accounts() -> dict[int, Year]:
    """Return the accounts of the five years. Each year starts from the balance sheet of the year before."""
    jitter = random.Random(2025)
    years: dict[int, Year] = {}
    before = _opening()
    for index, year in enumerate(YEARS):
        drivers = {name: values[index] for name, values in DRIVERS.items()}
        now = Year(year, dividend=drivers["dividend"], shares=drivers["shares"], employees=int(drivers["employees"]))
        _segments(now, before, index, jitter)
        _balances(now, drivers, jitter)
        _income(now, before, drivers)
        _cash_flow(now, before, drivers)
        _rates(now, before)
        years[year] = before = now
    return years


def lease_liability(year: int) -> int:
    """Return the present value of the lease payments after a year.

    The payments of all later years together are spread over two years. Before 2024, the liability is 6 % lower for each
    year before 2024.
    """
    *yearly, rest = LEASE_PAYMENTS[max(year, 2024)]
    payments = [*yearly, rest / 2, rest / 2]
    value = sum(payment / (1 + LEASE_RATE) ** (position + 0.5) for position, payment in enumerate(payments))
    return round(value * (1 if year >= 2024 else 0.94 ** (2024 - year)))


def _opening() -> Year:
    """Return the balance sheet before the first year. Retained earnings are the amount that makes it balance."""
    v = {name: round(sum(BASE.values()) * 0.96 * values[0]) for name, values in DRIVERS.items() if name in BALANCES}
    v |= {"cash": 57_940, "equipment": 118_400, "goodwill": 142_600, "intangibles": 71_500, "deferred_tax_asset": 9_860}
    v |= {"other_assets": 6_310, "other_liabilities": 11_940, "term_loan": 220_000, "revolver": 35_000, "costs": 4_650}
    v |= {"lease_liability": lease_liability(2020), "lease_gap": 1_180, "paid_in": 96_300, "other_income": -7_420}
    v |= {"treasury": -38_900, "retained": 0}
    opening = Year(2020, v={name: Money(value) for name, value in v.items()})
    _totals(opening)
    opening.v["retained"] = Money(opening.v["total_assets"] - opening.v["total_liabilities"] - opening.v["equity"])
    _totals(opening)
    return opening


def _segments(now: Year, before: Year, index: int, jitter: random.Random) -> None:
    for name in SEGMENTS:
        grown = before.revenue.get(name, BASE[name]) * (1 + GROWTH[name][index] + jitter.uniform(-0.003, 0.003))
        now.revenue[name] = Money(round(grown))
        now.income[name] = Money(round(grown * (MARGIN[name][index] + jitter.uniform(-0.0008, 0.0008))))
    now.v["revenue"] = Money(sum(now.revenue.values()))
    now.v["segment_income"] = Money(sum(now.income.values()))


def _balances(now: Year, drivers: dict[str, float], jitter: random.Random) -> None:
    for name in (*BALANCES, "depreciation", "capital_spending", "research", "selling"):
        now.v[name] = Money(round(now.v["revenue"] * (drivers[name] + jitter.uniform(-0.0004, 0.0004))))
    for name in ("corporate", "restructuring", "stock_cost", "acquired", "term_loan", "revolver", "buybacks"):
        now.v[name] = Money(round(drivers[name]))
    now.v["interest_income"] = Money(round(drivers["interest_income"]))


def _income(now: Year, before: Year, drivers: dict[str, float]) -> None:
    v = now.v
    acquired_intangibles = v["acquired"] * 35 // 100
    v["amortization"] = Money(round((before.v["intangibles"] + acquired_intangibles / 2) * 0.135))
    v["operating_income"] = Money(v["segment_income"] - v["corporate"] - v["amortization"] - v["restructuring"])
    above = v["operating_income"] + v["research"] + v["selling"] + v["amortization"] + v["restructuring"]
    v["cost"] = Money(v["revenue"] - above)
    v["cost_services"] = Money(round(now.revenue["services"] * 0.712))
    v["cost_products"] = Money(v["cost"] - v["cost_services"])
    v["gross_profit"] = Money(v["revenue"] - v["cost"])
    loans = (v["term_loan"] + v["revolver"] + before.v["term_loan"] + before.v["revolver"]) / 2
    v["cost_amortized"] = Money(520)
    v["interest"] = Money(round(loans * drivers["term_rate"] + NOTES * NOTES_RATE) + 520)
    v["pretax"] = Money(v["operating_income"] - v["interest"] + v["interest_income"])
    now.tax = {"statutory": Money(round(v["pretax"] * 0.21))}
    now.tax |= {name: Money(round(v["pretax"] * drivers[name])) for name in TAX_LINES}
    v["tax"] = Money(sum(now.tax.values()))
    v["deferred_tax"] = Money(round(drivers["deferred_tax"]))
    v["current_tax"] = Money(v["tax"] - v["deferred_tax"])
    v["net_income"] = Money(v["pretax"] - v["tax"])
    v["translation"] = Money(round(drivers["translation"]))
    now.earnings_per_share = round(v["net_income"] / 1000 / now.shares, 2)


def _cash_flow(now: Year, before: Year, drivers: dict[str, float]) -> None:
    v, b = now.v, before.v
    v["intangibles_bought"] = Money(v["acquired"] * 35 // 100)
    v["equipment_bought"] = Money(v["acquired"] * 5 // 100)
    v["goodwill"] = Money(b["goodwill"] + v["acquired"] - v["intangibles_bought"] - v["equipment_bought"])
    v["intangibles"] = Money(b["intangibles"] + v["intangibles_bought"] - v["amortization"])
    v["equipment"] = Money(b["equipment"] + v["capital_spending"] + v["equipment_bought"] - v["depreciation"])
    v["deferred_tax_asset"] = Money(b["deferred_tax_asset"] - v["deferred_tax"])
    v["other_assets"], v["other_liabilities"] = b["other_assets"], b["other_liabilities"]
    v["costs"] = Money(b["costs"] - v["cost_amortized"])
    v["lease_liability"], v["lease_gap"] = Money(lease_liability(now.year)), b["lease_gap"]
    v["dividends"] = Money(round(now.dividend * now.shares * 1000))
    for name in BALANCES:
        sign = -1 if name in BALANCES[:3] else 1
        v[f"change_{name}"] = Money(sign * (v[name] - b[name]))
    added = v["depreciation"] + v["amortization"] + v["stock_cost"] + v["deferred_tax"] + v["cost_amortized"]
    v["operations"] = Money(v["net_income"] + added + sum(v[f"change_{name}"] for name in BALANCES))
    v["investing"] = Money(-v["capital_spending"] - v["acquired"])
    v["loan_repaid"] = Money(v["term_loan"] - b["term_loan"])
    v["revolver_drawn"] = Money(v["revolver"] - b["revolver"])
    v["financing"] = Money(v["loan_repaid"] + v["revolver_drawn"] - v["dividends"] - v["buybacks"])
    v["cash_change"] = Money(v["operations"] + v["investing"] + v["financing"] + v["translation"])
    v["opening_cash"], v["cash"] = b["cash"], Money(b["cash"] + v["cash_change"])
    v["free_cash_flow"] = Money(v["operations"] - v["capital_spending"])
    v["paid_in"] = Money(b["paid_in"] + v["stock_cost"])
    v["retained"] = Money(b["retained"] + v["net_income"] - v["dividends"])
    v["other_income"] = Money(b["other_income"] + v["translation"])
    v["treasury"] = Money(b["treasury"] - v["buybacks"])
    _totals(now)
    if v["total_assets"] != v["total_liabilities"] + v["equity"]:
        raise ArithmeticError(f"the balance sheet of {now.year} does not balance")


def _totals(year: Year) -> None:
    v = year.v
    v["lease_asset"] = Money(v["lease_liability"] - v["lease_gap"])
    v["lease_current"] = Money(round(v["lease_liability"] * 0.208))
    v["lease_long"] = Money(v["lease_liability"] - v["lease_current"])
    v["loan_current"] = Money(10_000)
    v["debt"] = Money(v["term_loan"] + v["revolver"] + NOTES)
    v["long_debt"] = Money(v["debt"] - v["costs"] - v["loan_current"])
    v["current_assets"] = Money(v["cash"] + v["receivables"] + v["inventories"] + v["prepaid"])
    other = ("equipment", "lease_asset", "goodwill", "intangibles", "deferred_tax_asset", "other_assets")
    v["total_assets"] = Money(v["current_assets"] + sum(v[name] for name in other))
    current = ("payables", "accrued", "deferred_revenue", "loan_current", "lease_current")
    v["current_liabilities"] = Money(sum(v[name] for name in current))
    long = v["long_debt"] + v["lease_long"] + v["other_liabilities"]
    v["total_liabilities"] = Money(v["current_liabilities"] + long)
    v["equity"] = Money(v["paid_in"] + v["retained"] + v["other_income"] + v["treasury"])


def _rates(now: Year, before: Year) -> None:
    v = now.v
    now.rate = {
        "tax": Rate(v["tax"] / v["pretax"]),
        "gross": Rate(v["gross_profit"] / v["revenue"]),
        "operating": Rate(v["operating_income"] / v["revenue"]),
        **{name: Rate(now.income[name] / now.revenue[name]) for name in SEGMENTS},
    }
    v["ebitda"] = Money(
        v["operating_income"] + v["depreciation"] + v["amortization"] + v["stock_cost"] + v["restructuring"]
    )
    now.rate["leverage"] = Rate((v["debt"] - v["cash"]) / v["ebitda"])
    now.rate["coverage"] = Rate(v["ebitda"] / v["interest"])
    if before.revenue:
        now.rate["growth"] = Rate(v["revenue"] / before.v["revenue"] - 1)
        for name in SEGMENTS:
            now.rate[f"growth_{name}"] = Rate(now.revenue[name] / before.revenue[name] - 1)
