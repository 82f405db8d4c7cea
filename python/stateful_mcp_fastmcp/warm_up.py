"""Answers the warm-up hook of AgentCore Runtime: the server holds a conversation with itself.

The platform sends the hook to a new version before any session, and before the snapshot that sessions start from.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import Any

from fastmcp import FastMCP
from fastmcp.server.http import create_streamable_http_app
from mcp.types import CallToolResult, GetPromptResult, ReadResourceResult

from .http_face import HttpFace, Receive
from .own_conversation import OwnConversation

# The platform gives up after 120 s ("lifecycle hooks" of the AgentCore developer guide), and knows no reason then.
TIME_LIMIT_SECONDS = 110

# How long what was given up may take to end, before the answer goes out.
ENDING_SECONDS = 2

# What lists of a server are asked for, by the capability that it declares.
LISTS = {
    "tools": ("tools/list",),
    "prompts": ("prompts/list",),
    "resources": ("resources/list", "resources/templates/list"),
}

logger = logging.getLogger(__name__)


class SelfTestSession:
    """A session with this server, of a client that declares nothing: it answers no question and lends no model.

    Each method raises RuntimeError when the server refuses the request.
    """

    def __init__(self, conversation: OwnConversation) -> None:
        self._conversation = conversation

    async def call_tool(self, name: str, arguments: dict[str, Any] | None = None) -> CallToolResult:
        """Calls a tool. An error of the tool is a result, too: look at `is_error`."""
        result = await self._conversation.request("tools/call", {"name": name, "arguments": arguments or {}})
        return CallToolResult.model_validate(result)

    async def get_prompt(self, name: str, arguments: dict[str, str] | None = None) -> GetPromptResult:
        result = await self._conversation.request("prompts/get", {"name": name, "arguments": arguments or {}})
        return GetPromptResult.model_validate(result)

    async def read_resource(self, uri: str) -> ReadResourceResult:
        return ReadResourceResult.model_validate(await self._conversation.request("resources/read", {"uri": uri}))


SelfTest = Callable[[SelfTestSession], Awaitable[None]]


class WarmUp:
    """A conversation of a server with itself, by its own HTTP face and in both eras, and then its own test.

    It has an application of its own, which is thrown away: no session and no random value of it stays.
    """

    def __init__(
        self,
        server: FastMCP,
        path: str,
        self_test: SelfTest | None = None,
        time_limit_seconds: float = TIME_LIMIT_SECONDS,
    ) -> None:
        self._server = server
        self._path = path
        self._self_test = self_test
        self._time_limit_seconds = time_limit_seconds
        self._step = "start"
        self._current: asyncio.Task[str | None] | None = None

    async def problem(self, receive: Receive) -> str | None:
        """What is wrong with the server, in words. Requests at the same time get the outcome of one conversation."""
        if self._current is None or self._current.done():
            self._current = asyncio.create_task(self._limited(receive))
        return await asyncio.shield(self._current)

    async def _limited(self, receive: Receive) -> str | None:
        conversation = asyncio.create_task(self._held())
        hung_up = asyncio.create_task(_until_gone(receive))
        tasks = {conversation, hung_up}
        done, _ = await asyncio.wait(
            tasks, timeout=self._time_limit_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if conversation in done:
            reason = conversation.result()
        elif hung_up in done:
            reason = "the platform hung up"
        else:
            reason = f"it did not end within {self._time_limit_seconds} s"
        problem = None if reason is None else f'the warm-up failed in its step "{self._step}": {reason}'
        for task in tasks:
            task.cancel()
        # A thread cannot be cancelled, and is not waited for.
        await asyncio.wait(tasks, timeout=ENDING_SECONDS)
        if problem is not None:
            logger.error(problem)
        return problem

    async def _held(self) -> str | None:
        # Without what checks callers (`auth`): this one has no token. Its host name is never refused.
        application = create_streamable_http_app(self._server, self._path)
        try:
            async with application.lifespan(application):
                try:
                    await self._steps(OwnConversation(HttpFace(application, self._path), self._path))
                except Exception as error:
                    # Here, because what leaves the application is wrapped into a group.
                    return _words(error)
        except Exception as error:
            return _words(error)
        return None

    async def _steps(self, conversation: OwnConversation) -> None:
        self._step = "initialize"
        capabilities = await conversation.initialize()
        lists = [method for name, methods in LISTS.items() if name in capabilities for method in methods]
        for method in lists:
            self._step = method
            await conversation.request(method)
        for method in ("server/discover", *lists):
            self._step = f"{method} of the modern era"
            await conversation.modern_request(method)
        if self._self_test is not None:
            self._step = "self_test"
            await self._self_test(SelfTestSession(conversation))


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _words(error: Exception) -> str:
    """What an error says, or where a bare `assert` is."""
    if str(error):
        return str(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at `{last.line}` ({PurePath(last.filename).name}, line {last.lineno})"
