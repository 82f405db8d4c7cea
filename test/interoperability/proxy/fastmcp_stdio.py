"""Starts a program by FastMCP's client, calls tools of the server behind it, and prints what came of it as one JSON object.

The argument is a JSON object: command, args, env, mode, answers (by the names of fields), calls (pairs of a tool and its
arguments; a call of `kill` ends the process whose id the last result began with).
"""
import asyncio
import json
import os
import signal
import sys

from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError


async def converse(job: dict) -> dict:
    asked, progress, results = [], [], []

    async def elicit(message, response_type, params, context):
        asked.append(message)
        names = params.requested_schema["properties"]
        return ElicitResult(action="accept", content={name: job["answers"][name] for name in names})

    async def sample(messages, params, context):
        content = messages[0].content
        return f"Model says: {(content[0] if isinstance(content, list) else content).text}"

    async def report(value, total, message):
        progress.append(message)

    handlers = {"elicitation_handler": elicit, "sampling_handler": sample, "progress_handler": report}
    transport = StdioTransport(command=job["command"], args=job["args"], env=job["env"], keep_alive=False)
    async with Client(transport, mode=job["mode"], **handlers) as client:
        for tool, arguments in job["calls"]:
            if tool == "kill":
                os.kill(int(results[-1].split(":")[0]), signal.SIGKILL)
                # What is sent while it dies may have reached it, and is not sent again.
                await asyncio.sleep(0.5)
                continue
            try:
                result = await client.call_tool(tool, arguments)
                results.append(result.content[0].text)
            except ToolError as error:
                results.append(f"error: {error}")
        tools = [tool.name for tool in await client.list_tools()]
    return {"tools": tools, "results": results, "asked": asked, "progress": progress}


print(json.dumps(asyncio.run(converse(json.loads(sys.argv[1])))))
