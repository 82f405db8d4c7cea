"""The entry: one server for all sessions of the process, on one table."""

import os
import sys

from bedrock_fallback import bedrock_fallback
from expense_store import ExpenseStore
from expense_tracker import expense_tracker
from stateful_mcp_fastmcp import serve

table_name = os.environ.get("TABLE_NAME")
if not table_name:
    sys.exit(
        "`TABLE_NAME` is not set: it names the DynamoDB table of the expenses "
        "(partition key `userAlias`, sort key `expenseId`, both text)"
    )
model_id = os.environ.get("BEDROCK_MODEL_ID")
serve(expense_tracker(ExpenseStore(table_name), bedrock_fallback(model_id) if model_id else None))
