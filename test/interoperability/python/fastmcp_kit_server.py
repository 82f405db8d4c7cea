"""The same server twice: `python fastmcp_kit_server.py plain` as FastMCP runs it, `kit` on stateful-mcp-fastmcp."""

import os
import sys
from dataclasses import dataclass

from fastmcp import Context, FastMCP
from pydantic import BaseModel
from starlette.responses import PlainTextResponse
from stateful_mcp_fastmcp import Interaction, SelfTestSession, interactive, serve

server = FastMCP("notes")


class Name(BaseModel):
    name: str


@dataclass
class PlainName:
    name: str


if sys.argv[1] == "kit":

    @server.tool
    @interactive
    async def ask(io: Interaction) -> str:
        return (await io.elicit_content("What is your name?", Name)).name

    async def self_test(session: SelfTestSession) -> None:
        assert (await session.call_tool("ask")).is_error
        if "BROKEN" in os.environ:
            raise RuntimeError(os.environ["BROKEN"])

    serve(server, self_test=self_test)
else:

    @server.tool(name="ask")
    async def plain_ask(context: Context) -> str:
        return (await context.elicit("What is your name?", response_type=PlainName)).data.name

    @server.custom_route("/started", methods=["GET"])
    async def started(request: object) -> PlainTextResponse:
        return PlainTextResponse("yes")

    host, port = os.environ["HOST"], int(os.environ["PORT"])
    server.run(transport="http", host=host, port=port, show_banner=False, log_level="error")
