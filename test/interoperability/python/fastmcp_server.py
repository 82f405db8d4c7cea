"""A stateful server on FastMCP that asks, samples, reports, and remembers, as somebody writes one for AgentCore."""
import os
from dataclasses import dataclass

from fastmcp import Context, FastMCP
from mcp.types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult, SamplingMessage, TextContent

server = FastMCP("notes")
remembered = []


@dataclass
class Name:
    name: str


@server.tool
async def ask(context: Context) -> str:
    """Asks the user for a name."""
    answer = await context.elicit("What is your name?", response_type=Name)
    return f"accepted: {answer.data.name}" if answer.action == "accept" else answer.action


@server.tool
async def think(text: str, context: Context) -> str:
    """Has the client's model answer. FastMCP 4 leaves this to the session of the SDK below it."""
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    answer = await context.session.create_message([message], max_tokens=50, related_request_id=context.request_id)
    return answer.content.text


@server.tool
async def work(context: Context) -> str:
    """Reports three steps."""
    for step in range(1, 4):
        await context.report_progress(step, 3, f"step {step}")
    return "done"


@server.tool
async def ask_in_a_round(context: Context) -> str | InputRequiredResult:
    """Asks the user for a name as protocol 2026-07-28 does: the call ends with the question, and comes again with the answer."""
    answers = context.input_responses
    if answers is None:
        schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
        question = ElicitRequestFormParams(message="What is your name?", requested_schema=schema)
        return InputRequiredResult(input_requests={"name": ElicitRequest(params=question)})
    return f"{answers['name'].action}: {answers['name'].content['name']}"


@server.tool
def remember(word: str) -> str:
    """Remembers a word, and tells all of this process."""
    remembered.append(word)
    return f"{os.getpid()}: {' '.join(remembered)}"


server.run(transport="http", host=os.environ["HOST"], port=int(os.environ["PORT"]), path="/mcp", show_banner=False)
