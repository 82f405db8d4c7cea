"""The warm-up hook, sent to the application as the platform sends it."""

import asyncio
import contextlib
import json
import threading
import unittest
from collections.abc import AsyncIterator
from typing import Any

from fastmcp import FastMCP
from fastmcp.server.auth.providers.debug import DebugTokenVerifier
from fastmcp.server.middleware import Middleware
from pydantic import BaseModel
from stateful_mcp_fastmcp import Interaction, SelfTestSession, interactive, serve
from stateful_mcp_fastmcp.http_face import HttpFace
from stateful_mcp_fastmcp.warm_up import TIME_LIMIT_SECONDS, WarmUp

INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}


class Guest(BaseModel):
    name: str


def lunch(**options: Any) -> FastMCP:
    server = FastMCP("lunch", **options)

    @server.tool
    def order(dish: str) -> str:
        return f"{dish} is ordered"

    @server.tool
    @interactive
    async def ask(io: Interaction) -> str:
        return (await io.elicit_content("Who are you?", Guest)).name

    @server.prompt
    def recommend(dish: str) -> str:
        return f"Recommend {dish}."

    @server.resource("menu://today")
    def menu() -> str:
        return "soup"

    return server


@contextlib.asynccontextmanager
async def served(server: FastMCP, path: str = "/mcp", **options: Any) -> AsyncIterator[HttpFace]:
    application = server.http_app(path=path)
    async with application.lifespan(application):
        yield HttpFace(application, path, WarmUp(server, path, **options).problem)


async def send(
    face: HttpFace, path: str = "/warmup", method: str = "POST", body: Any = None, leaves: bool = False, **headers: str
) -> tuple[int, str]:
    """The status and the body of one request, of a client that stays or leaves."""
    own = {"accept": "application/json, text/event-stream", "content-type": "application/json", "host": "a"}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in (own | headers).items()],
    }
    left = [{"type": "http.request", "body": json.dumps(body or {}).encode()}]
    if leaves:
        left.append({"type": "http.disconnect"})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return left.pop(0) if left else await asyncio.get_running_loop().create_future()

    async def collect(event: dict[str, Any]) -> None:
        sent.append(event)

    await face(scope, receive, collect)
    return sent[0]["status"], b"".join(event.get("body", b"") for event in sent).decode()


WARMED_UP = (200, '{"status": "WarmedUp"}')


class Good(unittest.IsolatedAsyncioTestCase):
    async def test_a_whole_conversation_in_both_eras(self) -> None:
        seen: list[str] = []

        class Seen(Middleware):
            async def on_message(self, context: Any, call_next: Any) -> Any:
                seen.append(context.method)
                return await call_next(context)

        server = lunch()
        server.add_middleware(Seen())
        for path in ("/mcp", "/v1/mcp"):
            seen.clear()
            async with served(server, path) as face:
                self.assertEqual(await send(face), WARMED_UP)
                self.assertEqual(face.open_calls, 0)
            lists = {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}
            self.assertLessEqual({"initialize", "server/discover", *lists}, set(seen))
            self.assertEqual([seen.count(one) for one in sorted(lists)], [2, 2, 2, 2])

    async def test_the_lifespan_of_the_server_is_not_begun_again(self) -> None:
        begun: list[str] = []

        @contextlib.asynccontextmanager
        async def lifespan(_server: Any) -> AsyncIterator[dict[str, Any]]:
            begun.append("begun")
            yield {}

        async with served(lunch(lifespan=lifespan)) as face:
            self.assertEqual(await send(face), WARMED_UP)
        self.assertEqual(begun, ["begun"])

    async def test_a_server_that_checks_tokens(self) -> None:
        async with served(lunch(auth=DebugTokenVerifier())) as face:
            self.assertEqual(await send(face), WARMED_UP)

    async def test_its_own_test_has_a_session(self) -> None:
        said: list[Any] = []

        async def self_test(session: SelfTestSession) -> None:
            said.append((await session.call_tool("order", {"dish": "soup"})).content[0].text)
            asked = await session.call_tool("ask")
            said.append((asked.is_error, asked.content[0].text))
            said.append((await session.get_prompt("recommend", {"dish": "soup"})).messages[0].content.text)
            said.append((await session.read_resource("menu://today")).contents[0].text)
            with self.assertRaisesRegex(RuntimeError, "`resources/read` was answered with status 200: .*menu://never"):
                await session.read_resource("menu://never")

        async with served(lunch(), self_test=self_test) as face:
            self.assertEqual(await send(face), WARMED_UP)
        self.assertEqual(said[0], "soup is ordered")
        self.assertRegex(said[1][1], "this client does not offer elicitation")
        self.assertEqual([said[1][0], *said[2:]], [True, "Recommend soup.", "soup"])

    async def test_hooks_at_the_same_time_share_one_conversation(self) -> None:
        runs: list[SelfTestSession] = []

        async def self_test(session: SelfTestSession) -> None:
            runs.append(session)
            await asyncio.sleep(0.05)

        async with served(lunch(), self_test=self_test) as face:
            self.assertEqual(await asyncio.gather(send(face), send(face)), [WARMED_UP, WARMED_UP])
            self.assertEqual(len(runs), 1)
            self.assertEqual(await send(face), WARMED_UP)
            self.assertEqual(len(runs), 2)


