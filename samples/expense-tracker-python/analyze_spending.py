from collections.abc import Sequence

from expense import Expense, UserAlias, DEFAULT_USER, count_of, format_cents
from expense_report import totals_by_category
from expense_store import ExpenseStore
from fastmcp import FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.tools import ToolResult
from mcp.types import CreateMessageRequestParams, SamplingMessage, TextContent, ToolAnnotations
from stateful_mcp_fastmcp import Interaction, NoCapability, interactive
from stateful_mcp_fastmcp.interaction import Fallback

# How many expenses the model gets to see one by one; it always sees the totals of all.
LISTED = 50


def register_analyze_spending(server: FastMCP, store: ExpenseStore, fallback: Fallback | None) -> None:
    @server.tool(title="Analyze spending", annotations=ToolAnnotations(read_only_hint=True))
    @interactive
    async def analyze_spending(io: Interaction, userAlias: UserAlias = DEFAULT_USER) -> ToolResult:
        """Has a model look at the recorded expenses: the model of the client, or one on the side of the server."""
        expenses = await store.list(userAlias)
        if not expenses:
            return ToolResult(content=f"{userAlias} has no expenses yet.")
        try:
            answer = await io.sample(_analysis_request(expenses), fallback)
        except NoCapability:
            raise ToolError(
                "There is no model to ask: this client does not offer sampling, "
                "and `BEDROCK_MODEL_ID` is not set on the server."
            ) from None
        content = answer.content
        analysis = content.text if content.type == "text" else f"(the model answered with {content.type})"
        return ToolResult(content=f"{analysis}\n\n(by {answer.model}, from {count_of(len(expenses))})")


def _analysis_request(expenses: Sequence[Expense]) -> CreateMessageRequestParams:
    latest = expenses[-LISTED:]
    lines = [
        "Here is what I spent, by category:",
        *(
            f"- {total.category}: {format_cents(total.totalCents)} in {count_of(total.count)}"
            for total in totals_by_category(expenses)
        ),
        "",
        f"My latest {count_of(len(latest))}:",
        *(
            f"- {one['createdAt'][:10]} {format_cents(one['amountCents'])} {one['category']}: {one['description']}"
            for one in latest
        ),
        "",
        "In at most five sentences: where does most of the money go, what stands out, and what is one thing I could do "
        "about it?",
    ]
    return CreateMessageRequestParams(
        system_prompt=(
            "You are a careful personal finance assistant. You rely on the given numbers only, and you are brief."
        ),
        messages=[SamplingMessage(role="user", content=TextContent(type="text", text="\n".join(lines)))],
        max_tokens=400,
        temperature=0.2,
    )
