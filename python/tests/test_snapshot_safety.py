"""Instances that are restored from one snapshot, which a process and its forks are."""

import asyncio
import base64
import json
import os
import random
import unittest
from unittest import mock

from fastmcp import FastMCP
from mcp.server.request_state import InvalidRequestState, RequestStateSecurity
from stateful_mcp_fastmcp import request_state_security
from stateful_mcp_fastmcp.warm_up import SelfTestSession, WarmUp

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


def in_a_fork(work) -> str:
    """What `work` gives in a copy of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, work().encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as output:
        text = output.read()
    os.waitpid(child, 0)
    return text


async def session_id(server: FastMCP) -> str:
    app = server.http_app()
    headers = {"accept": "application/json, text/event-stream", "content-type": "application/json", "host": "a"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    body = [{"type": "http.request", "body": json.dumps(INITIALIZE).encode()}]
    ids: list[str] = []

    async def receive() -> dict:
        return body.pop() if body else await asyncio.Future()

    async def send(event: dict) -> None:
        ids.extend(value.decode() for name, value in event.get("headers", []) if name == b"mcp-session-id")

    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    return ids[0]


async def warmed_up(server: FastMCP) -> None:
    async def self_test(session: SelfTestSession) -> None:
        await session.call_tool("order")

    app = server.http_app()
    async with app.lifespan(app):
        problem = await WarmUp(server, "/mcp", self_test).problem(asyncio.get_running_loop().create_future)
    if problem is not None:
        raise AssertionError(problem)


class Snapshots(unittest.TestCase):
    def test_session_ids_differ(self) -> None:
        server = FastMCP("lunch")
        ids = {in_a_fork(lambda: asyncio.run(session_id(server))) for _ in range(2)}
        self.assertEqual([len(one) for one in ids], [32, 32])

    def test_the_key_that_fastmcp_draws_is_shared(self) -> None:
        codec = RequestStateSecurity.ephemeral().codec
        self.assertEqual(codec.unseal(in_a_fork(lambda: codec.seal(b"state"))), b"state")

    def test_ours_is_not(self) -> None:
        codec = request_state_security().codec
        with self.assertRaises(InvalidRequestState):
            codec.unseal(in_a_fork(lambda: codec.seal(b"state")))

    def test_the_warm_up_leaves_nothing_in_it(self) -> None:
        security = request_state_security()
        server = FastMCP("lunch", request_state_security=security)

        @server.tool
        def order() -> str:
            return "soup"

        random.seed(1)
        before = random.getstate()
        asyncio.run(warmed_up(server))
        self.assertEqual(random.getstate(), before)
        ids = {in_a_fork(lambda: asyncio.run(session_id(server))) for _ in range(2)}
        self.assertEqual([len(one) for one in ids], [32, 32])
        with self.assertRaises(InvalidRequestState):
            security.codec.unseal(in_a_fork(lambda: security.codec.seal(b"state")))

    def test_a_key_of_the_environment_is(self) -> None:
        old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
        with mock.patch.dict(os.environ, STATEFUL_MCP_REQUEST_STATE_KEY=f"{old},{new}"):
            before = request_state_security().codec
        with mock.patch.dict(os.environ, STATEFUL_MCP_REQUEST_STATE_KEY=new):
            after = request_state_security().codec
        self.assertEqual(before.unseal(after.seal(b"state")), b"state")
        with mock.patch.dict(os.environ, STATEFUL_MCP_REQUEST_STATE_KEY="short"):
            with self.assertRaisesRegex(ValueError, "`STATEFUL_MCP_REQUEST_STATE_KEY` is not base64"):
                request_state_security()


if __name__ == "__main__":
    unittest.main()
