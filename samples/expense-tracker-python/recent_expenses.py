import json

from expense import DEFAULT_USER
from expense_store import ExpenseStore
from fastmcp import FastMCP

RECENT = 10


def register_recent_expenses(server: FastMCP, store: ExpenseStore) -> None:
    described = {
        "name": "recent-expenses",
        "title": "Recent expenses",
        "description": f"The last {RECENT} expenses of a user, newest first.",
        "mime_type": "application/json",
    }

    @server.resource("expenses://{userAlias}/recent", **described)
    async def recent_expenses(userAlias: str) -> str:
        return json.dumps(await store.recent(userAlias, RECENT), ensure_ascii=False)

    @server.resource(f"expenses://{DEFAULT_USER}/recent", **described)
    async def own_recent_expenses() -> str:
        return await recent_expenses(DEFAULT_USER)
