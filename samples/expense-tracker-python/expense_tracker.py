from add_expense import register_add_expense
from analyze_spending import register_analyze_spending
from expense_store import ExpenseStore
from fastmcp import FastMCP
from generate_report import register_generate_report
from recent_expenses import register_recent_expenses
from spending_review import register_spending_review
from stateful_mcp_fastmcp import request_state_security
from stateful_mcp_fastmcp.interaction import Fallback


def expense_tracker(store: ExpenseStore, fallback: Fallback | None = None) -> FastMCP:
    """The whole server. `fallback` answers in place of a client that has no model."""
    server = FastMCP("expense-tracker", version="0.1.0", request_state_security=request_state_security())
    register_add_expense(server, store)
    register_analyze_spending(server, store, fallback)
    register_generate_report(server, store)
    register_recent_expenses(server, store)
    register_spending_review(server)
    return server
