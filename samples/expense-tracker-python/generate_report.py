from collections.abc import Sequence

from expense import UserAlias, DEFAULT_USER, count_of, format_cents
from expense_report import (
    CategoryTotal,
    MonthTotal,
    biggest_expenses,
    sum_cents,
    totals_by_category,
    totals_by_month,
    trend,
)
from expense_store import ExpenseStore
from fastmcp import FastMCP
from fastmcp.tools import ToolResult
from mcp.types import ToolAnnotations
from pydantic import BaseModel, TypeAdapter
from stateful_mcp_fastmcp import Interaction, interactive

STEPS = 6
BIGGEST = 5


class BigExpense(BaseModel):
    expenseId: str
    description: str
    amountCents: int


class Report(BaseModel):
    userAlias: str
    totalCents: int
    count: int
    byCategory: list[CategoryTotal]
    byMonth: list[MonthTotal]
    biggest: list[BigExpense]
    trendPercent: float | None = None


def register_generate_report(server: FastMCP, store: ExpenseStore) -> None:
    @server.tool(
        title="Generate a report",
        annotations=ToolAnnotations(read_only_hint=True),
        output_schema=TypeAdapter(Report).json_schema(mode="serialization"),
    )
    @interactive
    async def generate_report(io: Interaction, userAlias: UserAlias = DEFAULT_USER) -> ToolResult:
        """Reports on the recorded expenses: totals by category and by month, the biggest expenses, and the trend."""
        expenses = await store.list(userAlias)
        await io.progress(1, STEPS, f"loaded {count_of(len(expenses))}")
        by_category = totals_by_category(expenses)
        await io.progress(2, STEPS, f"summed up {count_of(len(by_category), 'category', 'categories')}")
        by_month = totals_by_month(expenses)
        await io.progress(3, STEPS, f"summed up {count_of(len(by_month), 'month')}")
        biggest = [BigExpense.model_validate(one) for one in biggest_expenses(expenses, BIGGEST)]
        await io.progress(4, STEPS, f"found the {count_of(len(biggest), 'biggest expense')}")
        trend_percent = trend(by_month)
        await io.progress(5, STEPS, "there is no trend yet" if trend_percent is None else "compared the last month")
        report = Report(
            userAlias=userAlias,
            totalCents=sum_cents(expenses),
            count=len(expenses),
            byCategory=by_category,
            byMonth=by_month,
            biggest=biggest,
            trendPercent=trend_percent,
        )
        text = _written(report)
        await io.progress(STEPS, STEPS, "wrote the report")
        return ToolResult(content=text, structured_content=report.model_dump(exclude_none=True))


def _written(report: Report) -> str:
    lines = [
        f"Expenses of {report.userAlias}: {format_cents(report.totalCents)} in {count_of(report.count)}",
        *_section("By category", [_total(one.category, one) for one in report.byCategory]),
        *_section("By month", [_total(one.month, one) for one in report.byMonth]),
        *_section("Biggest", [f"{format_cents(one.amountCents)} {one.description}" for one in report.biggest]),
    ]
    if report.trendPercent is not None:
        sign = "+" if report.trendPercent > 0 else ""
        lines += ["", f"Last month against the mean of the months before: {sign}{report.trendPercent:g} %"]
    return "\n".join(lines)


def _total(name: str, total: CategoryTotal | MonthTotal) -> str:
    return f"{name}: {format_cents(total.totalCents)} ({total.count})"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in lines)] if lines else []
