"""Holds a conversation with the server at a URL by FastMCP's client, and prints what came of it as one JSON object."""
import asyncio
import json
import sys

from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult


async def converse(url: str, mode: str) -> dict:
    asked = []
    progress = []

    async def elicit(message, response_type, params, context):
        asked.append(message)
        return ElicitResult(action="accept", content={"word": message.upper()})

    async def sample(messages, params, context):
        return f"sampled {messages[0].content.text}"

    async def report(value, total, message):
        progress.append([value, total, message])

    handlers = {"elicitation_handler": elicit, "sampling_handler": sample, "progress_handler": report}
    async with Client(url, mode=mode, **handlers) as client:
        result = await client.call_tool("converse", {})
        prompt = await client.get_prompt("topic", {})
        resource = await client.read_resource("word://one")
        return {
            "tools": [tool.name for tool in await client.list_tools()],
            "result": result.content[0].text,
            "prompt": prompt.messages[0].content.text,
            "resource": resource[0].text,
            "asked": asked,
            "progress": progress,
        }


print(json.dumps(asyncio.run(converse(sys.argv[1], sys.argv[2]))))
