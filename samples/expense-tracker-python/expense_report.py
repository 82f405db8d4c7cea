"""Each part of the report is a computation of its own over the same expenses."""

from collections.abc import Sequence

from expense import Category, Expense
from pydantic import BaseModel


class CategoryTotal(BaseModel):
    category: Category
    totalCents: int
    count: int


class MonthTotal(BaseModel):
    # As `2026-11`.
    month: str
    totalCents: int
    count: int


def sum_cents(expenses: Sequence[Expense]) -> int:
    return sum(expense["amountCents"] for expense in expenses)


def totals_by_category(expenses: Sequence[Expense]) -> list[CategoryTotal]:
    """The largest total first."""
    groups: dict[Category, list[Expense]] = {}
    for expense in expenses:
        groups.setdefault(expense["category"], []).append(expense)
    totals = [
        CategoryTotal(category=category, totalCents=sum_cents(members), count=len(members))
        for category, members in groups.items()
    ]
    return sorted(totals, key=lambda total: -total.totalCents)


def totals_by_month(expenses: Sequence[Expense]) -> list[MonthTotal]:
    """The earliest month first."""
    groups: dict[str, list[Expense]] = {}
    for expense in expenses:
        groups.setdefault(expense["createdAt"][:7], []).append(expense)
    return [
        MonthTotal(month=month, totalCents=sum_cents(members), count=len(members))
        for month, members in sorted(groups.items())
    ]


def biggest_expenses(expenses: Sequence[Expense], count: int) -> list[Expense]:
    return sorted(expenses, key=lambda expense: -expense["amountCents"])[:count]


def trend(months: Sequence[MonthTotal]) -> float | None:
    """How the last month compares to the mean of the months before it, in percent; None when there is nothing to
    compare with."""
    if len(months) < 2:
        return None
    *before, last = [month.totalCents for month in months]
    mean = sum(before) / len(before)
    return round((last - mean) / mean * 100, 1)
