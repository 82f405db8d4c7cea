"""An expense as the table has it. Names on the wire are those of the sample in TypeScript."""

from typing import Annotated, Literal, TypedDict

from pydantic import Field, StringConstraints

Category = Literal["food", "transport", "housing", "entertainment", "health", "other"]


class Expense(TypedDict):
    """Amounts are whole cents everywhere inside: sums of fractions drift."""

    userAlias: str
    # Begins with the time, so that sorting by it sorts by time.
    expenseId: str
    createdAt: str
    amountCents: int
    description: str
    category: Category


DEFAULT_USER = "me"

# The argument that all tools share.
UserAlias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    Field(description="Whose expenses"),
]


def to_cents(amount: float) -> int:
    return round(amount * 100)


def format_cents(cents: int) -> str:
    return f"${cents / 100:.2f}"


def count_of(count: int, one: str = "expense", many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