class Bad(unittest.IsolatedAsyncioTestCase):
    async def failing(self, server: FastMCP | None = None, leaves: bool = False, **options: Any) -> str:
        async with served(server or lunch(), **options) as face:
            with self.assertLogs("stateful_mcp_fastmcp", "ERROR") as logged:
                status, body = await send(face, leaves=leaves)
        self.assertEqual(status, 500)
        self.assertEqual(logged.records[0].getMessage(), body.rstrip("\n"))
        return body

    async def test_a_list_that_cannot_be_made(self) -> None:
        class Broken(Middleware):
            async def on_list_prompts(self, context: Any, call_next: Any) -> Any:
                raise ValueError("the prompts are gone")

        server = lunch()
        server.add_middleware(Broken())
        self.assertRegex(
            await self.failing(server),
            r'^the warm-up failed in its step "prompts/list": `prompts/list` was answered with status 200: '
            r".*the prompts are gone.*\n$",
        )

    async def test_its_own_test(self) -> None:
        async def says(session: SelfTestSession) -> None:
            raise LookupError("the table cannot be read")

        async def asserts(session: SelfTestSession) -> None:
            answered = await session.call_tool("order", {"dish": "soup"})
            assert answered.is_error

        start = 'the warm-up failed in its step "self_test": '
        self.assertEqual(await self.failing(self_test=says), f"{start}the table cannot be read\n")
        self.assertRegex(
            await self.failing(self_test=asserts),
            rf"^{start}AssertionError at `assert answered.is_error` \(test_warm_up.py, line \d+\)\n$",
        )

    async def test_one_that_does_not_end(self) -> None:
        async def hangs(session: SelfTestSession) -> None:
            await asyncio.sleep(60)

        self.assertRegex(await self.failing(self_test=hangs, time_limit_seconds=1), ": it did not end within 1 s\n$")

    async def test_a_platform_that_hung_up(self) -> None:
        async def hangs(session: SelfTestSession) -> None:
            await asyncio.sleep(60)

        self.assertRegex(await self.failing(leaves=True, self_test=hangs), ": the platform hung up\n$")

    async def test_a_tool_whose_thread_does_not_end_is_not_waited_for(self) -> None:
        answered = threading.Event()
        server = lunch()

        @server.tool
        def wait() -> None:
            answered.wait(60)

        async def waits(session: SelfTestSession) -> None:
            await session.call_tool("wait")

        async with served(server, self_test=waits, time_limit_seconds=1) as face:
            with self.assertLogs("stateful_mcp_fastmcp", "ERROR"):
                status, body = await send(face)
            self.assertFalse(answered.is_set())
            answered.set()
        self.assertEqual(status, 500)
        self.assertRegex(body, ": it did not end within 1 s\n$")

    def test_the_platform_waits_longer(self) -> None:
        self.assertLess(TIME_LIMIT_SECONDS, 120)

    def test_what_is_no_async_function(self) -> None:
        with self.assertRaisesRegex(TypeError, "`self_test` must be an async function, got <function"):
            serve(lunch(), self_test=lambda session: None)


class Others(unittest.IsolatedAsyncioTestCase):
    async def test_nobody_has_a_use_for_it_once_there_was_a_client(self) -> None:
        runs: list[SelfTestSession] = []

        async def self_test(session: SelfTestSession) -> None:
            runs.append(session)

        async with served(lunch(), self_test=self_test) as face:
            probe = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            self.assertEqual((await send(face, "/mcp", body=probe))[0], 200)
            self.assertEqual((await send(face, "/ping", "GET"))[0], 200)
            self.assertEqual(await send(face), WARMED_UP)
            initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
            self.assertEqual((await send(face, "/mcp", body=initialize))[0], 200)
            status, body = await send(face)
            self.assertEqual((status, len(runs)), (409, 1))
            self.assertIn("the server is in use", body)

    async def test_another_method_and_a_web_page(self) -> None:
        async with served(lunch()) as face:
            self.assertEqual((await send(face, method="GET"))[0], 405)
            self.assertEqual((await send(face, origin="https://example.com"))[0], 403)


if __name__ == "__main__":
    unittest.main()
