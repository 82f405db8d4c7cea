from typing import Annotated

from expense import DEFAULT_USER
from fastmcp import FastMCP
from pydantic import Field


def register_spending_review(server: FastMCP) -> None:
    @server.prompt(title="Review my spending")
    def spending_review(
        userAlias: Annotated[str, Field(description="Whose expenses")] = DEFAULT_USER,
        goal: Annotated[str | None, Field(description="What to save for")] = None,
    ) -> str:
        """Starts a conversation about the recorded expenses."""
        wanted = f" I want to save for {goal}: suggest where." if goal else ""
        return (
            f"Call `generate_report` for {userAlias} and go through it with me: "
            f"what are the largest items, and what has changed?{wanted}"
        )
