"""Holds conversations in two sessions at once with fastmcp_server.py at a URL, and prints what came of them as a JSON array."""
import asyncio
import json
import sys

from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult


async def converse(url: str, name: str, opened: asyncio.Barrier) -> dict:
    progress = []

    async def elicit(message, response_type, params, context):
        return ElicitResult(action="accept", content={"name": name})

    async def sample(messages, params, context):
        return f"sampled {messages[0].content.text}"

    async def report(value, total, message):
        progress.append([value, total, message])

    handlers = {"elicitation_handler": elicit, "sampling_handler": sample, "progress_handler": report}
    async with Client(url, mode="legacy", **handlers) as client:
        await opened.wait()

        async def call(tool: str, **arguments) -> str:
            return (await client.call_tool(tool, arguments)).content[0].text

        await call("remember", word="first")
        return {
            "asked": await call("ask"),
            "sampled": await call("think", text=name),
            "worked": await call("work"),
            "remembered": await call("remember", word=name),
            "progress": progress,
        }


async def main(url: str) -> list:
    opened = asyncio.Barrier(2)
    return await asyncio.gather(*(converse(url, name, opened) for name in ("Ana", "Bo")))


print(json.dumps(asyncio.run(main(sys.argv[1]))))
