import uuid
from datetime import datetime, timezone

from expense import Category, Expense, UserAlias, DEFAULT_USER, format_cents, to_cents
from expense_store import ExpenseStore
from fastmcp import FastMCP
from fastmcp.tools import ToolResult
from pydantic import BaseModel, Field
from stateful_mcp_fastmcp import Declined, Interaction, interactive


class Amount(BaseModel):
    amount: float = Field(gt=0, le=1_000_000, multiple_of=0.01, description="In dollars, for example 12.50")


class Description(BaseModel):
    description: str = Field(min_length=1, max_length=200, description="What it was for")


class CategoryChoice(BaseModel):
    category: Category = Field(description="What kind of expense it is")


class Confirmation(BaseModel):
    confirm: bool = Field(description="Whether to record it")


def register_add_expense(server: FastMCP, store: ExpenseStore) -> None:
    @server.tool(title="Add an expense")
    @interactive
    async def add_expense_interactive(io: Interaction, userAlias: UserAlias = DEFAULT_USER) -> ToolResult:
        """Records an expense. Asks the user for the amount, a description, the category, and a confirmation."""
        # First of all, so that every round of the conversation is about the same expense, however often the last one is
        # sent.
        drawn = await io.once(_new_expense)
        try:
            cents = to_cents((await io.elicit_content("How much did you spend?", Amount)).amount)
            description = (await io.elicit_content("What was it for?", Description)).description
            category = (await io.elicit_content("Which category is it?", CategoryChoice)).category
            what = f"{format_cents(cents)} for {description} ({category})"
            confirmed = (await io.elicit_content(f"Record {what}?", Confirmation)).confirm
        except Declined as declined:
            return ToolResult(content=f"Nothing was recorded: {declined}")
        if not confirmed:
            return ToolResult(content="Nothing was recorded: the expense was not confirmed.")
        expense: Expense = {
            "userAlias": userAlias,
            **drawn,
            "amountCents": cents,
            "description": description,
            "category": category,
        }
        await store.add(expense)
        return ToolResult(
            content=f"Recorded {what}, expense {expense['expenseId']}.", structured_content=dict(expense)
        )


def _new_expense() -> dict[str, str]:
    created_at = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"expenseId": f"{created_at}#{uuid.uuid4()}", "createdAt": created_at}
