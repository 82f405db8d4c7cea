from typing import Literal

from fastmcp import FastMCP
from pydantic import BaseModel, Field
from stateful_mcp_fastmcp import Interaction, interactive, request_state_security

server = FastMCP("table-booking", version="0.1.0", request_state_security=request_state_security())


class Booking(BaseModel):
    seating: Literal["lunch", "dinner"]
    guests: int = Field(default=2, ge=1, le=8)


@server.tool
@interactive
async def book_table(io: Interaction, name: str = "me") -> str:
    """Books a table. Asks the user for when, and for how many."""
    await io.progress(1, 2, "asking")
    reply = await io.elicit("For when, and for how many?", Booking)
    if reply.content is None:
        return "Nothing was booked."
    await io.progress(2, 2, "booked")
    return f"Booked {reply.content.seating} for {reply.content.guests}, under {name}."
